//! What each limit can be set to, and why not to less or more.

use super::Limits;
use std::ops::RangeInclusive;

/// The values of a limit that a server can keep.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitRange {
    /// The name that [`Limits::set`] takes.
    pub name: &'static str,
    /// Its values, of times in milliseconds.
    pub values: RangeInclusive<u64>,
    /// Why it cannot be less.
    pub why_least: &'static str,
    /// Why it cannot be more; empty if any number can be kept.
    pub why_most: &'static str,
}

const GIB: u64 = 1 << 30;
/// 30 days. Delays are kept in 32 bits of milliseconds, and the turns in which slow clients are looked for in 32 bits.
const LONGEST_MS: u64 = 30 * 86_400_000;
const ANY: u64 = u64::MAX;

const NOTHING: &str = "with less nothing could be done";
const AT_ONCE: &str = "it would be over before it begins";
const TIME: &str = "times are kept up to 30 days";
const IN_MEMORY: &str = "they are held in memory";
const BYTES_IN_MEMORY: &str = "it is held in memory";
const INDEXED: &str = "they are held in memory, with indices of 32 bits";

const fn range(
    name: &'static str,
    values: RangeInclusive<u64>,
    why_least: &'static str,
    why_most: &'static str,
) -> LimitRange {
    LimitRange { name, values, why_least, why_most }
}

const fn time(name: &'static str) -> LimitRange {
    range(name, 1..=LONGEST_MS, AT_ONCE, TIME)
}

/// In the order of [`Limits::NAMES`].
pub(super) const RANGES: [LimitRange; Limits::NAMES.len()] = [
    range("connections_max", 1..=1_000_000, NOTHING, "each has a file descriptor, and a process cannot have more"),
    range("head_bytes_max", 256..=1 << 20, "the head of a reset would not fit", "each connection has room for one"),
    range(
        "head_fields_max",
        2..=24_576,
        "a reset has Host and Content-Type",
        "the table of a request's fields has no room for more",
    ),
    range(
        "target_bytes_max",
        128..=65_534,
        "the path of a reset would not fit",
        "the type of a URI has no room for more",
    ),
    time("head_ms"),
    time("idle_ms"),
    time("stall_ms"),
    range("requests_per_connection_max", 1..=ANY, NOTHING, ""),
    range("unread_bytes_max", 1..=ANY, NOTHING, ""),
    time("unread_time_ms"),
    range("body_bytes_max", 2..=GIB, "an SDK sends {} with every request", BYTES_IN_MEMORY),
    time("body_time_ms"),
    range("admin_body_bytes_max", 2..=GIB, "a body is an object", BYTES_IN_MEMORY),
    time("admin_body_time_ms"),
    range("held_bytes_max", 1_024..=1_024 * GIB, "no body past 4 KiB would have room", "no machine has more memory"),
    time("drain_ms"),
    time("delay_ms"),
    time("hang_ms"),
    range("journal_entries_max", 1..=10_000_000, NOTHING, IN_MEMORY),
    range("journal_bytes_max", 1..=16 * GIB, NOTHING, BYTES_IN_MEMORY),
    range("entry_body_bytes_max", 0..=1 << 20, "", "it is looked through for secrets while others wait"),
    range("overrides_max", 1..=100_000, NOTHING, "each request looks at them"),
    range("overrides_bytes_max", 2..=GIB, "an override is an object", BYTES_IN_MEMORY),
    range("clones_max", 1..=1_000_000, NOTHING, INDEXED),
    range("clone_scenarios_bytes_max", 2..=GIB, "a scenario is an object", BYTES_IN_MEMORY),
    range("clone_rules_max", 1..=10_000_000, NOTHING, IN_MEMORY),
    range("accounts_max", 1..=1_000_000, NOTHING, INDEXED),
    range("tokens_max", 1..=10_000_000, NOTHING, IN_MEMORY),
    range("tokens_revoked_max", 1..=10_000_000, NOTHING, IN_MEMORY),
    range("outbox_messages_max", 1..=10_000_000, NOTHING, IN_MEMORY),
    range("users_created_max", 1..=1_000_000, NOTHING, INDEXED),
    range("deliveries_max", 1..=10_000_000, NOTHING, IN_MEMORY),
    range("delivery_attempts_max", 1..=1_000, NOTHING, "between two of them up to 10 s pass"),
    time("delivery_ms"),
    range("file_bytes_max", 2..=GIB, "a file is an object", "texts have offsets of 32 bits"),
    range("file_depth_max", 5..=128, "users files and scenarios nest five deep", "reading needs stack for each level"),
    range("files_max", 1..=100_000, NOTHING, "each is read at the start"),
    range("users_max", 1..=1_000_000, NOTHING, "ids of generated users have six digits"),
    range("rules_max", 1..=1_000_000, NOTHING, INDEXED),
    range("expectations_max", 1..=1_000_000, NOTHING, IN_MEMORY),
    time("watch_interval_ms"),
    range("errors_shown_max", 1..=100_000, NOTHING, IN_MEMORY),
    range("log_lines_max", 1..=10_000_000, NOTHING, IN_MEMORY),
    range("page_max", 1..=1_000_000, NOTHING, "a page is made in memory"),
    time("verify_wait_max_ms"),
    time("verdict_time_max_ms"),
    range("event_readers_max", 1..=100_000, NOTHING, "each has a connection"),
    range("event_bytes_max", 1..=GIB, NOTHING, BYTES_IN_MEMORY),
    range("changes_max", 1..=1_000_000, NOTHING, IN_MEMORY),
    range("coverage_users_max", 1..=1_000_000, NOTHING, IN_MEMORY),
    range("rejections_max", 1..=1_000_000, NOTHING, IN_MEMORY),
    range("secrets_max", 1..=10_000_000, NOTHING, IN_MEMORY),
    range("tries_max", 1..=1_000, NOTHING, "each has a connection of its own"),
    range("try_bytes_max", 1_024..=GIB, "the head of an answer would not fit", BYTES_IN_MEMORY),
    time("try_time_ms"),
];

impl Limits {
    /// What each limit can be set to, in the order of [`Limits::NAMES`].
    #[must_use]
    pub fn ranges() -> &'static [LimitRange] {
        const { &RANGES }
    }
}

impl LimitRange {
    /// Says what is wrong with a value that is not among these, if it is not. `shown` is the value as the user reads it.
    pub(super) fn check(&self, value: u64, shown: &str) -> Result<(), String> {
        let (name, least, most) = (self.name, self.values.start(), self.values.end());
        let why = if value < *least {
            self.why_least
        } else if value > *most {
            self.why_most
        } else {
            return Ok(());
        };
        let expected = match (*most, name.ends_with("_ms")) {
            (ANY, _) => format!("{least} or more"),
            (most, true) => format!("{least} to {most} (milliseconds)"),
            (most, false) => format!("{least} to {most}"),
        };
        Err(format!("{name} is {shown}; expected {expected}: {why}"))
    }
}
