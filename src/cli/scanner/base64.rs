//! Base64, wherever it begins.

use super::{Search, View};

/// Decodes what may be Base64, by either alphabet, from each of four characters on: what stands before it may be of the
/// same alphabet. Lines may be broken.
pub(super) struct Base64 {
    views: [View; 4],
    /// The last characters, six bits each.
    bits: u32,
    /// Characters that were read since something else stood there.
    count: usize,
}

/// Of each byte what it stands for; more than six bits for what is not of the alphabets.
const SIX_BITS: [u8; 256] = six_bits();
/// What stands between the characters and means nothing.
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
        // All of it is decoded.
        let views = std::array::from_fn(|_| View { changed: u64::MAX, ..View::default() });
        Self { views, bits: 0, count: 0 }
    }
}

impl Base64 {
    pub(super) fn read(&mut self, text: &[u8], search: &mut Search<'_>) {
        for byte in text {
            let six = SIX_BITS.get(usize::from(*byte)).copied().unwrap_or(OTHER);
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

    /// The text may end here, with bytes that have not all of their four characters.
    fn pause(&mut self, search: &mut Search<'_>) {
        for (phase, view) in self.views.iter_mut().enumerate() {
            let rest = (self.count + 4 - phase) % 4;
            let byte = |shift: u32| u8::try_from(self.bits >> shift & 0xff).unwrap_or(0);
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
