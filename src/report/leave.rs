//! Leave to go on with a verdict: it ends early when nobody waits for it any more, or when it takes too long.

use std::cell::Cell;

/// Steps between two questions, each of which may read a clock.
const STEPS: u32 = 256;

/// Whether to go on, asked once in a while.
pub(super) struct Leave<'l, E> {
    ask: &'l dyn Fn() -> Result<(), E>,
    steps: Cell<u32>,
}

impl<'l, E> Leave<'l, E> {
    pub(super) fn new(ask: &'l dyn Fn() -> Result<(), E>) -> Self {
        Self { ask, steps: Cell::new(0) }
    }

    /// One step of many.
    pub(super) fn step(&self) -> Result<(), E> {
        self.steps.set(self.steps.get().wrapping_add(1));
        if self.steps.get().is_multiple_of(STEPS) { (self.ask)() } else { Ok(()) }
    }

    /// A step that takes long by itself.
    pub(super) fn long_step(&self) -> Result<(), E> {
        (self.ask)()
    }
}
