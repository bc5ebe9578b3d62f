//! Cancels a verdict that takes too long, or whose client has left.

use std::cell::Cell;

/// Steps between two checks, each of which may read a clock.
const STEPS: u32 = 256;

/// Checks once in a while whether to go on.
pub(super) struct Cancel<'l, E> {
    may_go_on: &'l dyn Fn() -> Result<(), E>,
    steps: Cell<u32>,
}

impl<'l, E> Cancel<'l, E> {
    pub(super) fn new(may_go_on: &'l dyn Fn() -> Result<(), E>) -> Self {
        Self { may_go_on, steps: Cell::new(0) }
    }

    /// Checks at every 256th short step.
    pub(super) fn step(&self) -> Result<(), E> {
        self.steps.set(self.steps.get().wrapping_add(1));
        if self.steps.get().is_multiple_of(STEPS) { (self.may_go_on)() } else { Ok(()) }
    }

    /// Checks at a long step.
    pub(super) fn long_step(&self) -> Result<(), E> {
        (self.may_go_on)()
    }
}
