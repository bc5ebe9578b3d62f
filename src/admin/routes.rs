//! The routes of the admin API, as data: routing, the methods of a resource, the list of resources and the admin half of
//! the OpenAPI document come from this table.

use super::later::Later;
use super::reply::Reply;
use super::route::{Kind, Query, Route, Run, change, described, get, later, list, now, query};
use super::verify::Asked;
use super::{
    Problem, ROOT, accounts, changes, check, clock, coverage, document, error_codes, events, explain, health, metrics,
    outbox, overrides, passwords, projects, query, requests, reset, samples, scenario, tokens, try_it, users, version,
};
use crate::contract::NOTIFICATION_TYPE;
use crate::state::{UserState, Work};
use hyper::Method;

const PROJECT: Query = query("project", Kind::Text, "Of this project, which may be a clone.");
const CLONE: Query = query("project", Kind::Clone, "In this clone alone. Default: wherever none is of its own.");
const USER: Query = query("user", Kind::Text, "Of this user.");
const CURSOR: &str = "Where a page begins: the `next` of the page before.";
const LIMIT: Query = query("limit", Kind::Limit, "How many a page has at most.");
const SINCE: Query = query("since", Kind::Whole(0, u64::MAX), "Those with a higher index: the `next` of an answer.");
const ORDER: Query = query("order", Kind::OneOf(requests::ORDERS), "Which come first. Default: oldest.");
const BEFORE: Query = query(
    "before",
    Kind::Whole(0, u64::MAX),
    "With order=newest, those with a lower index: the `next` of an answer, which is 0 after the last page.",
);
const STATUS: Query = query("status", Kind::Whole(0, u16::MAX as u64), "Those with this status.");

const WITH_CONSOLE: Query =
    query(coverage::CONSOLE, Kind::Flag, "Whether requests that the console tried count too. Default: false.");

