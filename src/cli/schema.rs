//! `wksmock schema`: the JSON Schema of a kind of file.

use super::exit::{self, Failure};
use crate::schema;
use clap::{Args, ValueEnum};
use std::io::Write as _;

/// Print the JSON Schema of users files or of scenario files, with which editors complete and check them
///
/// Write it beside the files, as in `wksmock schema users > users.schema.json`, and name it in each of them:
/// "$schema": "./users.schema.json".
///
/// wksmock itself does not read what "$schema" names. wksmock check says more than a schema can, such as which ids
/// are not loaded and which rules can never match.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// The kind of file.
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Projects and users, as --users takes them.
    Users,
    /// Rules and expectations, as --scenario takes them.
    Scenario,
}

impl Schema {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let schema = match self.kind {
            Kind::Users => schema::users(),
            Kind::Scenario => schema::scenario(),
        };
        exit::printed(writeln!(std::io::stdout(), "{schema:#}"))
    }
}
