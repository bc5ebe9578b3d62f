//! State: everything that changes while the server runs.
//!
//! - `ledger/`: calls, coverage, strikes, refusals, changed users, clones
//! - `running/`: the running setup, and how it changes: reloads, overrides, clones
//! - `journal/`: requests and their answers
//! - `outbox/`: messages to users
//! - `events/`: the stream of events
//! - `changes`: signals changes of journal, outbox and history
//! - `clock`: the only reader of time
//! - `date`: the `Date` header
//! - `attempts`: the console's connections
//! - `budget`: the memory that answers and bodies share
//! - `hosts`: the accepted names of `Host`
//! - `lifecycle`: whether the server starts, serves or drains
//! - `metrics`: figures for monitoring
//! - `options`: choices that a server is started with
//! - `secrets`: the secrets that were handed out, to find leaks
//! - `server`: the state of one server
//! - `times`: times as RFC 3339 has them
//! - `tokens`: which tokens were issued, used and revoked
//! - `workers`: places for work that takes long

mod attempts;
mod budget;
mod changes;
mod clock;
mod date;
mod events;
mod hosts;
mod journal;
mod ledger;
mod lifecycle;
mod metrics;
mod options;
mod outbox;
mod running;
mod secrets;
mod server;
pub(crate) mod times;
mod tokens;
mod workers;

pub(crate) use attempts::{Attempt, Attempts, BeingCounted, Credentials};
pub(crate) use budget::{Budget, Held};
pub(crate) use clock::Clock;
pub use clock::ClockMode;
pub(crate) use date::Second;
pub(crate) use events::feed::Event;
#[cfg(test)]
pub(crate) use events::history::{Change, ChangePage};
pub(crate) use events::history::{ChangeKind, History};
pub(crate) use events::hub::{Batch, Followers, Hub, Next};
pub(crate) use events::mark::Mark;
#[cfg(any(feature = "cli", feature = "console"))]
pub(crate) use hosts::callable_address;
pub(crate) use hosts::{Hosts, OverTls, is_loopback_name};
pub(crate) use journal::arrival::Arrival;
pub(crate) use journal::bodies::{KeptBody, looked_at};
pub(crate) use journal::entry::lower_case;
pub use journal::entry::{Answer, Body, By, Cause, Causes, Decision, DecisionError, Entry, EntryState, Tls};
pub(crate) use journal::filter::{Filter, Order, Page};
pub(crate) use journal::record::{At, Decided, Extras, Sent, Settled};
pub(crate) use journal::store::{Journal, JournalFill};
pub(crate) use ledger::book::Ledger;
pub(crate) use ledger::cloned::Cloned;
pub(crate) use ledger::console::Whose;
pub(crate) use ledger::epoch::Epoch;
pub(crate) use ledger::notes::Notes;
pub(crate) use ledger::patch::Patch;
pub(crate) use ledger::picked::{Picked, Reached};
pub use ledger::rejections::{FirstRequest, Rejected, RejectedCause};
#[cfg(test)]
pub(crate) use ledger::user_changes::People;
pub(crate) use ledger::user_changes::{Changing, Found as FoundPerson, NotCreated, SentPassword};
pub(crate) use lifecycle::{Lifecycle, Phase};
pub(crate) use metrics::{DURATION_BUCKETS_US, DecidedBy, LimitHit, Metrics};
pub(crate) use options::{Beside, Options};
#[cfg(test)]
pub(crate) use outbox::store::MessagePage;
pub(crate) use outbox::store::{Delivery, MessageFilter, Outbox};
pub use outbox::store::{Message, MessageState};
pub(crate) use running::cloning::{NotCloned, Wanted, cursor_of, project_at_cursor};
pub(crate) use running::console_calls::CallsByConsole;
pub(crate) use running::lookup::{Current, Found, Place as ProjectPlace, UserState};
pub(crate) use running::met::{Meeting, Meets};
pub(crate) use running::overrides::{NextCalls, Override};
pub(crate) use running::overriding::OverrideRefused;
pub(crate) use running::own_scenario::NoRoom;
pub(crate) use running::put::{NotPut, Put};
pub(crate) use running::scenario_file::NotSaid;
pub(crate) use running::setup::Running;
pub(crate) use running::since::Since;
pub(crate) use secrets::{HandedOut, SECRET_BYTES_MAX, Secrets, password_of_call};
pub(crate) use server::State;
pub(crate) use tokens::{Issued, NotRevoked, Tokens, token_id};
pub(crate) use workers::{Work, WorkPlace, Workers, run_at, run_on_worker};
