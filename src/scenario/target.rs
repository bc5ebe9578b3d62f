//! For whom a rule holds: `when.project` and `when.user`, by the ids that are loaded, and for overrides those of clones.

use super::Targets;
use crate::fixture::{Account, Directory, Loaded, UserKey};
use crate::source::{Problem, Problems, Text, nearest, shown};
use std::collections::HashSet;

/// Ids that are compared with a typo at most.
const COMPARED_MAX: usize = 10_000;

/// Finds a clone by its id.
type FindAlias<'k> = &'k dyn Fn(&str) -> Option<Alias>;

/// Whom a rule can name.
#[derive(Clone, Copy)]
pub(crate) struct Known<'k> {
    pub(crate) loaded: &'k Loaded,
    /// Nobody can name a clone where this is none.
    pub(crate) clones: Option<FindAlias<'k>>,
}

/// A project that has its users from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alias {
    /// Its own, beyond those that are loaded.
    pub(crate) index: u32,
    /// The loaded project's.
    pub(crate) template: u32,
}

impl<'k> Known<'k> {
    /// What is loaded, and nothing else.
    pub(crate) fn loaded(loaded: &'k Loaded) -> Self {
        Self { loaded, clones: None }
    }

    fn alias(self, id: &str) -> Option<Alias> {
        self.clones.and_then(|find| find(id))
    }
}

/// Finds the projects and users. Ids that are not known are problems; then there are no targets.
pub(super) fn targets(
    projects: Option<&[Text<'_>]>,
    users: Option<&[Text<'_>]>,
    known: Known<'_>,
    problems: &mut Problems,
) -> Option<Targets> {
    let loaded = known.loaded;
    let directory = &loaded.directory;
    let (mut indices, mut aliases, mut found_all) = (Vec::new(), Vec::new(), true);
    for project in projects.unwrap_or_default() {
        if let Some((index, _)) = directory.project(project.value) {
            indices.push(index);
        } else if let Some(alias) = known.alias(project.value) {
            aliases.push(alias);
        } else {
            found_all = false;
            report(loaded, problems, || unknown_project(project, directory));
        }
    }
    let Some(users) = users else {
        indices.extend(aliases.iter().map(|alias| alias.index));
        return found_all.then_some(match projects {
            Some(_) => Targets::Projects(indices),
            None => Targets::Everyone,
        });
    };
    let mut keys = Vec::new();
    // Beside a project that is not known a user may be of that one.
    let projects_known = found_all;
    for user in users {
        let in_projects = |key: &UserKey| projects.is_none() || !projects_known || indices.contains(&key.project);
        let before = keys.len();
        keys.extend(directory.users_named(user.value).filter(in_projects));
        keys.extend(aliases.iter().filter_map(|alias| {
            let user = directory.project_at(alias.template)?.user_index(user.value)?;
            Some(UserKey { project: alias.index, user })
        }));
        if keys.len() == before {
            found_all = false;
            let searched: Vec<_> = indices.iter().copied().chain(aliases.iter().map(|alias| alias.template)).collect();
            report(loaded, problems, || unknown_user(user, directory, &searched));
        }
    }
    // Who is named twice is meant once.
    let mut named = HashSet::new();
    keys.retain(|key| named.insert(*key));
    found_all.then_some(Targets::Users(keys))
}

/// Finds accounts, named as `domain/name`, or by their names alone where no two domains have it.
pub(super) fn accounts(named: &[Text<'_>], loaded: &Loaded, problems: &mut Problems) -> Option<Vec<u32>> {
    let mut found = Vec::with_capacity(named.len());
    for name in named {
        let indexed = (0_u32..).zip(loaded.directory.accounts().all());
        let meant = indexed.filter(|(_, account)| account.shown() == name.value || account.name() == name.value);
        let meant: Vec<_> = meant.map(|(index, account)| (index, account.shown())).collect();
        match meant.as_slice() {
            [(only, _)] => found.push(*only),
            [] if loaded.accounts_complete => problems.push_with(|| unknown_account(name, loaded)),
            [] => {}
            several => {
                let all = several.iter().map(|(_, shown)| format!("`{shown}`")).collect::<Vec<_>>().join(" or ");
                let what = format!("several accounts are called `{}`", shown(name.value));
                problems.push(Problem::new(what, name.location(), format!("expected {all}")));
            }
        }
    }
    (found.len() == named.len()).then_some(found)
}

fn unknown_account(name: &Text<'_>, loaded: &Loaded) -> Box<Problem> {
    let what = format!("unknown account `{}`", shown(name.value));
    let problem = Problem::new(what, name.location(), "expected a loaded account, as domain/name or by its name alone");
    let all: Vec<_> = loaded.directory.accounts().all().iter().take(COMPARED_MAX).map(Account::shown).collect();
    match nearest(name.value, all.iter().map(String::as_str)) {
        Some(meant) => problem.hint(format!("did you mean `{meant}`?")),
        None => problem,
    }
    .boxed()
}

/// Where a users file is bad, its ids are not known, and none can be called unknown.
fn report(loaded: &Loaded, problems: &mut Problems, problem: impl FnOnce() -> Box<Problem>) {
    if loaded.complete {
        problems.push_with(problem);
    }
}

fn unknown_project(project: &Text<'_>, directory: &Directory) -> Box<Problem> {
    let problem = Problem::new(
        format!("unknown project `{}`", shown(project.value)),
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
    let problem = Problem::new(format!("unknown user `{}`", shown(user.value)), user.location(), expected);
    let elsewhere = directory.users_named(user.value).next().and_then(|key| directory.project_at(key.project));
    if let Some(project) = elsewhere {
        return problem.hint(format!("it is a user of the project `{}`", project.id())).boxed();
    }
    let indexed = (0..).zip(directory.projects());
    let searched = indexed.filter(|(index, _)| projects.is_empty() || projects.contains(index));
    let ids = searched.flat_map(|(_, project)| project.listed_ids());
    match nearest(user.value, ids.take(COMPARED_MAX)) {
        Some(meant) => problem.hint(format!("did you mean `{meant}`?")),
        None => problem,
    }
    .boxed()
}
