//! Judges expectations. Pure: what is known of the calls goes in, a verdict comes out.

use super::cancel::{Cancel, Cancelled};
use super::evidence::Evidence;
use super::verdict::{ExpectationVerdict, Verdict};
use crate::contract::{Operation, Subject};
use crate::ids::{Party, ProjectIndex};
use crate::scenario::words::counted;
use crate::scenario::{Basis, Case, Expectation, Miss, Requirement, Seen};
use crate::state::Running;
use std::collections::HashSet;
use std::sync::Arc;

/// Judges each expectation for each of its users. With a project, only for users of that one, and expectations that are
/// about none of them are left out, or with `all` do not hold.
pub(super) fn judge(
    expectations: &[Arc<Expectation>],
    evidence: &Evidence,
    project: Option<ProjectIndex>,
    all: bool,
    cancel: &Cancel<'_>,
) -> Result<Verdict, Cancelled> {
    let mut room = evidence.room;
    let mut judged = Vec::new();
    for one in expectations {
        let of_it = evidence.judge(one, project, &mut room, cancel)?;
        judged.extend(of_it.or_else(|| all.then(|| ExpectationVerdict::not_applicable(one))));
    }
    let (silent_repeats, more_silent_repeats) = evidence.silent_repeats();
    let never_struck: Vec<_> = evidence.never_struck.iter().take(evidence.listed_max).cloned().collect();
    Ok(Verdict {
        passed: judged.iter().all(|one| one.passed),
        expectations: judged,
        more_never_struck: evidence.never_struck.len() - never_struck.len(),
        never_struck,
        rejected: evidence.rejected.clone(),
        recovery: evidence.recovery(),
        silent_repeats,
        more_silent_repeats,
    })
}

/// Judges the expectations of the files, and those of each clone's own scenario within that clone, if it is to be `judged`.
pub(super) fn with_own(
    mut verdict: Verdict,
    running: &Running,
    mut evidence: Evidence,
    judged: impl Fn(&ProjectIndex) -> bool,
    cancel: &Cancel<'_>,
) -> Result<Verdict, Cancelled> {
    // Evidence about one clone does not depend on other clones.
    evidence.clones_forgotten = 0;
    let own = running.with_own_scenario_in_order().into_iter();
    for (clone, own) in own.filter(|(clone, own)| !own.expectations.is_empty() && judged(&clone.index.project())) {
        evidence.hint = running.refusals(Some(clone.index.project()), evidence.whose).hint();
        verdict.add(judge(&own.expectations, &evidence, Some(clone.index.project()), false, cancel)?.expectations);
    }
    let forgotten = running.clones.forgotten_own;
    verdict.add((forgotten > 0).then(|| ExpectationVerdict::of_forgotten(forgotten)));
    Ok(verdict)
}

/// Of the misses of one user, from an index on, drops the bare `did not call` where another adds how many calls lack.
fn drop_said_twice(misses: &mut Vec<Miss>, from: usize) {
    let of_one = misses.split_off(from);
    let says_more = |what: &str| {
        let rest = of_one.iter().filter_map(|miss| miss.what.strip_prefix(what));
        rest.into_iter().any(|rest| rest.starts_with(": "))
    };
    let repeated: Vec<_> = of_one.iter().map(|miss| says_more(&miss.what)).collect();
    misses.extend(of_one.into_iter().zip(repeated).filter(|(_, repeated)| !repeated).map(|(miss, _)| miss));
}

