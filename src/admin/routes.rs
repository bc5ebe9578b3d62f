//! The routes of the admin API as one table. Routing, query parameters, the methods of a resource, the list of resources, the
//! admin half of the OpenAPI document and docs/admin.md come from it.

#[cfg(feature = "metrics")]
use super::metrics;
use super::reply::AdminReply;
use super::route::{Answerer, QueryParameter, Route, SentBody, ValueForm, change, get, list, parameter, route};
use super::verify::PendingVerdict;
use super::{
    accounts, changes, check, clock, coverage, error_codes, events, explain, health, outbox, overrides, passwords,
    projects, requests, reset, scenario, tokens, users, version,
};
#[cfg(feature = "console")]
use super::{document, samples, try_it};
use crate::contract::{NOTIFICATION_TYPE, NotificationType};
use crate::limits::CALL_MAX;
use crate::state::{EntryState, Order, UserState, Work};

const PROJECT: QueryParameter = parameter("project", ValueForm::Text, "Only this project or clone. Default: all.");
const CLONE: QueryParameter = parameter(
    "project",
    ValueForm::Clone,
    "A clone: for it alone. Default: for all that have no scenario of their own.",
);
const USER: QueryParameter =
    parameter("user", ValueForm::Text, "Only this user: id, `user_name`, or the end of the id.");
const CURSOR_WORDS: &str = "Where the page begins: the `next` of the page before. Default: 0.";
const CURSOR: QueryParameter = parameter("cursor", ValueForm::Whole(0, u64::MAX), CURSOR_WORDS);
const LIMIT: QueryParameter = parameter("limit", ValueForm::Limit, "The most entries on a page. Default: `page_max`.");
const SINCE: QueryParameter = parameter(
    "since",
    ValueForm::Whole(0, u64::MAX),
    "Entries with a higher index: the `next` of an answer. Default: 0.",
);
const ORDER: QueryParameter =
    parameter("order", ValueForm::OneOf(&Order::NAMES), "Which entries come first. Default: `oldest`.");
const BEFORE: QueryParameter = parameter(
    "before",
    ValueForm::Whole(0, u64::MAX),
    "With `order=newest`, entries with a lower index: the `next` of an answer, which is 0 after the last page.",
);
const STATUS: QueryParameter = parameter("status", ValueForm::Whole(0, u16::MAX as u64), "Only this status.");
const WITH_CONSOLE: QueryParameter =
    parameter(coverage::CONSOLE, ValueForm::Flag, "Whether requests that the console sent count too. Default: false.");

const NOT_JSON: (u16, &str) = (415, "The body is not `application/json`.");

