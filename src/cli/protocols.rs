//! The flags for protocols.

use super::groups::LISTENING;
use crate::state::Options;
use clap::Args;
use clap::builder::BoolishValueParser;

/// The protocols that clients may speak.
#[derive(Debug, Args)]
pub(super) struct Protocols {
    /// Accept HTTP/2 without TLS too (h2c), from clients that begin with it
    ///
    /// Such a client is recognized by its first bytes; HTTP/1.1 is served as before. There is no upgrade from HTTP/1.1.
    #[arg(long, env = "WKSMOCK_H2C", value_parser = BoolishValueParser::new(), help_heading = LISTENING,
          hide_short_help = true)]
    h2c: bool,
}

impl Protocols {
    /// Adds the protocols to other options.
    pub(super) fn add_to(&self, options: Options) -> Options {
        Options { h2c: self.h2c, ..options }
    }
}
