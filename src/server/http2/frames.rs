//! Follows the frames in a stream of bytes, without keeping any.

/// The first bytes of a client, before any frame.
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes of the head of a frame.
const HEAD: usize = 9;

/// The kind of a frame, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameKind {
    Data,
    /// A head of a request, or a further part of one.
    Head {
        is_last: bool,
    },
    Reset,
    WindowUpdate,
    /// A frame that carries nothing of a request: settings, a ping, a priority, or of an unknown kind.
    Control,
}

/// The position among frames.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: [u8; HEAD],
    /// Bytes of the head that are there.
    has: usize,
    /// Bytes of the payload that are still to come.
    left: usize,
    /// Whether the head of a request is incomplete after this frame.
    goes_on: bool,
    /// Whether the frame is a part of the head of a request.
    is_of_head: bool,
}

impl Frames {
    /// Follows further bytes; `seen` gets the kind of each frame that begins in them.
    pub(super) fn follow(&mut self, mut bytes: &[u8], mut seen: impl FnMut(FrameKind)) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let skipped = self.left.min(bytes.len());
                self.left -= skipped;
                bytes = bytes.get(skipped..).unwrap_or(&[]);
                continue;
            }
            let taken = (HEAD - self.has).min(bytes.len());
            let (head, rest) = bytes.split_at(taken);
            self.head.get_mut(self.has..self.has + taken).into_iter().for_each(|place| place.copy_from_slice(head));
            self.has += taken;
            bytes = rest;
            if self.has == HEAD {
                self.has = 0;
                seen(self.begin());
            }
        }
    }

    /// Whether the head of a request has begun, and is incomplete.
    pub(super) fn is_in_head(&self) -> bool {
        self.goes_on || (self.is_of_head && self.left > 0)
    }

    fn begin(&mut self) -> FrameKind {
        let [high, middle, low, kind, flags, ..] = self.head;
        self.left = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        let is_last = flags & 0x4 != 0;
        self.is_of_head = matches!(kind, 1 | 9);
        self.goes_on = self.is_of_head && !is_last;
        match kind {
            0 => FrameKind::Data,
            1 | 9 => FrameKind::Head { is_last },
            3 => FrameKind::Reset,
            8 => FrameKind::WindowUpdate,
            _ => FrameKind::Control,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, 1], &vec![7; payload]].concat()
    }

    #[test]
    fn frames_are_seen_wherever_the_bytes_are_cut() {
        let parts = [frame(4, 0, 0), frame(1, 0x1, 300), frame(9, 0x4, 5), frame(0, 0, 70_000), frame(3, 0, 4)];
        let parts = [&parts[..], &[frame(8, 0, 4), frame(6, 0, 8), frame(2, 0, 5), frame(77, 0, 1)]].concat();
        let bytes = parts.concat();
        let expected = [
            FrameKind::Control,
            FrameKind::Head { is_last: false },
            FrameKind::Head { is_last: true },
            FrameKind::Data,
            FrameKind::Reset,
            FrameKind::WindowUpdate,
            FrameKind::Control,
            FrameKind::Control,
            FrameKind::Control,
        ];
        for step in [1, 2, 8, 9, 10, 1_000, bytes.len()] {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            bytes.chunks(step).for_each(|bytes| frames.follow(bytes, |kind| seen.push(kind)));
            assert_eq!(seen, expected, "{step}");
            assert!(!frames.is_in_head());
        }
    }

    #[test]
    fn head_is_incomplete_until_its_last_byte() {
        let bytes = [frame(1, 0, 3), frame(9, 0, 0), frame(9, 0x4, 2)].concat();
        let mut frames = Frames::default();
        for (at, byte) in bytes.iter().enumerate() {
            frames.follow(&[*byte], |_| ());
            assert_eq!(frames.is_in_head(), at >= 8 && at + 1 < bytes.len(), "{at}");
        }
    }
}
