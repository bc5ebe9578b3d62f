//! For whom a rule holds: `when.project` and `when.user`, by the ids that are loaded.

use super::Targets;
use crate::fixture::{Directory, Loaded, UserKey};
use crate::source::{Problem, Problems, Text, nearest};

/// Ids that are compared with a typo at most.
const COMPARED_MAX: usize = 10_000;

/// Finds the projects and users. Ids that are not loaded are problems; then there are no targets.
pub(super) fn targets(
    projects: Option<&[Text<'_>]>,
    users: Option<&[Text<'_>]>,
    loaded: &Loaded,
    problems: &mut Problems,
) -> Option<Targets> {
    let directory = &loaded.directory;
    let (mut indices, mut known) = (Vec::new(), true);
    for project in projects.unwrap_or_default() {
        if let Some((index, _)) = directory.project(project.value) {
            indices.push(index);
        } else {
            known = false;
            report(loaded, problems, || unknown_project(project, directory));
        }
    }
    let Some(users) = users else {
        return known.then_some(match projects {
            Some(_) => Targets::Projects(indices),
            None => Targets::Everyone,
        });
    };
    let mut keys = Vec::new();
    // Beside a project that is not known a user may be of that one.
    let projects_known = known;
    for user in users {
        let in_projects = |key: &UserKey| projects.is_none() || !projects_known || indices.contains(&key.project);
        let before = keys.len();
        keys.extend(directory.users_named(user.value).filter(in_projects));
        if keys.len() == before {
            known = false;
            report(loaded, problems, || unknown_user(user, directory, &indices));
        }
    }
    known.then_some(Targets::Users(keys))
}

/// Where a users file is bad, its ids are not known, and none can be called unknown.
fn report(loaded: &Loaded, problems: &mut Problems, problem: impl FnOnce() -> Box<Problem>) {
    if loaded.complete {
        problems.push_with(problem);
    }
}

fn unknown_project(project: &Text<'_>, directory: &Directory) -> Box<Problem> {
    let problem = Problem::new(
        format!("unknown project `{}`", project.value),
        project.location(),
        "expected the id of a loaded project",
    );
    let ids = directory.projects().iter().map(crate::fixture::Project::id);
    match nearest(project.value, ids.take(COMPARED_MAX)) {
        Some(meant) => problem.hint(format!("did you mean `{meant}`?")),
        None => problem,
    }
    .boxed()
}

fn unknown_user(user: &Text<'_>, directory: &Directory, projects: &[u32]) -> Box<Problem> {
    let expected = if projects.is_empty() {
        "expected the id of a loaded user"
    } else {
        "expected the id of a user of that project"
    };
    let problem = Problem::new(format!("unknown user `{}`", user.value), user.location(), expected);
    let indexed = (0..).zip(directory.projects());
    let searched = indexed.filter(|(index, _)| projects.is_empty() || projects.contains(index));
    let ids = searched.flat_map(|(_, project)| project.listed_ids());
    match nearest(user.value, ids.take(COMPARED_MAX)) {
        Some(meant) => problem.hint(format!("did you mean `{meant}`?")),
        None => problem,
    }
    .boxed()
}
