//! Rules as values, and their text in files, flags and overrides.

use serde_json::{Value, json};

/// Users of the loaded projects, and of a clone of the first.
pub(super) const USERS: [User; 5] = [
    User { project: "p", template: "p", id: "u", notified_only: false },
    User { project: "p", template: "p", id: "w", notified_only: true },
    User { project: "q", template: "q", id: "u", notified_only: false },
    User { project: "c", template: "p", id: "u", notified_only: false },
    User { project: "c", template: "p", id: "w", notified_only: true },
];
pub(super) const USERS_FILE: &str = r#"{"projects": [
    {"id": "p", "users": [{"id": "u", "user_name": "ada", "user_email": "u@x", "user_phone": "1"}, {"id": "w", "active_type": "USER_ACTIVATE", "user_email": "w@x", "user_phone": "2"}]},
    {"id": "q", "users": [{"id": "u", "user_email": "u@x", "user_phone": "1"}]}]}"#;

#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    pub(super) project: &'static str,
    /// The project of which this is a clone, else itself.
    pub(super) template: &'static str,
    pub(super) id: &'static str,
    /// Whether the API refuses this user's calls that request no notification.
    pub(super) notified_only: bool,
}

/// Header fields, and queries with their values.
pub(super) type Pair = (&'static str, &'static str);
pub(super) const HEADERS: [Pair; 3] = [("X-Canary", "yes"), ("X-Canary", "no"), ("X-Team", "a b")];
pub(super) const QUERIES: [(&str, &[Pair]); 5] = [
    ("", &[]),
    ("?notification_type=email", &[("notification_type", "email")]),
    ("?notification_type=phone%2Cemail", &[("notification_type", "phone,email")]),
    ("?x=1&x=+2", &[("x", "1"), ("x", " 2")]),
    ("?x=1&notification_type=phone", &[("x", "1"), ("notification_type", "phone")]),
];

pub(super) const DOCUMENTED: [u16; 8] = [200, 400, 401, 403, 404, 405, 500, 503];
pub(super) const UNDOCUMENTED: [u16; 4] = [202, 418, 429, 502];
pub(super) const STRIKING: [&str; 6] =
    ["reset", "reset_connection", "empty_response", "hang", "random_data", "tls_garbage"];
pub(super) const CARRYING: [&str; 5] =
    ["truncated_body", "wrong_length", "malformed_chunk", "malformed_json", "dribble"];
/// Faults without effect on a response without a body.
pub(super) const SPOILING: [&str; 4] = ["truncated_body", "wrong_length", "malformed_chunk", "malformed_json"];

#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// `None` in an override that is named by its place.
    pub(super) name: Option<String>,
    pub(super) when: When,
    pub(super) status: Option<Status>,
    pub(super) delay: Option<Delay>,
    pub(super) fault: Option<&'static str>,
    pub(super) phase: Option<&'static str>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct When {
    pub(super) projects: Option<Vec<&'static str>>,
    pub(super) users: Option<Vec<&'static str>>,
    pub(super) calls: Option<Vec<Piece>>,
    pub(super) chance: Option<f64>,
    pub(super) time_ms: Option<[Option<u64>; 2]>,
    pub(super) headers: Vec<Pair>,
    pub(super) query: Vec<Pair>,
    /// Whether the rule names its only operation, which changes nothing.
    pub(super) operation: bool,
}

/// `3`, `1-2`, `5-` or `*/3`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    One(u64),
    To(u64, u64),
    From(u64),
    Every(u64),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Status {
    /// One is a `status`, unless `then` makes it a `sequence`.
    pub(super) statuses: Vec<u16>,
    pub(super) then: Option<&'static str>,
    pub(super) undocumented: bool,
    pub(super) code: Option<&'static str>,
    pub(super) message: Option<&'static str>,
    pub(super) reason: Option<&'static str>,
    pub(super) headers: Vec<Pair>,
    pub(super) body: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Delay {
    Fixed(u32),
    Uniform(u32, u32),
    LogNormal { median: u32, sigma: f64, max: u32 },
}

/// An action on a server.
#[expect(clippy::large_enum_variant, reason = "there are few of them")]
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// By a user, with header fields and a query.
    Call {
        user: usize,
        headers: Vec<Pair>,
        query: usize,
    },
    Advance(u64),
    /// With `next` for this many coming calls.
    Override {
        rule: Rule,
        next: Option<u64>,
    },
    RemoveOverrides,
    Reset,
}

