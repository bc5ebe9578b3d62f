//! Reads files and directories into sources, the shipped scenarios from the binary, and all of them again when they change.

pub(crate) mod builtin;
#[cfg(feature = "cli")]
mod watch;

#[cfg(feature = "cli")]
pub(crate) use watch::{Reloader, WatchedFiles};

use crate::diagnostics::{Location, Problem, Problems, Source, nearest};
use crate::limits::Limits;
#[cfg(feature = "tls")]
use crate::server::tls::Pem;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads each path. A directory stands for all its `*.json` by name, except hidden files and `*.schema.json`; `builtin:NAME`
/// for a scenario in the binary.
pub(crate) fn read(paths: &[PathBuf], limits: &Limits, problems: &mut Problems) -> Vec<Arc<Source>> {
    let files = list(paths, problems);
    if files.len() > limits.files_max {
        problems.push(Problem::new(
            format!("{} files", files.len()),
            Location::whole("all files together"),
            format!("expected at most {}", limits.files_max),
        ));
        return Vec::new();
    }
    // A file of a directory may have gone since it was listed.
    let is_gone =
        |path: &PathBuf| !paths.contains(path) && path.symlink_metadata().is_err_and(|error| is_missing(&error));
    let read = |path: &PathBuf| match read_file(path, limits) {
        Err(_) if is_gone(path) => None,
        read => problems.keep(read),
    };
    files.iter().filter_map(read).collect()
}

/// The files that paths stand for.
pub(crate) fn list(paths: &[PathBuf], problems: &mut Problems) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        if builtin::name_in(path).is_none() && path.is_dir() {
            files.extend(problems.keep(files_of(path)).unwrap_or_default());
        } else {
            files.push(path.clone());
        }
    }
    files
}

fn files_of(directory: &Path) -> Result<Vec<PathBuf>, Box<Problem>> {
    let entries = std::fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| unreadable(directory, &error))?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let mut files: Vec<_> = paths.filter(|path| is_set_up(path)).collect();
    files.sort();
    if files.is_empty() {
        let at = Location::whole(directory.display().to_string());
        return Err(Problem::new(
            "a directory without JSON files",
            at,
            "expected at least one *.json that is neither hidden nor a *.schema.json",
        )
        .boxed());
    }
    Ok(files)
}

/// Whether a file is a JSON Schema by its name.
pub(crate) fn is_schema(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("json"))
        && path.file_stem().map(Path::new).and_then(Path::extension) == Some(OsStr::new("schema"))
}

fn is_set_up(path: &Path) -> bool {
    // Editors and systems keep hidden files beside others: `.#x.json`, `._x.json`.
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    // Other than files, such as pipes, are passed over; a file that cannot be looked at is reported when it is read.
    let is_file = path.metadata().map_or(true, |found| found.is_file());
    path.extension() == Some(OsStr::new("json")) && !is_schema(path) && !is_hidden && is_file
}

fn read_file(path: &Path, limits: &Limits) -> Result<Arc<Source>, Box<Problem>> {
    if let Some(name) = builtin::name_in(path) {
        return builtin::read(path, name);
    }
    Source::from_bytes(&path.display().to_string(), bytes_of(path, limits, unreadable)?)
}

/// Reads a file in PEM.
#[cfg(feature = "tls")]
pub(crate) fn read_pem(path: &Path, limits: &Limits) -> Result<Pem, Box<Problem>> {
    let unreadable =
        |path: &Path, error: &io::Error| absent(path, error, "no such file", "expected a file in PEM", neighbour(path));
    Pem::read(&path.display().to_string(), &bytes_of(path, limits, unreadable)?)
}

/// The bytes of a file, within the limit.
fn bytes_of(
    path: &Path,
    limits: &Limits,
    unreadable: impl Fn(&Path, &io::Error) -> Box<Problem>,
) -> Result<Vec<u8>, Box<Problem>> {
    let most = u64::try_from(limits.file_bytes_max).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        let length = file.metadata()?.len().min(most);
        bytes.reserve_exact(usize::try_from(length).unwrap_or(0) + 1);
        file.take(most + 1).read_to_end(&mut bytes)
    });
    read.map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > most {
        let expected = format!("expected at most {most} bytes");
        let at = Location::whole(path.display().to_string());
        return Err(Problem::new("this file is too large", at, expected).boxed());
    }
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Box<Problem> {
    if let (true, Ok(target)) = (is_missing(error), path.read_link()) {
        let at = Location::whole(path.display().to_string());
        let expected = format!("expected a link to a JSON file, but {} does not exist", target.display());
        return Problem::new("this link is broken", at, expected).boxed();
    }
    let meant = neighbour(path).or_else(|| builtin::like_file(path));
    absent(path, error, "no such file or directory", "expected a JSON file, or a directory of them", meant)
}

/// The problem of a file that cannot be read. `meant` is the file that a missing one was most likely meant to be.
fn absent(path: &Path, error: &io::Error, what: &str, expected: &str, meant: Option<String>) -> Box<Problem> {
    let at = Location::whole(path.display().to_string());
    if !is_missing(error) {
        return Problem::new("cannot read this", at, error.to_string()).boxed();
    }
    let problem = Problem::new(what, at, expected);
    match meant {
        Some(name) => problem.hint(format!("did you mean `{name}`?")),
        None => problem,
    }
    .boxed()
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// The name beside a missing file that it was most likely meant to be.
fn neighbour(path: &Path) -> Option<String> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let entries = std::fs::read_dir(directory.unwrap_or(Path::new("."))).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names: Vec<_> = names.take(1_000).collect();
    let typed = path.file_name()?.to_str()?;
    let names = names.iter().filter(|name| *name != typed).map(String::as_str);
    let meant = nearest(typed, names)?;
    Some(path.with_file_name(meant).display().to_string())
}
