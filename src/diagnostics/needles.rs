//! Finds known texts in others, wherever they stand. A text is looked up by its last bytes, so that each byte that is
//! read costs a shift and a look at a bit, however many texts are known.

use std::collections::HashMap;
use std::fmt;

/// Bytes by which a text is looked up. Shorter texts are not searched: they occur anywhere by chance.
const TAIL: usize = 8;

/// The last bytes that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Tail(u64);

/// Bits of the filter for each text: of other tails one in so many passes.
const FILTER_BITS: usize = 16;
const FILTER_BITS_MIN: usize = 1 << 12;

/// A text, and what it is.
type Needle<T> = (Box<[u8]>, T);

/// Known texts, and what each is.
pub(crate) struct Needles<T> {
    by_tail: HashMap<Tail, Vec<Needle<T>>>,
    /// A bit for each hash of a tail. Its length is a power of two.
    filter: Vec<u64>,
    count: usize,
    longest: usize,
    /// Of a longer text its last bytes stand for the whole.
    length_max: usize,
}

/// Texts may be secrets.
impl<T> fmt::Debug for Needles<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Needles").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Tail {
    #[inline]
    pub(crate) fn with(self, byte: u8) -> Self {
        Self((self.0 << 8) | u64::from(byte))
    }

    /// The tail of a text.
    pub(crate) fn of(text: &[u8]) -> Self {
        let last = text.get(text.len().saturating_sub(TAIL)..).unwrap_or(text);
        last.iter().fold(Self::default(), |tail, byte| tail.with(*byte))
    }

    /// The bit of a filter with so many words.
    #[inline]
    fn bit(self, words: usize) -> (usize, u64) {
        let hash = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let word = usize::try_from(hash >> 40).unwrap_or(0) & words.wrapping_sub(1);
        (word, 1 << (hash >> 34 & 63))
    }
}

impl<T> Needles<T> {
    pub(crate) fn new(length_max: usize) -> Self {
        let filter = vec![0; FILTER_BITS_MIN / 64];
        Self { by_tail: HashMap::new(), filter, count: 0, longest: 0, length_max: length_max.max(TAIL) }
    }

    /// Adds a text, unless it is known or too short.
    pub(crate) fn insert(&mut self, text: &[u8], what: T) {
        let text = self.kept(text);
        if text.len() < TAIL || self.contains(text) {
            return;
        }
        let tail = Tail::of(text);
        self.by_tail.entry(tail).or_default().push((text.into(), what));
        self.count += 1;
        self.longest = self.longest.max(text.len());
        if self.count * FILTER_BITS > self.filter.len() * 64 {
            self.filter = vec![0; self.filter.len() * 2];
            let tails: Vec<_> = self.by_tail.keys().copied().collect();
            for tail in tails {
                self.mark(tail);
            }
        } else {
            self.mark(tail);
        }
    }

    pub(crate) fn contains(&self, text: &[u8]) -> bool {
        let text = self.kept(text);
        self.by_tail.get(&Tail::of(text)).is_some_and(|known| known.iter().any(|(one, _)| one.as_ref() == text))
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Bytes of the longest text.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Whether a known text may end like this. Most texts that are not known are ruled out here.
    #[inline]
    pub(crate) fn may_end(&self, tail: Tail) -> bool {
        let (word, bit) = tail.bit(self.filter.len());
        self.filter.get(word).is_some_and(|word| word & bit != 0)
    }

    /// The longest known text with which `read` ends, whose tail is given: its length, and what it is.
    pub(crate) fn ending(&self, tail: Tail, read: &[u8]) -> Option<(usize, &T)> {
        let known = self.by_tail.get(&tail)?.iter().filter(|(text, _)| read.ends_with(text));
        known.max_by_key(|(text, _)| text.len()).map(|(text, what)| (text.len(), what))
    }

    fn kept<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        text.get(text.len().saturating_sub(self.length_max)..).unwrap_or(text)
    }

    fn mark(&mut self, tail: Tail) {
        let (word, bit) = tail.bit(self.filter.len());
        if let Some(word) = self.filter.get_mut(word) {
            *word |= bit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Where known texts end, and their lengths.
    fn found(needles: &Needles<usize>, read: &[u8]) -> Vec<(usize, usize)> {
        let ends = (1..=read.len()).filter_map(|end| {
            let read = &read[..end];
            let tail = Tail::of(read);
            let (length, _) = needles.may_end(tail).then(|| needles.ending(tail, read))??;
            Some((end, length))
        });
        ends.collect()
    }

    #[test]
    fn a_short_text_is_not_looked_for_and_of_a_long_one_the_end() {
        let mut needles = Needles::new(10);
        needles.insert(b"1234567", 1);
        assert_eq!((needles.count(), found(&needles, b"12345678")), (0, vec![]));
        needles.insert(b"abcdefghijklmnop", 2);
        needles.insert(b"ghijklmnop", 3);
        assert_eq!((needles.count(), needles.longest()), (1, 10), "they end alike");
        assert_eq!(found(&needles, b"..ghijklmnop."), [(12, 10)]);
    }

    #[test]
    fn many_texts_are_each_found() {
        let text = |number: usize| format!("{:012}", number * 7_919);
        let mut needles = Needles::new(20);
        for number in 0..10_000 {
            needles.insert(text(number).as_bytes(), number);
        }
        for number in 0..10_000 {
            assert_eq!(found(&needles, text(number).as_bytes()).last(), Some(&(12, 12)), "{number}");
        }
        let passed = (10_000..20_000).filter(|number| needles.may_end(Tail::of(text(*number).as_bytes()))).count();
        assert!(passed < 2_000, "{passed} of 10,000 pass the filter");
    }

    proptest! {
        #[test]
        fn needles_agree_with_a_plain_search(
            known in prop::collection::vec("[ab]{8,12}", 0..4),
            read in "[ab]{0,60}",
        ) {
            let mut needles = Needles::new(100);
            for (number, text) in known.iter().enumerate() {
                needles.insert(text.as_bytes(), number);
            }
            let ends = (1..=read.len()).filter_map(|end| {
                let fits = known.iter().filter(|text| read[..end].ends_with(text.as_str()));
                fits.map(String::len).max().map(|length| (end, length))
            });
            prop_assert_eq!(found(&needles, read.as_bytes()), ends.collect::<Vec<_>>());
        }
    }
}
