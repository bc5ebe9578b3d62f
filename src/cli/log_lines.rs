//! Writes log lines to stderr on a thread, from a bounded queue.
//!
//! A slow reader of stderr delays no answer: lines past the bound are dropped and counted. `tracing-appender` bounds
//! lines but not their bytes, and does not report how many it dropped.

use super::ci::harmless;
use parking_lot::{Condvar, Mutex};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// Time limit for writing the remaining lines when the process ends.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Bytes of a line that count as one line.
const LINE_BYTES: usize = 1_024;

/// The queue of lines.
#[derive(Debug)]
pub(super) struct LogLines {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    lines_max: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<Box<[u8]>>,
    /// The lines, a long one counted several times.
    count: usize,
    dropped: u64,
    /// Whether no more lines will come.
    ended: bool,
    /// Whether all lines are written.
    done: bool,
}

/// Writes the remaining lines when dropped, as far as they are read in time.
#[must_use]
pub(super) struct LogWriter(Arc<LogLines>);

/// Starts the thread that writes to `out`.
pub(super) fn write_to(out: impl Write + Send + 'static, lines_max: usize) -> io::Result<(Arc<LogLines>, LogWriter)> {
    let lines = Arc::new(LogLines { waiting: Mutex::default(), changed: Condvar::new(), lines_max });
    let taken = Arc::clone(&lines);
    std::thread::Builder::new().name("wksmock-log".to_owned()).spawn(move || taken.write(out))?;
    Ok((Arc::clone(&lines), LogWriter(lines)))
}

impl LogWriter {
    /// Writes a text to the log's stream without waiting.
    pub(super) fn say(&self, text: &str) {
        self.0.push(text.as_bytes());
    }
}

impl LogLines {
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
                // If stderr is closed, the error cannot be reported.
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

/// The number of lines that a line counts as, so that the limit also bounds memory.
fn counted(line: &[u8]) -> usize {
    line.len() / LINE_BYTES + 1
}

impl Write for &LogLines {
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

impl Drop for LogWriter {
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

    /// Announces each write, and waits until it may go on.
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

    /// The lines written if `others` are pushed while the first is being written.
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
    fn line_past_the_limit_is_dropped_and_counted() {
        assert_eq!(written(b"1", &[b"2", b"3"], 2), ["1", "2", "3"]);
        let past = written(b"1", &[b"2", b"3", b"4"], 2);
        assert_eq!(past[..3], ["1", "2", "3"]);
        assert!(past[3..].concat().starts_with("1 log lines were dropped"), "{past:?}");
    }

    #[test]
    fn long_line_counts_as_several_but_fits_alone() {
        let long = [b'x'; 2 * LINE_BYTES];
        let past = written(b"1", &[b"2", &long, b"3"], 4);
        assert_eq!(past[2].len(), long.len());
        assert!(past[3..].concat().starts_with("1 log lines were dropped"), "{past:?}");
        assert_eq!(written(b"1", &[b"2", &long, b"3"], 5).len(), 4);
        assert_eq!(written(b"1", &[&long], 1).len(), 2);
    }
}