impl Evidence {
    fn judge(
        &self,
        expectation: &Expectation,
        project: Option<ProjectIndex>,
        room: &mut usize,
        cancel: &Cancel<'_>,
    ) -> Result<Option<ExpectationVerdict>, Cancelled> {
        let all = expectation.requirements.iter().map(AsRef::as_ref);
        let (mut of_messages, of_calls): (Vec<_>, Vec<_>) = all.partition(|one| one.basis() == Basis::Messages);
        let mut misses: Vec<_> = self.not_known(expectation, !of_messages.is_empty()).collect();
        if self.messages_dropped > 0 {
            of_messages.clear();
        }
        let Some(callers) = self.parties(expectation, self.callers_of(expectation), project, cancel)? else {
            return Ok(None);
        };
        let told = if of_messages.is_empty() {
            Vec::new()
        } else {
            self.parties(expectation, &self.callers_and_told(expectation), project, cancel)?.unwrap_or_default()
        };
        let (mut failed, mut is_missing) = (Vec::new(), false);
        for (users, requirements) in [(&callers, &of_calls), (&told, &of_messages)] {
            for (user, calls) in users {
                cancel.step()?;
                if holds_by_count(expectation, requirements, *calls) {
                    continue;
                }
                let before = misses.len();
                self.check(expectation, requirements, (*user, *calls), &mut misses);
                drop_said_twice(&mut misses, before);
                if misses.len() > before {
                    failed.push(*user);
                    is_missing |= *calls == 0;
                }
            }
            // With no user it would hold and prove nothing.
            if users.is_empty() && requirements.iter().any(|one| one.needs_a_call()) {
                misses.push(Miss { distance: 1_000, is_final: false, what: "no calls".to_owned() });
                is_missing = true;
            }
        }
        let passed = misses.is_empty();
        let judged_nothing = if passed { self.judged_nothing(expectation, &callers, &told, cancel)? } else { None };
        // A user without calls may have called and been refused.
        let hint = self.hint.clone().filter(|_| is_missing);
        let hopeless = misses.iter().any(|miss| miss.is_final);
        nearest_first(&mut misses);
        if let (Some(nearest), Some(hint)) = (misses.first_mut(), hint) {
            nearest.what = format!("{}; {hint}", nearest.what);
        }
        let nearest = misses.first().map(|miss| miss.what.clone());
        let more_misses = misses.len().saturating_sub(self.shown_max);
        misses.truncate(self.shown_max);
        let shown = if passed { callers.iter().map(|(user, _)| *user).collect() } else { once_each(failed) };
        let (seen, more_seen) = self.seen_calls(expectation, &shown, self.shown_max.min(*room), cancel)?;
        *room -= seen.len();
        Ok(Some(ExpectationVerdict {
            name: expectation.label.name.clone(),
            place: expectation.label.place.clone(),
            passed,
            expected: expectation.requirements.iter().map(|one| one.expected()).collect(),
            seen,
            more_seen,
            nearest,
            misses: misses.into_iter().map(|miss| miss.what).collect(),
            more_misses,
            judged_nothing,
            hopeless,
        }))
    }

    /// Why it would hold whatever the program did: no calls, or no answer was lost that it is about.
    fn judged_nothing(
        &self,
        expectation: &Expectation,
        callers: &[(Party, u64)],
        told: &[(Party, u64)],
        cancel: &Cancel<'_>,
    ) -> Result<Option<String>, Cancelled> {
        let requirements = &expectation.requirements;
        let asks_for_none = requirements.iter().any(|one| one.holds_by_count(0) && !one.holds_by_count(1));
        let has_messages =
            told.iter().any(|(user, _)| user.user().is_some_and(|user| self.messages.contains_key(&user)));
        if callers.iter().all(|(_, calls)| *calls == 0) && !has_messages {
            return Ok((!asks_for_none).then(|| "no call was judged".to_owned()));
        }
        if !requirements.iter().any(|one| one.needs_a_lost_answer()) {
            return Ok(None);
        }
        for (user, _) in callers {
            cancel.step()?;
            // A client that waited for a late answer has shown as much as one that lost it.
            let counts = |call: &Seen| call.is_done_but_lost() || (call.done && call.held && self.delays_pass);
            if self.calls_of(expectation, *user).into_iter().any(counts) {
                return Ok(None);
            }
        }
        Ok(Some("no answer to a reset was lost or delayed".to_owned()))
    }

    /// Misses because evidence is gone, whatever the user.
    fn not_known(&self, expectation: &Expectation, is_of_messages: bool) -> impl Iterator<Item = Miss> {
        let clones = self.clones_forgotten > 0 && expectation.operation.subject != Subject::Caller;
        let clones = clones.then(|| {
            let clones = counted(self.clones_forgotten, "deleted clone");
            format!("the calls of {clones} are no longer known; raise clones_max")
        });
        let messages = (is_of_messages && self.messages_dropped > 0).then(|| {
            let messages = counted(self.messages_dropped, "message");
            format!("the outbox dropped {messages} to unknown recipients; raise outbox_messages_max")
        });
        clones.into_iter().chain(messages).map(|what| Miss { distance: 0, is_final: true, what })
    }

