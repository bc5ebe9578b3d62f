//! Writes a file whole or not at all, and harms no other file.
//!
//! The text goes to a new file of a random name in the same directory, which is renamed into place. So a reader never sees
//! half of it, a link never leads the text elsewhere, and a full disk leaves the old file unchanged.

use rustix::fs::OFlags;
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Bytes written to check that the disk has room; more than most reports have.
const PROBE: usize = 64 << 10;

/// Permissions before the umask, as for any new file.
const MODE: u32 = 0o666;
/// Permissions of a file that has secrets.
pub(super) const PRIVATE_MODE: u32 = 0o600;

/// A target that passed the check before writing.
#[derive(Debug)]
pub(super) struct WrittenFile {
    path: PathBuf,
    place: Place,
    mode: u32,
}

#[derive(Debug)]
enum Place {
    /// A name in a directory.
    Name {
        directory: PathBuf,
        /// Id of the directory.
        within: FileId,
        name: OsString,
        /// Id of the existing file.
        there: Option<FileId>,
    },
    /// A pipe, a terminal or another device, kept open since the check so that a pipe keeps its reader.
    Stream {
        stream: File,
        /// Id of a pipe, which has one reader.
        pipe: Option<FileId>,
    },
}

/// A file that was written. It is removed when this is dropped, unless it is kept or another has its name by then.
#[derive(Debug)]
pub(super) struct CompleteFile {
    path: PathBuf,
    /// The open file, so that its inode is not reused; `None` for a stream or a file that is kept.
    file: Option<File>,
}

/// Device and inode, which identify a file under any name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId(u64, u64);

impl FileId {
    fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

impl WrittenFile {
    /// Checks that a text can be written there, without changing anything.
    pub(super) fn check(path: &Path) -> Result<Self, String> {
        let text_of = |error: io::Error| error.to_string();
        let found = match std::fs::symlink_metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(text_of(error)),
        };
        let behind = if found.is_some() { std::fs::metadata(path).ok() } else { None };
        let place = match (found, behind) {
            (_, Some(behind)) if is_stream(path, &behind) => Place::stream(path, &behind)?,
            (Some(found), _) if found.is_symlink() => {
                let to =
                    std::fs::read_link(path).map_or_else(|_| "another file".to_owned(), |to| to.display().to_string());
                return Err(format!("this is a symbolic link to {to}; name the file itself"));
            }
            (Some(found), _) if found.is_dir() => return Err("this is a directory; expected a file".to_owned()),
            (Some(found), _) if !found.is_file() => return Err("this is not a file that can be written".to_owned()),
            (found, _) => {
                let place = Place::named(path, found.as_ref().map(FileId::of))?;
                if found.is_some() {
                    // A rename would replace a read-only file.
                    OpenOptions::new().write(true).custom_flags(flags()).open(path).map_err(text_of)?;
                }
                place
            }
        };
        let checked = Self { path: path.to_owned(), place, mode: MODE };
        checked.probe().map_err(text_of)?;
        Ok(checked)
    }

    /// Checks as [`Self::check`] does, and refuses the input files.
    pub(super) fn check_output(path: &Path, inputs: &[PathBuf]) -> Result<Self, String> {
        let checked = Self::check(path)?;
        match inputs.iter().find(|input| checked.is_file(input)) {
            Some(input) => Err(format!("this is {}, which is an input; expected another file", input.display())),
            None => Ok(checked),
        }
    }

    /// The same target, for a file that only its owner can read.
    pub(super) fn private(self) -> Self {
        Self { mode: PRIVATE_MODE, ..self }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether both are the same file, under any names.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (&self.place, &other.place) {
            (
                Place::Name { within, name, there, .. },
                Place::Name { within: in_other, name: other, there: with, .. },
            ) => (within == in_other && name == other) || (there.is_some() && there == with),
            (Place::Stream { pipe, .. }, Place::Stream { pipe: other, .. }) => pipe.is_some() && pipe == other,
            _ => false,
        }
    }

    /// Whether this is the file at `path`.
    pub(super) fn is_file(&self, other: &Path) -> bool {
        let Place::Name { there: Some(there), .. } = &self.place else { return false };
        std::fs::metadata(other).is_ok_and(|other| FileId::of(&other) == *there)
    }

