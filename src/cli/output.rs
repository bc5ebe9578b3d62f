//! Passes a command's output through, and looks for passwords and tokens in it that were handed out.

use super::scanner::{Found, Scanner};
use crate::state::{HandedOut, Running, State, password_of_call};
use parking_lot::Mutex;
use std::io::{self, PipeReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// What is read at once.
const CHUNK: usize = 8 << 10;

/// The streams of a command that are being passed through.
pub(super) struct Passed {
    streams: Vec<Stream>,
}

struct Stream {
    name: &'static str,
    /// How often each secret was found.
    found: Arc<Mutex<Found>>,
    /// Told when nothing more will come, and why nothing more could be written.
    ended: oneshot::Receiver<io::Result<()>>,
}

impl Passed {
    /// Puts itself between a command and the streams of this process.
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

    /// What was found once the streams have ended, or after some time: what the command left running may keep them open.
    pub(super) async fn found(self, state: &State, time: Duration) -> Vec<String> {
        let running = state.running();
        let mut said = Vec::new();
        // One time for all of them.
        let deadline = tokio::time::sleep(time).deadline();
        for Stream { name, found, ended } in self.streams {
            match tokio::time::timeout_at(deadline, ended).await {
                Ok(Ok(Err(error))) if error.kind() != io::ErrorKind::BrokenPipe => {
                    said.push(format!("cannot write the command's {name}, so it was not scanned to its end: {error}"));
                }
                // Who reads no more needs no more.
                Ok(_) => {}
                Err(_) => tracing::warn!(
                    stream = name,
                    "another process keeps the command's output open; later output is not scanned"
                ),
            }
            let found = found.lock();
            said.extend(found.iter().map(|(how, times)| told(&running, name, how, *times)));
        }
        let more = state.secrets.get().map_or(0, |secrets| secrets.known().more);
        if more > 0 {
            let most = state.limits.secrets_max;
            said.push(format!(
                "more than {most} secrets were issued, and {more} were not searched for; raise secrets_max"
            ));
        }
        said
    }
}

/// Where a secret was found, without saying it.
fn told(running: &Running, stream: &str, how: &HandedOut, times: u64) -> String {
    let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
    let what = match how {
        HandedOut::Reset(user, call) => {
            let (project, id) = running.ids_of(*user);
            password_of_call(*call, &id, &project)
        }
        HandedOut::Otherwise(what) => what.to_string(),
        HandedOut::Other(what) => (*what).to_owned(),
    };
    format!("{what} is in the command's {stream}, {times}")
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

/// Writes what comes at once and as it is. Where nobody reads it any more, the command shall find that out too. `look` is
/// given nothing once nothing more comes.
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
        let chunk = buffer.get(..count).unwrap_or_default();
        look(Some(chunk), &mut scanner);
        to.write_all(chunk).and_then(|()| to.flush())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_goes_out_as_it_is() {
        let bytes: Vec<_> = (0..=255).cycle().take(3 * CHUNK + 7).collect();
        let (mut out, mut looked) = (Vec::new(), Vec::new());
        pass(bytes.as_slice(), &mut out, |chunk, _| looked.extend_from_slice(chunk.unwrap_or_default())).unwrap();
        assert!(out == bytes && looked == bytes);
    }
}
