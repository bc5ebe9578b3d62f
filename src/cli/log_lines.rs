//! Log lines on their way to stderr: they wait in a bounded queue for a thread that writes them, so that nothing else
//! waits for whoever reads them. What finds no room is dropped and counted.

use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// How long the end of the process waits for what is not written yet.
const LAST_WORD: Duration = Duration::from_secs(1);

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

impl Lines {
    fn push(&self, line: &[u8]) {
        let mut waiting = self.waiting.lock();
        if waiting.lines.len() < self.lines_max {
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
            drop(waiting);
            if let Some(line) = line {
                // Without a reader there is nobody to tell that either.
                let _ = out.write_all(&line);
                continue;
            }
            if dropped > 0 {
                let _ = writeln!(out, "{dropped} log lines were dropped: nobody read them in time");
            }
            let _ = out.flush();
            self.waiting.lock().done = true;
            self.changed.notify_all();
            return;
        }
    }
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
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

    #[test]
    fn as_many_lines_wait_as_may_and_the_next_is_dropped_and_counted() {
        let ((begun, writes), (go, may), (out, written)) = (channel(), channel(), channel());
        let (lines, ends) = write_to(Slow { begun, may, out }, 2).unwrap();
        lines.push(b"1");
        writes.recv().unwrap();
        // The first is not waiting any more.
        for line in [b"2", b"3", b"4"] {
            lines.push(line);
        }
        drop(go);
        drop(ends);
        let written: Vec<_> = written.try_iter().collect();
        assert_eq!(written[..3], ["1", "2", "3"]);
        assert!(written[3..].concat().starts_with("1 log lines were dropped"), "{written:?}");
    }
}