    fn check(
        &self,
        expectation: &Expectation,
        requirements: &[&dyn Requirement],
        (user, calls): (Party, u64),
        misses: &mut Vec<Miss>,
    ) {
        let known = self.seen.get(&user).into_iter().flatten();
        let known = known.filter(|call| call.operation == expectation.operation.id).count();
        let seen = self.calls_of(expectation, user);
        let name = self.name(user);
        let missing = self.missing(expectation, user, calls, known as u64);
        // Of one account's calls among a user's, the journal alone knows how many there are.
        let by_account = expectation.is_of_some_calls();
        let calls = if by_account { seen.len() as u64 } else { calls };
        let before = if by_account { 0 } else { self.before(expectation.operation, user, calls) };
        let (messages, undelivered) = (self.messages_of(expectation, user), self.is_undelivered(user));
        let case = Case { user: &name, before, calls, seen: &seen, messages, undelivered };
        let mut told = false;
        for requirement in requirements {
            let has_last = || !by_account && seen.last().is_some_and(|last| last.call == before + calls);
            let is_enough = match requirement.basis() {
                Basis::Messages => true,
                Basis::Count => !by_account,
                Basis::LastCall => !by_account && has_last(),
                Basis::EachCall => false,
            };
            if missing == 0 || is_enough {
                misses.extend(requirement.check(&case));
            } else if !std::mem::replace(&mut told, true) {
                misses.push(Miss { distance: 0, is_final: true, what: self.gone(&name, missing) });
            }
        }
    }

    /// Number of calls before the judged ones of a user.
    fn before(&self, operation: Operation, user: Party, calls: u64) -> u64 {
        let Some(user) = user.user() else { return 0 };
        let left_out = self.left_out.of_user(user, operation.index());
        let total = self.since.calls(operation, user) + calls + left_out.judged();
        left_out.last_of_clients(total).saturating_sub(calls)
    }

    /// Number of counted calls that have ended and that the journal no longer has.
    fn missing(&self, expectation: &Expectation, user: Party, calls: u64, seen: u64) -> u64 {
        let in_flight = match user {
            Party::User(user) => self.in_flight.get(&user),
            Party::Account(_) | Party::Unknown => self.in_flight_of.get(expectation.operation.id),
        };
        let in_flight = in_flight.copied().unwrap_or(0);
        let gone = calls.saturating_sub(seen);
        // Calls in flight may not be counted yet, so once entries were dropped they excuse nothing.
        if self.dropped > 0 { gone } else { gone.saturating_sub(in_flight) }
    }

    fn gone(&self, user: &str, missing: u64) -> String {
        let calls = counted(missing, "call");
        match self.dropped {
            0 => format!("the journal was cleared and no longer has {calls} of {user}"),
            dropped => {
                let entries = if dropped == 1 { "1 entry".to_owned() } else { format!("{dropped} entries") };
                format!(
                    "the journal dropped {entries} and no longer has {calls} of {user}; raise \
                     journal_entries_max or journal_bytes_max"
                )
            }
        }
    }

    pub(super) fn calls_of<'e>(&'e self, expectation: &'e Expectation, user: Party) -> Vec<&'e Seen> {
        self.each_call_of(expectation, user).collect()
    }

    pub(super) fn each_call_of<'e>(
        &'e self,
        expectation: &'e Expectation,
        user: Party,
    ) -> impl Iterator<Item = &'e Seen> {
        let seen = self.seen.get(&user).into_iter().flatten();
        let seen = seen.filter(|call| call.operation == expectation.operation.id);
        seen.filter(|call| self.is_by(expectation, call.account.as_deref()))
    }
}

/// Whether the number of calls alone shows that requirements hold: then no single call is looked at.
fn holds_by_count(expectation: &Expectation, requirements: &[&dyn Requirement], calls: u64) -> bool {
    !expectation.is_of_some_calls() && requirements.iter().all(|one| one.holds_by_count(calls))
}

/// Removes repeated users and keeps the first of each.
fn once_each(mut users: Vec<Party>) -> Vec<Party> {
    let mut known = HashSet::new();
    users.retain(|user| known.insert(*user));
    users
}

