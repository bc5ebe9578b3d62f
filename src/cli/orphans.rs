//! Reaps children that this process did not start.
//!
//! The first process of a container becomes the parent of orphans, which stay zombies until it waits for them.

use rustix::process::{Pid, WaitOptions, wait};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

/// Reaps all ended children, and returns the exit status of `own` if it is one of them.
pub(super) fn reap(own: Option<Pid>) -> Option<ExitStatus> {
    while let Ok(Some((ended, status))) = wait(WaitOptions::NOHANG) {
        if own == Some(ended) {
            return Some(ExitStatus::from_raw(status.as_raw()));
        }
    }
    None
}
