//! Draws scenarios and actions on a server.

use super::written::{
    CARRYING, Case, DOCUMENTED, Delay, HEADERS, Piece, QUERIES, Rule, STRIKING, Status, Step, UNDOCUMENTED, USERS, When,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Conditions on projects: of those that are loaded, and with a clone.
pub(super) const LOADED: [&[&str]; 3] = [&["p"], &["q"], &["p", "q"]];
pub(super) const WITH_CLONE: [&[&str]; 5] = [&["p"], &["q"], &["c"], &["p", "q"], &["q", "c"]];

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let rules = prop::collection::vec(rule(&LOADED), 1..7);
    let flags = prop::collection::vec(rule(&LOADED).prop_map(Rule::into_flag), 0..2);
    let steps = prop::collection::vec(step(), 20..50);
    (0_u64..9, flags, rules, steps).prop_map(|(seed, mut flags, mut rules, steps)| {
        // Names are unique, and draws depend on them.
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
    let overriding = (rule(&WITH_CLONE), prop::option::weighted(0.3, 1_u64..4));
    prop_oneof![
        24 => call.prop_map(|(user, headers, query)| Step::Call { user, headers, query }),
        4 => select(vec![1, 249, 250, 750]).prop_map(Step::Advance),
        3 => overriding.prop_map(|(rule, next)| rule.overriding(next)),
        1 => Just(Step::RemoveOverrides),
        1 => Just(Step::Reset),
    ]
}

pub(super) fn rule(projects: &'static [&'static [&'static str]]) -> impl Strategy<Value = Rule> {
    let option = prop::option::weighted::<prop::strategy::BoxedStrategy<_>>;
    let facets = (
        option(0.6, status().boxed()),
        prop::option::weighted(0.4, delay()),
        prop::option::weighted(0.4, select([&STRIKING[..], &CARRYING[..]].concat())),
        prop::option::weighted(0.5, select(vec!["before", "after"])),
    );
    (when(projects), facets).prop_map(|(when, (status, delay, fault, phase))| {
        Rule { name: None, when, status, delay, fault, phase }.normalized()
    })
}

fn when(projects: &'static [&'static [&'static str]]) -> impl Strategy<Value = When> {
    let piece = prop_oneof![
        (1_u64..9).prop_map(Piece::One),
        (1_u64..6, 0_u64..4).prop_map(|(first, more)| Piece::To(first, first + more)),
        (1_u64..6).prop_map(Piece::From),
        (1_u64..5).prop_map(Piece::Every),
    ];
    // Times to which steps advance the clock, so that calls happen at the exact ends of windows.
    let time = (prop::option::of(select(vec![0_u64, 1, 250])), prop::option::of(select(vec![1_u64, 249, 250, 1_000])));
    let users = subsequence(vec!["u", "w"], 1..3);
    (
        prop::option::weighted(0.3, select(projects)),
        prop::option::weighted(0.4, users),
        prop::option::weighted(0.4, prop::collection::vec(piece, 1..4)),
        prop::option::weighted(0.3, select(vec![0.0, 0.05, 0.3, 0.5, 0.9, 1.0])),
        prop::option::weighted(0.25, time.prop_map(|(from, more)| [from, more.map(|more| from.unwrap_or(0) + more)])),
        subsequence(HEADERS[1..].to_vec(), 0..2).prop_flat_map(|all| subsequence(all.clone(), 0..=all.len())),
        prop::option::weighted(0.15, select(vec![("notification_type", "phone,email"), ("x", "1"), ("x", " 2")])),
        any::<bool>(),
    )
        .prop_map(|(projects, users, calls, chance, time_ms, headers, query, operation)| {
            let projects = projects.map(<[_]>::to_vec);
            // The second project has one user.
            let users = if projects.as_deref() == Some(&["q"][..]) { users.map(|_| vec!["u"]) } else { users };
            let query = query.into_iter().collect();
            When { projects, users, calls, chance, time_ms, headers, query, operation }
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
