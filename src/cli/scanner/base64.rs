//! Finds and decodes Base64 at any offset.

use super::step::{Search, View};

/// Decodes possible Base64 of either alphabet at each of four offsets, across line breaks.
///
/// Preceding characters may be of the same alphabet, so the offset is unknown.
pub(super) struct Base64 {
    views: [View; 4],
    /// The last characters, six bits each.
    bits: u32,
    /// Number of characters read since the last other byte.
    count: usize,
}

/// The value of each byte; more than six bits for bytes outside the alphabets.
const SIX_BITS: [u8; 256] = six_bits();
/// Value of bytes that are skipped.
const BLANK: u8 = 254;
const OTHER: u8 = 255;

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "when this is compiled, and up to 64")]
const fn six_bits() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = [OTHER; 256];
    let mut at = 0;
    while at < alphabet.len() {
        bits[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    bits[b'-' as usize] = 62;
    bits[b'_' as usize] = 63;
    bits[b' ' as usize] = BLANK;
    bits[b'\t' as usize] = BLANK;
    bits[b'\r' as usize] = BLANK;
    bits[b'\n' as usize] = BLANK;
    bits
}

impl Default for Base64 {
    fn default() -> Self {
        // All decoded text counts as changed.
        let views = std::array::from_fn(|_| View { changed: u64::MAX, ..View::default() });
        Self { views, bits: 0, count: 0 }
    }
}

impl Base64 {
    pub(super) fn read(&mut self, text: &[u8], search: &mut Search<'_>) {
        for byte in text {
            let six = *invariant!(SIX_BITS.get(usize::from(*byte)), &OTHER, "each byte has a value");
            if six >= BLANK {
                self.pause(search);
                self.count = if six == OTHER { 0 } else { self.count };
                continue;
            }
            self.bits = (self.bits << 6) | u32::from(six);
            self.count += 1;
            if self.count >= 4
                && let Some(view) = self.views.get_mut(self.count % 4)
            {
                let [_, first, second, third] = self.bits.to_be_bytes();
                view.push(first, search);
                view.push(second, search);
                view.push(third, search);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn views(&self) -> &[View] {
        &self.views
    }

    /// Decodes an incomplete group of four, since the text may end here.
    fn pause(&mut self, search: &mut Search<'_>) {
        for (phase, view) in self.views.iter_mut().enumerate() {
            let rest = (self.count + 4 - phase) % 4;
            let byte = |shift: u32| (self.bits >> shift).to_le_bytes()[0];
            if rest <= self.count {
                match rest {
                    2 => view.peek(&[byte(4)], search),
                    3 => view.peek(&[byte(10), byte(2)], search),
                    _ => {}
                }
            }
        }
    }
}
