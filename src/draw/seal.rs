//! Seals texts, so that who gets them can neither read nor forge them: ChaCha20-Poly1305 with a key from the seed.
//!
//! The nonce is made from the text: the same text gives the same bytes on every run and in every server of a seed, and two
//! texts never share one.

use super::{Key, Label};
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt::{self, Write as _};

const NONCE_BYTES: usize = 12;

/// Seals what is of one kind.
#[derive(Clone)]
pub(crate) struct Seal {
    cipher: ChaCha20Poly1305,
    nonces: Key,
}

impl Seal {
    pub(crate) fn new(label: Label, seed: u64) -> Self {
        let key = Key::new(label, seed, "", "");
        Self { cipher: ChaCha20Poly1305::new(key.bytes().into()), nonces: Key::new(label, seed, "nonce", "") }
    }

    /// Longer than the text by as many bytes as [`Seal::OVERHEAD`].
    pub(crate) fn seal(&self, text: &[u8]) -> Vec<u8> {
        let digest = keyed_hash(self.nonces.bytes(), &[text]);
        let (nonce, _) = digest.split_at(NONCE_BYTES);
        let nonce = invariant!(Nonce::try_from(nonce).ok(), Nonce::default(), "a digest is longer than a nonce");
        let sealed = self.cipher.encrypt(&nonce, text).ok();
        let sealed = invariant!(sealed, Vec::new(), "only texts of many gigabytes cannot be sealed");
        [nonce.as_slice(), &sealed].concat()
    }

    /// The text, if it was sealed with this seed and is as it was.
    pub(crate) fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        self.cipher.decrypt(&Nonce::try_from(nonce).ok()?, sealed).ok()
    }

    /// Of nonce and tag.
    pub(crate) const OVERHEAD: usize = NONCE_BYTES + 16;
}

/// HMAC-SHA256 of the parts, with a zero byte behind each.
pub(crate) fn keyed_hash(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // It takes keys of any length.
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
        mac.update(&[0]);
    }
    mac.finalize().into_bytes().into()
}

/// In lower case, two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sealed_text_is_the_same_on_every_run() {
        let sealed = Seal::new(Label::Token, 7).seal(b"a text");
        assert_eq!(sealed.len(), 6 + Seal::OVERHEAD);
        assert_eq!(hex(&sealed), "450abaafa1b3efb583f9a3b061c4cda58e20c349de269b38753e750c273ac2a2aaa8");
        assert_ne!(sealed, Seal::new(Label::Token, 8).seal(b"a text"));
        assert_ne!(sealed, Seal::new(Label::Reason, 7).seal(b"a text"));
    }

    proptest! {
        #[test]
        fn only_sealed_text_can_be_opened(text in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), change in 1_u8..) {
            let seal = Seal::new(Label::Token, 1);
            let mut sealed = seal.seal(&text);
            prop_assert_eq!(seal.open(&sealed), Some(text));
            prop_assert_eq!(Seal::new(Label::Token, 2).open(&sealed), None);
            prop_assert_eq!(seal.open(&sealed[1..]), None);
            let at = at.index(sealed.len());
            sealed[at] ^= change;
            prop_assert_eq!(seal.open(&sealed), None);
        }

        #[test]
        fn any_bytes_can_be_tried(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(Seal::new(Label::Token, 1).open(&bytes), None);
        }
    }
}
