//! Searches a stream for secrets, plain and encoded.
//!
//! Steps decode the text one after the other: they remove colour codes, then decode backslashes (JSON, shells), entities
//! (XML, HTML), percent-encoding and Base64. Each step searches its text, and counts only secrets that it changed, so that
//! each is counted once. Memory is bounded, and time is linear.

mod base64;
mod colours;
mod escapes;
mod step;

use self::base64::Base64;
use self::colours::ColourCodes;
use self::escapes::{Backslashes, Entities, Percent};
pub(super) use self::step::SecretCounts;
use self::step::{Search, Step, View};
use crate::diagnostics::Needles;
use crate::state::HandedOut;

/// Searches one stream.
#[derive(Default)]
pub(super) struct Scanner {
    plain: View,
    colours: Step<ColourCodes>,
    backslashes: Step<Backslashes>,
    entities: Step<Entities>,
    percent: Step<Percent>,
    base64: Base64,
    /// Buffers for text between steps.
    between: [Vec<u8>; 2],
}

impl Scanner {
    pub(super) fn read(&mut self, piece: &[u8], needles: &Needles<HandedOut>, found: &mut SecretCounts) {
        let search = &mut Search { needles, found };
        self.plain.read_all(piece, search);
        let [text, next] = &mut self.between;
        self.colours.read(piece, text, search);
        self.backslashes.read(text, next, search);
        self.entities.read(next, text, search);
        self.percent.read(text, next, search);
        self.base64.read(next, search);
    }

    /// Ends the stream.
    pub(super) fn end(&mut self, needles: &Needles<HandedOut>, found: &mut SecretCounts) {
        // A line break ends every pending escape.
        self.read(b"\n", needles, found);
    }
}

#[cfg(test)]
mod tests;
