//! The decision: rules first; what no rule sets is the API's own behaviour.

use super::call::{About, Call, NewPassword};
use super::outcome::Injected;
use super::reason::{Refused, Why, sealed_reason};
use super::{Outcome, Refusal, Setup};
use crate::contract::{ErrorCode, INVALID_PARAMETER, NotificationType, Operation, Origin, Scripted};
use crate::fixture::{ActiveType, Project, User};
use crate::ids::CallTarget;
use crate::scenario::{Facet, Facets, Fault, Occasion, Phase, Rule, Rules, RulesOfCall, StatusFacet};
use std::borrow::Cow;
use std::sync::Arc;

/// The status at which the sealed reason is always part of the body.
const FORBIDDEN: u16 = 403;

/// Of each facet, the first matching rule that sets it.
#[derive(Default)]
struct Found<'r> {
    status: Option<(&'r Arc<Rule>, u16)>,
    delay: Option<&'r Arc<Rule>>,
    fault: Option<(&'r Arc<Rule>, Fault)>,
}

/// Decides a call. `overrides` take precedence over the rules of the setup.
#[inline(always)]
#[expect(clippy::inline_always, reason = "call and outcome are large, and would be put together in memory")]
pub(crate) fn decide(setup: &Setup, overrides: &Rules, call: &Call<'_>) -> Outcome {
    let open = overrides.facets().or(setup.rules.facets());
    let (operation, target) = (call.operation.into(), call.target());
    let found = match (overrides.of_call(operation, target), setup.rules.of_call(operation, target)) {
        // Most users have no rule at all.
        (RulesOfCall::None, RulesOfCall::None) => Found::default(),
        (overrides, rules) => find(overrides.chain(rules), &call.occasion(), open),
    };
    let struck = found.struck();
    let success = call.operation.success();
    let status = found.status.map_or(success, |(_, status)| status);
    let rule = found.status.map(|(rule, _)| rule);
    // By reference, since a user is large to copy.
    let reset = call.reset.as_ref();
    let own_refusal = reset.filter(|_| status == success).and_then(refused_by_itself);
    let injected = (found.delay.is_some() || found.fault.is_some())
        .then(|| Box::new(injected(setup, call.operation, &call.occasion(), &found)));
    if let Some(message) = own_refusal {
        let refusal = Some(Box::new(Refusal::saying(&INVALID_PARAMETER, message)));
        let status = INVALID_PARAMETER.status;
        return Outcome { status, password: None, refusal, phase: struck, rule: rule.cloned(), injected };
    }
    let failed = rule.filter(|_| status >= 400);
    let failed_in = failed.map(|rule| if call.operation.changes { rule.phase } else { Phase::Before });
    // A fault before the side effect takes precedence over one after it.
    let phase = if struck == Some(Phase::Before) { struck } else { failed_in.or(struck) };
    // A reset that the API itself refuses does not happen, unless the status is a success.
    let password = reset.filter(|reset| match phase {
        Some(Phase::Before) => false,
        Some(Phase::After) => status == success || refused_by_itself(reset).is_none(),
        None => true,
    });
    let refusal = failed.and_then(|rule| Some((rule, rule.status.as_ref()?)));
    Outcome {
        status,
        password: password.map(|reset| setup.password(reset.user, call.number)),
        refusal: refusal.map(|(rule, facet)| Box::new(refusal_of(setup, call, rule, facet, status))),
        phase,
        rule: rule.cloned(),
        injected,
    }
}

/// The rule by which a message to a user is lost, if one is.
pub(crate) fn loses<'r>(
    setup: &'r Setup,
    overrides: &'r Rules,
    kind: NotificationType,
    target: CallTarget,
    occasion: Occasion<'_>,
) -> Option<&'r Arc<Rule>> {
    let (message, target) = (Scripted::Message(kind), Some(target));
    let rules = overrides.of_call(message, target).chain(setup.rules.of_call(message, target));
    let found = find(rules, &occasion, Facets::ALL);
    found.status.filter(|(_, status)| *status >= 400).map(|(rule, _)| rule)
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "most calls have no rule, and then nothing is left of the loop")]
fn find<'r>(rules: impl Iterator<Item = &'r Arc<Rule>>, occasion: &Occasion<'_>, mut open: Facets) -> Found<'r> {
    let mut found = Found::default();
    for rule in rules {
        found.ask(rule, occasion, &mut open);
        if open.is_empty() {
            break;
        }
    }
    found
}

/// The rules that are for a call, in the order in which they are read.
#[inline]
pub(super) fn rules_of<'r>(
    setup: &'r Setup,
    overrides: &'r Rules,
    call: &Call<'_>,
) -> impl Iterator<Item = &'r Arc<Rule>> {
    let (operation, target) = (call.operation.into(), call.target());
    overrides.of_call(operation, target).chain(setup.rules.of_call(operation, target))
}

