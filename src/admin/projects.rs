//! `projects`: loaded projects, and clones of them, which tests make and delete at run time.

use super::request::{AdminRequest, read_fields};
use super::{AdminProblem, reply::AdminReply, scenario::no_room};
use crate::diagnostics::{Text, Vocabulary, span_of};
use crate::fixture::checked_id;
use crate::state::{Cloned, NotCloned, State, Wanted, cursor_of, project_at_cursor};
use serde::Serialize;
use std::ops::Range;

const CLONE: Vocabulary = Vocabulary {
    what: "a clone request",
    known: &["from", "id", "account", "scenario"],
    examples: &[("", r#"{ "from": "p1" }"#)],
};

/// A page of projects and clones.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ProjectPage<'r> {
    /// Loaded projects, then clones.
    projects: Vec<ListedProject<'r>>,
    /// The cursor of the next page; `None` after the last one.
    next: Option<u32>,
}

/// A project or clone.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ListedProject<'r> {
    /// Its id.
    id: &'r str,
    /// Its name.
    name: Option<&'r str>,
    /// Number of users that it was loaded with.
    users: usize,
    /// The template of a clone; `None` for a loaded project.
    from: Option<&'r str>,
    /// The account that is bound to a clone.
    account: Option<&'r str>,
    /// Whether a clone has a scenario of its own.
    own_scenario: bool,
}

/// The clone that was made.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Clone"))]
pub(super) struct MadeClone<'r> {
    /// Its id: the one that was asked for, or a new one.
    id: &'r str,
    /// The id of the loaded project that it was made from.
    from: &'r str,
    /// Number of its users.
    users: usize,
    /// The account that is bound to it, as `domain/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'r str>,
}

pub(super) fn list(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let cursor = project_at_cursor(request.query.cursor()?);
    let limit = request.query.limit(state.limits.page_max)?;
    let running = state.running();
    let mut rest = running.projects(cursor).into_iter();
    let projects = rest.by_ref().take(limit).map(|listed| ListedProject {
        id: listed.clone.map_or(listed.project.id(), Cloned::id),
        name: listed.project.name(),
        users: listed.project.users_count(),
        from: listed.clone.map(Cloned::template),
        account: listed.clone.and_then(Cloned::account),
        own_scenario: listed.clone.is_some_and(|clone| clone.setup().is_some()),
    });
    let projects = projects.collect();
    let next = rest.next().map(|listed| cursor_of(listed.index));
    Ok(AdminReply::json(200, &ProjectPage { projects, next }))
}

/// A clone that is asked for.
#[derive(Debug)]
struct NewClone {
    from: String,
    id: Option<String>,
    /// The account that is bound to it.
    account: Option<String>,
    /// The text of a scenario of its own.
    scenario: Option<String>,
}

/// Makes a clone. With a scenario of its own that takes as long as it takes to read.
pub(super) fn clone(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let text = request.required_json("{\"from\": \"ID\"}, optionally with \"id\"")?;
    NewClone::read(state, text)?.make(state)
}

/// Makes a clone if that is brief. Other threads report what is wrong with a request.
pub(super) fn clone_in_brief(state: &State, request: &AdminRequest) -> Option<Result<AdminReply, AdminProblem>> {
    let text = request.json().ok()??;
    let wanted = NewClone::read(state, text).ok()?;
    let made = state.add_clone_in_brief(&wanted.wanted())?;
    Some(wanted.made(state, made))
}

impl NewClone {
    fn read(state: &State, text: &str) -> Result<Self, AdminProblem> {
        read_fields(text, &CLONE, &state.limits, |_, fields, problems| {
            let from = problems.keep(fields.required_text("from"));
            let id = problems.keep(fields.text("id").and_then(|id| id.map(checked_id).transpose()));
            let account = problems.keep(fields.text("account"));
            let owned = |text: Text<'_>| text.value.to_owned();
            let scenario = fields.value("scenario").and_then(|value| in_place(text, span_of(value)));
            let (id, account) = (id?.map(owned), account?.map(owned));
            Some(Self { from: owned(from?), id, account, scenario })
        })
    }

    fn make(&self, state: &State) -> Result<AdminReply, AdminProblem> {
        self.made(state, state.add_clone(&self.wanted()))
    }

    fn wanted(&self) -> Wanted<'_> {
        let Self { from, id, account, scenario } = self;
        Wanted { from, id: id.as_deref(), account: account.as_deref(), scenario: scenario.as_deref() }
    }

    fn made(&self, state: &State, made: Result<(String, String), NotCloned>) -> Result<AdminReply, AdminProblem> {
        let (id, template) = made.map_err(|refused| self.refused(refused))?;
        let running = state.running();
        let users = running.setup.directory().project(&template).map_or(0, |(_, project)| project.users_count());
        let account = running.clones.get(&id).and_then(|clone| clone.account());
        Ok(AdminReply::json(201, &MadeClone { id: &id, from: &template, users, account }))
    }

    fn refused(&self, refused: NotCloned) -> AdminProblem {
        let Self { from, id, account, .. } = self;
        let account = || invariant!(account.as_deref(), "", "no account is refused that was not given");
        match refused {
            NotCloned::Full(most) => AdminProblem::new(
                409,
                format!(
                    "Clone limit reached: at most {most} clones. DELETE some at /__admin/projects/ID, or raise the \
                     limit clones_max."
                ),
            ),
            NotCloned::Unknown => AdminProblem::unknown_project(from),
            NotCloned::Taken => {
                let id = invariant!(id.as_deref(), "", "an id that the server chooses is free");
                AdminProblem::new(409, format!("Project {id:?} already exists. Choose another id, or omit it."))
            }
            NotCloned::UnknownAccount => AdminProblem::new(
                404,
                format!("Unknown account {:?}; expected a loaded account, as domain/name or name.", account()),
            ),
            NotCloned::Bound(other) => {
                let bound =
                    format!("Account {:?} is already bound to {other:?}, a clone of the same project.", account());
                AdminProblem::new(409, format!("{bound} DELETE that clone first."))
            }
            NotCloned::Wrong(problems) => AdminProblem::of_document(&problems),
            NotCloned::NoRoom(full) => no_room(full),
        }
    }
}

/// Deletes a clone if that is brief.
pub(super) fn remove_in_brief(state: &State, request: &AdminRequest) -> Option<Result<AdminReply, AdminProblem>> {
    state.remove_clone_in_brief(request.piece(1)).then(|| Ok(AdminReply::empty(204)))
}

pub(super) fn remove(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let id = request.piece(1);
    if state.remove_clone(id) {
        return Ok(AdminReply::empty(204));
    }
    if state.running().setup.directory().project(id).is_some() {
        return Err(AdminProblem::loaded_project(id));
    }
    Err(AdminProblem::new(404, format!("Unknown clone {id:?}.")))
}

/// A part of a text with blanks before it, so that lines and columns are as in the whole.
fn in_place(text: &str, part: Range<usize>) -> Option<String> {
    let before = text.get(..part.start)?.chars().map(|before| if before == '\n' { '\n' } else { ' ' });
    Some(before.chain(text.get(part)?.chars()).collect())
}
