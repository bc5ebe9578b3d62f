//! The bounds of a server, one row for each.

mod ranges;

pub use ranges::LimitRange;

use ranges::{ANY, BYTES_IN_MEMORY, GIB, IN_MEMORY, INDEXED, TIME};
use std::time::Duration;

/// The greatest call number that a request can name, clear of the end of the counters.
pub(crate) const CALL_MAX: u64 = (1 << 62) - 1;

/// A value of a limit.
trait LimitValue {
    /// Sets the value, in milliseconds for a time.
    fn set(&mut self, value: u64);

    /// The value as a number and as text; a time may have a fraction of a millisecond.
    fn shown(&self) -> (u64, String);
}

macro_rules! number {
    ($kind:ident) => {
        impl LimitValue for $kind {
            fn set(&mut self, value: u64) {
                *self = $kind::try_from(value).unwrap_or($kind::MAX);
            }

            fn shown(&self) -> (u64, String) {
                (u64::try_from(*self).unwrap_or(u64::MAX), self.to_string())
            }
        }
    };
}

number!(u32);
number!(u64);
number!(usize);

impl LimitValue for Duration {
    fn set(&mut self, value: u64) {
        *self = Self::from_millis(value);
    }

    fn shown(&self) -> (u64, String) {
        (u64::try_from(self.as_millis()).unwrap_or(u64::MAX), format!("{self:?}"))
    }
}

/// The name of a field for users: that of a time ends with its unit.
macro_rules! name {
    (Duration $field:ident) => {
        concat!(stringify!($field), "_ms")
    };
    ($kind:ident $field:ident) => {
        stringify!($field)
    };
}