/// A setup and the actions on it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) seed: u64,
    /// Rules that `--fault` can express.
    pub(super) flags: Vec<Rule>,
    pub(super) rules: Vec<Rule>,
    pub(super) steps: Vec<Step>,
}

impl Piece {
    /// First and last of them, and the step.
    fn span(self) -> (u64, u64, u64) {
        match self {
            Self::One(call) => (call, call, 1),
            Self::To(first, last) => (first, last, 1),
            Self::From(first) => (first, u64::MAX, 1),
            Self::Every(step) => (step, u64::MAX, step),
        }
    }

    pub(super) fn has(self, call: u64) -> bool {
        let (first, last, step) = self.span();
        first <= call && call <= last && (call - first).is_multiple_of(step)
    }

    fn written(self) -> String {
        match self {
            Self::One(call) => format!("{call}"),
            Self::To(first, last) => format!("{first}-{last}"),
            Self::From(first) => format!("{first}-"),
            Self::Every(step) => format!("*/{step}"),
        }
    }
}

impl Rule {
    pub(super) fn strikes(&self) -> bool {
        self.fault.is_some_and(|fault| STRIKING.contains(&fault))
    }

    /// Removes the parts that cannot be combined with the rest.
    pub(super) fn normalized(mut self) -> Self {
        if self.strikes() {
            self.status = None;
            self.delay = self.delay.filter(|_| self.fault != Some("hang"));
        }
        if self.status.is_none() && self.delay.is_none() && self.fault.is_none() {
            self.delay = Some(Delay::Fixed(1));
        }
        if self.status.as_ref().is_some_and(|status| status.then.is_some()) {
            let When { chance, time_ms, headers, query, calls, .. } = &mut self.when;
            (*chance, *time_ms) = (None, None);
            headers.clear();
            query.clear();
            // Overlapping pieces would leave the order of calls unknown.
            for pieces in calls.iter_mut() {
                pieces.truncate(1);
                let (first, last, _) = pieces[0].span();
                self.status = self.status.map(|status| status.of_at_most(last - first + 1));
            }
        }
        let empty = self.status.as_ref().is_some_and(|status| status.body == Some(""));
        self.fault = self.fault.filter(|fault| !(empty && SPOILING.contains(fault)));
        let fails = self.status.as_ref().is_some_and(|status| status.statuses.iter().any(|status| *status >= 400));
        self.phase = self.phase.filter(|_| fails || self.strikes());
        self
    }

    /// Keeps the parts that a flag can express.
    pub(super) fn into_flag(mut self) -> Self {
        let fault = self.fault.filter(|fault| *fault != "dribble");
        let first = self.status.as_ref().map(|status| status.statuses[0]).filter(|status| DOCUMENTED.contains(status));
        self.fault = fault.or(first.is_none().then_some("malformed_json"));
        self.status = first.filter(|_| self.fault.is_none()).map(Status::plain);
        self.delay = None;
        let When { users, calls, chance, .. } = self.when;
        let users = users.map(|users| users[..1].to_vec());
        self.when = When { users, calls, chance, ..When::default() };
        let fails = self.strikes() || self.status.as_ref().is_some_and(|status| status.statuses[0] >= 400);
        self.phase = self.phase.filter(|_| fails);
        self
    }

    /// Writes the rule as a `--fault`.
    pub(super) fn flag(&self) -> String {
        let target = self.when.users.as_ref().map_or("*", |users| users[0]);
        let effect = match &self.status {
            Some(status) => status.statuses[0].to_string(),
            None => self.fault.unwrap_or_default().to_owned(),
        };
        let chance = self.when.chance.map(|chance| format!("{}%", (chance * 100.0).round()));
        let behind = [self.phase.map(str::to_owned), chance, self.when.calls.as_ref().map(|calls| written(calls))];
        let behind = behind.into_iter().flatten().map(|piece| format!(":{piece}"));
        format!("{target}={effect}{}", behind.collect::<String>())
    }