impl<'r> Found<'r> {
    /// The phase of a fault that sends no answer.
    fn struck(&self) -> Option<Phase> {
        self.fault.filter(|(_, fault)| fault.strikes()).map(|(rule, _)| rule.phase)
    }

    /// Takes of a rule those facets that are still open, if it matches.
    fn ask(&mut self, rule: &'r Arc<Rule>, occasion: &Occasion<'_>, open: &mut Facets) {
        // A rule that could set nothing more is not asked: its draws would cost something.
        if rule.facets().and(*open).is_empty() || rule.missed(occasion).is_some() {
            return;
        }
        if rule.turns.is_some_and(|turns| !occasion.asked.takes_turn(turns)) {
            return;
        }
        if open.has(Facet::Status)
            && let Some(status) = rule.status_of(occasion.call)
        {
            self.status = Some((rule, status));
            *open = open.without(Facet::Status);
        }
        if open.has(Facet::Delay) && rule.delay.is_some() {
            self.delay = Some(rule);
            *open = open.without(Facet::Delay);
        }
        if open.has(Facet::Fault)
            && let Some(fault) = rule.fault
        {
            self.fault = Some((rule, fault));
            *open = open.without(Facet::Fault);
        }
    }
}

fn injected(setup: &Setup, operation: Operation, occasion: &Occasion<'_>, found: &Found<'_>) -> Injected {
    let (stream, call) = (occasion.stream, occasion.call);
    let delay = found.delay.and_then(|rule| Some((Arc::clone(rule), rule.delay.as_ref()?.ms(stream, call))));
    let fault = found.fault.map(|(rule, fault)| (Arc::clone(rule), fault));
    let data = match found.fault {
        Some((rule, fault)) if fault.is_drawn() => setup.random_data(operation, &rule.label.name, stream, call),
        _ => Vec::new(),
    };
    Injected { delay, fault, data }
}

/// Why the API by itself refuses a reset, if it does: the password would reach no one, or not where the request asks.
#[inline]
fn refused_by_itself(reset: &NewPassword<'_>) -> Option<String> {
    let NewPassword { user, notification } = *reset;
    if notification.is_empty() {
        return (user.active_type() == ActiveType::UserActivate).then(|| unnotified(&user.id()));
    }
    let unknown = notification.iter().find(|one| address(user, *one).is_empty())?;
    Some(unreachable(&user.id(), unknown))
}

