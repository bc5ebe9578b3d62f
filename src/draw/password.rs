//! Passwords: one lower-case letter, one upper-case letter, one digit, one special, the rest from all of
//! them, then shuffled. Drawn again while they contain the user's name or its reverse.

use super::{Draw, Key, Label, Stream};
use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::RangeInclusive;

/// Lengths that a password may have; the documented answer allows no more than 20.
pub(crate) const PASSWORD_CHARS: RangeInclusive<usize> = 8..=20;

const LOWER: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
const UPPER: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGIT: &[u8; 10] = b"0123456789";
/// Need no quoting in JSON, HTML or CSV.
const SPECIAL: &[u8; 8] = b"!#$%*?^_";
const ALL: &[u8; 70] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%*?^_";

/// Redraws for a name that is in the password; a name of one letter is hit by about one in six.
const REDRAWS_MAX: usize = 100;

/// Draws passwords of one seed and operation.
#[derive(Clone, Debug)]
pub(crate) struct PasswordKey {
    key: Key,
    length: u8,
}

/// A password; copied, not allocated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Password {
    bytes: [u8; *PASSWORD_CHARS.end()],
    length: u8,
}

impl PasswordKey {
    /// `length` is brought into [`PASSWORD_CHARS`].
    pub(crate) fn new(label: Label, seed: u64, operation: &str, length: usize) -> Self {
        Self {
            key: Key::new(label, seed, operation, ""),
            length: u8::try_from(length.clamp(*PASSWORD_CHARS.start(), *PASSWORD_CHARS.end())).unwrap_or(u8::MAX),
        }
    }

    /// Characters of each password.
    pub(crate) fn length(&self) -> usize {
        self.length.into()
    }

    /// The password of a user's call number, by the user's stream and name.
    pub(crate) fn password(&self, stream: Stream, call: u64, user_name: &str) -> Password {
        let mut draw = Draw::of(&self.key);
        draw.go_to(stream, call);
        let mut password = self.draw_one(&mut draw);
        for _ in 0..REDRAWS_MAX {
            if !password.contains_name(user_name) {
                break;
            }
            password = self.draw_one(&mut draw);
        }
        password
    }

    fn draw_one(&self, draw: &mut Draw) -> Password {
        let mut password = Password { bytes: [0; *PASSWORD_CHARS.end()], length: self.length };
        let bytes = invariant!(
            password.bytes.get_mut(..usize::from(self.length)),
            Default::default(),
            "the length of passwords is bounded"
        );
        if let [lower, upper, digit, special, rest @ ..] = bytes {
            *lower = pick(draw, LOWER);
            *upper = pick(draw, UPPER);
            *digit = pick(draw, DIGIT);
            *special = pick(draw, SPECIAL);
            for byte in rest {
                *byte = pick(draw, ALL);
            }
        }
        for last in (1..u32::from(self.length)).rev() {
            let other = draw.below(last + 1);
            bytes.swap(last as usize, other as usize);
        }
        password
    }
}

/// The size of the alphabet is known when this is compiled, which makes the drawing cheaper.
fn pick<const N: usize>(draw: &mut Draw, alphabet: &[u8; N]) -> u8 {
    let at = draw.below(u32::try_from(N).unwrap_or(u32::MAX));
    invariant!(alphabet.get(at as usize).copied(), b'?', "a draw is below its bound")
}

impl Password {
    /// Its characters, all of them ASCII that needs no quoting.
    pub(crate) fn bytes(&self) -> &[u8] {
        part!(self.bytes, ..usize::from(self.length))
    }

    fn as_str(&self) -> &str {
        invariant!(std::str::from_utf8(self.bytes()).ok(), "", "passwords are ASCII")
    }

    /// Whether the name, or its reverse, is in it, in whatever case.
    fn contains_name(&self, name: &str) -> bool {
        let password = self.bytes();
        let [first, .., last] = name.as_bytes() else {
            let byte = name.as_bytes().first();
            return byte.is_some_and(|byte| password.iter().any(|other| other.eq_ignore_ascii_case(byte)));
        };
        let (first, last) = (first.to_ascii_lowercase(), last.to_ascii_lowercase());
        password.windows(name.len()).any(|window| {
            // Most windows begin with neither end of the name.
            let begin = window.first().map_or(0, u8::to_ascii_lowercase);
            (begin == first && window.eq_ignore_ascii_case(name.as_bytes()))
                || (begin == last && window.iter().zip(name.bytes().rev()).all(|(a, b)| a.eq_ignore_ascii_case(&b)))
        })
    }
}