/// Makes [`Limits`] of rows: description, field, type, default, and range with the reasons for its ends.
macro_rules! limits {
    ($($(#[doc = $text:literal])+ $field:ident: $kind:ident = $default:expr, $range:expr;)+) => {
        /// The bounds of one server. [`Limits::default`] gives the documented values.
        ///
        /// Sizes are in bytes, and every bound is inclusive. A server with a value out of its [range](Limits::ranges)
        /// does not start.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[doc = $text])+ pub $field: $kind,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        const COUNT: usize = [$(stringify!($field)),+].len();

        static RANGES: [LimitRange; COUNT] = [$(LimitRange::new(name!($kind $field), $range)),+];

        impl Limits {
            /// The names that [`Limits::set`] takes: those of the fields, with `_ms` after that of a time.
            pub const NAMES: [&'static str; COUNT] = [$(name!($kind $field)),+];

            fn field(&mut self, name: &str) -> Option<&mut dyn LimitValue> {
                match name {
                    $(name!($kind $field) => Some(&mut self.$field),)+
                    _ => None,
                }
            }
        }
    };
}

limits! {
    /// Connections that are served at once; further ones wait. Default 10,000. The binary also stays 64 below the
    /// number of files that the process may open.
    connections_max: usize = 10_000,
        (1..=1_000_000, "", "each needs a file descriptor, and a process cannot have more");
    /// The head of a request. Default 64 KiB, since a documented token has up to 40,000 characters; past it 431.
    head_bytes_max: usize = 64 << 10,
        (256..=1 << 20, "the head of a password reset must fit", "each connection reserves room for one");
    /// Header fields of a request. Default 100; past it 431.
    head_fields_max: usize = 100,
        (2..=24_576, "a password reset has Host and Content-Type", "the header table cannot hold more");
    /// Path and query of a request. Default 16 KiB; past it 414.
    target_bytes_max: usize = 16 << 10,
        (128..=65_534, "the path of a password reset must fit", "longer URIs cannot be parsed");
    /// How long a new connection may take to send its first head, and a further head from its first byte on. Default 10
    /// s; past it 408, or a close if no byte came. Over TLS, the handshake has this time for itself, from its first byte
    /// on.
    head: Duration = Duration::from_secs(10), TIME;
    /// Handshakes of TLS that are under way at once; further ones wait. Default 256.
    handshakes_max: usize = 256, (1..=1_000_000, "", "each uses a connection");
    /// How long a connection may be idle between two requests. Default 60 s; past it, it is closed.
    idle: Duration = Duration::from_mins(1), TIME;
    /// How long a client may stop reading an answer. Default 30 s; past it the connection is reset.
    stall: Duration = Duration::from_secs(30), TIME;
    /// Requests on one connection. Default 10,000; the last answer has `Connection: close`.
    requests_per_connection_max: u64 = 10_000, (1..=ANY, "", "");
    /// Requests at once on one connection of HTTP/2. Default 100; further ones are refused with `REFUSED_STREAM`.
    streams_max: u32 = 100, (1..=100_000, "", "each takes memory");
    /// Streams that a client may reset in a minute on one connection of HTTP/2. Default 10,000; past it the connection
    /// is closed with `ENHANCE_YOUR_CALM`.
    resets_per_minute_max: u64 = 10_000, (1..=ANY, "", "");
    /// Frames in a minute on one connection of HTTP/2 that belong to no request, such as `PING` and `SETTINGS`. Default
    /// 10,000; past it the connection is closed with `ENHANCE_YOUR_CALM`.
    control_frames_per_minute_max: u64 = 10_000, (10..=ANY, "a connection begins with some", "");
    /// Bytes read and discarded of a request that was refused early, so that the refusal arrives. Default 16 MiB.
    unread_bytes_max: usize = 16 << 20, (1..=ANY, "", "");
    /// How long that may take. Default 2 s.
    unread_time: Duration = Duration::from_secs(2), TIME;
    /// The body of an API request. Default 64 KiB; past it 413.
    body_bytes_max: usize = 64 << 10, (2..=GIB, "SDKs send {} with every request", BYTES_IN_MEMORY);
    /// How long the body of an API request may take. Default 10 s; past it 408.
    body_time: Duration = Duration::from_secs(10), TIME;
    /// The body of an admin request. Default 8 MiB; past it 413.
    admin_body_bytes_max: usize = 8 << 20, (2..=GIB, "the smallest body is {}", BYTES_IN_MEMORY);
    /// How long the body of an admin request may take. Default 30 s; past it 408.
    admin_body_time: Duration = Duration::from_secs(30), TIME;
    /// Memory for unread answers and unfinished request bodies together, without answers up to 16 KiB and the first 4
    /// KiB of a body. Default 256 MiB; past it 503.
    held_bytes_max: usize = 256 << 20,
        (1_024..=1_024 * GIB, "a smaller value leaves no room for bodies over 4 KiB",
         "no machine has that much memory");
    /// How long open connections may take to finish after a signal or `shutdown`. Default 3 s.
    drain: Duration = Duration::from_secs(3), TIME;
    /// A delay, or the time of a `dribble`, that a rule may set. Default 5 min; past it an error in the file.
    delay: Duration = Duration::from_mins(5), TIME;
    /// How long a `hang` lasts if the client does not give up. Default 5 min; then the connection is closed.
    hang: Duration = Duration::from_mins(5), TIME;
    /// Entries in the journal. Default 10,000; past it the oldest is dropped and counted.
    journal_entries_max: usize = 10_000, (1..=10_000_000, "", IN_MEMORY);
    /// Memory of the journal's texts and bodies. Default 4 MiB; past it the oldest entry is dropped. Bodies take half
    /// of it at most; past that the oldest bodies are dropped, and their entries stay.
    journal_bytes_max: usize = 4 << 20, (1..=16 * GIB, "", BYTES_IN_MEMORY);
    /// Bytes that the journal keeps of a body. Default 4 KiB; the rest is cut off, and 0 keeps none.
    entry_body_bytes_max: usize = 4 << 10,
        (0..=1 << 20, "", "bodies are searched for secrets while other requests wait");
    /// Overrides in force at once. Default 1,000; past it 409.
    overrides_max: usize = 1_000, (1..=100_000, "", "each request checks them all");
    /// The texts of all overrides together. Default 16 MiB; past it 409.
    overrides_bytes_max: usize = 16 << 20, (2..=GIB, "the smallest override is {}", BYTES_IN_MEMORY);
    /// Clones at once. Default 10,000; past it 409.
    clones_max: usize = 10_000, (1..=1_000_000, "", INDEXED);
    /// The texts of all scenarios of clones together, ended clones included. Default 16 MiB; past it the oldest ended
    /// one is forgotten, or 409.
    clone_scenarios_bytes_max: usize = 16 << 20, (2..=GIB, "the smallest scenario is {}", BYTES_IN_MEMORY);
    /// Rules and expectations of all scenarios of clones together. Default 100,000; past it the same.
    clone_rules_max: usize = 100_000, (1..=10_000_000, "", IN_MEMORY);
    /// Accounts over all files. Default 10,000; past it an error in the file.
    accounts_max: usize = 10_000, (1..=1_000_000, "", INDEXED);
    /// Tokens that are listed and whose uses are counted. Default 10,000; past it the oldest is forgotten.
    tokens_max: usize = 10_000, (1..=10_000_000, "", IN_MEMORY);
    /// Tokens that are revoked at once. Default 10,000; past it 409.
    tokens_revoked_max: usize = 10_000, (1..=10_000_000, "", IN_MEMORY);
    /// Messages in the outbox. Default 10,000; past it the oldest is dropped and counted, those that wait for delivery
    /// last.
    outbox_messages_max: usize = 10_000, (1..=10_000_000, "", IN_MEMORY);
    /// Users that are created in one project, deleted ones included. Default 10,000; past it 400. Also the users of a
    /// project, for each operation, that `try` can call; past it 409.
    users_created_max: usize = 10_000, (1..=1_000_000, "", INDEXED);
    /// Messages of one type that wait for delivery. Default 1,000; further ones fail.
    deliveries_max: usize = 1_000, (1..=10_000_000, "", IN_MEMORY);
    /// Attempts to deliver a message. Default 5; then it has failed.
    delivery_attempts_max: u32 = 5, (1..=1_000, "", "attempts are up to 10 s apart");
    /// How long one attempt may take. Default 10 s.
    delivery: Duration = Duration::from_secs(10), TIME;
    /// The size of one file. Default 64 MiB; past it an error.
    file_bytes_max: usize = 64 << 20, (2..=GIB, "the smallest file is {}", "text offsets have 32 bits");
    /// How deep the values of a file or an admin body may nest. Default 64; past it an error.
    file_depth_max: usize = 64,
        (5..=128, "users files and scenarios have five levels", "parsing uses stack for each level");
    /// Files that are loaded together. Default 1,000; past it an error.
    files_max: usize = 1_000, (1..=100_000, "", "all are read at startup");
    /// Users over all files, generated ones included. Default 1,000,000; past it an error in the file.
    users_max: usize = 1_000_000, (1..=1_000_000, "", "ids of generated users have six digits");
    /// Rules over all files and flags. Default 100,000; past it an error in the file.
    rules_max: usize = 100_000, (1..=1_000_000, "", INDEXED);
    /// Expectations over all files, and in one request for a verdict. Default 10,000; past it an error.
    expectations_max: usize = 10_000, (1..=1_000_000, "", IN_MEMORY);
    /// How long `--watch` waits between two looks at the files. Default 1 s.
    watch_interval: Duration = Duration::from_secs(1), TIME;
    /// Errors that are shown at once; the rest is counted. Default 50.
    errors_shown_max: usize = 50, (1..=100_000, "", IN_MEMORY);
    /// Log lines that wait to be written; one over 1 KiB counts as several. Default 10,000; past it lines are dropped
    /// and counted.
    log_lines_max: usize = 10_000, (1..=10_000_000, "", IN_MEMORY);
    /// Entries on one page of an admin list. Default 1,000; past it 400.
    page_max: usize = 1_000, (1..=1_000_000, "", "a page is built in memory");
    /// How long `verify` may wait. Default 60 s; past it 400.
    verify_wait_max: Duration = Duration::from_mins(1), TIME;
    /// How long one verdict may take, the wait for other verdicts included. Default 10 s; past it 503.
    verdict_time_max: Duration = Duration::from_secs(10), TIME;
    /// Readers of `/__admin/events` at once. Default 32; past it 503.
    event_readers_max: usize = 32, (1..=100_000, "", "each uses a connection");
    /// Events that are kept for their readers, together. Default 4 MiB; a reader that falls further behind reads the
    /// journal.
    event_bytes_max: usize = 4 << 20, (1..=GIB, "", BYTES_IN_MEMORY);
    /// Changes of the setup that are kept. Default 1,000; past it the oldest is dropped and counted.
    changes_max: usize = 1_000, (1..=1_000_000, "", IN_MEMORY);
    /// Users that are named for each status of the coverage, and calls that are shown of an expectation; the rest is
    /// counted. Default 100.
    coverage_users_max: usize = 100, (1..=1_000_000, "", IN_MEMORY);
    /// Causes of refused requests that are told apart, over all projects; the rest is counted together. Default 1,000.
    rejections_max: usize = 1_000, (1..=1_000_000, "", IN_MEMORY);
    /// Passwords that `run --no-secrets-in-output` looks for. Default 100,000; past it the run fails.
    secrets_max: usize = 100_000, (1..=10_000_000, "", IN_MEMORY);
    /// Requests that `try` sends at once. Default 16; past it 503.
    tries_max: usize = 16, (1..=1_000, "", "each uses a connection");
    /// Bytes that `try` shows of an answer; the rest is read, counted and discarded. Default 1 MiB.
    try_bytes_max: usize = 1 << 20, (1_024..=GIB, "the head of an answer must fit", BYTES_IN_MEMORY);
    /// How long a request of `try` may take. Default 30 s; then the connection is closed.
    try_time: Duration = Duration::from_secs(30), TIME;
}

impl Limits {
    /// The ranges of all limits, in the order of [`Limits::NAMES`].
    #[must_use]
    pub fn ranges() -> &'static [LimitRange] {
        &RANGES
    }

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
    /// If the name is unknown, or the value is not in its [range](Limits::ranges).
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), String> {
        let Some(range) = RANGES.iter().find(|range| range.name == name) else {
            return Err(format!("there is no limit {name}; expected one of {}", Self::NAMES.join(", ")));
        };
        range.check(value, &value.to_string())?;
        if let Some(field) = self.field(name) {
            field.set(value);
        }
        Ok(())
    }

    /// The value of a bound by its name; times are in whole milliseconds.
    ///
    /// ```
    /// assert_eq!(wksmock::Limits::default().get("idle_ms"), Some(60_000));
    /// assert_eq!(wksmock::Limits::default().get("idle"), None);
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u64> {
        self.clone().field(name).map(|field| field.shown().0)
    }

    /// Checks that all fields are in their [ranges](Limits::ranges).
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut fields = self.clone();
        let mut wrong = Vec::new();
        for range in &RANGES {
            let Some((value, shown)) = fields.field(range.name).map(|field| field.shown()) else { continue };
            wrong.extend(range.check(value, &shown).err());
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_sets_its_own_field() {
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
    fn value_out_of_range_is_an_error_with_the_reason() {
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
        let message = wrong.check().unwrap_err();
        for part in [
            "milliseconds, not 500µs",
            "drain_ms must be between 1 and ",
            "not 18446744073709551615.999999999s",
            "page_max must be",
        ] {
            assert!(message.contains(part), "{message}");
        }
    }
}
