//! Log lines on their way to stderr: they wait in a bounded queue for a thread that writes them, so that nothing else
//! waits for whoever reads them. What finds no room is dropped and counted.

use super::ci::harmless;
use parking_lot::{Condvar, Mutex};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// How long the end of the process waits for what is not written yet.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What one line may have without counting as more.
const LINE_BYTES: usize = 1_024;

/// The lines that wait.
#[derive(Debug)]
pub(super) struct Lines {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    lines_max: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<Box<[u8]>>,
    /// How many lines that counts as.
    count: usize,
    dropped: u64,
    /// No more will come.
    ended: bool,
    /// All is written.
    done: bool,
}

/// When it is dropped, what is waiting is written, as far as it is read in time.
#[must_use]
pub(super) struct Written(Arc<Lines>);

/// Writes to `out` from now on, on a thread of its own.
pub(super) fn write_to(out: impl Write + Send + 'static, lines_max: usize) -> io::Result<(Arc<Lines>, Written)> {
    let lines = Arc::new(Lines { waiting: Mutex::default(), changed: Condvar::new(), lines_max });
    let taken = Arc::clone(&lines);
    std::thread::Builder::new().name("wksmock-log".to_owned()).spawn(move || taken.write(out))?;
    Ok((Arc::clone(&lines), Written(lines)))
}

impl Written {
    /// Writes a text beside the log, and does not wait for it either.
    pub(super) fn say(&self, text: &str) {
        self.0.push(text.as_bytes());
    }
}

impl Lines {
    fn push(&self, line: &[u8]) {
        let count = counted(line);
        let mut waiting = self.waiting.lock();
        if waiting.lines.is_empty() || waiting.count + count <= self.lines_max {
            waiting.count += count;
            waiting.lines.push_back(line.into());
            self.changed.notify_all();
        } else {
            waiting.dropped += 1;
        }
    }

    fn write(&self, mut out: impl Write) {
        loop {
            let mut waiting = self.waiting.lock();
            self.changed.wait_while(&mut waiting, |waiting| waiting.lines.is_empty() && !waiting.ended);
            let (line, dropped) = (waiting.lines.pop_front(), waiting.dropped);
            waiting.count -= line.as_deref().map_or(0, counted);
            drop(waiting);
            if let Some(line) = line {
                // Without a reader there is nobody to tell that either.
                let _ = out.write_all(&line);
                continue;
            }
            if dropped > 0 {
                let _ = writeln!(out, "{dropped} log lines were dropped: they were not read in time");
            }
            let _ = out.flush();
            self.waiting.lock().done = true;
            self.changed.notify_all();
            return;
        }
    }
}

/// A long line takes the room of several, so that their number bounds the memory too.
fn counted(line: &[u8]) -> usize {
    line.len() / LINE_BYTES + 1
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line).map(harmless) {
            Ok(Cow::Owned(safe)) => self.push(safe.as_bytes()),
            _ => self.push(line),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting.lock();
        waiting.ended = true;
        self.0.changed.notify_all();
        self.0.changed.wait_while_for(&mut waiting, |waiting| !waiting.done, LAST_WORD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// Says when it is written to, and waits until it may.
    struct Slow {
        begun: Sender<()>,
        may: Receiver<()>,
        out: Sender<String>,
    }

    impl Write for Slow {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let _ = self.begun.send(());
            let _ = self.may.recv();
            let _ = self.out.send(String::from_utf8_lossy(line).into_owned());
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What comes out where so many may wait while the first is being written, which does not wait any more.
    fn written(first: &[u8], others: &[&[u8]], lines_max: usize) -> Vec<String> {
        let ((begun, writes), (go, may), (out, written)) = (channel(), channel(), channel());
        let (lines, ends) = write_to(Slow { begun, may, out }, lines_max).unwrap();
        lines.push(first);
        writes.recv().unwrap();
        for line in others {
            lines.push(line);
        }
        drop(go);
        drop(ends);
        written.try_iter().collect()
    }

    #[test]
    fn as_many_lines_wait_as_may_and_the_next_is_dropped_and_counted() {
        assert_eq!(written(b"1", &[b"2", b"3"], 2), ["1", "2", "3"]);
        let past = written(b"1", &[b"2", b"3", b"4"], 2);
        assert_eq!(past[..3], ["1", "2", "3"]);
        assert!(past[3..].concat().starts_with("1 log lines were dropped"), "{past:?}");
    }

    #[test]
    fn a_long_line_takes_the_room_of_several_and_has_room_alone() {
        let long = [b'x'; 2 * LINE_BYTES];
        let past = written(b"1", &[b"2", &long, b"3"], 4);
        assert_eq!(past[2].len(), long.len());
        assert!(past[3..].concat().starts_with("1 log lines were dropped"), "{past:?}");
        assert_eq!(written(b"1", &[b"2", &long, b"3"], 5).len(), 4);
        assert_eq!(written(b"1", &[&long], 1).len(), 2);
    }
}
