//! Scenarios that are drawn: rules as values, and as they are written in files, flags and overrides.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
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
    {"id": "p", "users": [{"id": "u", "user_name": "ada"}, {"id": "w", "active_type": "USER_ACTIVATE"}]},
    {"id": "q", "users": [{"id": "u"}]}]}"#;

#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    pub(super) project: &'static str,
    /// The project of which that is a clone, else itself.
    pub(super) template: &'static str,
    pub(super) id: &'static str,
    /// Whether the API refuses calls for him that ask for no notification.
    pub(super) notified_only: bool,
}

/// Header fields, and queries with what stands in them.
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
const UNDOCUMENTED: [u16; 4] = [202, 418, 429, 502];
pub(super) const STRIKING: [&str; 4] = ["reset", "empty_response", "hang", "random_data"];
const CARRYING: [&str; 5] = ["truncated_body", "wrong_length", "malformed_chunk", "malformed_json", "dribble"];

#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// None in an override that is named by its place.
    pub(super) name: Option<String>,
    pub(super) when: When,
    pub(super) status: Option<Status>,
    pub(super) delay: Option<Delay>,
    pub(super) fault: Option<&'static str>,
    pub(super) phase: Option<&'static str>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct When {
    pub(super) project: Option<&'static str>,
    pub(super) users: Option<Vec<&'static str>>,
    pub(super) calls: Option<Vec<Piece>>,
    pub(super) chance: Option<f64>,
    pub(super) time_ms: Option<[Option<u64>; 2]>,
    pub(super) headers: Vec<Pair>,
    pub(super) query: Vec<Pair>,
    /// Whether the only operation is named, which changes nothing.
    operation: bool,
}

/// `3`, `1-2`, `5-` or `*/3`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    One(u64),
    To(u64, u64),
    From(u64),
    Every(u64),
}

#[derive(Clone, Debug)]
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

/// What is done to a server.
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
    /// With `next` for so many calls from now on.
    Override {
        rule: Rule,
        next: Option<u64>,
    },
    RemoveOverrides,
    Reset,
}

/// A set-up, and what is done to it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) seed: u64,
    /// Rules that `--fault` can say.
    pub(super) flags: Vec<Rule>,
    pub(super) rules: Vec<Rule>,
    pub(super) steps: Vec<Step>,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let rules = prop::collection::vec(rule(&["p", "q"]), 1..7);
    let flags = prop::collection::vec(rule(&["p", "q"]).prop_map(Rule::into_a_flag), 0..2);
    let steps = prop::collection::vec(step(), 20..50);
    (0_u64..9, flags, rules, steps).prop_map(|(seed, mut flags, mut rules, steps)| {
        // Names are unique, and draws are made with them.
        flags.dedup_by_key(|flag| flag.flag());
        for flag in &mut flags {
            flag.name = Some(flag.flag());
        }
        for (at, rule) in rules.iter_mut().enumerate() {
            rule.name = Some(format!("rule {at}"));
        }
        Case { seed, flags, rules, steps }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let headers = subsequence(HEADERS.to_vec(), 0..3);
    let call = (0..USERS.len(), headers, 0..QUERIES.len());
    let overriding = (rule(&["p", "q", "c"]), prop::option::weighted(0.3, 1_u64..4));
    prop_oneof![
        24 => call.prop_map(|(user, headers, query)| Step::Call { user, headers, query }),
        2 => select(vec![1, 250, 1_000]).prop_map(Step::Advance),
        3 => overriding.prop_map(|(rule, next)| rule.overriding(next)),
        1 => Just(Step::RemoveOverrides),
        1 => Just(Step::Reset),
    ]
}

fn rule(projects: &'static [&'static str]) -> impl Strategy<Value = Rule> {
    let option = prop::option::weighted::<prop::strategy::BoxedStrategy<_>>;
    let facets = (
        option(0.6, status().boxed()),
        prop::option::weighted(0.4, delay()),
        prop::option::weighted(0.4, select([&STRIKING[..], &CARRYING[..]].concat())),
        prop::option::weighted(0.5, select(vec!["before", "after"])),
    );
    (when(projects), facets).prop_map(|(when, (status, delay, fault, phase))| {
        Rule { name: None, when, status, delay, fault, phase }.made_right()
    })
}

