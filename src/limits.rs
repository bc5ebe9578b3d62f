//! Every bound of the program, in one struct, so that nothing grows without one.

mod ranges;

pub use ranges::LimitRange;

use ranges::RANGES;
use std::time::Duration;

/// The greatest call number that can be asked for. It stays clear of the end of the counters.
pub(crate) const CALL_MAX: u64 = (1 << 62) - 1;

/// A field of the limits.
enum Field<'l> {
    Count(&'l mut usize),
    Long(&'l mut u64),
    Short(&'l mut u32),
    Time(&'l mut Duration),
}

impl Field<'_> {
    /// The value as a number, and as it is shown: a time may have parts of a millisecond.
    fn shown(&self) -> (u64, String) {
        match self {
            Self::Count(field) => (u64::try_from(**field).unwrap_or(u64::MAX), field.to_string()),
            Self::Long(field) => (**field, field.to_string()),
            Self::Short(field) => (u64::from(**field), field.to_string()),
            Self::Time(field) => (u64::try_from(field.as_millis()).unwrap_or(u64::MAX), format!("{field:?}")),
        }
    }
}

/// The bounds of one server. [`Limits::default`] gives the documented values.
///
/// Sizes are in bytes and counts in pieces, both inclusive: what is exactly at a bound is allowed. Each has a
/// [range](Limits::ranges), and a server with a value beyond it does not start.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Connections that are served at once; further ones wait. Default 10,000. The binary also stays 64 below the
    /// number of files that the process may open.
    pub connections_max: usize,
    /// The head of a request. Default 64 KiB, since a documented token has up to 40,000 characters; past it 431.
    pub head_bytes_max: usize,
    /// Header fields of a request. Default 100; past it 431.
    pub head_fields_max: usize,
    /// Path and query of a request. Default 16 KiB; past it 414.
    pub target_bytes_max: usize,
    /// How long a new connection may take to send its first head, and a further head from its first byte on. Default 10
    /// s; past it 408, or a close if no byte came.
    pub head: Duration,
    /// How long a connection may be idle between two requests. Default 60 s; past it, it is closed.
    pub idle: Duration,
    /// How long a client may take nothing of an answer. Default 30 s; past it the connection is reset.
    pub stall: Duration,
    /// Requests on one connection. Default 10,000; the last answer has `Connection: close`.
    pub requests_per_connection_max: u64,
    /// What is read and discarded of a request that was refused early, so that the refusal arrives. Default 16 MiB.
    pub unread_bytes_max: usize,
    /// How long that may take. Default 2 s.
    pub unread_time: Duration,
    /// The body of an API request. Default 64 KiB; past it 413.
    pub body_bytes_max: usize,
    /// How long the body of an API request may take. Default 10 s; past it 408.
    pub body_time: Duration,
    /// The body of an admin request. Default 8 MiB; past it 413.
    pub admin_body_bytes_max: usize,
    /// How long the body of an admin request may take. Default 30 s; past it 408.
    pub admin_body_time: Duration,
    /// Memory for unread answers and unfinished request bodies together, without answers up to 16 KiB and the first 4
    /// KiB of a body. Default 256 MiB; past it 503.
    pub held_bytes_max: usize,
    /// How long open connections may take to finish after a signal or `shutdown`. Default 3 s.
    pub drain: Duration,
    /// A delay, or the time of a `dribble`, that a rule may set. Default 5 min; past it an error in the file.
    pub delay: Duration,
    /// How long a `hang` lasts if the client does not give up. Default 5 min; then the connection is closed.
    pub hang: Duration,
    /// Entries in the journal. Default 10,000; past it the oldest is dropped and counted.
    pub journal_entries_max: usize,
    /// Memory of the journal's texts and bodies. Default 4 MiB; past it the oldest entry is dropped. Bodies take half
    /// of it at most; past that the oldest bodies are dropped, and their entries stay.
    pub journal_bytes_max: usize,
    /// What the journal keeps of a body. Default 4 KiB; the rest is cut off, and 0 keeps none.
    pub entry_body_bytes_max: usize,
    /// Overrides in force at once. Default 1,000; past it 409.
    pub overrides_max: usize,
    /// The texts of all overrides together. Default 16 MiB; past it 409.
    pub overrides_bytes_max: usize,
    /// Clones at once. Default 10,000; past it 409.
    pub clones_max: usize,
    /// The texts of all scenarios of clones together, ended clones included. Default 16 MiB; past it the oldest ended
    /// one is forgotten, or 409.
    pub clone_scenarios_bytes_max: usize,
    /// Rules and expectations of all scenarios of clones together. Default 100,000; past it the same.
    pub clone_rules_max: usize,
    /// Accounts over all files. Default 10,000; past it an error in the file.
    pub accounts_max: usize,
    /// Tokens that are listed and whose uses are counted. Default 10,000; past it the oldest is forgotten.
    pub tokens_max: usize,
    /// Tokens that are revoked at once. Default 10,000; past it 409.
    pub tokens_revoked_max: usize,
    /// Messages in the outbox. Default 10,000; past it the oldest is dropped and counted, those that wait for delivery
    /// last.
    pub outbox_messages_max: usize,
    /// Users that are created in one project, deleted ones included. Default 10,000; past it 400. Also the users of a
    /// project, for each operation, that `try` can call; past it 409.
    pub users_created_max: usize,
    /// Messages of one type that wait for delivery. Default 1,000; further ones fail.
    pub deliveries_max: usize,
    /// Attempts to deliver a message. Default 5; then it has failed.
    pub delivery_attempts_max: u32,
    /// How long one attempt may take. Default 10 s.
    pub delivery: Duration,
    /// The size of one file. Default 64 MiB; past it an error.
    pub file_bytes_max: usize,
    /// How deep the values of a file or an admin body may nest. Default 64; past it an error.
    pub file_depth_max: usize,
    /// Files that are loaded together. Default 1,000; past it an error.
    pub files_max: usize,
    /// Users over all files, generated ones included. Default 1,000,000; past it an error in the file.
    pub users_max: usize,
    /// Rules over all files and flags. Default 100,000; past it an error in the file.
    pub rules_max: usize,
    /// Expectations over all files, and in one request for a verdict. Default 10,000; past it an error.
    pub expectations_max: usize,
    /// How long `--watch` waits between two looks at the files. Default 1 s.
    pub watch_interval: Duration,
    /// Errors that are shown at once; the rest is counted. Default 50.
    pub errors_shown_max: usize,
    /// Log lines that wait to be written; one over 1 KiB counts as several. Default 10,000; past it lines are dropped
    /// and counted.
    pub log_lines_max: usize,
    /// Entries on one page of an admin list. Default 1,000; past it 400.
    pub page_max: usize,
    /// How long `verify` may wait. Default 60 s; past it 400.
    pub verify_wait_max: Duration,
    /// How long one verdict may take, the wait for other verdicts included. Default 10 s; past it 503.
    pub verdict_time_max: Duration,
    /// Readers of `/__admin/events` at once. Default 32; past it 503.
    pub event_readers_max: usize,
    /// Events that are kept for their readers, together. Default 4 MiB; a reader that falls further behind reads the
    /// journal.
    pub event_bytes_max: usize,
    /// Changes of the setup that are kept. Default 1,000; past it the oldest is dropped and counted.
    pub changes_max: usize,
    /// Users that are named for each status of the coverage, and calls that are shown of an expectation; the rest is
    /// counted. Default 100.
    pub coverage_users_max: usize,
    /// Causes of refused requests that are told apart, over all projects; the rest is counted together. Default 1,000.
    pub rejections_max: usize,
    /// Passwords that `run --no-secrets-in-output` looks for. Default 100,000; past it the run fails.
    pub secrets_max: usize,
    /// Requests that `try` sends at once. Default 16; past it 503.
    pub tries_max: usize,
    /// What `try` shows of an answer; the rest is read, counted and discarded. Default 1 MiB.
    pub try_bytes_max: usize,
    /// How long a request of `try` may take. Default 30 s; then the connection is closed.
    pub try_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 10_000,
            head_bytes_max: 64 << 10,
            head_fields_max: 100,
            target_bytes_max: 16 << 10,
            head: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            stall: Duration::from_secs(30),
            requests_per_connection_max: 10_000,
            unread_bytes_max: 16 << 20,
            unread_time: Duration::from_secs(2),
            body_bytes_max: 64 << 10,
            body_time: Duration::from_secs(10),
            admin_body_bytes_max: 8 << 20,
            admin_body_time: Duration::from_secs(30),
            held_bytes_max: 256 << 20,
            drain: Duration::from_secs(3),
            delay: Duration::from_mins(5),
            hang: Duration::from_mins(5),
            journal_entries_max: 10_000,
            journal_bytes_max: 4 << 20,
            entry_body_bytes_max: 4 << 10,
            overrides_max: 1_000,
            overrides_bytes_max: 16 << 20,
            clones_max: 10_000,
            clone_scenarios_bytes_max: 16 << 20,
            clone_rules_max: 100_000,
            accounts_max: 10_000,
            tokens_max: 10_000,
            tokens_revoked_max: 10_000,
            outbox_messages_max: 10_000,
            users_created_max: 10_000,
            deliveries_max: 1_000,
            delivery_attempts_max: 5,
            delivery: Duration::from_secs(10),
            file_bytes_max: 64 << 20,
            file_depth_max: 64,
            files_max: 1_000,
            users_max: 1_000_000,
            rules_max: 100_000,
            expectations_max: 10_000,
            watch_interval: Duration::from_secs(1),
            errors_shown_max: 50,
            log_lines_max: 10_000,
            page_max: 1_000,
            verify_wait_max: Duration::from_mins(1),
            verdict_time_max: Duration::from_secs(10),
            event_readers_max: 32,
            event_bytes_max: 4 << 20,
            changes_max: 1_000,
            coverage_users_max: 100,
            rejections_max: 1_000,
            secrets_max: 100_000,
            tries_max: 16,
            try_bytes_max: 1 << 20,
            try_time: Duration::from_secs(30),
        }
    }
}

