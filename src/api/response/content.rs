//! The bytes of an answer. A short one lies in place, and costs no allocation.

use bytes::{Buf, Bytes};

/// More than a password's body takes.
const IN_PLACE: usize = 46;

/// A body that is complete.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// The unread rest is `bytes[at..end]`.
    Short {
        bytes: [u8; IN_PLACE],
        at: u8,
        end: u8,
    },
    Long(Bytes),
}

impl Content {
    /// The pieces, one after another.
    pub(crate) fn of(pieces: [&[u8]; 3]) -> Self {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        let mut bytes = [0; IN_PLACE];
        let mut free = bytes.as_mut_slice();
        for piece in pieces {
            let Some((place, rest)) = free.split_at_mut_checked(piece.len()) else {
                return Self::Long(pieces.concat().into());
            };
            place.copy_from_slice(piece);
            free = rest;
        }
        Self::Short { bytes, at: 0, end: invariant!(u8::try_from(length).ok(), 0, "short content is below 256 bytes") }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Long(bytes)
    }
}

impl Buf for Content {
    fn remaining(&self) -> usize {
        self.chunk().len()
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Self::Short { bytes, at, end } => part!(bytes, usize::from(*at)..usize::from(*end)),
            Self::Long(bytes) => bytes,
        }
    }

    fn advance(&mut self, count: usize) {
        match self {
            Self::Short { at, .. } => *at = at.saturating_add(u8::try_from(count).unwrap_or(u8::MAX)),
            Self::Long(bytes) => bytes.advance(count),
        }
    }
}

/// Makes a body no JSON, whatever it was: a backslash ends none. Its length stays.
pub(super) fn spoil(body: &mut [u8]) {
    if let Some(last) = body.last_mut() {
        *last = b'\\';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_read_one_after_another_in_place_or_not() {
        for length in [0, 10, IN_PLACE - 2, IN_PLACE - 1, 200] {
            let middle = vec![b'm'; length];
            let mut content = Content::of([b"<", &middle, b">"]);
            assert_eq!(matches!(content, Content::Short { .. }), length + 2 <= IN_PLACE);
            let whole = [b"<", middle.as_slice(), b">"].concat();
            assert_eq!(content.chunk(), whole);
            content.advance(1);
            assert_eq!((content.chunk(), content.remaining()), (&whole[1..], whole.len() - 1));
            content.advance(whole.len() - 1);
            assert!(!content.has_remaining());
        }
    }
}
