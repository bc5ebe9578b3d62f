//! What changes while the server runs.
//!
//! `running.rs` holds the set-up, the overrides, the clones and the epoch, swapped whole; `epoch.rs` counts calls,
//! `clones.rs` makes projects of others, `found.rs` finds a user in either, `overrides.rs` keeps rules set at run time, `journal.rs` what was asked and answered (`arrival.rs` as it is
//! written down, `record.rs` and `texts.rs` as it is kept, `entry.rs` as it is shown, `redaction.rs` without secrets),
//! `reload.rs` changes what was loaded, `lifecycle.rs` says whether the server starts, serves or drains, `metrics.rs` what monitoring wants to know, and `clock.rs` is
//! the only reader of time.

mod arrival;
mod clock;
mod clones;
mod entry;
mod epoch;
mod found;
mod journal;
mod lifecycle;
mod metrics;
mod overrides;
mod record;
mod redaction;
mod reload;
mod running;
mod texts;

pub(crate) use arrival::Arrival;
pub(crate) use clock::Clock;
pub(crate) use clones::{Cloned, NotCloned};
pub use entry::{Answer, Cause, Causes, Decision, DecisionError, Entry, EntryState};
pub(crate) use epoch::Epoch;
pub(crate) use found::Found;
pub(crate) use journal::{Filter, Journal};
pub(crate) use lifecycle::{Lifecycle, Phase};
pub(crate) use metrics::{DURATION_BUCKETS_US, DecidedBy, LimitHit, Metrics};
pub(crate) use overrides::{Override, Refused};
pub(crate) use record::{Decided, Finish};
pub(crate) use running::{Running, State};
