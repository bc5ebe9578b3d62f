//! `wksmock password`: what the server would answer, without a server.

use super::exit::{self, Failure};
use super::set_up::Users;
use crate::fixture::{Directory, Missing, Project, User};
use crate::limits::Limits;
use crate::source::nearest;
use clap::Args;
use std::io::{BufWriter, Write as _};
use std::ops::RangeInclusive;

/// Print the password of a user's call, as the server would give it
///
/// With --call it is the bare password; with --calls each line is a call number and its password.
#[derive(Debug, Args)]
pub(super) struct Password {
    #[command(flatten)]
    users: Users,

    /// The project's id.
    #[arg(long, value_name = "ID", env = "WKSMOCK_PROJECT")]
    project: String,

    /// The user's id.
    #[arg(long, value_name = "ID", env = "WKSMOCK_USER")]
    user: String,

    /// The call number, from 1.
    #[arg(long, value_name = "N", env = "WKSMOCK_CALL", default_value_t = 1, conflicts_with = "calls",
          value_parser = clap::value_parser!(u64).range(1..=CALL_MAX))]
    call: u64,

    /// Call numbers, first to last, as in 1-5; or one of them.
    #[arg(long, value_name = "N-M", env = "WKSMOCK_CALLS", value_parser = calls)]
    calls: Option<RangeInclusive<u64>>,
}

/// Call numbers wrap past this.
const CALL_MAX: u64 = (1 << 62) - 1;

impl Password {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let set_up = self.users.alone(&Limits::default())?;
        let user = self.find(set_up.directory())?;
        let mut stdout = BufWriter::new(std::io::stdout().lock());
        let (calls, bare) = match self.calls {
            Some(calls) => (calls, false),
            None => (self.call..=self.call, true),
        };
        for call in calls {
            let password = set_up.password(user, call);
            let written = if bare { writeln!(stdout, "{password}") } else { writeln!(stdout, "{call} {password}") };
            if written.is_err() {
                return exit::printed(written);
            }
        }
        exit::printed(stdout.flush())
    }

    fn find<'d>(&self, directory: &'d Directory) -> Result<User<'d>, Failure> {
        match directory.user(&self.project, &self.user) {
            Ok((_, user)) => Ok(user),
            Err(Missing::Project) => {
                let ids = directory.projects().iter().map(Project::id);
                Err(unknown("project", &self.project, nearest(&self.project, ids)))
            }
            Err(Missing::User) => {
                let project = directory.project(&self.project);
                let ids = project.into_iter().flat_map(|(_, project)| project.listed_ids());
                Err(unknown("user", &self.user, nearest(&self.user, ids)))
            }
        }
    }
}

/// An id that is not loaded, with the one that was meant.
pub(super) fn unknown(what: &str, id: &str, meant: Option<&str>) -> Failure {
    let hint = match meant {
        Some(meant) => format!("; did you mean {meant}?"),
        None => "; give the users file that has it with --users".to_owned(),
    };
    Failure::new(exit::USAGE, format!("--{what} {id}: no such {what} is loaded{hint}"))
}

/// `1-5`, or one call number.
pub(super) fn calls(text: &str) -> Result<RangeInclusive<u64>, String> {
    let expected = || "expected two call numbers from 1, as in 1-5".to_owned();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |digits: &str| digits.parse::<u64>().ok().filter(|number| (1..=CALL_MAX).contains(number));
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err(expected()),
    }
}