impl Limits {
    /// The names that [`Limits::set`] takes: those of the fields, with `_ms` behind a time.
    pub const NAMES: [&'static str; 55] = [
        "connections_max",
        "head_bytes_max",
        "head_fields_max",
        "target_bytes_max",
        "head_ms",
        "idle_ms",
        "stall_ms",
        "requests_per_connection_max",
        "unread_bytes_max",
        "unread_time_ms",
        "body_bytes_max",
        "body_time_ms",
        "admin_body_bytes_max",
        "admin_body_time_ms",
        "held_bytes_max",
        "drain_ms",
        "delay_ms",
        "hang_ms",
        "journal_entries_max",
        "journal_bytes_max",
        "entry_body_bytes_max",
        "overrides_max",
        "overrides_bytes_max",
        "clones_max",
        "clone_scenarios_bytes_max",
        "clone_rules_max",
        "accounts_max",
        "tokens_max",
        "tokens_revoked_max",
        "outbox_messages_max",
        "users_created_max",
        "deliveries_max",
        "delivery_attempts_max",
        "delivery_ms",
        "file_bytes_max",
        "file_depth_max",
        "files_max",
        "users_max",
        "rules_max",
        "expectations_max",
        "watch_interval_ms",
        "errors_shown_max",
        "log_lines_max",
        "page_max",
        "verify_wait_max_ms",
        "verdict_time_max_ms",
        "event_readers_max",
        "event_bytes_max",
        "changes_max",
        "coverage_users_max",
        "rejections_max",
        "secrets_max",
        "tries_max",
        "try_bytes_max",
        "try_time_ms",
    ];