fn when(projects: &'static [&'static str]) -> impl Strategy<Value = When> {
    let piece = prop_oneof![
        (1_u64..9).prop_map(Piece::One),
        (1_u64..6, 0_u64..4).prop_map(|(first, more)| Piece::To(first, first + more)),
        (1_u64..6).prop_map(Piece::From),
        (1_u64..5).prop_map(Piece::Every),
    ];
    let time = (prop::option::of(0_u64..900), prop::option::of(1_u64..1_200));
    let users = subsequence(vec!["u", "w"], 1..3);
    (
        prop::option::weighted(0.3, select(projects)),
        prop::option::weighted(0.4, users),
        prop::option::weighted(0.4, prop::collection::vec(piece, 1..4)),
        prop::option::weighted(0.3, select(vec![0.0, 0.05, 0.3, 0.5, 0.9, 1.0])),
        prop::option::weighted(0.15, time.prop_map(|(from, more)| [from, more.map(|more| from.unwrap_or(0) + more)])),
        subsequence(HEADERS[1..].to_vec(), 0..2).prop_flat_map(|all| subsequence(all.clone(), 0..=all.len())),
        prop::option::weighted(0.15, select(vec![("notification_type", "phone,email"), ("x", "1"), ("x", " 2")])),
        any::<bool>(),
    )
        .prop_map(|(project, users, calls, chance, time_ms, headers, query, operation)| {
            // The second project has one user.
            let users = if project == Some("q") { users.map(|_| vec!["u"]) } else { users };
            let query = query.into_iter().collect();
            When { project, users, calls, chance, time_ms, headers, query, operation }
        })
}

fn status() -> impl Strategy<Value = Status> {
    let statuses = |known: &[u16]| prop::collection::vec(select(known.to_vec()), 1..4);
    let statuses = prop_oneof![
        3 => statuses(&DOCUMENTED).prop_map(|statuses| (false, statuses)),
        1 => statuses(&[&DOCUMENTED[..], &UNDOCUMENTED].concat()).prop_map(|statuses| (true, statuses)),
    ];
    let then = prop::option::weighted(0.4, select(vec!["", "next", "last", "restart"]));
    let error = (
        prop::option::weighted(0.3, Just("X.1")),
        prop::option::weighted(0.3, Just("ö \"why\"")),
        prop::option::weighted(0.2, Just("policy denies it")),
    );
    let headers = subsequence(vec![("Retry-After", "1"), ("X-Odd", "a,  b")], 0..3);
    let body = prop::option::weighted(0.3, select(vec!["", "x", "<html>ü</html>", "{}"]));
    (statuses, then, error, headers, body).prop_map(
        |((undocumented, mut statuses), then, (code, message, reason), headers, body)| {
            if then.is_none() {
                statuses.truncate(1);
            }
            let fails = statuses.iter().any(|status| *status >= 400);
            let of_an_error = |text: Option<&'static str>| text.filter(|_| fails);
            Status {
                statuses,
                then,
                undocumented,
                code: of_an_error(code),
                message: of_an_error(message),
                reason: of_an_error(reason),
                headers,
                body: body.filter(|_| undocumented),
            }
        },
    )
}

fn delay() -> impl Strategy<Value = Delay> {
    let lognormal = (1_u32..200, select(vec![0.0, 0.3, 0.6, 2.5, 10.0]), 0_u32..5_000);
    prop_oneof![
        (0_u32..300_001).prop_map(Delay::Fixed),
        (0_u32..200, 0_u32..2_000).prop_map(|(from, more)| Delay::Uniform(from, from + more)),
        lognormal.prop_map(|(median, sigma, more)| Delay::LogNormal { median, sigma, max: median + more }),
    ]
}

impl Piece {
    /// First and last of them, and every how many-th.
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

    /// Leaves out what cannot stand beside the rest.
    fn made_right(mut self) -> Self {
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
            // Pieces that overlap would not say which call is which.
            for pieces in calls.iter_mut() {
                pieces.truncate(1);
            }
        }
        let fails = self.status.as_ref().is_some_and(|status| status.statuses.iter().any(|status| *status >= 400));
        self.phase = self.phase.filter(|_| fails || self.strikes());
        self
    }

    /// As much of it as a flag can say.
    fn into_a_flag(mut self) -> Self {
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

    /// As `--fault` has it.
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

    fn overriding(mut self, next: Option<u64>) -> Step {
        let next = next.filter(|_| self.when.users.is_some());
        if next.is_some() {
            self.when.calls = None;
        }
        Step::Override { rule: self, next }
    }

    /// As files and overrides have it.
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
        Self {
            statuses: vec![status],
            then: None,
            undocumented: false,
            code: None,
            message: None,
            reason: None,
            headers: Vec::new(),
            body: None,
        }
    }
}

impl When {
    fn json(&self) -> Value {
        let mut when = json!({});
        let mut set = |name: &str, value: Option<Value>| value.into_iter().for_each(|value| when[name] = value);
        set("project", self.project.map(|project| json!(project)));
        set("user", self.users.as_ref().map(|users| if users.len() == 1 { json!(users[0]) } else { json!(users) }));
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
