//! Starts the command of `run`, as a shell would.

use super::exit::{self, Failure};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// The interpreter of scripts that do not name one.
const SHELL: &str = "/bin/sh";
/// Number of bytes that decide whether a file is a script.
const SAMPLE_BYTES: u64 = 256;
/// The error for a file that is not a program; `io::ErrorKind` has no kind for it.
const NOT_A_PROGRAM: rustix::io::Errno = rustix::io::Errno::NOEXEC;

/// Starts a command. `prepare` sets streams and variables, a second time if a shell has to run it.
pub(super) fn launch<T>(
    name: &OsStr,
    arguments: &[OsString],
    mut prepare: impl FnMut(&mut Command) -> Result<T, Failure>,
) -> Result<(Child, T), Failure> {
    let mut attempt = |mut command: Command| {
        let prepared = prepare(&mut command)?;
        // Dropping the command closes this process's ends of its streams.
        Ok(command.spawn().map(|child| (child, prepared)))
    };
    let mut command = Command::new(name);
    command.args(arguments);
    let error = match attempt(command)? {
        Ok(started) => return Ok(started),
        Err(error) => error,
    };
    let file = found(name);
    if error.raw_os_error() == Some(NOT_A_PROGRAM.raw_os_error())
        && let Some(script) = file.as_deref().filter(|file| is_text(file))
    {
        let mut command = Command::new(SHELL);
        command.arg(script).args(arguments);
        return attempt(command)?.map_err(|error| failure(name, &error, true));
    }
    Err(failure(name, &error, file.is_some()))
}

/// The error for a command that did not start, with the exit code that shells use.
fn failure(name: &OsStr, error: &io::Error, is_there: bool) -> Failure {
    use io::ErrorKind::{NotADirectory, NotFound, OutOfMemory, WouldBlock};
    let code = match error.kind() {
        NotFound | NotADirectory if is_there => exit::CANNOT_EXECUTE,
        NotFound | NotADirectory => exit::NO_SUCH_COMMAND,
        // Out of processes or file descriptors.
        OutOfMemory | WouldBlock => exit::INTERNAL,
        _ if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) => exit::INTERNAL,
        _ => exit::CANNOT_EXECUTE,
    };
    let name = name.display();
    Failure::new(
        code,
        match code {
            exit::CANNOT_EXECUTE if error.kind() == NotFound => {
                format!("cannot run {name}: the file exists, but the interpreter or loader that it names does not")
            }
            exit::CANNOT_EXECUTE if Path::new(&name.to_string()).is_dir() => {
                format!("cannot run {name}: this is a directory; expected a command")
            }
            _ => format!("cannot run {name}: {error}"),
        },
    )
}

/// The file of a command: its path, or else the first executable file in PATH, or the first file there.
fn found(name: &OsStr) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Some(PathBuf::from(name)).filter(|path| path.exists());
    }
    let path = std::env::var_os("PATH")?;
    let here = |folder: PathBuf| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    let files = std::env::split_paths(&path).map(|folder| here(folder).join(name)).filter(|file| file.is_file());
    let files: Vec<_> = files.collect();
    let can_run = |file: &&PathBuf| file.metadata().is_ok_and(|found| found.permissions().mode() & 0o111 != 0);
    files.iter().find(can_run).or(files.first()).cloned()
}

/// Whether a file is text by the rule of shells: no zero byte in its first line.
fn is_text(file: &Path) -> bool {
    let mut sample = Vec::new();
    let read = File::open(file).and_then(|file| file.take(SAMPLE_BYTES).read_to_end(&mut sample));
    let line = invariant!(sample.split(|byte| *byte == b'\n').next(), &[][..], "a split has a first part");
    read.is_ok() && !line.contains(&0)
}
