//! Long texts and files that `build.rs` compresses, as the binary has them.

use flate2::read::GzDecoder;
use std::io::{self, Read as _};

/// A file, compressed by gzip.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed(pub(crate) &'static [u8]);

impl Packed {
    pub(crate) fn bytes(self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        GzDecoder::new(self.0).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The file, where it is a text.
    pub(crate) fn text(self) -> String {
        let text = self.bytes().ok().and_then(|bytes| String::from_utf8(bytes).ok());
        invariant!(text, String::new(), "what was compressed can be read again")
    }
}

/// A file by its path below the package's folder, which the table in `build.rs` has.
macro_rules! packed {
    ($path:expr) => {
        $crate::packed::Packed(include_bytes!(concat!(env!("OUT_DIR"), "/", $path)))
    };
}
