//! The texts of the journal's records, one after another in one ring of bytes: what drops out makes room for what
//! comes, and memory stays as it is.

use std::borrow::Cow;
use std::collections::VecDeque;

/// Texts by age.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: VecDeque<u8>,
    /// How many bytes there were before the first that is there.
    before: u64,
    /// How many of those that are there nobody needs any more. They go when there is no room.
    dropped: usize,
}

/// Where a text lies: its first byte, counted over all there ever were, and its length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u64,
    length: u32,
}

impl Texts {
    pub(super) fn push(&mut self, text: &[u8]) -> Span {
        if self.bytes.capacity() - self.bytes.len() < text.len() {
            self.make_room(text.len());
        }
        let start = self.before + self.bytes.len() as u64;
        self.bytes.extend(text);
        Span { start, length: u32::try_from(text.len()).unwrap_or(u32::MAX) }
    }

    /// Drops the oldest text, which this must be.
    pub(super) fn drop_oldest(&mut self, span: Span) {
        self.dropped += span.length();
    }

    pub(super) fn clear(&mut self) {
        self.dropped = self.bytes.len();
    }

    fn make_room(&mut self, bytes: usize) {
        self.bytes.drain(..self.dropped);
        self.before += self.dropped as u64;
        self.dropped = 0;
        // A ring comes to use all of its room, so it shall not have twice as much as it needs.
        let wanted = bytes + self.bytes.len() / 8;
        if self.bytes.capacity() - self.bytes.len() < wanted {
            self.bytes.reserve_exact(wanted);
        }
    }

    /// Keeps the texts of these spans alone, which are given by age and set to where they then lie.
    pub(super) fn keep<'s>(&mut self, spans: impl Iterator<Item = &'s mut Span>) {
        let mut kept = Self::default();
        for span in spans {
            *span = kept.push(&self.get(*span));
        }
        *self = kept;
    }

    pub(super) fn get(&self, span: Span) -> Cow<'_, [u8]> {
        let range = self.range(span);
        let (first, second) = self.bytes.as_slices();
        match (first.get(range.clone()), range.start.checked_sub(first.len())) {
            (Some(text), _) => text.into(),
            (None, Some(start)) => second.get(start..start + range.len()).unwrap_or(&[]).into(),
            (None, None) => self.bytes.range(range).copied().collect::<Vec<_>>().into(),
        }
    }

    fn range(&self, span: Span) -> std::ops::Range<usize> {
        let place = |position: u64| {
            let place = usize::try_from(position.saturating_sub(self.before)).unwrap_or(usize::MAX);
            place.min(self.bytes.len())
        };
        place(span.start)..place(span.start + u64::from(span.length))
    }
}

impl Span {
    pub(super) fn length(self) -> usize {
        self.length as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_as_they_were_pushed_until_they_are_dropped(
            steps in prop::collection::vec((any::<u8>(), 0..40_usize), 1..200),
            kept_of in 1..4_usize,
        ) {
            let mut texts = Texts::default();
            let mut there: VecDeque<(Span, Vec<u8>)> = VecDeque::new();
            for (byte, length) in steps {
                while there.iter().map(|(_, text)| text.len()).sum::<usize>() + length > 64 {
                    texts.drop_oldest(there.pop_front().unwrap().0);
                }
                let text = vec![byte; length];
                there.push_back((texts.push(&text), text));
                for (span, text) in &there {
                    prop_assert_eq!(&texts.get(*span), text);
                }
            }
            prop_assert!(texts.bytes.capacity() <= 64 + 64 / 8 + 1);
            let mut number = 0;
            there.retain(|_| { number += 1; number % kept_of == 0 });
            texts.keep(there.iter_mut().map(|(span, _)| span));
            for (span, text) in &there {
                prop_assert_eq!(&texts.get(*span), text);
            }
        }
    }
}
