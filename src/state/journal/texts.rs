//! The texts of the journal's records, by age, in blocks of one size. A block whose texts are all dropped is reused, so that
//! memory neither grows nor fragments once the journal is full.

use std::collections::VecDeque;

/// Bytes of a block: many usual texts, and several of the largest. Unused bytes cost nothing.
const BLOCK: usize = 256 << 10;

/// Texts in order of arrival.
#[derive(Debug, Default)]
pub(in crate::state) struct Texts {
    blocks: VecDeque<Block>,
    /// The number of the first block that is there, counted over all there ever were.
    first: u64,
    /// A block that is not needed now.
    spare: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Block {
    bytes: Vec<u8>,
    /// Number of its texts still in use.
    needed: usize,
}

/// Where a text lies.
#[derive(Clone, Copy, Debug)]
pub(in crate::state) struct Span {
    block: u64,
    start: u32,
    length: u32,
}

impl Texts {
    pub(in crate::state) fn push(&mut self, text: &[u8]) -> Span {
        let has_room = |block: &Block| block.bytes.capacity() - block.bytes.len() >= text.len();
        if !self.blocks.back().is_some_and(has_room) {
            self.begin_block(text.len());
        }
        let block = self.first + (self.blocks.len() as u64).saturating_sub(1);
        let mut start = 0;
        if let Some(last) = self.blocks.back_mut() {
            start = last.bytes.len();
            last.bytes.extend_from_slice(text);
            last.needed += 1;
        }
        let in_block =
            |place| invariant!(u32::try_from(place).ok(), u32::MAX, "the journal has fewer bytes than 4 GiB");
        let [start, length] = [start, text.len()].map(in_block);
        Span { block, start, length }
    }

    /// Drops the oldest text, which this must be.
    pub(in crate::state) fn drop_oldest(&mut self, span: Span) {
        if let Some(block) = self.place(span).and_then(|place| self.blocks.get_mut(place)) {
            block.needed -= 1;
            if block.needed == 0 {
                self.drop_blocks();
            }
        }
    }

    pub(in crate::state) fn clear(&mut self) {
        self.first += self.blocks.len() as u64;
        self.blocks.clear();
    }

    /// Keeps the texts of these spans alone, which are given by age and set to where they then lie.
    pub(in crate::state) fn keep<'s>(&mut self, spans: impl Iterator<Item = &'s mut Span>) {
        let mut kept = Self::default();
        for span in spans {
            *span = kept.push(self.get(*span));
        }
        *self = kept;
    }

    pub(in crate::state) fn get(&self, span: Span) -> &[u8] {
        let block = self.place(span).and_then(|place| self.blocks.get(place));
        let start = span.start as usize;
        block.and_then(|block| block.bytes.get(start..start + span.length())).unwrap_or(&[])
    }

    fn place(&self, span: Span) -> Option<usize> {
        usize::try_from(span.block.checked_sub(self.first)?).ok()
    }

    /// A text that is larger than a block has one of its own.
    fn begin_block(&mut self, bytes: usize) {
        let spare = self.spare.take_if(|spare| spare.capacity() >= bytes);
        let bytes = spare.unwrap_or_else(|| Vec::with_capacity(bytes.max(BLOCK)));
        self.blocks.push_back(Block { bytes, needed: 0 });
    }

    fn drop_blocks(&mut self) {
        while self.blocks.front().is_some_and(|block| block.needed == 0) {
            self.first += 1;
            let dropped = self.blocks.pop_front();
            if let Some(mut bytes) = dropped.map(|block| block.bytes).filter(|bytes| bytes.capacity() == BLOCK) {
                bytes.clear();
                self.spare = Some(bytes);
            }
        }
    }
}

impl Span {
    pub(in crate::state) fn length(self) -> usize {
        self.length as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pushes texts of these lengths, and drops the oldest so that no more than so many bytes are needed.
    fn filled(lengths: &[usize], bytes_max: usize) -> (Texts, VecDeque<(Span, Vec<u8>)>) {
        let (mut texts, mut there) = (Texts::default(), VecDeque::<(Span, Vec<u8>)>::new());
        for (number, length) in lengths.iter().enumerate() {
            while there.iter().map(|(_, text)| text.len()).sum::<usize>() + length > bytes_max {
                texts.drop_oldest(there.pop_front().unwrap().0);
            }
            let text = vec![number.to_le_bytes()[0]; *length];
            there.push_back((texts.push(&text), text));
        }
        (texts, there)
    }

    fn assert_there(texts: &Texts, there: &VecDeque<(Span, Vec<u8>)>) {
        for (span, text) in there {
            assert_eq!(texts.get(*span), text);
        }
    }

    #[test]
    fn blocks_are_reused() {
        let lengths: Vec<_> = (0..4_000).map(|number| number * 7_919 % (64 << 10)).collect();
        let (texts, there) = filled(&lengths, 4 << 20);
        assert_there(&texts, &there);
        let room: usize = texts.blocks.iter().map(|block| block.bytes.capacity()).sum();
        // At the end of each block there may be no room for the largest text.
        assert!(room <= (4 << 20) * 4 / 3 + 2 * BLOCK, "{room}");
    }

    #[test]
    fn text_may_be_larger_than_a_block() {
        let (mut texts, mut there) = filled(&[10, BLOCK + 1, BLOCK, 0, 10], usize::MAX);
        assert_there(&texts, &there);
        while let Some((span, _)) = there.pop_front() {
            texts.drop_oldest(span);
            assert_there(&texts, &there);
        }
        assert!(texts.blocks.is_empty() && texts.spare.is_some());
    }

    proptest! {
        #[test]
        fn texts_are_unchanged_until_dropped(
            lengths in prop::collection::vec(0..BLOCK / 2, 1..40),
            kept_of in 1..4_usize,
        ) {
            let (mut texts, mut there) = filled(&lengths, 3 * BLOCK);
            assert_there(&texts, &there);
            let mut number = 0;
            there.retain(|_| { number += 1; number % kept_of == 0 });
            texts.keep(there.iter_mut().map(|(span, _)| span));
            assert_there(&texts, &there);
        }
    }
}