    /// Writes the text; on an error the file is unchanged.
    pub(super) fn write(&self, text: &[u8]) -> io::Result<CompleteFile> {
        let path = self.path.clone();
        match &self.place {
            Place::Stream { stream, .. } => {
                let mut stream = stream;
                stream.write_all(text)?;
                Ok(CompleteFile { path, file: None })
            }
            Place::Name { directory, name, .. } => {
                let beside = beside(directory, text, self.mode)?;
                let file = beside.persist(directory.join(name)).map_err(|failed| failed.error)?;
                Ok(CompleteFile { path, file: Some(file) })
            }
        }
    }

    /// Writes and removes a file of usual size.
    fn probe(&self) -> io::Result<()> {
        match &self.place {
            // Nothing is written, but a full device fails for zero bytes too.
            Place::Stream { stream, .. } => {
                let mut stream = stream;
                stream.write(&[]).map(drop)
            }
            Place::Name { directory, .. } => beside(directory, &vec![0; PROBE], self.mode).map(drop),
        }
    }
}

impl Place {
    /// Opens a stream; fails for a pipe without a reader, which would block for ever.
    fn stream(path: &Path, found: &Metadata) -> Result<Self, String> {
        let is_pipe = found.file_type().is_fifo();
        let opened = OpenOptions::new().append(true).custom_flags(flags()).open(path);
        let stream = opened.map_err(|error| match error.raw_os_error() {
            Some(number) if is_pipe && number == Errno::NXIO.raw_os_error() => {
                "this pipe has no reader; start its reader first".to_owned()
            }
            _ => error.to_string(),
        })?;
        // From now on writes wait for a slow reader.
        rustix::fs::fcntl_setfl(&stream, OFlags::APPEND).map_err(|error| error.to_string())?;
        Ok(Self::Stream { stream, pipe: is_pipe.then(|| FileId::of(found)) })
    }

