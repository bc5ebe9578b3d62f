//! Request ids. A counted call's id is made from the identity of the call, so it is the same on every run;
//! any other request takes the next number.
//!
//! A keyed mix, not a cipher: ids must differ and look random, and nothing depends on their secrecy.

use super::stream::hash;
use super::{Key, Label, Stream};
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Each byte's two digits.
static HEX: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        let digits = b"0123456789abcdef";
        #[expect(clippy::indexing_slicing, reason = "the indices are in bounds, and this runs at compile time")]
        {
            pairs[byte] = [digits[byte >> 4], digits[byte & 0xf]];
        }
        byte += 1;
    }
    pairs
};

/// 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId([u64; 2]);

/// Gives ids to requests.
#[derive(Debug)]
pub(crate) struct RequestIds {
    counted: [u64; 4],
    uncounted: [u64; 4],
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(seed: u64, operation: &str) -> Self {
        Self {
            counted: words(&Key::new(Label::Request, seed, operation, "")),
            uncounted: words(&Key::new(Label::Request, seed, "", "")),
            next: AtomicU64::new(1),
        }
    }

    /// The id of a counted call.
    pub(crate) fn counted(&self, epoch: u64, stream: Stream, call: u64) -> RequestId {
        mix(&self.counted, epoch, stream.get(), call)
    }

    /// The id of a request that is not counted.
    pub(crate) fn uncounted(&self) -> RequestId {
        mix(&self.uncounted, 0, 0, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Number that distinguishes the request ids of a clone's generation; the clone's draws are those of its template.
pub(crate) fn clone_life(clone: &str, life: u64) -> u64 {
    hash(clone, &life.to_string())
}

/// The id of so many-th a clone that has none given.
pub(crate) fn clone_id(template: &str, number: u64) -> String {
    RequestId(["a", "b"].map(|half| hash(template, &format!("clone {number} {half}")))).to_string()
}

/// The id of a user who is created under a name, the so many-th time.
pub(crate) fn created_user_id(project: &str, user_name: &str, time: u64) -> String {
    let name = |half| format!("created user {time} {user_name} {half}");
    RequestId(["a", "b"].map(|half| hash(project, &name(half)))).to_string()
}

/// The ids of an account and of its domain.
pub(crate) fn account_ids(domain: &str, name: &str) -> [String; 2] {
    let id = |what: &str, name: &str| RequestId(["a", "b"].map(|half| hash(what, &format!("{name} {half}"))));
    [id("wksmock account 1", &format!("{domain}\n{name}")), id("wksmock domain 1", domain)].map(|id| id.to_string())
}

impl RequestId {
    /// As it stands in `X-Request-Id`.
    pub(crate) fn hex(self) -> [u8; 32] {
        let mut hex = [0; 32];
        self.write(&mut hex);
        hex
    }

    /// Writes it as it stands in `X-Request-Id`.
    #[inline]
    pub(crate) fn write(self, hex: &mut [u8; 32]) {
        let (pairs, _) = hex.as_chunks_mut::<2>();
        for (pair, byte) in pairs.iter_mut().zip(self.0.map(u64::to_be_bytes).as_flattened()) {
            *pair = invariant!(HEX.get(usize::from(*byte)).copied(), Default::default(), "HEX has every byte");
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let well_formed = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (high, low) = text.split_at_checked(16).filter(|_| well_formed)?;
        Some(Self([u64::from_str_radix(high, 16).ok()?, u64::from_str_radix(low, 16).ok()?]))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(invariant!(std::str::from_utf8(&self.hex()).ok(), "", "digits are ASCII"))
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn words(key: &Key) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(key.bytes().as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// Each step is one-to-one in the value that it takes in, so two calls of a user never share an id.
fn mix(key: &[u64; 4], epoch: u64, stream: u64, call: u64) -> RequestId {
    let [a, b, c, d] = *key;
    let low = scatter(call ^ a);
    let low = scatter(low ^ stream ^ b);
    let low = scatter(low ^ epoch ^ c);
    let high = scatter(low ^ stream.rotate_left(32) ^ d);
    RequestId([high, low])
}

/// The finaliser of splitmix64.
fn scatter(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_differ_between_calls_users_epochs_and_seeds() {
        let mut seen = HashSet::new();
        for seed in 0..3 {
            let ids = RequestIds::new(seed, "ResetRandomPassword");
            for epoch in 1..4 {
                for stream in 0..30 {
                    for call in 1..30 {
                        assert!(seen.insert(ids.counted(epoch, Stream::new(stream), call).to_string()));
                    }
                }
            }
            for _ in 0..100 {
                assert!(seen.insert(ids.uncounted().to_string()));
            }
        }
    }

    #[test]
    fn a_counted_id_repeats_on_every_run() {
        let id = || RequestIds::new(7, "ResetRandomPassword").counted(1, Stream::new(2), 3);
        assert_eq!(id(), id());
    }

    #[test]
    fn ids_of_accounts_are_made_from_their_names() {
        let ids = account_ids("acme", "ci");
        assert_eq!(ids, account_ids("acme", "ci"));
        assert_eq!(ids[1], account_ids("acme", "other")[1]);
        assert_ne!(ids[0], account_ids("acme", "other")[0]);
        assert_eq!(ids, ["64b0b1a9bc7dce3e293fe9ca8b4d4b9b", "8fde99147b2996e59945b7756557af0a"]);
    }

    #[test]
    fn hex_and_back() {
        let id = RequestId([0x0123_4567_89ab_cdef, 0xff]);
        assert_eq!(id.to_string(), "0123456789abcdef00000000000000ff");
        assert_eq!(RequestId::parse(&id.to_string()), Some(id));
        assert_eq!(RequestId::parse("+123456789abcdef00000000000000ff"), None);
    }
}