impl fmt::Display for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A password does not show itself in debug output.
impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Password({} characters)", self.length)
    }
}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PROJECT: &str = "0bec5db98280d2d02fd6c00c2de791ce";
    const ALICE: &str = "8a2c3f9579d240820179d51e6caf0001";
    const BOB: &str = "8a2c3f9579d240820179d51e6caf0002";

    fn password(seed: u64, length: usize, user: &str, call: u64, name: &str) -> String {
        let key = PasswordKey::new(Label::Password, seed, "ResetRandomPassword", length);
        key.password(Stream::of_user(PROJECT, user), call, name).to_string()
    }

    /// Scheme 1, frozen: a change here breaks recorded passwords. The values come from an independent implementation of
    /// ChaCha8 and of the scheme.
    #[test]
    fn golden_vectors() {
        let vectors = [
            (0, 10, ALICE, 1, "9*JO$jemDg"),
            (0, 10, ALICE, 2, "*C5uHQKwSe"),
            (0, 10, ALICE, 3, "I6cBm?zVLB"),
            (0, 10, ALICE, 1_000_000, "C!_G69aw55"),
            (0, 10, BOB, 1, "xNx*6^bKQ4"),
            (0, 10, BOB, 2, "uZ?djXD%8A"),
            (0, 10, BOB, 1_000_000, "ej%^33BK^X"),
            (7, 10, ALICE, 1, "e*wu0Q^SI_"),
            (7, 10, ALICE, 2, "M5C!ndhTqM"),
            (u64::MAX, 10, ALICE, 1, "$e7$?IZjgV"),
            (0, 8, ALICE, 1, "9DO*Jjem"),
            (0, 20, ALICE, 1, "8O$mJg#9Dsj*9g?cenux"),
            (0, 10, "load", 1, "7_XbML!n5x"),
            (0, 10, "load000001", 1, "zdpb2CqB?N"),
            (42, 16, "ä b", 4_294_967_296, "KtA$NH1#7%J?GKa3"),
        ];
        for (seed, length, user, call, expected) in vectors {
            assert_eq!(password(seed, length, user, call, ""), expected, "{seed} {user} {call}");
        }
    }

    #[test]
    fn a_name_and_its_reverse_are_drawn_again() {
        let without = password(7, 10, "u", 1, "");
        let part = without[2..5].to_owned();
        let reversed: String = part.chars().rev().collect();
        for name in [part.to_uppercase(), reversed] {
            let redrawn = password(7, 10, "u", 1, &name);
            assert_ne!(redrawn, without);
            assert!(!redrawn.to_uppercase().contains(&name.to_uppercase()));
        }
    }

    #[test]
    fn longest_password_fits_in_one_call_but_for_redraws() {
        assert_eq!(password(0, 20, "u", 1, "").len(), 20);
        assert_eq!(password(0, 99, "u", 1, "").len(), 20);
        assert_eq!(password(0, 0, "u", 1, "").len(), 8);
    }

    #[test]
    fn all_is_the_four_classes() {
        assert_eq!([LOWER.as_slice(), UPPER, DIGIT, SPECIAL].concat(), ALL);
    }

    proptest! {
        #[test]
        fn every_password_has_all_classes_and_needs_no_quoting(
            seed in any::<u64>(), call in any::<u64>(), length in PASSWORD_CHARS, user in "[a-z]{1,8}",
        ) {
            let password = password(seed, length, &user, call >> 2, "");
            prop_assert_eq!(password.len(), length);
            for class in [LOWER.as_slice(), UPPER, DIGIT, SPECIAL] {
                prop_assert!(password.bytes().any(|byte| class.contains(&byte)));
            }
            prop_assert!(!password.contains(['"', '\\', '<', '>', '&', '\'', ',', ';', '=', '+', '-', '@', ' ']));
        }
    }
}