/// The table. The routes of a resource stand together.
pub(super) static ROUTES: &[Route] = &[
    get("health", "AdminGetHealth", "Reports whether the server is up, and how full it is", "Health", |state, request| Ok(health::show(state, request.admission)))
    .says("The only resource that answers without the admin token: then with `status` alone.")
    .also(503),
    get("version", "AdminGetVersion", "Reports the version", "Version", |_, _| Ok(version::show())),
    #[cfg(feature = "metrics")]
    get("metrics", "AdminGetMetrics", "Reports counters for Prometheus", "Metrics", metrics::show),
    list("requests", "AdminListRequests", "Lists journal entries", "RequestPage", requests::list)
        .says(
            "Every request to the emulated API is journaled when it arrives. All filters must match. To follow the journal, \
             pass the `next` of each answer as `since`: it moves on even if a filter drops every entry.",
        )
        .takes(&[
            SINCE,
            ORDER,
            BEFORE,
            LIMIT,
            PROJECT,
            USER,
            parameter("account", ValueForm::Text, "Calls of this account, as `domain/name` or by its name; empty for calls without credentials."),
            parameter("operation", ValueForm::Operation, "Calls of this operation."),
            STATUS,
            parameter(
                "state",
                ValueForm::OneOf(&EntryState::NAMES),
                "Requests in this state. `rejected`: those that were refused before they were counted.",
            ),
            parameter("rule", ValueForm::Text, "Calls whose status, delay or fault the rule of this name set."),
            parameter(
                "text",
                ValueForm::Text,
                "Requests with this text, in either case, in target, header fields, problem, user, project or request id.",
            ),
            parameter("by", ValueForm::OneOf(&["client", "console"]), "Requests of clients, or those that the console sent."),
            parameter("request_id", ValueForm::RequestId, "The request that was answered with this `X-Request-Id`."),
        ]),
    change("DELETE", "requests", "AdminClearRequests", "Deletes all journal entries", |state, _| Ok(requests::clear(state)))
    .says(
        "Indices and call numbers continue. An expectation that needs a deleted entry fails, and says so. To clear the \
         entries of one project or clone, reset it: `POST /__admin/reset`.",
    ),
    get("requests/{index}", "AdminGetRequest", "Returns one journal entry", "Entry", requests::show)
    .refuses(&[(404, "No entry has this index: it was never used, or its entry was dropped, deleted or reset.")]),
    list("outbox", "AdminListMessages", "Lists the notifications that were sent", "MessagePage", outbox::list)
    .says("Every message is recorded here, whether or not it is also delivered by SMTP or webhook.")
    .takes(&[
        SINCE,
        ORDER,
        BEFORE,
        LIMIT,
        PROJECT,
        USER,
        parameter("type", ValueForm::OneOf(&NotificationType::NAMES), "Messages of this type."),
    ]),
    route("GET", "events", "AdminFollowEvents", "Streams what happens, as server-sent events", Answerer::Live(events::watch))
    .says(
        "The header `Last-Event-ID` does what `since` does, so an `EventSource` in a browser resumes by itself. A comment is \
         sent after 15 s without an event.",
    )
    .takes(&[
        parameter(
            "since",
            ValueForm::Whole(0, u64::MAX),
            "The id after which to start; 0 is the beginning. Default: now.",
        ),
        parameter("kinds", ValueForm::Names(&events::KINDS), "Events of these kinds, with commas between them. `truncated` is always sent. Default: all."),
    ])
    .gives(200, Some("Events"))
    .refuses(&[(503, "`event_readers_max` readers follow already.")]),
    list("changes", "AdminListChanges", "Lists what changed the setup", "ChangePage", changes::list)
        .says("The last `changes_max` changes are kept.")
        .takes(&[parameter("since", ValueForm::Whole(0, u64::MAX), "Changes with a higher number: the `next` of an answer. Default: 0."), LIMIT]),
    route("POST", "verify", "AdminVerify", "Judges whether expectations hold", Answerer::Verdict(PendingVerdict::asked))
    .says(
        "The answer is 200 whether they hold or not: `passed` says which, and `report` of a failed verdict what is missing. \
         Without a body the expectations of the scenarios in force are judged. With `project`, only calls in that project or \
         clone are judged; with `expect` or `also_expect`, those expectations are judged by all calls since the last reset. \
         With `delete`, one request judges the clone of a test and deletes it.",
    )
    .takes(&[
        parameter(
            "wait_ms",
            ValueForm::Wait,
            "Wait up to this long until all expectations hold, or one fails that no further call can mend. Default: 0.",
        ),
        parameter(
            "settle_ms",
            ValueForm::Wait,
            "If an expectation does not hold while calls are in flight, wait up to this long until they have ended, and judge \
             again. Default: 0.",
        ),
        WITH_CONSOLE,
    ])
    .may_have(SentBody::VerifyRequest)
    .gives(200, Some("Verdict"))
    .refuses(&[
        (404, "The project is unknown, or the clone has ended."),
        (409, "The project of `delete` is a loaded project, not a clone."),
        NOT_JSON,
        (422, "The body or an expectation has errors: see `errors`."),
        (503, "The verdict took longer than `verdict_time_max_ms`, or too many requests wait."),
    ]),
    list("coverage", "AdminGetCoverage", "Reports which documented statuses clients have met", "Coverage", coverage::show)
    .takes(&[PROJECT, WITH_CONSOLE])
    .refuses(&[(404, "The project is unknown.")]),
    #[cfg(feature = "console")]
    list("openapi.json", "AdminGetDocument", "Returns this server's OpenAPI document", "Document", |state, request| Ok(document::show(state, &request.head, ROUTES))),
    list("error-codes", "AdminListErrorCodes", "Explains the errors of the emulated API", "ErrorCodeList", error_codes::list)
    .takes(&[parameter("code", ValueForm::Text, "The errors with this `error_code`."), STATUS]),
    list("users", "AdminListUsers", "Lists the users of the loaded projects, or of one project or clone", "UserPage", users::list)
        .takes(&[
            parameter("project", ValueForm::Text, "Only this project or clone. Default: all projects, without clones."),
            parameter("search", ValueForm::Text, "Users with this text, in either case, in `id` or `user_name`."),
            parameter("state", ValueForm::OneOf(&UserState::NAMES), "Users that are as loaded, created, or changed since."),
            CURSOR,
            LIMIT,
        ])
        .refuses(&[(404, "The project is unknown.")]),
    list("accounts", "AdminListAccounts", "Lists the accounts that can call the API, without their secrets", "AccountPage", accounts::list)
    .takes(&[
        parameter("search", ValueForm::Text, "Accounts with this text, in either case, in `domain/name` or `access_key`."),
        CURSOR,
        LIMIT,
    ]),
    get("passwords/{project}/{user}", "AdminGetPassword", "Returns a user's current password, or that of a call", "UserPassword", passwords::show)
    .says("With `call`, the password is computed from the seed, whether or not the call was made.")
    .takes(&[parameter("call", ValueForm::Whole(1, CALL_MAX), "A call number. Default: the current password.")])
    .refuses(&[(404, "The project or the user is unknown.")]),
    list("explain", "AdminExplain", "Explains what calls result in, and which rules decide", "Explanation", explain::show)
    .says(
        "Makes no call. Rules with `header`, or with a `query` other than `notification_type`, count as not matching, since \
         there is no request yet.",
    )
    .takes(&[
        parameter("project", ValueForm::Text, "The project or clone. Required, except for operations of IAM and STS."),
        parameter("user", ValueForm::Text, "The user: id, `user_name`, or the end of the id. Required if the operation names one."),
        parameter("account", ValueForm::Text, "The account that calls, as `domain/name` or by its name. Default: none."),
        parameter("operation", ValueForm::Operation, "The operation. Default: ResetRandomPassword."),
        parameter("call", ValueForm::Whole(1, explain::FIRST_MAX), "The first call number. Default: the next call."),
        parameter("next", ValueForm::Whole(1, explain::CALLS_MAX), "How many calls. Default: 1."),
        parameter(NOTIFICATION_TYPE, ValueForm::NotificationTypes, "The notifications that the calls ask for. Default: none."),
    ])
    .refuses(&[(404, "The project, user or account is unknown.")]),
    #[cfg(feature = "console")]
    list("samples", "AdminListSamples", "Returns a program for a request, in each language", "SampleList", samples::show)
    .takes(samples::PARAMETERS),
    list("overrides", "AdminListOverrides", "Lists the overrides in force", "OverrideList", |state, _| Ok(overrides::list(state))),
    change("POST", "overrides", "AdminAddOverride", "Sets a rule that is read before all others", overrides::add)
    .says(
        "The body is a rule as in a scenario file; `name` is optional. `calls` counts from the last reset, not from now: use \
         `next` for calls that are still to come. Or it is a rule in the form of `--fault`, as `flag`. A reset ends all \
         overrides.",
    )
    .needs(SentBody::NewOverride)
    .gives(201, Some("Override"))
    .refuses(&[
        (409, "Another rule has this name, or there are `overrides_max` overrides or `overrides_bytes_max` bytes of them."),
        NOT_JSON,
        (422, "The rule has errors: see `errors`. Nothing was changed."),
    ]),
    change("PUT", "overrides/{id}", "AdminChangeOverride", "Replaces an override, which keeps its place", overrides::change)
    .says("Its strikes and its `next` calls are counted anew.")
    .needs(SentBody::NewOverride)
    .gives(200, Some("Override"))
    .refuses(&[
        (404, "No override has this id."),
        (409, "Another rule has this name, or there are `overrides_bytes_max` bytes of overrides."),
        NOT_JSON,
        (422, "The rule has errors: see `errors`. Nothing was changed."),
    ]),
    change("DELETE", "overrides", "AdminClearOverrides", "Ends all overrides", |state, _| Ok(overrides::clear(state))),
    change("DELETE", "overrides/{id}", "AdminDeleteOverride", "Ends an override", overrides::remove)
    .refuses(&[(404, "No override has this id.")]),
    list("scenario", "AdminGetScenario", "Returns the scenarios in force, and how often each rule struck", "Scenarios", scenario::show)
    .takes(&[parameter("project", ValueForm::Text, "As seen from this project; of a clone with a scenario of its own, that one. Default: all.")])
    .refuses(&[(404, "The project is unknown.")]),
    change("PUT", "scenario", "AdminPutScenario", "Replaces the scenario files, or the scenario of a clone", scenario::put)
    .says(
        "In force until DELETE or a reset. Flags and overrides stay, and call numbers continue; but a rule that is named like a \
         `--fault` flag or an override takes its place, and the override ends. For a clone, only overrides for that clone \
         alone are replaced. Its expectations are judged by the calls that come after it.",
    )
    .takes(&[CLONE])
    .needs(SentBody::Scenario)
    .gives(200, Some("ScenarioTaken"))
    .refuses(&[
        (404, "No clone has this id."),
        (409, "`project` is a loaded project, not a clone; or the scenarios of clones are over `clone_rules_max` or `clone_scenarios_bytes_max`."),
        NOT_JSON,
        (422, "The scenario has errors: see `errors`. Nothing was changed."),
    ]),
    change("DELETE", "scenario", "AdminDeleteScenario", "Restores the scenario files, or the first scenario of a clone", scenario::take_back)
    .takes(&[CLONE])
    .refuses(&[(404, "No clone has this id."), (409, "`project` is a loaded project, not a clone.")]),
    list("scenario/file", "AdminGetScenarioFile", "Returns everything in force as one scenario", "Scenario", scenario::file)
    .says(
        "Overrides, flags and files in the order in which they are read, without the built-in rules. PUT it, or start another \
         server with it, and every call has the same outcome. Rules that can never apply are left out, unless they take the \
         place of a flag or an override.",
    )
    .takes(&[parameter("project", ValueForm::Text, "As it is in this project. For a clone: the scenario that can be PUT there. Default: all.")])
    .refuses(&[
        (404, "The project is unknown."),
        (409, "Something in force cannot be written in a file, such as an override for the next calls of whoever calls."),
    ]),
    route("POST", "scenario/check", "AdminCheckScenario", "Checks a scenario, and previews what it would change",
        Answerer::Apart(Work::Check, check::check))
    .says(
        "Changes nothing. The answer is 200 for a wrong scenario too: `valid` is false, and `problems` has each mistake. With \
         `project` and `user`, `plan` compares their next calls as they are now with what they would be.",
    )
    .takes(&[
        parameter("project", ValueForm::Text, "The project of the user. For a clone: check the scenario as one for that clone alone."),
        parameter("user", ValueForm::Text, "The user whose next calls are compared: id, `user_name`, or the end of the id."),
        parameter("account", ValueForm::Text, "The account that calls, as `domain/name` or by its name. Default: none."),
        parameter("operation", ValueForm::Operation, "The operation. Default: ResetRandomPassword."),
        parameter("next", ValueForm::Whole(1, explain::CALLS_MAX), "How many calls. Default: 10."),
        parameter(NOTIFICATION_TYPE, ValueForm::NotificationTypes, "The notifications that the calls ask for. Default: none."),
    ])
    .may_have(SentBody::AnyText)
    .gives(200, Some("ScenarioCheck"))
    .refuses(&[(404, "The project, user or account is unknown."), NOT_JSON]),
    list("projects", "AdminListProjects", "Lists loaded projects and their clones", "ProjectPage", projects::list)
    .takes(&[parameter("cursor", ValueForm::Whole(0, u32::MAX as u64), CURSOR_WORDS), LIMIT]),
    change("POST", "projects", "AdminCloneProject", "Clones a project, for one test", projects::clone)
    .says(
        "The clone has the users, passwords and faults of its template, and call numbers of its own. Rules for the template \
         apply to it too, unless it is made with a scenario of its own.",
    )
    .in_brief(projects::clone_in_brief)
    .needs(SentBody::CloneRequest)
    .gives(201, Some("Clone"))
    .refuses(&[
        (404, "The template or the account is unknown."),
        (409, "The id is taken, the account is bound to another clone of the template, or a bound is reached: `clones_max`, `clone_rules_max`, `clone_scenarios_bytes_max`."),
        NOT_JSON,
        (422, "The body or its scenario has errors: see `errors`."),
    ]),
    change("DELETE", "projects/{id}", "AdminDeleteClone", "Ends a clone", projects::remove)
    .in_brief(projects::remove_in_brief)
    .says("Its calls in flight are cut. Its journal entries stay, and verdicts without `project` still judge its expectations.")
    .refuses(&[(404, "No clone has this id."), (409, "It is a loaded project, not a clone.")]),
    get("clock", "AdminGetClock", "Returns virtual time", "Clock", |state, _| Ok(clock::show(state))),
    route("POST", "clock", "AdminMoveClock", "Moves virtual time forward", Answerer::Now(clock::set))
    .says("Windows, delays and tokens follow it. It works in both modes; only with `--clock manual` nothing else moves it.")
    .needs(SentBody::ClockMove)
    .gives(200, Some("Clock"))
    .refuses(&[
        (409, "`set_ms` is in the past. A reset of everything sets time back to 0."),
        NOT_JSON,
        (422, "The body does not have exactly one of the two fields, or it is out of range."),
    ]),
    change("POST", "reset", "AdminReset", "Resets everything, or one project or clone", reset::reset)
    .says(
        "Call numbers, strikes, passwords, users, overrides, journal entries and messages return to the start, and calls in \
         flight are cut. A reset of everything also sets virtual time to 0 and restores the scenario files; with `project`, \
         only what belongs to that project or clone is reset. Issued tokens, clones and indices stay.",
    )
    .may_have(SentBody::ResetRequest)
    .gives(200, Some("Reset"))
    .refuses(&[(404, "The project is unknown."), NOT_JSON, (422, "The body has errors: see `errors`.")]),
    list("tokens", "AdminListTokens", "Lists issued tokens", "TokenList", |state, _| Ok(tokens::list(state))),
    route("DELETE", "tokens/{id}", "AdminRevokeToken", "Revokes a token", Answerer::Now(tokens::revoke))
    .refuses(&[
        (404, "No token in force has this id."),
        (409, "`tokens_revoked_max` tokens are revoked and have not expired yet."),
    ]),
    #[cfg(feature = "console")]
    route("POST", "try", "AdminTry", "Sends a request to this server, as a client would", Answerer::Try(try_it::asked))
    .says(
        "The server connects to itself and sends the request once, with the credentials that are asked for. It neither \
         repeats nor follows anything, so a connection that a fault resets is seen as such. The call counts like any other, \
         but verdicts and coverage leave it out unless `console=true`.",
    )
    .needs(SentBody::TryRequest)
    .gives(200, Some("Tried"))
    .refuses(&[
        (409, "As many users of the project were tried as are noted: `users_created_max`. Reset the project."),
        NOT_JSON,
        (422, "The body has errors: see `errors`."),
        (503, "`tries_max` requests are being tried, or the server cannot connect to itself."),
    ]),
    route("POST", "shutdown", "AdminShutDown", "Shuts the server down", Answerer::Now(|state, _| {
        state.lifecycle.drain();
        Ok(AdminReply::empty(202))
    }))
    .says("Delays and hangs are cut, other requests have `drain_ms` to end. The exit code is 0.")
    .gives(202, None),
];