pub(super) static ROUTES: &[Route] = &[
    get("health", "AdminGetHealth", "Says whether the server is there, and how full it is", |call| {
        health::show(call.state, call.admission, call.query())
    })
    .gives(&[(200, Some("Health")), (503, Some("Health"))]),
    get("version", "AdminGetVersion", "Says which wksmock this is", |call| version::show(call.query()))
        .gives(&[(200, Some("Version"))]),
    list("users", "AdminListUsers", "Lists the users of the loaded projects, or of one project or clone", |call| {
        users::list(call.state, call.query())
    })
    .takes(&[
        query("project", Kind::Text, "Of this project, which may be a clone. Default: all projects but clones."),
        query("search", Kind::Text, "Those with this text in their id or user_name, in whatever case."),
        query("state", Kind::OneOf(&UserState::NAMES), "Those who are as they were loaded, created, or changed."),
        query("cursor", Kind::Whole(0, u64::MAX), CURSOR),
        LIMIT,
    ])
    .gives(&[(200, Some("UserPage"))])
    .refuses(&[404]),
    list("accounts", "AdminListAccounts", "Lists the accounts that call the API, without their secrets", |call| {
        accounts::list(call.state, call.query())
    })
    .takes(&[
        query("search", Kind::Text, "Those with this text in domain/name or access_key, in whatever case."),
        query("cursor", Kind::Whole(0, u64::MAX), CURSOR),
        LIMIT,
    ])
    .gives(&[(200, Some("AccountPage"))]),
    list("projects", "AdminListProjects", "Lists the projects that are loaded, and their clones", |call| {
        projects::list(call.state, call.query())
    })
    .takes(&[query("cursor", Kind::Whole(0, u32::MAX as u64), CURSOR), LIMIT])
    .gives(&[(200, Some("ProjectPage"))]),
    change("POST", "projects", "AdminCloneProject", "Clones a project, for one test", |call| {
        projects::clone(call.state, call.request, call.body)
    })
    .needs("CloneRequest")
    .gives(&[(201, Some("Clone"))])
    .refuses(&[404, 409, 415, 422]),
    change("DELETE", "projects/{id}", "AdminDeleteClone", "Ends a clone", |call| {
        projects::remove(call.state, call.piece(1), call.query())
    })
    .gives(&[(204, None)])
    .refuses(&[404, 409]),
    list("requests", "AdminListRequests", "Reads the journal, from an index on or back", |call| {
        requests::list(call.state, call.query())
    })
    .takes(&[
        SINCE,
        ORDER,
        BEFORE,
        LIMIT,
        PROJECT,
        USER,
        query("account", Kind::Text, "Of this account, as domain/name or by its name alone; if empty, of none."),
        query("operation", Kind::Operation, "Calls of this operation."),
        STATUS,
        query("state", Kind::OneOf(requests::STATES), "Those that came so far."),
        query("rule", Kind::Text, "Those of which the rule of this name set the status, the delay or the fault."),
        query(
            "text",
            Kind::Text,
            "Those with this text, in whatever case, in target, header fields, problem, user, project or request id.",
        ),
        query("by", Kind::OneOf(requests::BY), "Those that clients sent, or that the console tried."),
        query("request_id", Kind::RequestId, "The one that was answered with this X-Request-Id."),
    ])
    .gives(&[(200, Some("RequestPage"))]),
    change("DELETE", "requests", "AdminClearRequests", "Empties the journal", |call| {
        requests::clear(call.state, call.query())
    })
    .gives(&[(204, None)]),
    get("requests/{index}", "AdminGetRequest", "Shows one entry of the journal", |call| {
        requests::show(call.state, call.piece(1), call.query())
    })
    .gives(&[(200, Some("Entry"))])
    .refuses(&[404]),
    described("POST", "try", "AdminTry", "Sends a request to this server, as a client would", {
        Run::Try(|call| try_it::asked(call.state, call.request, call.body))
    })
    .needs("TryRequest")
    .gives(&[(200, Some("Tried"))])
    .refuses(&[409, 415, 422, 503]),
    later("POST", "verify", "AdminVerify", "Judges what the consumer did", |call| {
        Asked::of(call.state, call.request, call.body).map(Later::Verdict)
    })
    .takes(&[query("wait_ms", Kind::Wait, "How long it may take until all holds. Default: 0."), WITH_CONSOLE])
    .may_have("VerifyRequest")
    .gives(&[(200, Some("Verdict"))])
    .refuses(&[404, 415, 422, 503]),
    list("coverage", "AdminGetCoverage", "Tells which documented statuses the consumer has met", |call| {
        coverage::show(call.state, call.query())
    })
    .takes(&[PROJECT, WITH_CONSOLE])
    .gives(&[(200, Some("Coverage"))])
    .refuses(&[404]),
    list("overrides", "AdminListOverrides", "Lists the rules that were set at run time", |call| {
        overrides::list(call.state, call.query())
    })
    .gives(&[(200, Some("OverrideList"))]),
    change("POST", "overrides", "AdminAddOverride", "Sets a rule that is read before all others", |call| {
        overrides::add(call.state, call.request, call.body)
    })
    .needs("OverrideRule")
    .gives(&[(201, Some("Override"))])
    .refuses(&[409, 415, 422]),
    change("PUT", "overrides/{id}", "AdminChangeOverride", "Changes an override in its place in the order", |call| {
        overrides::change(call.state, call.piece(1), call.request, call.body)
    })
    .needs("OverrideRule")
    .gives(&[(200, Some("Override"))])
    .refuses(&[404, 409, 415, 422]),
    change("DELETE", "overrides", "AdminClearOverrides", "Ends all overrides", |call| {
        overrides::clear(call.state, call.query())
    })
    .gives(&[(204, None)]),
    change("DELETE", "overrides/{id}", "AdminDeleteOverride", "Ends an override", |call| {
        overrides::remove(call.state, call.piece(1), call.query())
    })
    .gives(&[(204, None)])
    .refuses(&[404]),
    list("scenario", "AdminGetScenario", "Shows the scenarios in force", |call| {
        scenario::show(call.state, call.query())
    })
    .takes(&[PROJECT])
    .gives(&[(200, Some("Scenarios"))])
    .refuses(&[404]),
    change(
        "DELETE",
        "scenario",
        "AdminDeleteScenario",
        "Puts the scenario in force again that was there before",
        |call| scenario::take_back(call.state, call.query()),
    )
    .takes(&[CLONE])
    .gives(&[(204, None)])
    .refuses(&[404, 409]),
    change("PUT", "scenario", "AdminPutScenario", "Puts a scenario in the place of all files, or in a clone", |call| {
        scenario::put(call.state, call.request, call.body)
    })
    .takes(&[CLONE])
    .needs("Scenario")
    .gives(&[(200, Some("ScenarioTaken"))])
    .refuses(&[404, 409, 415, 422]),
    list("scenario/file", "AdminGetScenarioFile", "Writes what is in force as one scenario", |call| {
        scenario::file(call.state, call.query())
    })
    .takes(&[query("project", Kind::Text, "As it is in this project; of a clone, what can be put there.")])
    .gives(&[(200, Some("Scenario"))])
    .refuses(&[404, 409]),
    described(
        "POST",
        "scenario/check",
        "AdminCheckScenario",
        "Says what is wrong with a scenario, and what it would change",
        Run::Apart(Work::Check, |call| check::check(call.state, call.request, call.body)),
    )
    .takes(&[
        query("project", Kind::Text, "The user's project; a clone is where the scenario would be put."),
        query("user", Kind::Text, "The user whose next calls are told, as they are now and as they would be."),
        query("account", Kind::Text, "The account that calls, as domain/name or by its name alone."),
        query("operation", Kind::Operation, "The operation. Default: ResetRandomPassword."),
        query("next", Kind::Whole(1, explain::CALLS_MAX), "How many calls. Default: 10."),
        query(NOTIFICATION_TYPE, Kind::NotificationTypes, "The notifications that they ask for."),
    ])
    .may_have("AnyText")
    .gives(&[(200, Some("ScenarioCheck"))])
    .refuses(&[404, 415]),
    get(
        "passwords/{project}/{user}",
        "AdminGetPassword",
        "Shows a user's current password, or that of a call",
        |call| passwords::show(call.state, call.piece(1), call.piece(2), call.query()),
    )
    .takes(&[query("call", Kind::Whole(1, passwords::CALL_MAX - 1), "The number of a call.")])
    .gives(&[(200, Some("UserPassword"))])
    .refuses(&[404]),
    list("explain", "AdminExplain", "Says what the next calls come to, and which rule is why", |call| {
        explain::show(call.state, call.query())
    })
    .takes(&[
        query("project", Kind::Text, "The project. Operations of IAM and STS have none, all others need it."),
        query("user", Kind::Text, "The user, where the operation is of one."),
        query("account", Kind::Text, "The account that calls, as domain/name or by its name alone."),
        query("operation", Kind::Operation, "The operation. Default: ResetRandomPassword."),
        query("call", Kind::Whole(1, explain::FIRST_MAX), "The first call. Default: the next one."),
        query("next", Kind::Whole(1, explain::CALLS_MAX), "How many calls. Default: 1."),
        query(NOTIFICATION_TYPE, Kind::NotificationTypes, "The notifications that they ask for."),
    ])
    .gives(&[(200, Some("Explanation"))])
    .refuses(&[404]),
    list("samples", "AdminListSamples", "Shows a program for a request, in each language", |call| {
        samples::show(call.state, call.request)
    })
    .takes(samples::QUERY)
    .gives(&[(200, Some("SampleList"))]),
    list("outbox", "AdminListMessages", "Lists the messages that went out", |call| {
        outbox::list(call.state, call.query())
    })
    .takes(&[
        SINCE,
        ORDER,
        BEFORE,
        LIMIT,
        PROJECT,
        USER,
        query("type", Kind::OneOf(outbox::TYPES), "Those of this type."),
    ])
    .gives(&[(200, Some("MessagePage"))]),
    list("tokens", "AdminListTokens", "Lists the tokens that were issued, without themselves", |call| {
        tokens::list(call.state, call.query())
    })
    .gives(&[(200, Some("TokenList"))]),
    now("DELETE", "tokens/{id}", "AdminRevokeToken", "Revokes a token", |call| {
        tokens::revoke(call.state, call.piece(1), call.query())
    })
    .gives(&[(204, None)])
    .refuses(&[404, 409]),
    get("clock", "AdminGetClock", "Reads virtual time", |call| clock::show(call.state, call.query()))
        .gives(&[(200, Some("Clock"))]),
    now("POST", "clock", "AdminMoveClock", "Moves virtual time forward", |call| {
        clock::set(call.state, call.request, call.body)
    })
    .needs("ClockMove")
    .gives(&[(200, Some("Clock"))])
    .refuses(&[409, 415, 422]),
    change("POST", "reset", "AdminReset", "Begins anew, in one project or everywhere", |call| {
        reset::reset(call.state, call.request, call.body)
    })
    .may_have("ResetRequest")
    .gives(&[(200, Some("Reset"))])
    .refuses(&[404, 415, 422]),
    described(
        "GET",
        "events",
        "AdminFollowEvents",
        "Tells what happens, as server-sent events",
        Run::Live(|call| events::watch(call.request)),
    )
    .takes(&[
        query(
            "since",
            Kind::Whole(0, u64::MAX),
            "What a reader has not seen that was cut off after this id. Default: what happens from now on.",
        ),
        query("kinds", Kind::Names(&events::KINDS), "Events of these kinds alone, and `truncated`."),
    ])
    .gives(&[(200, Some("Events"))])
    .refuses(&[503]),
    list("changes", "AdminListChanges", "Lists what changed the setup", |call| changes::list(call.state, call.query()))
        .takes(&[
            query("since", Kind::Whole(0, u64::MAX), "Those with a higher number: the `next` of an answer."),
            LIMIT,
        ])
        .gives(&[(200, Some("ChangePage"))]),
    list("openapi.json", "AdminGetDocument", "Shows this document", |call| document::show(call.state, call.request))
        .gives(&[(200, Some("Document"))]),
    list("error-codes", "AdminListErrorCodes", "Explains each error, with a command that provokes it", |call| {
        error_codes::list(call.query())
    })
    .takes(&[query("code", Kind::Text, "The one of this code."), STATUS])
    .gives(&[(200, Some("ErrorCodeList"))]),
    get("metrics", "AdminGetMetrics", "Counts for Prometheus", |call| metrics::show(call.state, call.query()))
        .gives(&[(200, Some("Metrics"))]),
    now("POST", "shutdown", "AdminShutDown", "Ends the server, once it has drained", |call| {
        query::none(call.query())?;
        call.state.lifecycle.drain();
        Ok(Reply::empty(202))
    })
    .gives(&[(202, None)]),
];

