//! Passes a command's output through, and looks for passwords in it that were handed out.

use crate::draw::{PASSWORD_CHARS, Password};
use crate::fixture::UserKey;
use crate::state::{Running, Secrets, State};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io::{self, PipeReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// What is read at once.
const CHUNK: usize = 8 << 10;

/// A user's call.
type Call = (UserKey, u64);

/// The streams of a command that are being passed through.
pub(super) struct Passed {
    streams: Vec<Stream>,
}

struct Stream {
    name: &'static str,
    /// How often the password of a call was found.
    found: Arc<Mutex<BTreeMap<Call, u64>>>,
    /// Told when nothing more will come.
    ended: oneshot::Receiver<()>,
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
            if tokio::time::timeout_at(deadline, ended).await.is_err() {
                tracing::warn!(
                    stream = name,
                    "something still holds the command's output; what follows is not looked at"
                );
            }
            let found = found.lock();
            said.extend(found.iter().map(|(call, times)| told(&running, name, *call, *times)));
        }
        let more = state.secrets.get().map_or(0, |secrets| secrets.known().more);
        if more > 0 {
            let most = state.limits.secrets_max;
            said.push(format!(
                "more than {most} passwords were handed out, and {more} were not looked for; raise secrets_max"
            ));
        }
        said
    }
}

/// Where a password was found, without saying it.
fn told(running: &Running, stream: &str, (user, call): Call, times: u64) -> String {
    let (project, id) = running.ids_of(user);
    let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
    format!("the password of call {call} of user {id} of project {project} is in the command's {stream}, {times}")
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
            pass(from, to, |chunk, scanner| {
                if let Some(secrets) = state.secrets.get() {
                    scanner.scan(chunk, secrets, &mut finding.lock());
                }
            });
            let _ = end.send(());
        })?;
        Ok(Self { name, found, ended })
    }
}

/// Writes what comes at once and as it is. Where nobody reads it any more, the command shall find that out too.
fn pass(mut from: impl Read, mut to: impl Write, mut look: impl FnMut(&[u8], &mut Scanner)) {
    let mut buffer = vec![0; CHUNK];
    let mut scanner = Scanner::default();
    loop {
        let count = match from.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(0) | Err(_) => return,
            Ok(count) => count,
        };
        let chunk = buffer.get(..count).unwrap_or_default();
        look(chunk, &mut scanner);
        if to.write_all(chunk).and_then(|()| to.flush()).is_err() {
            return;
        }
    }
}

/// Looks for passwords in a text that comes in pieces.
#[derive(Debug, Default)]
struct Scanner {
    /// The last characters that may be those of a password: as many as the longest has.
    recent: [u8; *PASSWORD_CHARS.end()],
    /// How many such there are in a row, also of earlier pieces.
    run: usize,
}

impl Scanner {
    fn scan(&mut self, chunk: &[u8], secrets: &Secrets, found: &mut BTreeMap<Call, u64>) {
        let known = secrets.known();
        for byte in chunk {
            if !Password::may_have(*byte) {
                self.run = 0;
                continue;
            }
            self.recent.rotate_left(1);
            if let Some(last) = self.recent.last_mut() {
                *last = *byte;
            }
            self.run += 1;
            let length = known.length();
            if length == 0 || self.run < length {
                continue;
            }
            let text = self.recent.get(self.recent.len() - length..).unwrap_or_default();
            if let Some(call) = known.call_of(text) {
                *found.entry(call).or_default() += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::PasswordKey;

    const USER: UserKey = UserKey { project: 0, user: 0 };

    fn password(call: u64) -> Password {
        PasswordKey::new(1, "o", 10).password(7, call, "")
    }

    /// The calls whose passwords are found in a text that comes in pieces of this size.
    fn found(text: &str, piece: usize) -> Vec<(u64, u64)> {
        let secrets = Secrets::new(2);
        for call in 1..=3 {
            secrets.hand_out(&password(call), USER, call);
        }
        let (mut found, mut scanner) = (BTreeMap::new(), Scanner::default());
        for chunk in text.as_bytes().chunks(piece) {
            scanner.scan(chunk, &secrets, &mut found);
        }
        assert_eq!(secrets.known().more, 1, "the third found no room");
        found.into_iter().map(|((_, call), times)| (call, times)).collect()
    }

    #[test]
    fn a_password_is_found_wherever_it_stands_and_however_it_is_cut() {
        let [one, two, three] = [1, 2, 3].map(|call| password(call).to_string());
        let text = format!("start {one}\n{{\"password\":\"{two}\"}} x{one}y {three} {}", &two[1..]);
        for piece in 1..=text.len() {
            assert_eq!(found(&text, piece), [(1, 2), (2, 1)], "pieces of {piece}");
        }
        assert_eq!(found(&format!("{} {}", &one[..5], &one[5..]), 3), []);
    }

    #[test]
    fn what_comes_goes_out_as_it_is() {
        let bytes: Vec<_> = (0..=255).cycle().take(3 * CHUNK + 7).collect();
        let (mut out, mut looked) = (Vec::new(), Vec::new());
        pass(bytes.as_slice(), &mut out, |chunk, _| looked.extend_from_slice(chunk));
        assert!(out == bytes && looked == bytes);
    }
}
