//! Cancels a verdict that takes too long, or whose client has left.

use std::cell::Cell;

/// Steps between two checks, each of which may read a clock.
const STEPS: u32 = 256;

/// The verdict was cancelled. Without the reason, judging does not depend on its type, and is compiled once.
#[derive(Debug)]
pub(super) struct Cancelled;

/// Checks once in a while whether to go on.
pub(super) struct Cancel<'l> {
    may_go_on: &'l dyn Fn() -> Result<(), Cancelled>,
    steps: Cell<u32>,
}

impl<'l> Cancel<'l> {
    pub(super) fn new(may_go_on: &'l dyn Fn() -> Result<(), Cancelled>) -> Self {
        Self { may_go_on, steps: Cell::new(0) }
    }

    /// Checks at every 256th short step.
    pub(super) fn step(&self) -> Result<(), Cancelled> {
        self.steps.set(self.steps.get().wrapping_add(1));
        if self.steps.get().is_multiple_of(STEPS) { (self.may_go_on)() } else { Ok(()) }
    }

    /// Checks at a long step.
    pub(super) fn long_step(&self) -> Result<(), Cancelled> {
        (self.may_go_on)()
    }
}
