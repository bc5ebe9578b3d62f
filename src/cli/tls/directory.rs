//! `--tls-dir`: keeps an authority in a directory, and uses it again.

use super::folder;
use crate::cli::written_file::beside;
use crate::diagnostics::{Location, Problem};
use crate::files::read_pem;
use crate::limits::Limits;
use crate::server::tls::{Authority, Pem};
use crate::state::Clock;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const KEY: &str = "ca-key.pem";
const CERTIFICATE: &str = "ca.pem";

/// The file of the authority's certificate.
pub(super) fn certificate_file(directory: &Path) -> PathBuf {
    directory.join(CERTIFICATE)
}

/// Reads the authority of a directory, or makes it.
pub(super) fn authority(directory: &Path, limits: &Limits) -> Result<Authority, Box<Problem>> {
    folder::make(directory).map_err(|error| unusable(directory, "cannot make this directory", &error))?;
    let now = Clock::system_time();
    let (key_file, file) = (directory.join(KEY), certificate_file(directory));
    let key = if let Some(key) = read(&key_file, limits)? {
        key
    } else {
        let made = Authority::new(now).map_err(|error| failed(directory, &error.to_string()))?;
        // Another server may have been faster.
        if write(&key_file, &made.key_pem(), 0o600)? {
            write(&file, made.pem(), 0o644)?;
        }
        read(&key_file, limits)?.ok_or_else(|| failed(&key_file, "it was removed at once"))?
    };
    let others = key_file.metadata().map_or(0, |found| found.mode() & 0o077);
    if others != 0 {
        tracing::warn!(file = %key_file.display(), "others can read the authority's key; chmod 600 protects it");
    }
    if let Some(certificate) = read(&file, limits)? {
        return Authority::kept(&key, &certificate, now);
    }
    let renewed = Authority::renewed(&key, now)?;
    if write(&file, renewed.pem(), 0o644)? {
        return Ok(renewed);
    }
    let certificate = read(&file, limits)?.ok_or_else(|| failed(&file, "it was removed at once"))?;
    Authority::kept(&key, &certificate, now)
}

fn read(path: &Path, limits: &Limits) -> Result<Option<Pem>, Box<Problem>> {
    if path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    read_pem(path, limits).map(Some)
}

/// Writes a file whole, unless it exists. Returns whether it did.
fn write(path: &Path, text: &str, mode: u32) -> Result<bool, Box<Problem>> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let file = beside(directory, text.as_bytes(), mode).map_err(|error| unusable(path, "cannot write this", &error))?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(failed) => Err(unusable(path, "cannot write this", &failed.error)),
    }
}

fn unusable(path: &Path, what: &str, error: &io::Error) -> Box<Problem> {
    let problem = Problem::new(what, Location::whole(path.display().to_string()), error.to_string());
    problem.hint("name another directory with --tls-dir").boxed()
}

fn failed(path: &Path, what: &str) -> Box<Problem> {
    Problem::new("cannot make an authority", Location::whole(path.display().to_string()), what).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authority_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("new/tls");
        let limits = Limits::default();
        let first = authority(&directory, &limits).unwrap();
        let mode = |name: &str| directory.join(name).metadata().unwrap().mode() & 0o777;
        assert_eq!((mode(KEY), mode(CERTIFICATE)), (0o600, 0o644));
        assert_eq!(directory.metadata().unwrap().mode() & 0o777, 0o700);
        assert_eq!(authority(&directory, &limits).unwrap().pem(), first.pem());
        std::fs::remove_file(directory.join(CERTIFICATE)).unwrap();
        let renewed = authority(&directory, &limits).unwrap();
        assert_ne!(renewed.pem(), first.pem());
        assert_eq!(authority(&directory, &limits).unwrap().pem(), renewed.pem());
    }

    #[test]
    fn servers_that_start_at_once_share_one_authority() {
        let folder = tempfile::tempdir().unwrap();
        let start = || authority(folder.path(), &Limits::default()).unwrap().pem().to_owned();
        let all: Vec<_> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            started.into_iter().map(|one| one.join().unwrap()).collect()
        });
        // A certificate may be replaced by one of the same key only if two made it at the same moment.
        let last = authority(folder.path(), &Limits::default()).unwrap();
        assert!(all.iter().all(|pem| pem == last.pem()));
    }

    #[test]
    fn damaged_authority_is_an_error_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits::default();
        authority(folder.path(), &limits).unwrap();
        std::fs::write(folder.path().join(CERTIFICATE), "x").unwrap();
        let problem = authority(folder.path(), &limits).unwrap_err();
        assert!(problem.place().ends_with("/ca.pem") && problem.what.contains("no PEM section"), "{problem:?}");
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(authority(&file, &limits).unwrap_err().what.contains("cannot"));
    }
}