    /// Adapts a rule to an override for the next calls.
    pub(super) fn for_next(mut self, next: Option<u64>) -> Self {
        if let Some(next) = next {
            self.when.calls = None;
            self.status = self.status.map(|status| status.of_at_most(next));
            self = self.normalized();
        }
        self
    }

    pub(super) fn overriding(self, next: Option<u64>) -> Step {
        let next = next.filter(|_| self.when.users.is_some());
        Step::Override { rule: self.for_next(next), next }
    }

    /// Writes the rule as JSON for files and overrides.
    pub(super) fn json(&self, next: Option<u64>) -> Value {
        let mut rule = json!({ "when": self.when.json() });
        let mut set = |name: &str, value: Option<Value>| value.into_iter().for_each(|value| rule[name] = value);
        set("name", self.name.as_ref().map(|name| json!(name)));
        set("next", next.map(|next| json!(next)));
        set("phase", self.phase.map(|phase| json!(phase)));
        set("delay", self.delay.map(Delay::json));
        set(
            "fault",
            self.fault.map(|fault| match fault {
                "dribble" => json!({ "dribble": { "chunks": 3, "over_ms": 60_000 } }),
                fault => json!(fault),
            }),
        );
        if let Some(status) = &self.status {
            match status.then {
                None => set("status", Some(json!(status.statuses[0]))),
                Some(then) => {
                    set("sequence", Some(json!(status.statuses)));
                    set("then", Some(then).filter(|then| !then.is_empty()).map(|then| json!(then)));
                }
            }
            set("undocumented", status.undocumented.then_some(json!(true)));
            set("headers", (!status.headers.is_empty()).then(|| map(&status.headers)));
            set("body", status.body.map(|body| json!(body)));
            let error = [("code", status.code), ("message", status.message), ("reason", status.reason)];
            let error: Vec<_> = error.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
            set("error", (!error.is_empty()).then(|| map(&error)));
        }
        rule
    }
}

impl Status {
    fn plain(status: u16) -> Self {
        Self { statuses: vec![status], ..Self::default() }
    }

    /// Shortens a sequence to the number of its calls.
    fn of_at_most(mut self, calls: u64) -> Self {
        self.statuses.truncate(usize::try_from(calls).unwrap_or(usize::MAX));
        if self.statuses.iter().all(|status| *status < 400) {
            (self.code, self.message, self.reason) = (None, None, None);
        }
        self
    }
}

impl When {
    fn json(&self) -> Value {
        let mut when = json!({});
        let mut set = |name: &str, value: Option<Value>| value.into_iter().for_each(|value| when[name] = value);
        let one_or_all = |all: &Vec<&str>| if all.len() == 1 { json!(all[0]) } else { json!(all) };
        set("project", self.projects.as_ref().map(one_or_all));
        set("user", self.users.as_ref().map(one_or_all));
        set("calls", self.calls.as_ref().map(|calls| json!(written(calls))));
        set("chance", self.chance.map(|chance| json!(chance)));
        set("time_ms", self.time_ms.map(|time| json!(time)));
        set("header", (!self.headers.is_empty()).then(|| map(&self.headers)));
        set("query", (!self.query.is_empty()).then(|| map(&self.query)));
        set("operation", self.operation.then(|| json!("ResetRandomPassword")));
        when
    }
}

impl Delay {
    fn json(self) -> Value {
        match self {
            Self::Fixed(ms) => json!({ "fixed_ms": ms }),
            Self::Uniform(from, to) => json!({ "uniform_ms": [from, to] }),
            Self::LogNormal { median, sigma, max } => {
                json!({ "lognormal": { "median_ms": median, "sigma": sigma, "max_ms": max } })
            }
        }
    }
}

fn written(calls: &[Piece]) -> String {
    calls.iter().map(|piece| piece.written()).collect::<Vec<_>>().join(",")
}

fn map(pairs: &[Pair]) -> Value {
    Value::Object(pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect())
}
