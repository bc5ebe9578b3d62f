//! Everything that is drawn from the seed: scheme 1.
//!
//! A draw is made by ChaCha8 from three things, so that no draw depends on another one. The *key* is
//! SHA-256 of (label, seed, operation, rule name), with a zero byte between each two: adding a rule or a
//! purpose changes no other draw. The *stream* is made from project and user. The *position* is the call
//! number times 64 words. Values are frozen by the golden vectors of the tests and the README; a change
//! would be scheme 2, beside this one.

mod password;
mod request_id;
mod seal;
mod stream;

pub(crate) use password::{PASSWORD_CHARS, Password, PasswordKey};
pub(crate) use request_id::{RequestId, RequestIds, account_ids, clone_id, clone_life, created_user_id};
pub(crate) use seal::{Seal, hex, keyed_hash};
pub(crate) use stream::Stream;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// The scheme of this module, as `version` tells it.
pub(crate) const SCHEME: u32 = 1;

/// Words that belong to one call.
const WORDS_A_CALL: u128 = 64;

named_enum! {
    /// Purpose of a draw. A label never changes its meaning.
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Label {
        Password = "wksmock password 1",
        SentPassword = "wksmock sent password 1",
        Users = "wksmock users 1",
        Request = "wksmock request 1",
        Reason = "wksmock reason 1",
        Chance = "wksmock chance 1",
        Delay = "wksmock delay 1",
        Data = "wksmock data 1",
        Token = "wksmock token 1",
        SecurityToken = "wksmock security token 1",
        SecretKey = "wksmock secret key 1",
    }
}

/// The key of all draws of one purpose.
#[derive(Clone, Debug)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// `operation` and `rule` are empty where a purpose has none.
    pub(crate) fn new(label: Label, seed: u64, operation: &str, rule: &str) -> Self {
        let hash = Sha256::new()
            .chain_update(label.name())
            .chain_update([0])
            .chain_update(seed.to_le_bytes())
            .chain_update([0])
            .chain_update(operation)
            .chain_update([0])
            .chain_update(rule)
            .finalize();
        Self(hash.into())
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The draws of one call.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    pub(crate) fn new(key: &Key, stream: Stream, call: u64) -> Self {
        let mut draw = Self::of(key);
        draw.go_to(stream, call);
        draw
    }

    /// Draws of no call yet. Moving them in place avoids a copy of their 256 bytes.
    #[inline]
    fn of(key: &Key) -> Self {
        Self(ChaCha8Rng::from_seed(key.0))
    }

    /// Moves to the draws of a call.
    #[inline]
    fn go_to(&mut self, stream: Stream, call: u64) {
        self.0.set_stream(stream.get());
        self.0.set_word_pos(u128::from(call) * WORDS_A_CALL);
    }

    /// Whether something strikes that has this chance, from 0 to 1.
    pub(crate) fn strikes(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// A number of the standard normal distribution, by Box and Muller. The functions are `libm`'s, since those of
    /// platforms differ in the last digit.
    pub(crate) fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.unit(), self.unit());
        libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(2.0 * std::f64::consts::PI * angle)
    }

    /// Draws `count` bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// A number from 0, below 1.
    fn unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a number of 53 bits is exact")]
        let drawn = (self.0.next_u64() >> 11) as f64 * f64::EPSILON / 2.0;
        drawn
    }

    /// A number below `bound`, each equally likely: by multiplication, and what would favour some is drawn again.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        loop {
            let product = u64::from(self.0.next_u32()) * u64::from(bound);
            let [low, high] = [product & 0xffff_ffff, product >> 32];
            // The second condition alone decides; the first, which follows from it, spares most the division.
            if low >= u64::from(bound) || low >= u64::from(bound.wrapping_neg() % bound) {
                return invariant!(u32::try_from(high).ok(), 0, "a product of two u32 fits u64");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors that rand_chacha's own stream gives, whatever its version.
    #[test]
    fn the_generator_is_chacha8_at_a_position() {
        let key = Key(std::array::from_fn(|at| u8::try_from(at).unwrap()));
        let words = |stream, call| {
            let mut draw = Draw::new(&key, Stream::new(stream), call);
            std::array::from_fn(|_| draw.0.next_u32())
        };
        assert_eq!(words(0x0123_4567_89ab_cdef, 1), [0x2c05_ea2e, 0x62cb_7aa4, 0xbed0_2eb9, 0xaebd_c3e9]);
        assert_eq!(words(0x0123_4567_89ab_cdef, 1_000_000), [0x615b_970e, 0x6331_4c9c, 0xec6c_d577, 0x2c1d_4d23]);
        assert_eq!(words(0, 0), [0x8fb2_1540, 0x6aab_126e, 0x7b66_e8d9, 0x3312_c531]);
    }

    #[test]
    fn numbers_below_a_bound_are_even() {
        let key = Key::new(Label::Password, 1, "", "");
        let mut draw = Draw::new(&key, Stream::new(1), 1);
        let mut seen = [0_u32; 10];
        for _ in 0..100_000 {
            seen[draw.below(10) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (9_600..10_400).contains(count)), "{seen:?}");
    }

    #[test]
    fn every_part_of_a_key_matters() {
        let key = |label, seed, operation, rule| *Key::new(label, seed, operation, rule).bytes();
        let base = key(Label::Password, 1, "A", "b");
        assert_ne!(base, key(Label::Users, 1, "A", "b"));
        assert_ne!(base, key(Label::Password, 2, "A", "b"));
        assert_ne!(base, key(Label::Password, 1, "Ab", ""));
        assert_ne!(base, key(Label::Password, 1, "A", ""));
    }
}
