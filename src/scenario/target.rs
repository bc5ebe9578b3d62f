//! The users of a rule: `when.project` and `when.user`, by loaded ids, and for overrides by ids of clones.

use crate::diagnostics::{Problem, Problems, Text, did_you_mean, shown};
use crate::fixture::{Account, Among, Directory, Loaded, NoUser};
use crate::ids::{AccountIndex, CallTarget, CloneIndex, ProjectIndex, UserKey, UserPlace};
use std::collections::HashSet;

/// Ids that are compared with a typo, at most.
const COMPARED_MAX: usize = 10_000;

/// Finds a clone by its id.
type FindAlias<'k> = &'k dyn Fn(&str) -> Option<Alias>;

/// The ids that a rule can name.
#[derive(Clone, Copy)]
pub(crate) struct Known<'k> {
    pub(crate) loaded: &'k Loaded,
    /// Without it, rules cannot name clones.
    pub(crate) clones: Option<FindAlias<'k>>,
}

/// The users of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Targets {
    Everyone,
    Projects(Vec<ProjectIndex>),
    Users(Vec<UserKey>),
}

impl Targets {
    /// Whether it holds for a user; in a clone what holds in the template does, and what names the clone.
    pub(crate) fn include(&self, target: CallTarget) -> bool {
        let clone = target.clone.map(CloneIndex::project);
        let is_there = |project: ProjectIndex| project == target.project || Some(project) == clone;
        let is_user = |user: UserPlace| target.user.is_some_and(|target| user == UserPlace::Loaded(target));
        self.any(is_there, |one| is_user(one.user) && is_there(one.project))
    }

    /// Whether it holds for some of the projects and users of which this is so; there is one at least.
    pub(crate) fn any(&self, project: impl Fn(ProjectIndex) -> bool, user: impl Fn(&UserKey) -> bool) -> bool {
        match self {
            Self::Everyone => true,
            Self::Projects(projects) => projects.iter().copied().any(project),
            Self::Users(users) => users.iter().any(user),
        }
    }
}

/// A project that has its users from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alias {
    /// Its own, beyond those that are loaded.
    pub(crate) index: CloneIndex,
    /// The loaded project's.
    pub(crate) template: ProjectIndex,
}

impl<'k> Known<'k> {
    /// The loaded ids alone.
    pub(crate) fn loaded(loaded: &'k Loaded) -> Self {
        Self { loaded, clones: None }
    }

    /// The project with this id, or the one that a clone has its users from.
    pub(crate) fn template(self, id: &str) -> Option<ProjectIndex> {
        let loaded = self.loaded.directory.project(id).map(|(index, _)| index);
        loaded.or_else(|| Some(self.alias(id)?.template))
    }

    fn alias(self, id: &str) -> Option<Alias> {
        self.clones.and_then(|find| find(id))
    }
}

/// Finds the projects and users. With an unknown id, which is a problem, it returns `None`.
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
        indices.extend(aliases.iter().map(|alias| alias.index.project()));
        return found_all.then_some(match projects {
            Some(_) => Targets::Projects(indices),
            None => Targets::Everyone,
        });
    };
    let mut keys = Vec::new();
    // Beside a project that is not known a user may be of that one.
    let searched = projects.filter(|_| found_all).map(|_| {
        let templates = aliases.iter().map(|alias| alias.template);
        indices.iter().copied().chain(templates).collect::<Vec<_>>()
    });
    for user in users {
        let before = keys.len();
        let in_projects = |key: &UserKey| searched.is_none() || indices.contains(&key.project);
        let add = |keys: &mut Vec<UserKey>, id: &str| {
            keys.extend(directory.users_named(id).filter(in_projects));
            keys.extend(aliases.iter().filter_map(|alias| {
                let user = directory.project_at(alias.template)?.user_index(id)?;
                Some(UserKey::loaded(alias.index.project(), user))
            }));
        };
        add(&mut keys, user.value);
        if keys.len() == before {
            let among = Among { directory, projects: searched.as_deref() };
            match among.id_meant(user.value) {
                Ok(id) => add(&mut keys, &id),
                Err(nobody) => {
                    found_all = false;
                    report(loaded, problems, || no_user(user, among, nobody));
                }
            }
        }
    }
    // A user who is named twice counts once.
    let mut named = HashSet::new();
    keys.retain(|key| named.insert(*key));
    found_all.then_some(Targets::Users(keys))
}

/// Finds accounts, named as `domain/name`, or by a name that is unique among domains.
pub(super) fn accounts(named: &[Text<'_>], loaded: &Loaded, problems: &mut Problems) -> Option<Vec<AccountIndex>> {
    let mut found = Vec::with_capacity(named.len());
    for name in named {
        let indexed = loaded.directory.accounts().indexed();
        let meant = indexed.filter(|(_, account)| account.shown() == name.value || account.name() == name.value);
        let meant: Vec<_> = meant.map(|(index, account)| (index, account.shown())).collect();
        match meant.as_slice() {
            [(only, _)] => found.push(*only),
            [] if loaded.accounts_complete => problems.push_with(|| unknown_account(name, loaded)),
            [] => {}
            several => {
                let all = several.iter().map(|(_, shown)| format!("`{shown}`")).collect::<Vec<_>>().join(" or ");
                let what = format!("several accounts are named `{}`", shown(name.value));
                problems.push(Problem::new(what, name.location(), format!("expected {all}")));
            }
        }
    }
    (found.len() == named.len()).then_some(found)
}

fn unknown_account(name: &Text<'_>, loaded: &Loaded) -> Box<Problem> {
    let what = format!("unknown account `{}`", shown(name.value));
    let problem = Problem::new(what, name.location(), "expected a loaded account, as `domain/name` or `name`");
    let all: Vec<_> = loaded.directory.accounts().all().iter().take(COMPARED_MAX).map(Account::shown).collect();
    problem.meant(name.value, all.iter().map(String::as_str)).boxed()
}

/// Keeps a problem about an unknown id, unless a users file could not be read.
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
    problem.meant(project.value, ids.take(COMPARED_MAX)).boxed()
}

fn no_user(user: &Text<'_>, among: Among<'_>, nobody: NoUser) -> Box<Problem> {
    if let NoUser::Several = nobody {
        let what = format!("`{}` matches several users", shown(user.value));
        let problem = Problem::new(what, user.location(), "expected the id of one user");
        return problem.hint(format!("use one of {}", among.candidates(user.value).join(", "))).boxed();
    }
    let whose = if among.projects.is_some() { "a user of that project" } else { "a loaded user" };
    let expected = format!("expected {whose}: the id, user_name, or end of the id");
    let problem = Problem::new(format!("unknown user `{}`", shown(user.value)), user.location(), expected);
    let directory = among.directory;
    let elsewhere = directory.users_named(user.value).next().and_then(|key| directory.project_at(key.project));
    if let Some(project) = elsewhere {
        return problem.hint(format!("it is a user of the project `{}`", project.id())).boxed();
    }
    match did_you_mean(&among.near(user.value)) {
        Some(question) => problem.hint(question),
        None => problem,
    }
    .boxed()
}
