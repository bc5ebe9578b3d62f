//! Passes a command's output through, and searches it for issued passwords and tokens.

use super::scanner::{Scanner, SecretCounts};
use crate::scenario::words::times;
use crate::state::{HandedOut, Running, State, password_of_call};
use parking_lot::Mutex;
use std::io::{self, PipeReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Bytes read at once.
const CHUNK: usize = 8 << 10;

/// The streams of a command that are passed through.
pub(super) struct Passed {
    streams: Vec<Stream>,
}

struct Stream {
    name: &'static str,
    /// Number of occurrences of each secret.
    found: Arc<Mutex<SecretCounts>>,
    /// Receives the end of the stream, with the error if writing failed.
    ended: oneshot::Receiver<io::Result<()>>,
}

impl Passed {
    /// Redirects the command's stdout and stderr through this process.
    pub(super) fn of(command: &mut Command, state: &Arc<State>) -> io::Result<Self> {
        let (stdout, writer) = io::pipe()?;
        command.stdout(Stdio::from(writer));
        let (stderr, writer) = io::pipe()?;
        command.stderr(Stdio::from(writer));
        let streams = vec![
            Stream::pass("stdout", stdout, io::stdout(), Arc::clone(state))?,
            Stream::pass("stderr", stderr, io::stderr(), Arc::clone(state))?,
        ];
        Ok(Self { streams })
    }

    /// The findings once the streams have ended, or after `time`, since background processes may keep them open.
    pub(super) async fn found(self, state: &State, time: Duration) -> Vec<String> {
        let running = state.running();
        let mut findings = Vec::new();
        // One deadline for all streams.
        let deadline = tokio::time::sleep(time).deadline();
        for Stream { name, found, ended } in self.streams {
            match tokio::time::timeout_at(deadline, ended).await {
                Ok(Ok(Err(error))) if error.kind() != io::ErrorKind::BrokenPipe => {
                    findings
                        .push(format!("cannot write the command's {name}, so it was not scanned to its end: {error}"));
                }
                // A closed stdout or stderr needs no further text.
                Ok(_) => {}
                Err(_) => tracing::warn!(
                    stream = name,
                    "another process keeps the command's output open; later output is not scanned"
                ),
            }
            let found = found.lock();
            findings.extend(found.iter().map(|(how, count)| finding(&running, name, how, *count)));
        }
        let more = state.secrets.get().map_or(0, |secrets| secrets.known().more);
        if more > 0 {
            let most = state.limits.secrets_max;
            findings.push(format!(
                "more than {most} secrets were issued, and {more} were not searched for; raise secrets_max"
            ));
        }
        findings
    }
}

/// Describes a secret and its stream, without the secret itself.
fn finding(running: &Running, stream: &str, how: &HandedOut, count: u64) -> String {
    let what = match how {
        HandedOut::Reset(user, call) => {
            let (project, id) = running.ids_of(*user);
            password_of_call(*call, &id, &project)
        }
        HandedOut::Otherwise(what) => what.to_string(),
        HandedOut::Other(what) => (*what).to_owned(),
    };
    format!("{what} is in the command's {stream}, {}", times(count))
}

impl Stream {
    fn pass(
        name: &'static str,
        from: PipeReader,
        to: impl Write + Send + 'static,
        state: Arc<State>,
    ) -> io::Result<Self> {
        let found = Arc::new(Mutex::default());
        let finding = Arc::clone(&found);
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new().name(format!("wksmock-{name}")).spawn(move || {
            let written = pass(from, to, |chunk, scanner| {
                if let Some(secrets) = state.secrets.get() {
                    let known = secrets.known();
                    match chunk {
                        Some(chunk) => scanner.read(chunk, &known.needles, &mut finding.lock()),
                        None => scanner.end(&known.needles, &mut finding.lock()),
                    }
                }
            });
            let _ = end.send(written);
        })?;
        Ok(Self { name, found, ended })
    }
}

/// Copies a stream unchanged and without delay, and ends at a closed output so that the command notices it too.
///
/// `look` is called with each chunk, and with `None` at the end.
fn pass(mut from: impl Read, mut to: impl Write, mut look: impl FnMut(Option<&[u8]>, &mut Scanner)) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut scanner = Scanner::default();
    loop {
        let count = match from.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(0) | Err(_) => {
                look(None, &mut scanner);
                return Ok(());
            }
            Ok(count) => count,
        };
        let chunk = invariant!(buffer.get(..count), &[][..], "a read fills at most the buffer");
        look(Some(chunk), &mut scanner);
        to.write_all(chunk).and_then(|()| to.flush())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_passes_through_unchanged() {
        let bytes: Vec<_> = (0..=255).cycle().take(3 * CHUNK + 7).collect();
        let (mut out, mut looked) = (Vec::new(), Vec::new());
        pass(bytes.as_slice(), &mut out, |chunk, _| looked.extend_from_slice(chunk.unwrap_or_default())).unwrap();
        assert!(out == bytes && looked == bytes);
    }
}