/// The route of a request, or the problem that there is none.
pub(super) fn route(method: &Method, pieces: &[&str]) -> Result<&'static Route, Problem> {
    // The server leaves the body of an answer to HEAD away.
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let known: Vec<_> = ROUTES.iter().filter(|route| route.is_for(pieces)).collect();
    if let Some(route) = known.iter().find(|route| route.method == method) {
        return Ok(route);
    }
    if known.is_empty() {
        return Err(unknown(pieces));
    }
    let allowed: Vec<_> = known.iter().map(|route| route.method).collect();
    let allowed = allowed.join(", ");
    Err(Problem::new(405, format!("This resource takes {allowed}.")).allow(allowed))
}

/// Nothing is at this path.
fn unknown(pieces: &[&str]) -> Problem {
    match pieces {
        [] | [""] => Problem::new(404, "The console is not here: the server was started with --no-console."),
        ["passwords", ..] => Problem::new(404, format!("Ask for {ROOT}/passwords/{{project}}/{{user}}.")),
        ["mappings", ..] => Problem::new(
            404,
            "There are no mappings here: wksmock has rules. POST one to /__admin/overrides, \
             PUT all to /__admin/scenario, or start with --scenario FILE.",
        ),
        _ => {
            let mut resources: Vec<_> = ROUTES.iter().map(Route::resource).collect();
            resources.dedup();
            let resources = resources.join(", ");
            Problem::new(404, format!("No such resource. There are, under {ROOT}/: {resources}."))
        }
    }
}
