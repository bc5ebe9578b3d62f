//! `wksmock plan`: the outcomes of calls, and the rules that cause them, without a server.

use super::exit::{self, Failure};
use super::groups::{OUTPUT, REQUEST};
use super::numbers::whole;
use super::password::{calls, find_user_id, unknown};
use super::sample::operation;
use super::setup::{Scripts, Users};
use crate::contract::{NotificationType, NotificationTypes, Operation, Subject};
use crate::diagnostics::near;
use crate::engine::{About, Call, NewPassword, NoRequest, Outcome, Principal, Setup, because, decide};
use crate::fixture::{Account, Directory, Project, User};
use crate::ids::{AccountIndex, CallTarget, ProjectIndex, UserIndex, UserKey};
use crate::limits::Limits;
use crate::scenario::{Fault, Phase, Rule, RuleLabel, Rules};
use crate::state::{Decided, Decision};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Print what calls will get, and by which rules, without a server
///
/// Two plans of the same input are identical, so that one can be kept under version control. A call is planned as a valid
/// request. Rules that depend on header fields, on the token, or on query parameters other than the notification type are
/// left out, and listed.
#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    users: Users,
    #[command(flatten)]
    scripts: Scripts,

    /// User: id, user_name, or the end of the id; repeatable
    ///
    /// Default: all users. Variable: WKSMOCK_PLAN_USER.
    #[arg(long, value_name = "USER", env = "WKSMOCK_PLAN_USER", help_heading = REQUEST)]
    user: Vec<String>,

    /// The operation to plan, by its operationId
    #[arg(long, value_name = "OPERATION", env = "WKSMOCK_OPERATION", default_value = Operation::ResetRandomPassword.id,
          value_parser = operation, help_heading = REQUEST)]
    operation: Operation,

    /// The calling account, as domain/name or by its name alone
    ///
    /// Repeatable for operations whose calls are counted for accounts. Default: for those every account, for others an
    /// unknown caller. Variable: WKSMOCK_PLAN_ACCOUNT.
    #[arg(long, value_name = "ACCOUNT", env = "WKSMOCK_PLAN_ACCOUNT", help_heading = REQUEST)]
    account: Vec<String>,

    /// Call numbers, as in 1-5
    #[arg(long, value_name = "N-M", env = "WKSMOCK_CALLS", default_value = "1-5", value_parser = calls,
          help_heading = REQUEST)]
    calls: RangeInclusive<u64>,

    /// Virtual time of all calls, in milliseconds, for rules with time_ms
    #[arg(long, value_name = "T", env = "WKSMOCK_AT_MS", default_value_t = 0, help_heading = REQUEST,
          value_parser = whole(0..=u64::MAX))]
    at_ms: u64,

    /// Notification that each call asks for: email, phone or email,phone
    ///
    /// Default: none. Without a notification the API refuses to reset the password of a user-activated user.
    #[arg(long, value_name = "TYPES", env = "WKSMOCK_NOTIFICATION_TYPE", value_parser = notification,
          help_heading = REQUEST)]
    notification_type: Option<NotificationTypes>,

    /// Format of the plan
    #[arg(long, value_enum, env = "WKSMOCK_FORMAT", default_value = "table", help_heading = OUTPUT)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A line for each call
    Table,
    /// Outcomes as in the journal
    Json,
}

/// Calls of all users together at most.
const ROWS_MAX: u64 = 10_000;
const HEADINGS: [&str; 9] = ["project", "user", "call", "status", "delay", "fault", "phase", "password", "because of"];
/// Columns of numbers, aligned to the right.
const TO_THE_RIGHT: [&str; 3] = ["call", "status", "delay"];

/// One user or account whose calls are planned.
struct Planned<'p> {
    project: Option<(ProjectIndex, &'p Project)>,
    user: Option<(UserIndex, User<'p>)>,
    account: Option<(AccountIndex, &'p Account)>,
}

/// One call and its outcome.
struct Row<'p> {
    /// None where the call is an account's.
    project: Option<&'p str>,
    /// The user, or the account.
    subject: String,
    call: u64,
    outcome: Outcome,
}

#[derive(Serialize)]
struct Shown<'p> {
    seed: u64,
    at_ms: u64,
    notification_type: Vec<&'static str>,
    /// Whether connections were refused at that time.
    down: bool,
    calls: Vec<ShownRow<'p>>,
    /// Rules that look at a request.
    not_asked: Vec<ShownRule<'p>>,
}

#[derive(Serialize)]
struct ShownRule<'p> {
    rule: &'p str,
    place: &'p str,
}

#[derive(Serialize)]
struct ShownRow<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    call: u64,
    outcome: Decision,
}

