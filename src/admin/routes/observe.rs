//! The routes that say what happened: journal, outbox, events, verdicts, coverage, health.

use super::{BEFORE, LIMIT, ORDER, PROJECT, SINCE, STATUS, USER, WITH_CONSOLE};
use crate::admin::later::Later;
#[cfg(feature = "metrics")]
use crate::admin::metrics;
use crate::admin::route::{Kind, Route, Run, change, described, get, later, list, query};
use crate::admin::verify::Asked;
use crate::admin::{changes, coverage, document, error_codes, events, health, outbox, requests, version};

pub(super) static ROUTES: &[Route] = &[
    get("health", "AdminGetHealth", "Reports whether the server is up, and how full it is", |call| {
        health::show(call.state, call.admission, call.query())
    })
    .says("The only resource that answers without the admin token: then with `status` alone.")
    .gives(&[(200, Some("Health")), (503, Some("Health"))]),
    get("version", "AdminGetVersion", "Reports the version", |call| version::show(call.query()))
        .gives(&[(200, Some("Version"))]),
    #[cfg(feature = "metrics")]
    get("metrics", "AdminGetMetrics", "Reports counters for Prometheus", |call| metrics::show(call.state, call.query()))
        .gives(&[(200, Some("Metrics"))]),
    list("requests", "AdminListRequests", "Lists journal entries", |call| requests::list(call.state, call.query()))
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
            query("account", Kind::Text, "Calls of this account, as `domain/name` or by its name; empty for calls without credentials."),
            query("operation", Kind::Operation, "Calls of this operation."),
            STATUS,
            query(
                "state",
                Kind::OneOf(requests::STATES),
                "Requests in this state. `rejected`: those that were refused before they were counted.",
            ),
            query("rule", Kind::Text, "Calls whose status, delay or fault the rule of this name set."),
            query(
                "text",
                Kind::Text,
                "Requests with this text, in either case, in target, header fields, problem, user, project or request id.",
            ),
            query("by", Kind::OneOf(requests::BY), "Requests of clients, or those that the console sent."),
            query("request_id", Kind::RequestId, "The request that was answered with this `X-Request-Id`."),
        ])
        .gives(&[(200, Some("RequestPage"))]),
    change("DELETE", "requests", "AdminClearRequests", "Deletes all journal entries", |call| {
        requests::clear(call.state, call.query())
    })
    .says(
        "Indices and call numbers continue. An expectation that needs a deleted entry fails, and says so. To clear the \
         entries of one project or clone, reset it: `POST /__admin/reset`.",
    )
    .gives(&[(204, None)]),
    get("requests/{index}", "AdminGetRequest", "Returns one journal entry", |call| {
        requests::show(call.state, call.piece(1), call.query())
    })
    .gives(&[(200, Some("Entry"))])
    .refuses(&[(404, "No entry has this index: it was never used, or its entry was dropped, deleted or reset.")]),
    list("outbox", "AdminListMessages", "Lists the notifications that were sent", |call| {
        outbox::list(call.state, call.query())
    })
    .says("Every message is recorded here, whether or not it is also delivered by SMTP or webhook.")
    .takes(&[
        SINCE,
        ORDER,
        BEFORE,
        LIMIT,
        PROJECT,
        USER,
        query("type", Kind::OneOf(outbox::TYPES), "Messages of this type."),
    ])
    .gives(&[(200, Some("MessagePage"))]),
    described("GET", "events", "AdminFollowEvents", "Streams what happens, as server-sent events", {
        Run::Live(|call| events::watch(call.request))
    })
    .says(
        "The header `Last-Event-ID` does what `since` does, so an `EventSource` in a browser resumes by itself. A comment is \
         sent after 15 s without an event.",
    )
    .takes(&[
        query(
            "since",
            Kind::Whole(0, u64::MAX),
            "The id after which to start; 0 is the beginning. Default: now.",
        ),
        query("kinds", Kind::Names(&events::KINDS), "Events of these kinds, with commas between them. `truncated` is always sent. Default: all."),
    ])
    .gives(&[(200, Some("Events"))])
    .refuses(&[(503, "`event_readers_max` readers follow already.")]),
    list("changes", "AdminListChanges", "Lists what changed the setup", |call| changes::list(call.state, call.query()))
        .says("The last `changes_max` changes are kept.")
        .takes(&[query("since", Kind::Whole(0, u64::MAX), "Changes with a higher number: the `next` of an answer. Default: 0."), LIMIT])
        .gives(&[(200, Some("ChangePage"))]),
    later("POST", "verify", "AdminVerify", "Judges whether expectations hold", |call| {
        Asked::of(call.state, call.request, call.body).map(Later::Verdict)
    })
    .says(
        "The answer is 200 whether they hold or not: `passed` says which, and `nearest` of each failed expectation what is \
         missing. Without a body the expectations of the scenarios in force are judged. With `project`, only calls in that \
         project or clone are judged; with `expect`, those expectations are judged by all calls since the last reset.",
    )
    .takes(&[
        query(
            "wait_ms",
            Kind::Wait,
            "Wait up to this long until all expectations hold, or one fails that no further call can mend. Default: 0.",
        ),
        WITH_CONSOLE,
    ])
    .may_have("VerifyRequest")
    .gives(&[(200, Some("Verdict"))])
    .refuses(&[
        (404, "The project is unknown, or the clone has ended."),
        (415, "The body is not `application/json`."),
        (422, "The body or an expectation has errors: see `errors`."),
        (503, "The verdict took longer than `verdict_time_max_ms`, or too many requests wait."),
    ]),
    list("coverage", "AdminGetCoverage", "Reports which documented statuses clients have met", |call| {
        coverage::show(call.state, call.query())
    })
    .takes(&[PROJECT, WITH_CONSOLE])
    .gives(&[(200, Some("Coverage"))])
    .refuses(&[(404, "The project is unknown.")]),
    list("openapi.json", "AdminGetDocument", "Returns this server's OpenAPI document", |call| {
        document::show(call.state, call.request)
    })
    .gives(&[(200, Some("Document"))]),
    list("error-codes", "AdminListErrorCodes", "Explains the errors of the emulated API", |call| {
        error_codes::list(call.query())
    })
    .takes(&[query("code", Kind::Text, "The errors with this `error_code`."), STATUS])
    .gives(&[(200, Some("ErrorCodeList"))]),
];
