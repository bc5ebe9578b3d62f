//! Removes control sequences of terminals.

use super::step::{Decode, Out};
use memchr::memchr2;

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
/// Maximum number of bytes of a title or a link; a longer one is unterminated.
const TITLE_MAX: u16 = 4_096;

/// Removes control sequences of terminals (ECMA-48), and the zero bytes of UTF-16.
#[derive(Default)]
pub(super) struct ColourCodes {
    inside: Inside,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Text,
    Escape,
    /// After `ESC [`.
    Sequence,
    /// In a title or a link, with its number of bytes so far.
    Title(u16),
}

impl Decode for ColourCodes {
    fn find(text: &[u8]) -> Option<usize> {
        memchr2(ESCAPE, 0, text)
    }

    fn is_idle(&self) -> bool {
        self.inside == Inside::Text
    }

    fn read(&mut self, byte: u8, out: &mut Out<'_, '_>) {
        if self.takes_out(byte) {
            // A secret may continue after the removed bytes.
            out.view.changed = out.view.read;
        } else {
            out.same(byte);
        }
    }
}

impl ColourCodes {
    fn takes_out(&mut self, byte: u8) -> bool {
        self.inside = match (self.inside, byte) {
            (inside, 0) => inside,
            (_, ESCAPE) | (Inside::Escape, b' '..=b'/') => Inside::Escape,
            (Inside::Text, _) => return false,
            (Inside::Escape, b'[') | (Inside::Sequence, b' '..=b'?') => Inside::Sequence,
            (Inside::Escape, b']' | b'P' | b'X' | b'^' | b'_') => Inside::Title(0),
            (Inside::Escape, b'0'..=b'~') | (Inside::Sequence, b'@'..=b'~') | (Inside::Title(_), BELL) => Inside::Text,
            (Inside::Title(length), b' '..) if length < TITLE_MAX => Inside::Title(length + 1),
            // This was not a control sequence.
            _ => {
                self.inside = Inside::Text;
                return false;
            }
        };
        true
    }
}
