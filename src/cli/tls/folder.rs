//! The folder of a user's running servers, for files that other programs read.

use crate::cli::exit::Failure;
use rustix::process::geteuid;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Permissions of others to change a folder.
const WRITE_OF_OTHERS: u32 = 0o022;

/// The folder's path, in the user's runtime directory, else in the one for temporary files.
pub(super) fn path(variable: impl Fn(&str) -> Option<String>) -> PathBuf {
    let directory = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute() && path.is_dir());
    if let Some(runtime) = directory("XDG_RUNTIME_DIR") {
        return runtime.join("wksmock");
    }
    let temporary = directory("TMPDIR").unwrap_or_else(|| PathBuf::from("/tmp"));
    temporary.join(format!("wksmock-{}", geteuid().as_raw()))
}

/// Makes a folder for this user alone.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).recursive(true).create(folder)
}

/// Checks that only this user can change the folder: certificates in it are trusted.
pub(super) fn check(folder: &Path) -> Result<(), Failure> {
    let found = folder.symlink_metadata().map_err(|error| failed(folder, &error.to_string()))?;
    if !found.is_dir() || found.uid() != geteuid().as_raw() || found.mode() & WRITE_OF_OTHERS != 0 {
        return Err(failed(folder, "others can change this folder, so certificates in it cannot be trusted"));
    }
    Ok(())
}

fn failed(folder: &Path, what: &str) -> Failure {
    Failure::usage(format!("{}: {what}; name another place with --tls-ca-file FILE or --tls-dir DIR", folder.display()))
}