impl Plan {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let setup = self.users.with(&self.scripts, &Limits::default())?;
        let accounts = self.accounts(setup.directory())?;
        let keys = if self.is_of_users() { self.keys(setup.directory())? } else { Vec::new() };
        let rows = self.rows(&setup, &self.planned(&setup, &keys, &accounts));
        let not_asked = self.not_asked(&setup, &keys);
        let mut stdout = BufWriter::new(io::stdout().lock());
        let written = match self.format {
            Format::Table => self.table(&mut stdout, &setup, &rows, &not_asked),
            Format::Json => self.json(&mut stdout, &setup, rows, &not_asked),
        };
        exit::printed(written.and_then(|()| stdout.flush()))
    }

    /// The accounts that are named, or whose calls are counted.
    fn accounts<'d>(&self, directory: &'d Directory) -> Result<Vec<(AccountIndex, &'d Account)>, Failure> {
        let accounts = directory.accounts();
        let is_of_users = self.is_of_users();
        if !is_of_users && !self.user.is_empty() {
            let what = format!("--user beside --operation {}", self.operation.id);
            return Err(Failure::usage(format!(
                "{what}: its calls are counted for accounts; name them with --account"
            )));
        }
        if is_of_users && self.account.len() > 1 {
            return Err(Failure::usage("several --account: a call has one caller"));
        }
        if self.account.is_empty() {
            let all = accounts.indexed().filter(|_| !is_of_users).collect::<Vec<_>>();
            self.check_size(all.len())?;
            return Ok(all);
        }
        let found = self.account.iter().map(|name| {
            accounts.meant(name).ok_or_else(|| {
                let all: Vec<_> = accounts.all().iter().map(Account::shown).collect();
                unknown("account", name, &near(name, all.iter().map(String::as_str), 1))
            })
        });
        found.collect()
    }

    /// Whether calls are counted for users.
    fn is_of_users(&self) -> bool {
        !self.operation.is_of_accounts()
    }

    /// Each user, or each account and project, whose calls are planned.
    fn planned<'p>(
        &self,
        setup: &'p Setup,
        keys: &[UserKey],
        accounts: &[(AccountIndex, &'p Account)],
    ) -> Vec<Planned<'p>> {
        let directory = setup.directory();
        if self.is_of_users() {
            let account = accounts.first().copied();
            let planned = keys.iter().filter_map(|key| {
                let project = directory.project_at(key.project)?;
                let index = key.user.loaded()?;
                let user = Some((index, project.user_at(index)?));
                Some(Planned { project: Some((key.project, project)), user, account })
            });
            return planned.collect();
        }
        let projects: Vec<_> = match self.operation.subject {
            Subject::Project => directory.indexed().map(Some).collect(),
            _ => vec![None],
        };
        let of = |project| accounts.iter().map(move |account| Planned { project, user: None, account: Some(*account) });
        projects.into_iter().flat_map(of).collect()
    }

    fn rows<'p>(&self, setup: &'p Setup, planned: &[Planned<'p>]) -> Vec<Row<'p>> {
        let overrides = Rules::default();
        let mut rows = Vec::new();
        for Planned { project, user, account } in planned {
            let id = user.map(|(_, user)| user.id());
            let name = account.map(|(_, account)| account.shown());
            let subject = id.as_deref().or(name.as_deref()).unwrap_or_default();
            let about = project.map(|(index, project)| {
                let target = CallTarget { project: index, user: user.map(|(index, _)| index), clone: None };
                About { project: project.id(), target, user: id.as_deref() }
            });
            let asked = &self.request(account.map(|(index, _)| index));
            let notification = self.notification_type.unwrap_or_default();
            let reset = user.map(|(_, user)| NewPassword { user, notification });
            let principal = account.map(|(_, account)| Principal::of(account));
            for number in self.calls.clone() {
                let call = Call::planned(self.operation, about, reset, subject, number, asked);
                let outcome = decide(setup, &overrides, &call.by(principal));
                let project = project.map(|(_, project)| project.id());
                rows.push(Row { project, subject: subject.to_owned(), call: number, outcome });
            }
        }
        rows
    }

    /// Users that the plan covers, in the order in which they are loaded.
    fn keys(&self, directory: &Directory) -> Result<Vec<UserKey>, Failure> {
        if self.user.is_empty() {
            self.check_size(directory.users_count())?;
            return Ok(directory.keys().collect());
        }
        let mut keys = Vec::new();
        for text in &self.user {
            let id = find_user_id(directory, None, text)?;
            keys.extend(directory.users_named(&id));
        }
        keys.sort_unstable();
        keys.dedup();
        self.check_size(keys.len())?;
        Ok(keys)
    }

    fn check_size(&self, users: usize) -> Result<(), Failure> {
        let calls = (self.calls.end() - self.calls.start()).saturating_add(1);
        let rows = calls.saturating_mul(u64::try_from(users).unwrap_or(u64::MAX));
        if rows <= ROWS_MAX {
            return Ok(());
        }
        let what = format!("a plan of {rows} calls (users: {users}, calls of each: {calls})");
        let hint = "name users with --user, or fewer calls with --calls";
        Err(Failure::usage(format!("{what}; expected at most {ROWS_MAX}: {hint}")))
    }

    /// The assumed request of each call.
    fn request(&self, account: Option<AccountIndex>) -> NoRequest {
        let notification = self.notification_type.unwrap_or_default();
        NoRequest { at_ms: self.at_ms, account, notification, ..NoRequest::default() }
    }

    /// Rules of which only a request could say whether they hold.
    fn not_asked<'p>(&self, setup: &'p Setup, keys: &[UserKey]) -> Vec<&'p RuleLabel> {
        let (first, last) = (*self.calls.start(), *self.calls.end());
        let users: HashSet<UserKey> = keys.iter().copied().collect();
        let projects: HashSet<ProjectIndex> = keys.iter().map(|key| key.project).collect();
        let asked = self.request(None);
        let is_asked = |rule: &&Arc<Rule>| {
            rule.operation.id == self.operation.id
                && rule.hinges_on_the_request(first, last, &asked, !self.account.is_empty())
                && rule.targets.any(|project| projects.contains(&project), |user| users.contains(user))
        };
        setup.rules.all().iter().filter(is_asked).map(|rule| rule.label.as_ref()).collect()
    }

    fn json(&self, to: &mut impl Write, setup: &Setup, rows: Vec<Row<'_>>, not_asked: &[&RuleLabel]) -> io::Result<()> {
        let is_of_users = self.is_of_users();
        let shown = Shown {
            seed: setup.seed,
            at_ms: self.at_ms,
            notification_type: self.notification_types(),
            down: setup.down.at(self.at_ms).is_down,
            calls: rows.into_iter().map(|row| row.shown(is_of_users)).collect(),
            not_asked: not_asked.iter().map(|label| ShownRule { rule: &label.name, place: &label.place }).collect(),
        };
        serde_json::to_writer_pretty(&mut *to, &shown)?;
        writeln!(to)
    }

    fn table(&self, to: &mut impl Write, setup: &Setup, rows: &[Row<'_>], not_asked: &[&RuleLabel]) -> io::Result<()> {
        let types = self.notification_types();
        let asked = if types.is_empty() { "none".to_owned() } else { types.join(",") };
        writeln!(to, "seed {}, at {} ms, notification_type {asked}", setup.seed, self.at_ms)?;
        let reachable = setup.down.at(self.at_ms);
        if reachable.is_down {
            let until = reachable.until_ms.map_or("forever".to_owned(), |until| format!("until {until} ms"));
            writeln!(to, "down {until}: at that time clients cannot connect, so these calls cannot happen")?;
        }
        let is_of_users = self.is_of_users();
        let headings = HEADINGS.map(|heading| if heading == "user" && !is_of_users { "account" } else { heading });
        let cells: Vec<_> = std::iter::once(headings.map(str::to_owned)).chain(rows.iter().map(Row::cells)).collect();
        let projects = setup.directory().projects().len();
        let width =
            |column: usize| cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..HEADINGS.len()).map(|column| width(column).unwrap_or(0)).collect();
        writeln!(to)?;
        for row in &cells {
            // Where there is one project, it says nothing.
            let columns = HEADINGS
                .iter()
                .zip(row)
                .zip(&widths)
                .skip(usize::from(projects < 2 || !self.operation.is_of_project()));
            let padded = columns.map(|((heading, cell), width)| {
                if TO_THE_RIGHT.contains(heading) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            writeln!(to, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        if !not_asked.is_empty() {
            let named: Vec<_> = not_asked.iter().copied().map(named).collect();
            writeln!(to, "\nleft out, because they depend on the request: {}", named.join(", "))?;
        }
        Ok(())
    }

    fn notification_types(&self) -> Vec<&'static str> {
        let types = self.notification_type.unwrap_or_default();
        types.iter().map(NotificationType::name).collect()
    }
}

impl Row<'_> {
    fn cells(&self) -> [String; HEADINGS.len()] {
        let outcome = &self.outcome;
        let injected = outcome.injected.as_deref();
        let fault = injected.and_then(|injected| injected.fault.as_ref()).map(|(_, fault)| *fault);
        let delay = injected.and_then(|injected| injected.delay.as_ref()).map(|(_, ms)| format!("{ms} ms"));
        // A fault that strikes sends no status.
        let status = (!fault.is_some_and(Fault::strikes)).then(|| outcome.status.to_string());
        let shown = |cell: Option<String>| cell.unwrap_or_else(|| "-".to_owned());
        [
            self.project.unwrap_or_default().to_owned(),
            self.subject.clone(),
            self.call.to_string(),
            shown(status),
            shown(delay),
            shown(fault.map(|fault| fault.name().to_owned())),
            shown(outcome.phase.map(Phase::name).map(str::to_owned)),
            shown(outcome.password.map(|password| password.to_string())),
            because(outcome, named),
        ]
    }
}

impl<'p> Row<'p> {
    fn shown(self, of_users: bool) -> ShownRow<'p> {
        let Self { project, subject, call, outcome } = self;
        let (user, account) = if of_users { (Some(subject), None) } else { (None, Some(subject)) };
        ShownRow { project, user, account, call, outcome: Decided::new(call, outcome).shown() }
    }
}

fn named(label: &RuleLabel) -> String {
    format!("{} ({})", label.name, label.place)
}

fn notification(text: &str) -> Result<NotificationTypes, String> {
    NotificationTypes::parse(text).ok_or_else(|| "expected email, phone or email,phone".to_owned())
}
