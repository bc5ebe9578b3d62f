//! The routes that change the setup: overrides, scenarios, clones, time, resets, tokens, the end.

use super::{CLONE, CURSOR, LIMIT};
use crate::admin::reply::Reply;
use crate::admin::route::{Kind, Route, Run, change, described, get, list, now, query};
use crate::admin::{check, clock, explain, overrides, projects, query, reset, scenario, tokens, try_it};
use crate::contract::NOTIFICATION_TYPE;
use crate::state::Work;

const NOT_JSON: (u16, &str) = (415, "The body is not `application/json`.");

pub(super) static ROUTES: &[Route] = &[
    list("overrides", "AdminListOverrides", "Lists the overrides in force", |call| {
        overrides::list(call.state, call.query())
    })
    .gives(&[(200, Some("OverrideList"))]),
    change("POST", "overrides", "AdminAddOverride", "Sets a rule that is read before all others", |call| {
        overrides::add(call.state, call.request, call.body)
    })
    .says(
        "The body is a rule as in a scenario file; `name` is optional. `calls` counts from the last reset, not from now: use \
         `next` for calls that are still to come. A reset ends all overrides.",
    )
    .needs("OverrideRule")
    .gives(&[(201, Some("Override"))])
    .refuses(&[
        (409, "Another rule has this name, or there are `overrides_max` overrides or `overrides_bytes_max` bytes of them."),
        NOT_JSON,
        (422, "The rule has errors: see `errors`. Nothing was changed."),
    ]),
    change("PUT", "overrides/{id}", "AdminChangeOverride", "Replaces an override, which keeps its place", |call| {
        overrides::change(call.state, call.piece(1), call.request, call.body)
    })
    .says("Its strikes and its `next` calls are counted anew.")
    .needs("OverrideRule")
    .gives(&[(200, Some("Override"))])
    .refuses(&[
        (404, "No override has this id."),
        (409, "Another rule has this name, or there are `overrides_bytes_max` bytes of overrides."),
        NOT_JSON,
        (422, "The rule has errors: see `errors`. Nothing was changed."),
    ]),
    change("DELETE", "overrides", "AdminClearOverrides", "Ends all overrides", |call| {
        overrides::clear(call.state, call.query())
    })
    .gives(&[(204, None)]),
    change("DELETE", "overrides/{id}", "AdminDeleteOverride", "Ends an override", |call| {
        overrides::remove(call.state, call.piece(1), call.query())
    })
    .gives(&[(204, None)])
    .refuses(&[(404, "No override has this id.")]),
    list("scenario", "AdminGetScenario", "Returns the scenarios in force, and how often each rule struck", |call| {
        scenario::show(call.state, call.query())
    })
    .takes(&[query("project", Kind::Text, "As seen from this project; of a clone with a scenario of its own, that one. Default: all.")])
    .gives(&[(200, Some("Scenarios"))])
    .refuses(&[(404, "The project is unknown.")]),
    change("PUT", "scenario", "AdminPutScenario", "Replaces the scenario files, or the scenario of a clone", |call| {
        scenario::put(call.state, call.request, call.body)
    })
    .says(
        "In force until DELETE or a reset. Flags and overrides stay, and call numbers continue; but a rule that is named like a \
         `--fault` flag or an override takes its place, and the override ends. For a clone, only overrides for that clone \
         alone are replaced. Its expectations are judged by the calls that come after it.",
    )
    .takes(&[CLONE])
    .needs("Scenario")
    .gives(&[(200, Some("ScenarioTaken"))])
    .refuses(&[
        (404, "No clone has this id."),
        (409, "`project` is a loaded project, not a clone; or the scenarios of clones are over `clone_rules_max` or `clone_scenarios_bytes_max`."),
        NOT_JSON,
        (422, "The scenario has errors: see `errors`. Nothing was changed."),
    ]),
    change("DELETE", "scenario", "AdminDeleteScenario", "Restores the scenario files, or the first scenario of a clone", {
        |call| scenario::take_back(call.state, call.query())
    })
    .takes(&[CLONE])
    .gives(&[(204, None)])
    .refuses(&[(404, "No clone has this id."), (409, "`project` is a loaded project, not a clone.")]),
    list("scenario/file", "AdminGetScenarioFile", "Returns everything in force as one scenario", |call| {
        scenario::file(call.state, call.query())
    })
    .says(
        "Overrides, flags and files in the order in which they are read, without the built-in rules. PUT it, or start another \
         server with it, and every call has the same outcome. Rules that can never apply are left out, unless they take the \
         place of a flag or an override.",
    )
    .takes(&[query("project", Kind::Text, "As it is in this project. For a clone: the scenario that can be PUT there. Default: all.")])
    .gives(&[(200, Some("Scenario"))])
    .refuses(&[
        (404, "The project is unknown."),
        (409, "Something in force cannot be written in a file, such as an override for the next calls of whoever calls."),
    ]),
    described("POST", "scenario/check", "AdminCheckScenario", "Checks a scenario, and previews what it would change", {
        Run::Apart(Work::Check, |call| check::check(call.state, call.request, call.body))
    })
    .says(
        "Changes nothing. The answer is 200 for a wrong scenario too: `valid` is false, and `problems` has each mistake. With \
         `project` and `user`, `plan` compares their next calls as they are now with what they would be.",
    )
    .takes(&[
        query("project", Kind::Text, "The project of the user. For a clone: check the scenario as one for that clone alone."),
        query("user", Kind::Text, "The user whose next calls are compared: id, `user_name`, or the end of the id."),
        query("account", Kind::Text, "The account that calls, as `domain/name` or by its name. Default: none."),
        query("operation", Kind::Operation, "The operation. Default: ResetRandomPassword."),
        query("next", Kind::Whole(1, explain::CALLS_MAX), "How many calls. Default: 10."),
        query(NOTIFICATION_TYPE, Kind::NotificationTypes, "The notifications that the calls ask for. Default: none."),
    ])
    .may_have("AnyText")
    .gives(&[(200, Some("ScenarioCheck"))])
    .refuses(&[(404, "The project, user or account is unknown."), NOT_JSON]),
    list("projects", "AdminListProjects", "Lists loaded projects and their clones", |call| {
        projects::list(call.state, call.query())
    })
    .takes(&[query("cursor", Kind::Whole(0, u32::MAX as u64), CURSOR), LIMIT])
    .gives(&[(200, Some("ProjectPage"))]),
    change("POST", "projects", "AdminCloneProject", "Clones a project, for one test", |call| {
        projects::clone(call.state, call.request, call.body)
    })
    .says(
        "The clone has the users, passwords and faults of its template, and call numbers of its own. Rules for the template \
         apply to it too, unless it is made with a scenario of its own.",
    )
    .needs("CloneRequest")
    .gives(&[(201, Some("Clone"))])
    .refuses(&[
        (404, "The template or the account is unknown."),
        (409, "The id is taken, the account is bound to another clone of the template, or a bound is reached: `clones_max`, `clone_rules_max`, `clone_scenarios_bytes_max`."),
        NOT_JSON,
        (422, "The body or its scenario has errors: see `errors`."),
    ]),
    change("DELETE", "projects/{id}", "AdminDeleteClone", "Ends a clone", |call| {
        projects::remove(call.state, call.piece(1), call.query())
    })
    .says("Its calls in flight are cut. Its journal entries stay, and verdicts without `project` still judge its expectations.")
    .gives(&[(204, None)])
    .refuses(&[(404, "No clone has this id."), (409, "It is a loaded project, not a clone.")]),
    get("clock", "AdminGetClock", "Returns virtual time", |call| clock::show(call.state, call.query()))
        .gives(&[(200, Some("Clock"))]),
    now("POST", "clock", "AdminMoveClock", "Moves virtual time forward", |call| {
        clock::set(call.state, call.request, call.body)
    })
    .says("Windows, delays and tokens follow it. It works in both modes; only with `--clock manual` nothing else moves it.")
    .needs("ClockMove")
    .gives(&[(200, Some("Clock"))])
    .refuses(&[
        (409, "`set_ms` is in the past. A reset of everything sets time back to 0."),
        NOT_JSON,
        (422, "The body does not have exactly one of the two fields, or it is out of range."),
    ]),
    change("POST", "reset", "AdminReset", "Resets everything, or one project or clone", |call| {
        reset::reset(call.state, call.request, call.body)
    })
    .says(
        "Call numbers, strikes, passwords, users, overrides, journal entries and messages return to the start, and calls in \
         flight are cut. A reset of everything also sets virtual time to 0 and restores the scenario files; with `project`, \
         only what belongs to that project or clone is reset. Issued tokens, clones and indices stay.",
    )
    .may_have("ResetRequest")
    .gives(&[(200, Some("Reset"))])
    .refuses(&[(404, "The project is unknown."), NOT_JSON, (422, "The body has errors: see `errors`.")]),
    list("tokens", "AdminListTokens", "Lists issued tokens", |call| tokens::list(call.state, call.query()))
        .gives(&[(200, Some("TokenList"))]),
    now("DELETE", "tokens/{id}", "AdminRevokeToken", "Revokes a token", |call| {
        tokens::revoke(call.state, call.piece(1), call.query())
    })
    .gives(&[(204, None)])
    .refuses(&[
        (404, "No token in force has this id."),
        (409, "`tokens_revoked_max` tokens are revoked and have not expired yet."),
    ]),
    described("POST", "try", "AdminTry", "Sends a request to this server, as a client would", {
        Run::Try(|call| try_it::asked(call.state, call.request, call.body))
    })
    .says(
        "The server connects to itself and sends the request once, with the credentials that are asked for. It neither \
         repeats nor follows anything, so a connection that a fault resets is seen as such. The call counts like any other, \
         but verdicts and coverage leave it out unless `console=true`.",
    )
    .needs("TryRequest")
    .gives(&[(200, Some("Tried"))])
    .refuses(&[
        (409, "As many users of the project were tried as are noted: `users_created_max`. Reset the project."),
        NOT_JSON,
        (422, "The body has errors: see `errors`."),
        (503, "`tries_max` requests are being tried, or the server cannot connect to itself."),
    ]),
    now("POST", "shutdown", "AdminShutDown", "Shuts the server down", |call| {
        query::none(call.query())?;
        call.state.lifecycle.drain();
        Ok(Reply::empty(202))
    })
    .says("Delays and hangs are cut, other requests have `drain_ms` to end. The exit code is 0.")
    .gives(&[(202, None)]),
];
