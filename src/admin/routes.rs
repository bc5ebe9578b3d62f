//! The routes of the admin API, as data: routing, the methods of a resource, the list of resources, the admin half of the
//! OpenAPI document and docs/admin.md come from these tables.

mod look_up;
mod observe;
mod steer;

use super::route::{Kind, Query, Route, query};
use super::{Problem, ROOT, coverage, requests};
use hyper::Method;

const PROJECT: Query = query("project", Kind::Text, "Only this project or clone. Default: all.");
const CLONE: Query =
    query("project", Kind::Clone, "A clone: for it alone. Default: for all that have no scenario of their own.");
const USER: Query = query("user", Kind::Text, "Only this user: id, `user_name`, or the end of the id.");
const CURSOR: &str = "Where the page begins: the `next` of the page before. Default: 0.";
const LIMIT: Query = query("limit", Kind::Limit, "The most entries on a page. Default: `page_max`.");
const SINCE: Query =
    query("since", Kind::Whole(0, u64::MAX), "Entries with a higher index: the `next` of an answer. Default: 0.");
const ORDER: Query = query("order", Kind::OneOf(requests::ORDERS), "Which entries come first. Default: `oldest`.");
const BEFORE: Query = query(
    "before",
    Kind::Whole(0, u64::MAX),
    "With `order=newest`, entries with a lower index: the `next` of an answer, which is 0 after the last page.",
);
const STATUS: Query = query("status", Kind::Whole(0, u16::MAX as u64), "Only this status.");
const WITH_CONSOLE: Query =
    query(coverage::CONSOLE, Kind::Flag, "Whether requests that the console sent count too. Default: false.");

/// All routes. Those of a resource stand together.
pub(super) fn routes() -> impl Iterator<Item = &'static Route> {
    [observe::ROUTES, look_up::ROUTES, steer::ROUTES].into_iter().flatten()
}

/// The route of a request, or the problem that there is none.
pub(super) fn route(method: &Method, pieces: &[&str]) -> Result<&'static Route, Problem> {
    // The server leaves the body of an answer to HEAD away.
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let known: Vec<_> = routes().filter(|route| route.is_for(pieces)).collect();
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
        #[cfg(not(feature = "metrics"))]
        ["metrics"] => Problem::new(404, "This wksmock has no metrics: it was built without its feature `metrics`."),
        ["mappings", ..] => Problem::new(
            404,
            "There are no mappings here: wksmock has rules. POST one to /__admin/overrides, \
             PUT all to /__admin/scenario, or start with --scenario FILE.",
        ),
        _ => {
            let mut resources: Vec<_> = routes().map(Route::resource).collect();
            resources.dedup();
            let resources = resources.join(", ");
            Problem::new(404, format!("No such resource. There are, under {ROOT}/: {resources}."))
        }
    }
}
