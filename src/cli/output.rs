//! Passes a command's output through, and looks for passwords and tokens in it that were handed out.

use crate::draw::{PASSWORD_CHARS, Password};
use crate::state::{HandedOut, Known, Running, Secrets, State, password_of_call};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io::{self, PipeReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// What is read at once.
const CHUNK: usize = 8 << 10;

/// Longer than any token that is handed out.
const WORD_MAX: usize = 8 << 10;

/// A secret that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Leak {
    Password(HandedOut),
    /// What it is.
    Other(&'static str),
}

/// The streams of a command that are being passed through.
pub(super) struct Passed {
    streams: Vec<Stream>,
}

struct Stream {
    name: &'static str,
    /// How often each secret was found.
    found: Arc<Mutex<BTreeMap<Leak, u64>>>,
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
                    said.push(format!(
                        "the command's {name} cannot be written, and was not looked at to its end: {error}"
                    ));
                }
                // Who reads no more needs no more.
                Ok(_) => {}
                Err(_) => tracing::warn!(
                    stream = name,
                    "something still holds the command's output; what follows is not looked at"
                ),
            }
            let found = found.lock();
            said.extend(found.iter().map(|(leak, times)| told(&running, name, leak, *times)));
        }
        let more = state.secrets.get().map_or(0, |secrets| secrets.known().more);
        if more > 0 {
            let most = state.limits.secrets_max;
            said.push(format!(
                "more than {most} secrets were handed out, and {more} were not looked for; raise secrets_max"
            ));
        }
        said
    }
}

/// Where a secret was found, without saying it.
fn told(running: &Running, stream: &str, leak: &Leak, times: u64) -> String {
    let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
    let what = match leak {
        Leak::Password(HandedOut::Reset(user, call)) => {
            let (project, id) = running.ids_of(*user);
            password_of_call(*call, &id, &project)
        }
        Leak::Password(HandedOut::Otherwise(what)) => what.to_string(),
        Leak::Other(what) => (*what).to_owned(),
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
                    match chunk {
                        Some(chunk) => scanner.scan(chunk, secrets, &mut finding.lock()),
                        None => scanner.end(&secrets.known(), &mut finding.lock()),
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

/// Looks for passwords and other secrets in a text that comes in pieces.
#[derive(Debug, Default)]
struct Scanner {
    /// The word that may be going on: secrets that are no passwords are words.
    word: Vec<u8>,
    /// The last characters that may be those of a password: as many as the longest has.
    recent: [u8; *PASSWORD_CHARS.end()],
    /// How many such there are in a row, also of earlier pieces.
    run: usize,
}

impl Scanner {
    fn scan(&mut self, chunk: &[u8], secrets: &Secrets, found: &mut BTreeMap<Leak, u64>) {
        let known = secrets.known();
        for byte in chunk {
            self.read(*byte, &known, found);
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
            if let Some(how) = known.password(text) {
                *found.entry(Leak::Password(how.clone())).or_default() += 1;
            }
        }
    }

    /// Ends the word that went on, or adds to it. Of one that is too long the rest is no secret.
    fn read(&mut self, byte: u8, known: &Known, found: &mut BTreeMap<Leak, u64>) {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            if self.word.len() < WORD_MAX {
                self.word.push(byte);
            }
            return;
        }
        self.end(known, found);
    }

    fn end(&mut self, known: &Known, found: &mut BTreeMap<Leak, u64>) {
        if let Some(what) = known.other(&self.word) {
            *found.entry(Leak::Other(what)).or_default() += 1;
        }
        self.word.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Label, PasswordKey};
    use crate::fixture::UserKey;

    const USER: UserKey = UserKey { project: 0, user: 0 };

    fn password(call: u64) -> Password {
        PasswordKey::new(Label::Password, 1, "o", 10).password(7, call, "")
    }

    /// The calls whose passwords are found in a text that comes in pieces of this size.
    fn found(text: &str, piece: usize) -> Vec<(u64, u64)> {
        let secrets = Secrets::new(2);
        for call in 1..=3 {
            secrets.hand_out(&password(call), HandedOut::Reset(USER, call));
        }
        let found = scanned(&secrets, text, piece);
        assert_eq!(secrets.known().more, 1, "the third found no room");
        let call = |(leak, times)| match leak {
            Leak::Password(HandedOut::Reset(_, call)) => Some((call, times)),
            _ => None,
        };
        found.into_iter().filter_map(call).collect()
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

    fn scanned(secrets: &Secrets, text: &str, piece: usize) -> BTreeMap<Leak, u64> {
        let (mut found, mut scanner) = (BTreeMap::new(), Scanner::default());
        for chunk in text.as_bytes().chunks(piece) {
            scanner.scan(chunk, secrets, &mut found);
        }
        scanner.end(&secrets.known(), &mut found);
        found
    }

    #[test]
    fn a_token_is_found_as_a_word() {
        let secrets = Secrets::new(2);
        secrets.hand_out_other("MIIDa-b_c", "a token");
        for text in ["MIIDa-b_c", "X-Auth-Token: MIIDa-b_c\n", "\"MIIDa-b_c\"", "x MIIDa-b_c."] {
            for piece in 1..=text.len() {
                assert_eq!(scanned(&secrets, text, piece), BTreeMap::from([(Leak::Other("a token"), 1)]), "{text}");
            }
        }
        for text in ["xMIIDa-b_c", "MIIDa-b", &"x".repeat(WORD_MAX + 1)] {
            assert_eq!(scanned(&secrets, text, 3), BTreeMap::new(), "{text}");
        }
    }

    #[test]
    fn what_comes_goes_out_as_it_is() {
        let bytes: Vec<_> = (0..=255).cycle().take(3 * CHUNK + 7).collect();
        let (mut out, mut looked) = (Vec::new(), Vec::new());
        pass(bytes.as_slice(), &mut out, |chunk, _| looked.extend_from_slice(chunk.unwrap_or_default())).unwrap();
        assert!(out == bytes && looked == bytes);
    }
}