/// Puts the nearest miss first, and leaves the others in their order.
fn nearest_first(misses: &mut [Miss]) {
    let nearest = misses.iter().enumerate().min_by_key(|(_, miss)| miss.distance).map(|(at, _)| at);
    if let Some(upto) = nearest.and_then(|at| misses.get_mut(..=at)) {
        upto.rotate_right(1);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::evidence::{Alias, Told};
    use super::*;
    use crate::contract::NotificationType;
    use crate::diagnostics::{Problems, source_of};
    use crate::engine::{Given, Setup};
    use crate::ids::{CloneIndex, UserKey};
    use crate::limits::Limits;
    use crate::state::{CallsByConsole, MessageState, Rejected, Whose};
    use std::collections::HashMap;
    use std::time::Duration;

    const USERS: &str = r#"{"projects": [
        {"id": "p", "users": [{"id": "ada"}, {"id": "bob"}]}, {"id": "q", "users": [{"id": "eve"}]}]}"#;
    const ADA: UserKey = UserKey::at(0, 0);
    const BOB: UserKey = UserKey::at(0, 1);
    const EVE: UserKey = UserKey::at(1, 0);

    fn evidence(expect: &str, seen: &[(UserKey, &[u16])]) -> Evidence {
        let scenario = format!("{{\"expect\": [\n{expect}\n]}}");
        let given =
            Given { users: Some(vec![source_of(USERS)]), scenarios: vec![source_of(&scenario)], ..Given::default() };
        let mut problems = Problems::new(9);
        let setup = Setup::new(&given, &Limits::default(), &mut problems);
        let setup = Arc::new(setup.unwrap_or_else(|| panic!("{problems:?}")));
        let calls = |statuses: &[u16]| {
            let numbered = (1..).zip(statuses);
            let call = |(call, status): (u64, &u16)| Seen {
                call,
                operation: "ResetRandomPassword".to_owned(),
                at_ms: 100 * call,
                arrived: Duration::from_millis(100 * call),
                ended: Some(Duration::from_millis(100 * call + 10)),
                status: (*status > 0).then_some(*status),
                decided: if *status > 0 { *status } else { 200 },
                rule: (*status >= 400).then(|| "outage".to_owned()),
                done: *status < 400,
                ..Seen::default()
            };
            numbered.map(call).collect::<Vec<_>>()
        };
        let of = |(user, statuses): &(UserKey, &[u16])| (Party::User(*user), calls(statuses));
        let callers = seen.iter().map(|(user, statuses)| (Party::User(*user), statuses.len() as u64)).collect();
        Evidence {
            whose: Whose::Clients,
            left_out: CallsByConsole::default(),
            created: HashMap::new(),
            messages: HashMap::new(),
            messages_dropped: 0,
            setup,
            own: HashSet::new(),
            since: Arc::default(),
            names_projects: true,
            clones: HashMap::new(),
            clones_forgotten: 0,
            callers: HashMap::from([(Operation::ResetRandomPassword, callers)]),
            seen: seen.iter().map(of).collect(),
            in_flight: HashMap::new(),
            in_flight_of: HashMap::new(),
            dropped: 0,
            rejected: Rejected::default(),
            hint: None,
            delays_pass: true,
            never_struck: Vec::new(),
            listed_max: 1_000,
            shown_max: 3,
            room: 1_000,
        }
    }

    fn judged(all: &[Arc<Expectation>], evidence: &Evidence, project: Option<ProjectIndex>, others: bool) -> Verdict {
        judge(all, evidence, project, others, &Cancel::new(&|| Ok(()))).unwrap()
    }

    /// A verdict on these expectations by these calls.
    pub(crate) fn verdict_on(expect: &str, statuses: &[&[u16]]) -> Verdict {
        let seen: Vec<_> = [ADA, BOB, EVE].into_iter().zip(statuses.iter().copied()).collect();
        let evidence = evidence(expect, &seen);
        judged(&evidence.setup.expectations, &evidence, None, false)
    }

    fn nearest_of(evidence: &Evidence, project: Option<ProjectIndex>) -> Vec<String> {
        let verdict = judged(&evidence.setup.expectations, evidence, project, false);
        assert_eq!(verdict.passed, verdict.expectations.iter().all(|one| one.nearest.is_none()));
        let said = |one: ExpectationVerdict| one.nearest.unwrap_or_else(|| "holds".to_owned());
        verdict.expectations.into_iter().map(said).collect()
    }

    #[test]
    fn users_that_are_named_are_judged_and_else_those_that_called() {
        let expect = r#"{"name": "all", "calls": {"max": 1}},
            {"name": "named", "when": {"user": "bob"}, "calls": {"min": 1}},
            {"name": "of q", "when": {"project": "q"}, "calls": {"min": 2}}"#;
        let seen = evidence(expect, &[(ADA, &[200]), (EVE, &[200, 200])]);
        assert_eq!(
            nearest_of(&seen, None),
            ["q/eve called twice: one too many", "p/bob did not call: one too few", "holds"]
        );
        assert_eq!(nearest_of(&seen, Some(ProjectIndex::new(0))), ["holds", "p/bob did not call: one too few"]);
        assert_eq!(nearest_of(&seen, Some(ProjectIndex::new(1))).len(), 2, "bob is not of q");
    }

    #[test]
    fn expectation_of_a_template_applies_in_its_clones() {
        let expect = r#"{"name": "all", "calls": {"max": 1}},
            {"name": "named", "when": {"user": "ada"}, "calls": {"min": 2}},
            {"name": "of q", "when": {"project": "q"}, "calls": {"max": 0}}"#;
        let clone = CloneIndex::new(7).project();
        let in_clone = UserKey { project: clone, ..ADA };
        let mut seen = evidence(expect, &[(EVE, &[]), (in_clone, &[200, 200])]);
        seen.callers.get_mut(&Operation::ResetRandomPassword).unwrap().remove(0);
        seen.clones.insert(clone, Alias { id: "mine".to_owned(), short: "mine".to_owned(), template: ADA.project });
        // A user that called only in the clone need not call in the original.
        let in_all = ["mine/ada called twice: one too many", "holds", "holds"];
        assert_eq!(nearest_of(&seen, None), in_all);
        assert_eq!(nearest_of(&seen, Some(clone)), in_all[..2], "q is another project");
        seen.callers.clear();
        assert_eq!(nearest_of(&seen, Some(clone))[1], "mine/ada did not call: 2 too few");
    }

    #[test]
    fn messages_are_judged_for_callers_and_recipients() {
        let expect = r#"{"name": "once", "notified": {"email": {"max": 1}}},
            {"name": "told", "notified": {"email": {"min": 1}}},
            {"name": "both", "calls": {"min": 1}, "notified": {"email": {"min": 1}}},
            {"name": "named", "when": {"user": "bob"}, "calls": {"min": 1}, "notified": {"email": {"max": 2}}},
            {"name": "of q", "when": {"project": "q"}, "notified": {"email": {"max": 0}}}"#;
        let told = |states: &[MessageState]| {
            let told = |state: &MessageState| Told { kind: NotificationType::Email, account: None, state: *state };
            states.iter().map(told).collect::<Vec<_>>()
        };
        let of = |messages: &[(UserKey, Vec<Told>)], calls: &[(UserKey, &[u16])]| {
            let mut seen = evidence(expect, calls);
            seen.messages = messages.iter().map(|(user, told)| (*user, told.clone())).collect();
            nearest_of(&seen, None)
        };
        let [sent, lost] = [MessageState::Recorded, MessageState::Failed];
        let did_not_call = "p/bob did not call: one too few";
        assert_eq!(
            of(&[(BOB, told(&[sent, sent]))], &[]),
            ["p/bob was sent 2 e-mails: one too many", "holds", "no calls", did_not_call, "holds"]
        );
        assert_eq!(
            of(&[(BOB, told(&[sent]))], &[(ADA, &[200])])[1..3],
            ["p/ada was sent no e-mail: one too few", "p/ada was sent no e-mail: one too few"]
        );
        assert_eq!(of(&[(BOB, told(&[lost]))], &[])[..2], ["holds", "p/bob was sent no e-mail: one too few"]);
        assert_eq!(of(&[], &[])[1], "no calls");
        // Which messages the outbox dropped is not known, nor whose they were.
        let mut seen = evidence(expect, &[]);
        seen.messages_dropped = 1;
        let gone = "the outbox dropped 1 message to unknown recipients; raise outbox_messages_max";
        assert_eq!(nearest_of(&seen, None)[..2], [gone, gone]);
    }

    #[test]
    fn expectation_without_users_does_not_hold() {
        let expect = r#"{"name": "a", "ends_with": 200}, {"name": "b", "calls": {"min": 1}},
            {"name": "c", "calls": {"max": 1}}, {"name": "d", "gap_ms": {"min": 1}}"#;
        assert_eq!(nearest_of(&evidence(expect, &[]), None), ["no calls", "no calls", "holds", "holds"]);
    }

    #[test]
    fn nearest_of_several_misses_is_reported() {
        let expect = r#"{"name": "a", "when": {"project": "p"}, "calls": {"min": 4}}"#;
        let seen = evidence(expect, &[(ADA, &[200]), (BOB, &[200, 200, 200])]);
        assert_eq!(nearest_of(&seen, None), ["p/bob called 3 times: one too few"]);
        let all = &judged(&seen.setup.expectations, &seen, None, false).expectations[0];
        assert_eq!(all.misses, ["p/bob called 3 times: one too few", "p/ada called once: 3 too few"]);
        let both = r#"{"name": "a", "when": {"user": ["ada", "bob"]}, "calls": {"min": 2}, "ends_with": 200}"#;
        let verdict = verdict_on(both, &[&[503]]);
        let misses =
            ["p/ada called once: one too few", "p/ada's last call (1) got 503", "p/bob did not call: 2 too few"];
        assert_eq!(verdict.expectations[0].misses, misses, "nobody misses a last call that was not made");
    }

    #[test]
    fn dropped_calls_fail_only_requirements_that_need_them() {
        let expect = r#"{"name": "counted", "when": {"user": "ada"}, "calls": {"min": 5, "max": 5}},
            {"name": "each", "when": {"user": "ada"}, "calls": {"min": 5}, "ends_with": 200, "gap_ms": {"min": 1}},
            {"name": "other", "when": {"user": "bob"}, "ends_with": 200}"#;
        let mut seen = evidence(expect, &[(ADA, &[200, 200]), (BOB, &[200])]);
        seen.callers.get_mut(&Operation::ResetRandomPassword).unwrap()[0].1 = 5;
        seen.dropped = 7;
        let gone = "the journal dropped 7 entries and no longer has 3 calls of p/ada; raise journal_entries_max or \
                    journal_bytes_max";
        assert_eq!(nearest_of(&seen, None), ["holds", gone, "holds"]);
        // The last call is enough for how it ended.
        let mut last = evidence(r#"{"name": "ends", "ends_with": 200}"#, &[(ADA, &[503, 503, 200])]);
        last.seen.get_mut(&Party::User(ADA)).unwrap().remove(0);
        last.dropped = 1;
        assert_eq!(nearest_of(&last, None), ["holds"]);
        last.seen.get_mut(&Party::User(ADA)).unwrap().pop();
        assert!(nearest_of(&last, None)[0].starts_with("the journal dropped 1 entry"));
        // Calls in flight may not be counted yet: once entries were dropped they excuse nothing.
        seen.in_flight.insert(ADA, 3);
        assert_eq!(nearest_of(&seen, None)[1], gone);
        seen.dropped = 0;
        assert_eq!(nearest_of(&seen, None), ["holds", "the answer to p/ada's last call (5) is outstanding", "holds"]);
        seen.in_flight.clear();
        let cleared = "the journal was cleared and no longer has 3 calls of p/ada";
        assert_eq!(nearest_of(&seen, None)[1], cleared);
    }

    #[test]
    fn shown_calls_are_bounded_and_of_failing_users() {
        let expect = r#"{"name": "a", "calls": {"max": 1}}"#;
        let verdict = verdict_on(expect, &[&[200], &[503, 503, 200, 200]]);
        let judged = &verdict.expectations[0];
        assert!(judged.seen.iter().all(|call| call.user == "bob"));
        assert_eq!((judged.seen.len(), judged.more_seen, judged.seen[1].gap_ms), (3, 1, Some(90)));
        let passed = verdict_on(expect, &[&[200], &[503]]);
        assert_eq!(passed.expectations[0].seen.len(), 2);
    }
}
