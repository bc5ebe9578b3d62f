//! Looks for secrets in a text that comes in pieces: as it stands, and as it is once colour codes are taken out of it and
//! escapes are decoded.
//!
//! Each step gives its text to the next: without colour codes, without backslashes (JSON, shells), without entities (XML,
//! HTML), without percent-encoding, and from Base64. A secret is searched for in the text of each step, and counts where a
//! step changed it, so that it is found once. What a step keeps is bounded, and its cost is that of its text.

mod base64;
mod escapes;

use self::base64::Base64;
use self::escapes::{Backslashes, Entities, Percent};
use crate::diagnostics::{Needles, Tail};
use crate::state::{HandedOut, SECRET_BYTES_MAX};
use memchr::{memchr, memchr2};
use std::collections::BTreeMap;

/// How often each secret was found.
pub(super) type Found = BTreeMap<HandedOut, u64>;

/// A reader of one stream.
#[derive(Default)]
pub(super) struct Scanner {
    plain: View,
    colours: Colours,
    backslashes: Step<Backslashes>,
    entities: Step<Entities>,
    percent: Step<Percent>,
    base64: Base64,
    /// Texts on their way from one step to the next.
    between: [Vec<u8>; 2],
}

/// The text of one step, as far as secrets may still be in it.
#[derive(Default)]
struct View {
    kept: Vec<u8>,
    tail: Tail,
    /// Bytes that were read ever.
    read: u64,
    /// Where the text was changed last: a secret that begins before it is not found by an earlier step.
    changed: u64,
    /// Where the last secret ended.
    last_end: u64,
}

/// The secrets, and those that were found.
struct Search<'s> {
    needles: &'s Needles<HandedOut>,
    found: &'s mut Found,
}

impl Scanner {
    pub(super) fn read(&mut self, piece: &[u8], needles: &Needles<HandedOut>, found: &mut Found) {
        let search = &mut Search { needles, found };
        self.plain.read_all(piece, search);
        let [text, next] = &mut self.between;
        self.colours.read(piece, text, search);
        self.backslashes.read(text, next, search);
        self.entities.read(next, text, search);
        self.percent.read(text, next, search);
        self.base64.read(next, search);
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self, needles: &Needles<HandedOut>, found: &mut Found) {
        // Whatever was begun ends.
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

    /// Searches a text that no step has changed.
    fn read_all(&mut self, text: &[u8], search: &mut Search<'_>) {
        self.changed = u64::MAX;
        for piece in text.chunks(SECRET_BYTES_MAX) {
            let (mut tail, before) = (self.tail, self.read);
            self.skip(piece);
            let start = self.kept.len() - piece.len();
            for (at, byte) in (1..).zip(piece) {
                tail = tail.with(*byte);
                if search.needles.may_end(tail) {
                    let read = self.kept.get(..start + at).unwrap_or_default();
                    if let Some((_, how)) = search.needles.ending(tail, read) {
                        *search.found.entry(how.clone()).or_default() += 1;
                    }
                }
            }
            debug_assert_eq!(self.read, before + piece.len() as u64, "all of it was read");
        }
    }

    /// A byte that stands in the output otherwise.
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

    /// Looks whether a secret ends with these bytes, which may not be there.
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

    /// Whether a secret that ends from here on has nothing in it that was changed.
    fn is_unchanged(&self, search: &Search<'_>) -> bool {
        self.read >= self.changed + search.needles.longest() as u64
    }

    /// Reads what an earlier step has searched.
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

/// Where a step's text goes: to be searched, and to the next step.
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

    /// A byte as it stands there, without what stood before it.
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
    /// What an escape begins with.
    const BEGIN: u8;

    /// Whether it is not in the middle of an escape.
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
        while let Some(byte) = text.first() {
            if self.decoder.is_idle() && self.view.is_unchanged(search) {
                let (plain, rest) = text.split_at(memchr(D::BEGIN, text).unwrap_or(text.len()));
                if !plain.is_empty() {
                    self.view.skip(plain);
                    next.extend_from_slice(plain);
                    text = rest;
                    continue;
                }
            }
            self.decoder.read(*byte, &mut Out { view: &mut self.view, next, search });
            text = text.get(1..).unwrap_or_default();
        }
    }
}

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
/// Bytes of a title or a link. What is longer was never ended.
const TITLE_MAX: u16 = 4_096;

/// Takes out what terminals obey (ECMA-48), and the zero bytes of UTF-16.
#[derive(Default)]
struct Colours {
    inside: Inside,
    view: View,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Text,
    Escape,
    /// Behind `ESC [`.
    Sequence,
    /// A title or a link, with so many bytes.
    Title(u16),
}

impl Colours {
    fn read(&mut self, mut text: &[u8], next: &mut Vec<u8>, search: &mut Search<'_>) {
        next.clear();
        while let Some(byte) = text.first() {
            if self.inside == Inside::Text && self.view.is_unchanged(search) {
                let (plain, rest) = text.split_at(memchr2(ESCAPE, 0, text).unwrap_or(text.len()));
                if !plain.is_empty() {
                    self.view.skip(plain);
                    next.extend_from_slice(plain);
                    text = rest;
                    continue;
                }
            }
            if self.takes_out(*byte) {
                // A secret that begins before this ends behind it.
                self.view.changed = self.view.read;
            } else {
                self.view.push(*byte, search);
                next.push(*byte);
            }
            text = text.get(1..).unwrap_or_default();
        }
    }

    fn takes_out(&mut self, byte: u8) -> bool {
        self.inside = match (self.inside, byte) {
            (inside, 0) => inside,
            (_, ESCAPE) | (Inside::Escape, b' '..=b'/') => Inside::Escape,
            (Inside::Text, _) => return false,
            (Inside::Escape, b'[') | (Inside::Sequence, b' '..=b'?') => Inside::Sequence,
            (Inside::Escape, b']' | b'P' | b'X' | b'^' | b'_') => Inside::Title(0),
            (Inside::Escape, b'0'..=b'~') | (Inside::Sequence, b'@'..=b'~') | (Inside::Title(_), BELL) => Inside::Text,
            (Inside::Title(length), b' '..) if length < TITLE_MAX => Inside::Title(length + 1),
            // It was no code.
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
