//! One step of decoding, and the search in its text.

use crate::diagnostics::{Needles, Tail};
use crate::state::{HandedOut, SECRET_BYTES_MAX};
use std::collections::BTreeMap;

/// Number of occurrences of each secret.
pub(crate) type SecretCounts = BTreeMap<HandedOut, u64>;

/// The end of a step's text, in which secrets are searched for.
#[derive(Default)]
pub(super) struct View {
    pub(super) kept: Vec<u8>,
    pub(super) tail: Tail,
    /// Total number of bytes read.
    pub(super) read: u64,
    /// Position of the last change: earlier steps cannot find a secret that spans it.
    pub(super) changed: u64,
    /// End of the last secret.
    pub(super) last_end: u64,
}

/// The secrets, and the counts of those found.
pub(super) struct Search<'s> {
    pub(super) needles: &'s Needles<HandedOut>,
    pub(super) found: &'s mut SecretCounts,
}

impl View {
    #[inline]
    pub(super) fn push(&mut self, byte: u8, search: &mut Search<'_>) {
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
    pub(super) fn read_all(&mut self, text: &[u8], search: &mut Search<'_>) {
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
    pub(super) fn push_changed(&mut self, byte: u8, search: &mut Search<'_>) {
        self.changed = self.read + 1;
        self.push(byte, search);
    }

    #[cold]
    pub(super) fn look(&mut self, search: &mut Search<'_>) {
        if let Some((length, how)) = search.needles.ending(self.tail, &self.kept)
            && self.read - (length as u64) < self.changed
            && self.last_end != self.read
        {
            self.last_end = self.read;
            *search.found.entry(how.clone()).or_default() += 1;
        }
    }

    /// Searches for a secret that ends with these bytes, without keeping them.
    pub(super) fn peek(&mut self, bytes: &[u8], search: &mut Search<'_>) {
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
    pub(super) fn is_unchanged(&self, search: &Search<'_>) -> bool {
        self.read >= self.changed + search.needles.longest() as u64
    }

    /// Adds text that an earlier step has searched.
    pub(super) fn skip(&mut self, text: &[u8]) {
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
pub(super) struct Out<'o, 's> {
    pub(super) view: &'o mut View,
    pub(super) next: &'o mut Vec<u8>,
    pub(super) search: &'o mut Search<'s>,
}

impl Out<'_, '_> {
    pub(super) fn same(&mut self, byte: u8) {
        self.view.push(byte, self.search);
        self.next.push(byte);
    }

    pub(super) fn changed(&mut self, byte: u8) {
        self.view.push_changed(byte, self.search);
        self.next.push(byte);
    }

    /// Adds an unchanged byte after removed ones.
    pub(super) fn joined(&mut self, byte: u8) {
        self.view.changed = self.view.read;
        self.same(byte);
    }

    pub(super) fn all_same(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.same(*byte);
        }
    }
}

/// Decodes one kind of escape.
pub(super) trait Decode {
    /// Position of the first byte of an escape.
    fn find(text: &[u8]) -> Option<usize>;

    /// Whether the decoder is outside an escape.
    fn is_idle(&self) -> bool;

    fn read(&mut self, byte: u8, out: &mut Out<'_, '_>);
}

#[derive(Default)]
pub(super) struct Step<D> {
    pub(super) decoder: D,
    pub(super) view: View,
}

impl<D: Decode> Step<D> {
    pub(super) fn read(&mut self, mut text: &[u8], next: &mut Vec<u8>, search: &mut Search<'_>) {
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
