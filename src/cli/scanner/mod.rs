//! Searches a stream for secrets, plain and encoded.
//!
//! Steps decode the text one after the other: they remove colour codes, then decode backslashes (JSON, shells), entities
//! (XML, HTML), percent-encoding and Base64. Each step searches its text, and counts only secrets that it changed, so that
//! each is counted once. Memory is bounded, and time is linear.

mod base64;
mod escapes;

use self::base64::Base64;
use self::escapes::{Backslashes, Entities, Percent};
use crate::diagnostics::{Needles, Tail};
use crate::state::{HandedOut, SECRET_BYTES_MAX};
use memchr::memchr2;
use std::collections::BTreeMap;

/// Number of occurrences of each secret.
pub(super) type SecretCounts = BTreeMap<HandedOut, u64>;

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

/// The end of a step's text, in which secrets are searched for.
#[derive(Default)]
struct View {
    kept: Vec<u8>,
    tail: Tail,
    /// Total number of bytes read.
    read: u64,
    /// Position of the last change: earlier steps cannot find a secret that spans it.
    changed: u64,
    /// End of the last secret.
    last_end: u64,
}

/// The secrets, and the counts of those found.
struct Search<'s> {
    needles: &'s Needles<HandedOut>,
    found: &'s mut SecretCounts,
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

impl View {
    #[inline]
    fn push(&mut self, byte: u8, search: &mut Search<'_>) {
        if self.kept.len() >= 2 * SECRET_BYTES_MAX {
            self.kept.drain(..SECRET_BYTES_MAX);
        }
        self.kept.push(byte);
        self.tail = self.tail.with(byte);
        self.read += 1;
        if search.needles.may_end(self.tail) {
            self.look(search);
        }
    }

    /// Searches text that is unchanged so far.
    fn read_all(&mut self, text: &[u8], search: &mut Search<'_>) {
        self.changed = u64::MAX;
        for piece in text.chunks(SECRET_BYTES_MAX) {
            let (mut tail, before) = (self.tail, self.read);
            self.skip(piece);
            let start = self.kept.len() - piece.len();
            for (at, byte) in (1..).zip(piece) {
                tail = tail.with(*byte);
                if search.needles.may_end(tail) {
                    let read = invariant!(self.kept.get(..start + at), &[][..], "the piece is at the end");
                    if let Some((_, how)) = search.needles.ending(tail, read) {
                        *search.found.entry(how.clone()).or_default() += 1;
                    }
                }
            }
            debug_assert_eq!(self.read, before + piece.len() as u64, "all of it was read");
        }
    }

    /// Adds a byte that a step decoded.
    fn push_changed(&mut self, byte: u8, search: &mut Search<'_>) {
        self.changed = self.read + 1;
        self.push(byte, search);
    }

    #[cold]
    fn look(&mut self, search: &mut Search<'_>) {
        if let Some((length, how)) = search.needles.ending(self.tail, &self.kept)
            && self.read - (length as u64) < self.changed
            && self.last_end != self.read
        {
            self.last_end = self.read;
            *search.found.entry(how.clone()).or_default() += 1;
        }
    }

    /// Searches for a secret that ends with these bytes, without keeping them.
    fn peek(&mut self, bytes: &[u8], search: &mut Search<'_>) {
        let (tail, read) = (self.tail, self.read);
        let mut ahead = tail;
        if bytes.iter().any(|byte| {
            ahead = ahead.with(*byte);
            search.needles.may_end(ahead)
        }) {
            if self.kept.len() + bytes.len() > 2 * SECRET_BYTES_MAX {
                self.kept.drain(..SECRET_BYTES_MAX);
            }
            let kept = self.kept.len();
            for byte in bytes {
                self.push(*byte, search);
            }
            self.kept.truncate(kept);
            (self.tail, self.read) = (tail, read);
        }
    }

    /// Whether the last change is too far back to be part of a secret.
    fn is_unchanged(&self, search: &Search<'_>) -> bool {
        self.read >= self.changed + search.needles.longest() as u64
    }

    /// Adds text that an earlier step has searched.
    fn skip(&mut self, text: &[u8]) {
        let room = 2 * SECRET_BYTES_MAX - self.kept.len();
        if text.len() > room {
            let keep = SECRET_BYTES_MAX.saturating_sub(text.len());
            self.kept.drain(..self.kept.len().saturating_sub(keep));
        }
        self.kept.extend_from_slice(text.get(text.len().saturating_sub(SECRET_BYTES_MAX)..).unwrap_or(text));
        self.tail = Tail::of(&self.kept);
        self.read += text.len() as u64;
    }
}

/// Receives a step's text, for the search and for the next step.
struct Out<'o, 's> {
    view: &'o mut View,
    next: &'o mut Vec<u8>,
    search: &'o mut Search<'s>,
}

impl Out<'_, '_> {
    fn same(&mut self, byte: u8) {
        self.view.push(byte, self.search);
        self.next.push(byte);
    }

    fn changed(&mut self, byte: u8) {
        self.view.push_changed(byte, self.search);
        self.next.push(byte);
    }

    /// Adds an unchanged byte after removed ones.
    fn joined(&mut self, byte: u8) {
        self.view.changed = self.view.read;
        self.same(byte);
    }

    fn all_same(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.same(*byte);
        }
    }
}

/// Decodes one kind of escape.
trait Decode {
    /// Position of the first byte of an escape.
    fn find(text: &[u8]) -> Option<usize>;

    /// Whether the decoder is outside an escape.
    fn is_idle(&self) -> bool;

    fn read(&mut self, byte: u8, out: &mut Out<'_, '_>);
}

#[derive(Default)]
struct Step<D> {
    decoder: D,
    view: View,
}

impl<D: Decode> Step<D> {
    fn read(&mut self, mut text: &[u8], next: &mut Vec<u8>, search: &mut Search<'_>) {
        next.clear();
        while let [byte, rest @ ..] = text {
            if self.decoder.is_idle() && self.view.is_unchanged(search) {
                let (plain, escaped) = text.split_at(D::find(text).unwrap_or(text.len()));
                if !plain.is_empty() {
                    self.view.skip(plain);
                    next.extend_from_slice(plain);
                    text = escaped;
                    continue;
                }
            }
            self.decoder.read(*byte, &mut Out { view: &mut self.view, next, search });
            text = rest;
        }
    }
}

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
/// Maximum number of bytes of a title or a link; a longer one is unterminated.
const TITLE_MAX: u16 = 4_096;

/// Removes control sequences of terminals (ECMA-48), and the zero bytes of UTF-16.
#[derive(Default)]
struct ColourCodes {
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

#[cfg(test)]
mod tests;