    /// Sets a bound by its name; times are in milliseconds.
    ///
    /// ```
    /// let mut limits = wksmock::Limits::default();
    /// limits.set("idle_ms", 500)?;
    /// assert_eq!(limits.idle, std::time::Duration::from_millis(500));
    /// assert!(limits.set("idle", 500).is_err());
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// If there is no bound of that name, or the value is not in its [range](Limits::ranges); the text says what there is.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), String> {
        let Some(range) = RANGES.iter().find(|range| range.name == name) else {
            return Err(format!("there is no limit {name}; expected one of {}", Self::NAMES.join(", ")));
        };
        range.check(value, &value.to_string())?;
        match self.field(name) {
            Some(Field::Count(field)) => *field = usize::try_from(value).unwrap_or(usize::MAX),
            Some(Field::Long(field)) => *field = value,
            Some(Field::Short(field)) => *field = u32::try_from(value).unwrap_or(u32::MAX),
            Some(Field::Time(field)) => *field = Duration::from_millis(value),
            None => {}
        }
        Ok(())
    }

    /// The value of a bound by its name, of times in whole milliseconds.
    ///
    /// ```
    /// assert_eq!(wksmock::Limits::default().get("idle_ms"), Some(60_000));
    /// assert_eq!(wksmock::Limits::default().get("idle"), None);
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u64> {
        self.clone().field(name).map(|field| field.shown().0)
    }

    /// Says what is wrong with the fields, if they are not all in their [ranges](Limits::ranges).
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut fields = self.clone();
        let mut wrong = Vec::new();
        for range in &RANGES {
            let Some((value, shown)) = fields.field(range.name).map(|field| field.shown()) else { continue };
            wrong.extend(range.check(value, &shown).err());
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }

    fn field(&mut self, name: &str) -> Option<Field<'_>> {
        Some(match name {
            "connections_max" => Field::Count(&mut self.connections_max),
            "head_bytes_max" => Field::Count(&mut self.head_bytes_max),
            "head_fields_max" => Field::Count(&mut self.head_fields_max),
            "target_bytes_max" => Field::Count(&mut self.target_bytes_max),
            "head_ms" => Field::Time(&mut self.head),
            "idle_ms" => Field::Time(&mut self.idle),
            "stall_ms" => Field::Time(&mut self.stall),
            "requests_per_connection_max" => Field::Long(&mut self.requests_per_connection_max),
            "unread_bytes_max" => Field::Count(&mut self.unread_bytes_max),
            "unread_time_ms" => Field::Time(&mut self.unread_time),
            "body_bytes_max" => Field::Count(&mut self.body_bytes_max),
            "body_time_ms" => Field::Time(&mut self.body_time),
            "admin_body_bytes_max" => Field::Count(&mut self.admin_body_bytes_max),
            "admin_body_time_ms" => Field::Time(&mut self.admin_body_time),
            "held_bytes_max" => Field::Count(&mut self.held_bytes_max),
            "drain_ms" => Field::Time(&mut self.drain),
            "delay_ms" => Field::Time(&mut self.delay),
            "hang_ms" => Field::Time(&mut self.hang),
            "journal_entries_max" => Field::Count(&mut self.journal_entries_max),
            "journal_bytes_max" => Field::Count(&mut self.journal_bytes_max),
            "entry_body_bytes_max" => Field::Count(&mut self.entry_body_bytes_max),
            "overrides_max" => Field::Count(&mut self.overrides_max),
            "overrides_bytes_max" => Field::Count(&mut self.overrides_bytes_max),
            "clones_max" => Field::Count(&mut self.clones_max),
            "clone_scenarios_bytes_max" => Field::Count(&mut self.clone_scenarios_bytes_max),
            "clone_rules_max" => Field::Count(&mut self.clone_rules_max),
            "file_bytes_max" => Field::Count(&mut self.file_bytes_max),
            "file_depth_max" => Field::Count(&mut self.file_depth_max),
            "files_max" => Field::Count(&mut self.files_max),
            "users_max" => Field::Count(&mut self.users_max),
            "rules_max" => Field::Count(&mut self.rules_max),
            "expectations_max" => Field::Count(&mut self.expectations_max),
            "watch_interval_ms" => Field::Time(&mut self.watch_interval),
            "errors_shown_max" => Field::Count(&mut self.errors_shown_max),
            "log_lines_max" => Field::Count(&mut self.log_lines_max),
            "page_max" => Field::Count(&mut self.page_max),
            "verify_wait_max_ms" => Field::Time(&mut self.verify_wait_max),
            "verdict_time_max_ms" => Field::Time(&mut self.verdict_time_max),
            "event_readers_max" => Field::Count(&mut self.event_readers_max),
            "event_bytes_max" => Field::Count(&mut self.event_bytes_max),
            "changes_max" => Field::Count(&mut self.changes_max),
            "coverage_users_max" => Field::Count(&mut self.coverage_users_max),
            "rejections_max" => Field::Count(&mut self.rejections_max),
            "secrets_max" => Field::Count(&mut self.secrets_max),
            "tries_max" => Field::Count(&mut self.tries_max),
            "try_bytes_max" => Field::Count(&mut self.try_bytes_max),
            "try_time_ms" => Field::Time(&mut self.try_time),
            "accounts_max" => Field::Count(&mut self.accounts_max),
            "tokens_max" => Field::Count(&mut self.tokens_max),
            "tokens_revoked_max" => Field::Count(&mut self.tokens_revoked_max),
            "outbox_messages_max" => Field::Count(&mut self.outbox_messages_max),
            "users_created_max" => Field::Count(&mut self.users_created_max),
            "deliveries_max" => Field::Count(&mut self.deliveries_max),
            "delivery_attempts_max" => Field::Short(&mut self.delivery_attempts_max),
            "delivery_ms" => Field::Time(&mut self.delivery),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_sets_a_bound_of_its_own() {
        let default = format!("{:?}", Limits::default());
        let mut seen = std::collections::HashSet::from([default]);
        for (name, range) in Limits::NAMES.into_iter().zip(Limits::ranges()) {
            assert_eq!(name, range.name, "names and ranges have the same order");
            let mut limits = Limits::default();
            limits.set(name, range.values.start() + 1).unwrap();
            assert!(seen.insert(format!("{limits:?}")), "{name} sets nothing of its own");
        }
        assert!(Limits::default().set("x", 1).unwrap_err().contains("idle_ms"));
    }

    #[test]
    fn what_a_limit_cannot_be_is_told_with_its_range_and_why() {
        assert_eq!(Limits::default().check(), Ok(()));
        let set = |name, value| Limits::default().set(name, value).unwrap_err();
        assert_eq!(
            set("idle_ms", 0),
            "idle_ms must be between 1 and 2592000000 milliseconds, not 0: a time of 0 would expire at once"
        );
        assert_eq!(
            set("head_fields_max", 24_577),
            "head_fields_max must be between 2 and 24576, not 24577: the header table cannot hold more"
        );
        assert_eq!(set("requests_per_connection_max", 0), "requests_per_connection_max must be at least 1, not 0");
        let wrong = Limits { idle: Duration::from_micros(500), drain: Duration::MAX, page_max: 0, ..Limits::default() };
        let said = wrong.check().unwrap_err();
        for part in [
            "milliseconds, not 500µs",
            "drain_ms must be between 1 and ",
            "not 18446744073709551615.999999999s",
            "page_max must be",
        ] {
            assert!(said.contains(part), "{said}");
        }
    }
}
