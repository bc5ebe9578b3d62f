//! `wksmock password`: computes the password that a server would issue.

use super::exit::{self, Failure};
use super::groups::REQUEST;
use super::numbers::whole;
use super::setup::Users;
use crate::diagnostics::{did_you_mean, near};
use crate::fixture::{Among, Directory, NoUser, Project, User};
use crate::ids::ProjectIndex;
use crate::limits::{CALL_MAX, Limits};
use clap::Args;
use std::io::{BufWriter, Write as _};
use std::ops::RangeInclusive;

/// Print the password that the server gives a user at a call
///
/// With --call it is the password alone. With --calls each line has a call number and its password.
#[derive(Debug, Args)]
pub(super) struct PasswordArgs {
    #[command(flatten)]
    users: Users,

    /// The project's id
    ///
    /// Default: the project that has the user.
    #[arg(long, value_name = "ID", env = "WKSMOCK_PROJECT", help_heading = REQUEST)]
    project: Option<String>,

    /// The user: id, user_name, or the end of the id
    #[arg(long, value_name = "USER", env = "WKSMOCK_USER", help_heading = REQUEST)]
    user: String,

    /// The call number, from 1
    #[arg(long, value_name = "N", env = "WKSMOCK_CALL", default_value_t = 1, conflicts_with = "calls",
          value_parser = whole(1..=CALL_MAX), help_heading = REQUEST)]
    call: u64,

    /// Call numbers, as in 1-5
    #[arg(long, value_name = "N-M", env = "WKSMOCK_CALLS", value_parser = calls, help_heading = REQUEST)]
    calls: Option<RangeInclusive<u64>>,
}

impl PasswordArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let setup = self.users.alone(&Limits::default())?;
        let user = self.find(setup.directory())?;
        let mut stdout = BufWriter::new(std::io::stdout().lock());
        let (calls, bare) = match self.calls {
            Some(calls) => (calls, false),
            None => (self.call..=self.call, true),
        };
        for call in calls {
            let password = setup.password(user, call);
            let written = if bare { writeln!(stdout, "{password}") } else { writeln!(stdout, "{call} {password}") };
            if written.is_err() {
                return exit::printed(written);
            }
        }
        exit::printed(stdout.flush())
    }

    /// The user in the given project, or in the only project that has it.
    fn find<'d>(&self, directory: &'d Directory) -> Result<User<'d>, Failure> {
        let project = self.project.as_deref().map(|id| project_index(directory, id)).transpose()?;
        let id = find_user_id(directory, project, &self.user)?;
        let found = directory.users_named(&id).filter(|key| project.is_none_or(|project| key.project == project));
        let found: Vec<_> = found.collect();
        if found.len() > 1 {
            let projects: Vec<_> = found.iter().map(|key| directory.ids(*key).0).collect();
            let message = format!("--user {}: several projects have this user", self.user);
            return Err(Failure::usage(format!("{message}; add --project: {}", projects.join(", "))));
        }
        let user = found.first().and_then(|key| directory.project_at(key.project)?.user_at(key.user.loaded()?));
        user.ok_or_else(|| Failure::usage(format!("--user {}: unknown user", self.user)))
    }
}

fn project_index(directory: &Directory, id: &str) -> Result<ProjectIndex, Failure> {
    directory.project(id).map(|(index, _)| index).ok_or_else(|| {
        let ids = directory.projects().iter().map(Project::id);
        unknown("project", id, &near(id, ids, 1))
    })
}

/// The id of the user that `text` names: by id, `user_name`, or end of the id.
pub(super) fn find_user_id(
    directory: &Directory,
    project: Option<ProjectIndex>,
    text: &str,
) -> Result<String, Failure> {
    let among = Among { directory, projects: project.as_ref().map(std::slice::from_ref) };
    among.id_meant(text).map_err(|missing| match missing {
        NoUser::Unknown => unknown("user", text, &among.near(text)),
        NoUser::Several => several(text, among),
    })
}

/// The error for an ambiguous name.
pub(super) fn several(text: &str, among: Among<'_>) -> Failure {
    let listed = among.candidates(text);
    Failure::usage(format!("--user {text}: several users match; use one of {}", listed.join(", ")))
}

/// The error for an unknown id, with similar ones.
pub(super) fn unknown(what: &str, id: &str, near: &[String]) -> Failure {
    let hint = did_you_mean(near).unwrap_or_else(|| "name the users file that has it with --users".to_owned());
    Failure::usage(format!("--{what} {id}: unknown {what}; {hint}"))
}

/// Parses `1-5`, or one call number.
pub(super) fn calls(text: &str) -> Result<RangeInclusive<u64>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |digits: &str| digits.parse::<u64>().ok().filter(|number| (1..=CALL_MAX).contains(number));
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err("expected two call numbers from 1, as in 1-5".to_owned()),
    }
}