    fn named(path: &Path, there: Option<FileId>) -> Result<Self, String> {
        let is_directory = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        let Some(name) = path.file_name().filter(|_| !is_directory) else {
            return Err("this names a directory; expected a file".to_owned());
        };
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // The path must not depend on the current directory.
        let directory = match directory.canonicalize() {
            Ok(directory) if directory.is_dir() => directory,
            Ok(_) => return Err(format!("{} is not a directory", directory.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(format!("the directory {} does not exist", directory.display()));
            }
            Err(error) => return Err(error.to_string()),
        };
        let within = directory.metadata().map(|within| FileId::of(&within)).map_err(|error| error.to_string())?;
        Ok(Self::Name { directory, within, name: name.to_owned(), there })
    }
}

impl CompleteFile {
    pub(super) fn keep(mut self) {
        self.file = None;
    }
}

impl Drop for CompleteFile {
    fn drop(&mut self) {
        let written = self.file.as_ref().and_then(|file| file.metadata().ok());
        let there = std::fs::symlink_metadata(&self.path).ok();
        if let (Some(written), Some(there)) = (written, there)
            && FileId::of(&written) == FileId::of(&there)
        {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Appends to a file, which is created if missing. On an error the file is unchanged.
pub(super) fn append(path: &Path, text: &[u8]) -> io::Result<()> {
    // Links are not followed, but those under `/dev`, which stand for open files of the process.
    let follow = if path.starts_with("/dev") { 0 } else { flag(OFlags::NOFOLLOW) };
    let mut file = OpenOptions::new().append(true).create(true).custom_flags(flags() | follow).open(path)?;
    rustix::fs::fcntl_setfl(&file, OFlags::APPEND)?;
    let metadata = file.metadata()?;
    let written = file.write_all(text);
    if written.is_err() && metadata.is_file() {
        // The first error matters more than one of the truncation.
        let _ = file.set_len(metadata.len()).and_then(|()| file.seek(SeekFrom::End(0)).map(drop));
    }
    written
}

/// Writes a file of a random name, to be renamed to another in its directory.
pub(super) fn beside(directory: &Path, contents: &[u8], mode: u32) -> io::Result<NamedTempFile> {
    let permissions = std::fs::Permissions::from_mode(mode);
    let mut file = tempfile::Builder::new().prefix(".wksmock-").permissions(permissions).tempfile_in(directory)?;
    file.write_all(contents)?;
    Ok(file)
}

/// Whether this is a stream: a pipe, a device, or an open file of the process under `/dev`.
fn is_stream(path: &Path, metadata: &Metadata) -> bool {
    let kind = metadata.file_type();
    kind.is_fifo() || kind.is_char_device() || (kind.is_file() && path.starts_with("/dev"))
}

/// Flags to open without waiting for a reader, and without making a terminal the controlling one.
fn flags() -> i32 {
    flag(OFlags::NONBLOCK | OFlags::NOCTTY)
}

fn flag(flags: OFlags) -> i32 {
    invariant!(i32::try_from(flags.bits()).ok(), 0, "flags have 31 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn file_is_written_whole_with_usual_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let file = WrittenFile::check(&path).unwrap();
        assert_eq!(names(folder.path()), Vec::<String>::new(), "the check leaves nothing");
        let written = file.write(b"one").unwrap();
        assert_eq!((std::fs::read(&path).unwrap().as_slice(), names(folder.path()).len()), (&b"one"[..], 1));
        std::fs::write(folder.path().join("usual"), "").unwrap();
        let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().mode();
        assert_eq!(mode("out"), mode("usual"));
        drop(written);
        assert!(!path.exists());
    }

    #[test]
    fn only_the_written_file_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready");
        let first = WrittenFile::check(&path).unwrap().write(b"first").unwrap();
        let second = WrittenFile::check(&path).unwrap().write(b"first").unwrap();
        drop(first);
        assert_eq!(std::fs::read(&path).unwrap(), b"first", "the second's, though it has the same text");
        drop(second);
        assert!(!path.exists());
    }

    #[test]
    fn file_is_the_same_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let check = |name: &str| WrittenFile::check(&at(name)).unwrap();
        std::fs::create_dir(at("sub")).unwrap();
        symlink(folder.path(), at("here")).unwrap();
        std::fs::write(at("a"), "").unwrap();
        std::fs::hard_link(at("a"), at("b")).unwrap();
        for (one, other) in [("a", "b"), ("new", "sub/../new"), ("new", "here/new"), ("new", "./new")] {
            assert!(check(one).is_same(&check(other)), "{one} {other}");
        }
        assert!(!check("a").is_same(&check("new")) && !check("new").is_same(&check("sub/new")));
        assert!(check("b").is_file(&at("a")) && !check("b").is_file(&at("new")) && !check("new").is_file(&at("new")));
    }

    #[test]
    fn unwritable_targets_are_reported_and_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("precious"), "kept").unwrap();
        symlink(at("precious"), at("hostile")).unwrap();
        symlink(at("gone"), at("dangling")).unwrap();
        symlink(folder.path(), at("directory")).unwrap();
        symlink(at("loop"), at("loop")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        symlink(at("pipe"), at("to_pipe")).unwrap();
        std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        for (name, expected) in [
            ("hostile", "symbolic link"),
            ("dangling", "symbolic link"),
            ("directory", "symbolic link"),
            ("loop", "symbolic link"),
            ("pipe", "start its reader first"),
            ("to_pipe", "start its reader first"),
            ("socket", "not a file"),
            ("new/", "names a directory"),
            ("none/new", "does not exist"),
            ("precious/new", "ot a directory"),
            (".", "this is a directory"),
            ("..", "this is a directory"),
        ] {
            let message = WrittenFile::check(&at(name)).unwrap_err();
            assert!(message.contains(expected), "{name}: {message}");
        }
        assert!(WrittenFile::check(Path::new("/dev/full")).unwrap_err().contains("space"));
        assert_eq!(std::fs::read(at("precious")).unwrap(), b"kept");
        assert_eq!(names(folder.path()).len(), 8, "{:?}", names(folder.path()));
    }

    #[test]
    fn pipe_with_a_reader_gets_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        let reader = OpenOptions::new().read(true).custom_flags(flags()).open(&path).unwrap();
        rustix::fs::fcntl_setfl(&reader, OFlags::empty()).unwrap();
        let file = WrittenFile::check(&path).unwrap();
        let text = vec![b'x'; 1 << 20];
        let reading = std::thread::spawn(move || io::read_to_string(reader).unwrap());
        let written = file.write(&text).unwrap();
        drop(file);
        assert_eq!(reading.join().unwrap().len(), text.len());
        drop(written);
        assert!(path.exists(), "a pipe is not ours");
    }

    #[test]
    fn text_is_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary");
        append(&path, b"a\n").unwrap();
        append(&path, b"").unwrap();
        append(&path, b"b\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"a\nb\n");
        let (link, pipe) = (folder.path().join("link"), folder.path().join("pipe"));
        symlink(&path, &link).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        for wrong in [Path::new("/dev/full"), folder.path(), &link, &pipe] {
            assert!(append(wrong, b"x").is_err(), "{}", wrong.display());
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"a\nb\n");
    }
}
