//! What changes while the server runs.
//!
//! `running.rs` holds the set-up, the overrides, the clones and the epoch, swapped whole; `reload.rs` changes what was
//! loaded. `epoch.rs` counts calls, `accounts.rs` those of accounts, `attempts.rs` knows the console's connections, `tokens.rs` keeps what tokens cannot say, `clones.rs` has the projects made of others, `cloned.rs` is one of them, `nursery.rs` makes and ends them, `own_scenario.rs` is what one may have in place of the files', `scenario_file.rs` writes what is in force as one scenario, `found.rs` finds a user in either, `hosts.rs` knows by which names the server may be asked,
//! `overrides.rs` keeps rules set at run time, `journal.rs` what was asked and answered (`arrival.rs` as it is
//! written down, `record.rs` and `texts.rs` as it is kept, `entry.rs` as it is shown, `pages.rs` how it is read),
//! `changes.rs` tells that it has changed, `feed.rs` what has happened to those who follow it, `hub.rs` keeps that as text for all of them, `history.rs` has what changed the setup; `outbox.rs` which messages went out, `queues.rs` which are to be delivered; `people.rs` who is not as he was loaded, `patch.rs` by what, and `picked.rs` some of a project's users at one moment; `coverage.rs` counts which documented answers were met, `met.rs` finds that out over projects and clones, `since.rs` keeps what was counted when a scenario was put in place, `strikes.rs` counts how often rules struck and `rejections.rs` what was refused before it was counted, `noted.rs` for
//! each project and clone, `console.rs` the same of the console's calls, `secrets.rs` keeps the
//! passwords that somebody looks for, `budget.rs` the memory that answers and bodies share, `workers.rs` the places for work that takes long, `lifecycle.rs` whether the server starts, serves or drains, `metrics.rs` what
//! monitoring wants to know, and `clock.rs` is the only reader of time; `date.rs` shows it in answers.

mod accounts;
mod arrival;
mod attempts;
mod bodies;
mod budget;
mod changes;
mod clock;
mod cloned;
mod clones;
mod console;
mod coverage;
mod date;
mod entry;
mod epoch;
mod feed;
mod history;
mod hosts;
mod hub;
mod journal;
mod lifecycle;
mod lookup;
mod met;
mod metrics;
mod noted;
mod nursery;
mod outbox;
mod overrides;
mod own_scenario;
mod pages;
mod patch;
mod picked;
mod queues;
mod record;
mod rejections;
mod reload;
mod running;
mod scenario_file;
mod secrets;
mod since;
mod strikes;
mod texts;
mod tokens;
mod user_changes;
mod workers;

pub(crate) use accounts::AccountCalls;
pub(crate) use arrival::Arrival;
pub(crate) use attempts::{Attempt, Attempts, BeingCounted, ByConsole, Credentials};
pub(crate) use bodies::{KeptBody, looked_at};
pub(crate) use budget::{Budget, Held};
pub(crate) use clock::Clock;
pub use clock::ClockMode;
pub(crate) use cloned::Cloned;
pub(crate) use console::{CallsByConsole, Whose};
pub(crate) use coverage::{Meeting, Place};
pub(crate) use date::{DateLine, KeptSecond, Second};
pub(crate) use entry::lower_case;
pub use entry::{Answer, Body, By, Cause, Causes, Decision, DecisionError, Entry, EntryState};
pub(crate) use epoch::Epoch;
pub(crate) use feed::{Event, Mark};
pub(crate) use history::{Change, ChangeKind, History};
pub(crate) use hosts::{Hosts, is_loopback_name};
pub(crate) use hub::{Batch, Followers, Hub, Next, Place as FollowerPlace};
pub(crate) use journal::Journal;
pub(crate) use lifecycle::{Lifecycle, Phase};
pub(crate) use lookup::{Current, Found, Place as ProjectPlace, UserState};
pub(crate) use metrics::{DURATION_BUCKETS_US, DecidedBy, LimitHit, Metrics};
pub(crate) use noted::Noted;
pub(crate) use nursery::{NotCloned, Wanted, is_clone};
pub(crate) use outbox::{Delivery, MessageFilter, Outbox};
pub use outbox::{Message, MessageState};
pub(crate) use overrides::{NextCalls, Override, Refused};
pub(crate) use own_scenario::{NoRoom, NotPut};
pub(crate) use pages::{Filter, Order, Page};
pub(crate) use patch::Patch;
pub(crate) use picked::{Picked, Reached};
pub(crate) use record::{Aside, At, Decided, Sent, Settled};
pub(crate) use rejections::{FirstRejected, Refusals, Rejection, Rejections};
pub(crate) use reload::Put;
pub(crate) use running::{Beside, Options, Running, State};
pub(crate) use scenario_file::NotSaid;
pub(crate) use secrets::{HandedOut, SECRET_BYTES_MAX, Secrets, password_of_call};
pub(crate) use since::Since;
pub(crate) use strikes::Strikes;
pub(crate) use tokens::{Issued, NotRevoked, Tokens, token_id};
pub(crate) use user_changes::{Changing, Found as FoundPerson, NotCreated, People, SentPassword, is_created};
pub(crate) use workers::{Work, WorkPlace, Workers, apart, apart_at};