/// Where a message of that type reaches a user; empty where none does.
pub(crate) fn address(user: User<'_>, one: NotificationType) -> Cow<'_, str> {
    match one {
        NotificationType::Email => user.user_email(),
        NotificationType::Phone => user.user_phone(),
    }
}

#[cold]
fn unreachable(user: &str, one: NotificationType) -> String {
    let (name, field) = match one {
        NotificationType::Email => (one.name(), "user_email"),
        NotificationType::Phone => (one.name(), "user_phone"),
    };
    format!("notification_type is {name}, but user {user} has no {field} to send a message to.")
}

fn unnotified(user: &str) -> String {
    let [email, phone] = NotificationType::NAMES;
    format!(
        "notification_type is missing: user {user} is in user activation mode (active_type {}) and receives passwords \
         by notification only. Send notification_type={email}, {phone} or {email},{phone}.",
        ActiveType::UserActivate.name(),
    )
}

fn refusal_of(setup: &Setup, call: &Call<'_>, rule: &Rule, facet: &StatusFacet, status: u16) -> Refusal {
    let documented = call.operation.status(status).and_then(|row| row.error);
    let row = documented.or_else(|| ErrorCode::of_undocumented(status));
    let mut refusal = match row {
        Some(row) => Refusal::saying(row, row.message),
        None => Refusal {
            origin: Origin::Service,
            code: status.to_string().into(),
            message: format!("Status {status} was set by a rule; the API does not document it.").into(),
            encoded_authorization_message: None,
        },
    };
    let error = &facet.error;
    if let Some(code) = &error.code {
        refusal.code = code.to_string().into();
    }
    if let Some(message) = &error.message {
        refusal.message = message.to_string().into();
    }
    if status == FORBIDDEN || error.reason.is_some() {
        let user = call.reset.map(|reset| reset.user.id());
        let why = Why::Rule { label: &rule.label, reason: error.reason.as_deref() };
        refusal.encoded_authorization_message =
            Some(sealed_reason(setup, &refused_call(setup, call, user.as_deref()), why));
    }
    refusal
}

/// The refused call, as a sealed reason describes it.
fn refused_call<'c>(setup: &'c Setup, call: &Call<'c>, user: Option<&'c str>) -> Refused<'c> {
    let name = |about: About<'_>| setup.directory().project_at(about.target.project).and_then(Project::name);
    Refused {
        operation: call.operation,
        principal: call.principal,
        project: call.about.map(|about| (about.project, name(about))),
        user: user.or(call.about.and_then(|about| about.user)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::NotificationTypes;
    use crate::diagnostics::{Problems, source_of};
    use crate::engine::{Given, NoRequest, Turns};
    use crate::limits::Limits;

    const USERS: &str = r#"{"projects": [{"id": "p", "users": [
        {"id": "u", "user_name": "ada"}, {"id": "w", "active_type": "USER_ACTIVATE", "user_email": "w@example.com"}]}]}"#;

    fn setup(rules: &str) -> Setup {
        let given = Given {
            users: Some(vec![source_of(USERS)]),
            scenarios: vec![source_of(&format!("{{\"rules\": [{rules}]}}"))],
            ..Given::default()
        };
        let mut problems = Problems::new(9);
        Setup::new(&given, &Limits::default(), &mut problems).unwrap_or_else(|| panic!("{problems:?}"))
    }

    fn outcome(setup: &Setup, user: &str, number: u64, notified: bool) -> Outcome {
        let notification =
            if notified { NotificationTypes::parse("email").unwrap() } else { NotificationTypes::default() };
        let (key, user) = setup.directory().user("p", user).unwrap();
        let asked = &NoRequest { at_ms: 0, account: None, notification, turns: Turns::default() };
        let target = CallTarget { project: key.project, user: key.user.loaded(), clone: None };
        let about = About { project: "p", target, user: None };
        decide(setup, &Rules::default(), &Call::of_reset(about, NewPassword { user, notification }, number, asked))
    }

    #[test]
    fn without_a_rule_the_api_behaves_by_itself() {
        let setup = setup("");
        let reset = outcome(&setup, "u", 1, false);
        assert_eq!((reset.status, reset.password.is_some(), reset.refusal), (200, true, None));
        let unnotified = outcome(&setup, "w", 1, false);
        assert_eq!((unnotified.status, unnotified.password), (400, None));
        assert_eq!(outcome(&setup, "w", 1, true).status, 200);
    }

    #[test]
    fn the_first_rule_that_matches_wins_and_200_ends_the_search() {
        let setup = setup(
            r#"{"name": "a", "when": {"user": "u", "calls": "2"}, "status": 200},
               {"name": "b", "when": {"user": "u"}, "status": 503}"#,
        );
        let statuses: Vec<_> = (1..4).map(|call| outcome(&setup, "u", call, false).status).collect();
        assert_eq!(statuses, [503, 200, 503]);
        assert_eq!(outcome(&setup, "u", 2, false).rule.unwrap().label.name, "a");
    }

    #[test]
    fn error_body_is_the_documented_row_unless_the_rule_sets_it() {
        let setup = setup(
            r#"{"name": "a", "when": {"user": "u", "calls": "1"}, "status": 500},
               {"name": "b", "when": {"user": "u", "calls": "2"}, "status": 500, "error": {"code": "X.1", "message": "m", "reason": "r"}},
               {"name": "c", "when": {"user": "u", "calls": "3"}, "status": 403},
               {"name": "d", "when": {"user": "u", "calls": "4"}, "status": 418, "undocumented": true},
               {"name": "e", "when": {"user": "u", "calls": "5"}, "status": 429, "undocumented": true},
               {"name": "f", "when": {"user": "u", "calls": "6"}, "status": 202, "undocumented": true}"#,
        );
        let refusal = |call| outcome(&setup, "u", call, false).refusal.unwrap();
        assert_eq!((refusal(1).code.as_ref(), refusal(1).encoded_authorization_message), ("WKS.00211401", None));
        assert_eq!((refusal(2).code.as_ref(), refusal(2).message.as_ref()), ("X.1", "m"));
        assert!(refusal(2).encoded_authorization_message.is_some());
        assert!(refusal(3).encoded_authorization_message.is_some());
        assert_eq!((refusal(4).code.as_ref(), refusal(5).code.as_ref()), ("418", "APIGW.0308"));
        let accepted = outcome(&setup, "u", 6, false);
        assert!(accepted.password.is_some() && accepted.refusal.is_none());
    }

    #[test]
    fn sealed_reason_depends_on_the_call() {
        let setup = setup(r#"{"name": "a", "status": 403, "error": {"reason": "r"}}"#);
        let sealed = |user| outcome(&setup, user, 1, true).refusal.unwrap().encoded_authorization_message;
        assert_eq!(sealed("u"), sealed("u"));
        assert_ne!(sealed("u"), sealed("w"));
    }

    #[test]
    fn a_sequence_is_a_function_of_the_call_number() {
        let setup = setup(
            r#"{"name": "early", "when": {"user": "u", "calls": "2"}, "status": 401},
               {"name": "script", "when": {"user": "u"}, "sequence": [503, 500, 200, 403]},
               {"name": "rest", "when": {"user": "u", "calls": "*/2"}, "sequence": [404, 405], "then": "restart"}"#,
        );
        let statuses: Vec<_> = (1..=10).map(|call| outcome(&setup, "u", call, false).status).collect();
        assert_eq!(statuses, [503, 401, 200, 403, 200, 404, 200, 405, 200, 404]);
    }

    #[test]
    fn failure_after_the_side_effect_leaves_the_password_reset() {
        let setup = setup(r#"{"name": "lost", "status": 500, "phase": "after"}"#);
        let lost = outcome(&setup, "u", 1, false);
        assert_eq!((lost.status, lost.phase), (500, Some(Phase::After)));
        assert!(lost.password.is_some() && lost.refusal.is_some());
        // A reset that the API refuses does not happen.
        assert!(outcome(&setup, "w", 1, false).password.is_none());
        assert!(outcome(&setup, "w", 1, true).password.is_some());
    }

    fn struck(seed: u64, rules: &str) -> Vec<u64> {
        let given = Given {
            users: Some(vec![source_of(USERS)]),
            scenarios: vec![source_of(&format!("{{\"rules\": [{rules}]}}"))],
            seed: Some(seed),
            ..Given::default()
        };
        let setup = Setup::new(&given, &Limits::default(), &mut Problems::new(9)).unwrap();
        (1..=10_000).filter(|call| outcome(&setup, "u", *call, false).status == 500).collect()
    }

    #[test]
    fn chance_strikes_at_its_rate_and_for_the_same_calls() {
        let rare = r#"{"name": "rare", "when": {"chance": 0.1}, "status": 500}"#;
        let calls = struck(1, rare);
        assert!((900..=1_100).contains(&calls.len()), "{}", calls.len());
        assert_eq!(calls, struck(1, rare));
        assert_ne!(calls, struck(2, rare));
        let above = r#"{"name": "above", "when": {"chance": 0.5, "calls": "20000-"}, "status": 503},"#;
        assert_eq!(calls, struck(1, &format!("{above}{rare}")), "a rule above shifts no draw");
        let often = struck(1, r#"{"name": "often", "when": {"chance": 0.5}, "status": 500}"#);
        let both = calls.iter().filter(|call| often.contains(call)).count();
        assert!((400..=600).contains(&both), "two rules draw independently, and {both} calls are met by both");
        assert_eq!(struck(1, r#"{"name": "never", "when": {"chance": 0}, "status": 500}"#).len(), 0);
        assert_eq!(struck(1, r#"{"name": "ever", "when": {"chance": 1.0}, "status": 500}"#).len(), 10_000);
    }

    /// Scheme 1, frozen: a change of these is another scheme. The numbers were computed by a program that has nothing
    /// in common with this one.
    #[test]
    fn chances_delays_and_data_are_drawn_as_they_always_were() {
        let setup = setup(
            r#"{"name": "rare", "when": {"chance": 0.3}, "status": 500},
               {"name": "even", "when": {"user": "u"}, "delay": {"uniform_ms": [100, 900]}},
               {"name": "noise", "when": {"calls": "1"}, "fault": "random_data"}"#,
        );
        let of = |call| outcome(&setup, "u", call, false);
        let delay = |outcome: Outcome| outcome.injected.unwrap().delay.unwrap().1;
        let struck: Vec<_> = (1..=20).filter(|call| of(*call).status == 500).collect();
        assert_eq!(struck, [1, 2, 6, 10, 12, 14]);
        let delays: Vec<_> = (1..=10).map(|call| delay(of(call))).collect();
        assert_eq!(delays, [373, 426, 639, 872, 199, 127, 417, 257, 523, 560]);
        let data = of(1).injected.unwrap().data;
        assert_eq!(data[..16], [155, 89, 229, 152, 160, 136, 122, 55, 210, 15, 110, 16, 39, 101, 81, 139]);
        let tail = r#"{"name": "tail", "delay": {"lognormal": {"median_ms": 80, "sigma": 0.6, "max_ms": 5000}}}"#;
        let setup = self::setup(tail);
        let delays: Vec<_> = (1..=10).map(|call| delay(outcome(&setup, "u", call, false))).collect();
        assert_eq!(delays, [78, 25, 122, 45, 100, 64, 94, 35, 120, 45]);
    }
}
