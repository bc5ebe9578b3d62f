//! The file of `--ready-file`, which has the server's URL.

use super::exit::{self, Failure};
use super::written_file::{CompleteFile, WrittenFile};
use std::path::{Path, PathBuf};

/// The ready file, which exists while the server is ready.
pub(super) struct ReadyFile(#[expect(dead_code, reason = "it is removed when this is dropped")] CompleteFile);

impl ReadyFile {
    /// Removes the file of an earlier server. An input file, or another kind of file, stays, and the check reports it.
    pub(super) fn remove_stale(file: &Path, read: &[PathBuf]) {
        let is_file = file.symlink_metadata().is_ok_and(|found| found.is_file()) && !file.starts_with("/dev");
        let found = file.canonicalize().ok();
        if is_file && !read.iter().any(|path| path.canonicalize().ok() == found) {
            let _ = std::fs::remove_file(file);
        }
    }

    /// Checks that the file can be written, and is not one of the input files `read`.
    pub(super) fn check(file: &Path, read: &[PathBuf]) -> Result<WrittenFile, Failure> {
        let checked =
            WrittenFile::check(file).and_then(|checked| match read.iter().find(|path| checked.is_file(path)) {
                Some(path) => Err(format!("this is {}, which is an input; expected another file", path.display())),
                None => Ok(checked),
            });
        checked.map_err(|what| Self::wrong(exit::USAGE, file, what))
    }

    /// Writes the server's URLs, a line each; `others` are those of a separate admin API and of HTTPS.
    pub(super) fn write(to: &WrittenFile, url: &str, others: [Option<&String>; 2]) -> Result<Self, Failure> {
        let mut lines = format!("{url}\n");
        for other in others.into_iter().flatten() {
            lines.push_str(other);
            lines.push('\n');
        }
        let written = to.write(lines.as_bytes());
        written.map(Self).map_err(|error| Self::wrong(exit::INTERNAL, to.path(), error))
    }

    fn wrong(code: u8, file: &Path, what: impl std::fmt::Display) -> Failure {
        Failure::new(code, format!("--ready-file {}: {what}", file.display()))
    }
}
