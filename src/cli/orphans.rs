//! Children that this process has not started.
//!
//! The first process of a container becomes the parent of every process whose own parent has ended. Until somebody asks
//! how such a one ended, it stays in the table of processes.

use rustix::process::{Pid, WaitOptions, wait};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

/// Asks how each child ended that has, and drops what is said of all but this one.
pub(super) fn reap(own: Option<Pid>) -> Option<ExitStatus> {
    // It ends where no further child has ended, or there is none.
    while let Ok(Some((ended, status))) = wait(WaitOptions::NOHANG) {
        if own == Some(ended) {
            return Some(ExitStatus::from_raw(status.as_raw()));
        }
    }
    None
}
