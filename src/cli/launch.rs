//! Starts the command of `run`, as a shell would.

use super::exit::{self, Failure};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// What runs a script that does not name its interpreter.
const SHELL: &str = "/bin/sh";
/// Bytes of a file that tell a script from a program of another system or format.
const SAMPLE_BYTES: u64 = 256;
/// Not a program: the system's `ENOEXEC`, which has no kind of its own.
const NOT_A_PROGRAM: rustix::io::Errno = rustix::io::Errno::NOEXEC;

/// Starts a command. `prepare` gives it streams and variables, and is asked again where a shell has to run it.
pub(super) fn launch<T>(
    name: &OsStr,
    arguments: &[OsString],
    mut prepare: impl FnMut(&mut Command) -> Result<T, Failure>,
) -> Result<(Child, T), Failure> {
    let mut attempt = |mut command: Command| {
        let prepared = prepare(&mut command)?;
        // With the command go this process's ends of its streams.
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

/// Why a command was not started, with the exit code that shells give.
fn failure(name: &OsStr, error: &io::Error, is_there: bool) -> Failure {
    use io::ErrorKind::{NotADirectory, NotFound, OutOfMemory, WouldBlock};
    let code = match error.kind() {
        NotFound | NotADirectory if is_there => exit::CANNOT_EXECUTE,
        NotFound | NotADirectory => exit::NO_SUCH_COMMAND,
        // No process could be had for it, or no descriptor.
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

/// The file that a command's name stands for: a path, or else the first in PATH that can be executed, or the first at all.
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

/// Whether a file is a text, as shells tell it: no zero byte in its first line.
fn is_text(file: &Path) -> bool {
    let mut sample = Vec::new();
    let read = File::open(file).and_then(|file| file.take(SAMPLE_BYTES).read_to_end(&mut sample));
    let line = sample.split(|byte| *byte == b'\n').next().unwrap_or_default();
    read.is_ok() && !line.contains(&0)
}
