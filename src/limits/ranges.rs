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

const AT_ONCE: &str = "a time of 0 would expire at once";
const TIME: &str = "times are limited to 30 days";
const IN_MEMORY: &str = "they are kept in memory";
const BYTES_IN_MEMORY: &str = "it is kept in memory";
const INDEXED: &str = "they are kept in memory, with 32-bit indices";

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
    range("connections_max", 1..=1_000_000, "", "each needs a file descriptor, and a process cannot have more"),
    range(
        "head_bytes_max",
        256..=1 << 20,
        "the head of a password reset must fit",
        "each connection reserves room for one",
    ),
    range(
        "head_fields_max",
        2..=24_576,
        "a password reset has Host and Content-Type",
        "the header table cannot hold more",
    ),
    range("target_bytes_max", 128..=65_534, "the path of a password reset must fit", "longer URIs cannot be parsed"),
    time("head_ms"),
    time("idle_ms"),
    time("stall_ms"),
    range("requests_per_connection_max", 1..=ANY, "", ""),
    range("unread_bytes_max", 1..=ANY, "", ""),
    time("unread_time_ms"),
    range("body_bytes_max", 2..=GIB, "SDKs send {} with every request", BYTES_IN_MEMORY),
    time("body_time_ms"),
    range("admin_body_bytes_max", 2..=GIB, "the smallest body is {}", BYTES_IN_MEMORY),
    time("admin_body_time_ms"),
    range(
        "held_bytes_max",
        1_024..=1_024 * GIB,
        "a smaller value leaves no room for bodies over 4 KiB",
        "no machine has that much memory",
    ),
    time("drain_ms"),
    time("delay_ms"),
    time("hang_ms"),
    range("journal_entries_max", 1..=10_000_000, "", IN_MEMORY),
    range("journal_bytes_max", 1..=16 * GIB, "", BYTES_IN_MEMORY),
    range("entry_body_bytes_max", 0..=1 << 20, "", "bodies are searched for secrets while other requests wait"),
    range("overrides_max", 1..=100_000, "", "each request checks them all"),
    range("overrides_bytes_max", 2..=GIB, "the smallest override is {}", BYTES_IN_MEMORY),
    range("clones_max", 1..=1_000_000, "", INDEXED),
    range("clone_scenarios_bytes_max", 2..=GIB, "the smallest scenario is {}", BYTES_IN_MEMORY),
    range("clone_rules_max", 1..=10_000_000, "", IN_MEMORY),
    range("accounts_max", 1..=1_000_000, "", INDEXED),
    range("tokens_max", 1..=10_000_000, "", IN_MEMORY),
    range("tokens_revoked_max", 1..=10_000_000, "", IN_MEMORY),
    range("outbox_messages_max", 1..=10_000_000, "", IN_MEMORY),
    range("users_created_max", 1..=1_000_000, "", INDEXED),
    range("deliveries_max", 1..=10_000_000, "", IN_MEMORY),
    range("delivery_attempts_max", 1..=1_000, "", "attempts are up to 10 s apart"),
    time("delivery_ms"),
    range("file_bytes_max", 2..=GIB, "the smallest file is {}", "text offsets have 32 bits"),
    range("file_depth_max", 5..=128, "users files and scenarios have five levels", "parsing uses stack for each level"),
    range("files_max", 1..=100_000, "", "all are read at startup"),
    range("users_max", 1..=1_000_000, "", "ids of generated users have six digits"),
    range("rules_max", 1..=1_000_000, "", INDEXED),
    range("expectations_max", 1..=1_000_000, "", IN_MEMORY),
    time("watch_interval_ms"),
    range("errors_shown_max", 1..=100_000, "", IN_MEMORY),
    range("log_lines_max", 1..=10_000_000, "", IN_MEMORY),
    range("page_max", 1..=1_000_000, "", "a page is built in memory"),
    time("verify_wait_max_ms"),
    time("verdict_time_max_ms"),
    range("event_readers_max", 1..=100_000, "", "each uses a connection"),
    range("event_bytes_max", 1..=GIB, "", BYTES_IN_MEMORY),
    range("changes_max", 1..=1_000_000, "", IN_MEMORY),
    range("coverage_users_max", 1..=1_000_000, "", IN_MEMORY),
    range("rejections_max", 1..=1_000_000, "", IN_MEMORY),
    range("secrets_max", 1..=10_000_000, "", IN_MEMORY),
    range("tries_max", 1..=1_000, "", "each uses a connection"),
    range("try_bytes_max", 1_024..=GIB, "the head of an answer must fit", BYTES_IN_MEMORY),
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
            (ANY, _) => format!("at least {least}"),
            (most, true) => format!("between {least} and {most} milliseconds"),
            (most, false) => format!("between {least} and {most}"),
        };
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        Err(format!("{name} must be {expected}, not {shown}{why}"))
    }
}
