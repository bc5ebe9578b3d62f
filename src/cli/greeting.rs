//! The summary that `serve` prints on a terminal after the ready line, with a request to try.

use super::env::shell_quoted;
use super::exit::escaped;
use crate::contract::Operation;
use crate::engine::{Auth, Setup, example_project};
use crate::fixture::{ActiveType, Project, User};
use crate::ids::UserIndex;
use crate::scenario::words::counted;
use clap::builder::styling::Style;
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Maximum number of file names shown.
const NAMES_MAX: usize = 3;

/// The contents of a greeting.
pub(super) struct Greeting<'g> {
    pub(super) setup: &'g Setup,
    /// The given users files and directories.
    pub(super) users: &'g [PathBuf],
    /// The URL of the API, as called from this machine.
    pub(super) url: &'g str,
    /// That by HTTPS.
    pub(super) https: Option<String>,
    pub(super) admin: Option<GreetingAdmin>,
}

/// The admin API in a greeting.
pub(super) struct GreetingAdmin {
    /// Its URL, as called from this machine.
    pub(super) url: String,
    pub(super) has_console: bool,
    pub(super) needs_token: bool,
}

impl Greeting<'_> {
    /// The greeting's lines, framed by empty lines.
    pub(super) fn text(&self, coloured: bool) -> String {
        let label = if coloured { Style::new().dimmed() } else { Style::new() };
        let mut lines = vec![
            ("users", self.users_line()),
            ("rules", self.rules_line()),
            ("seed", self.setup.seed.to_string()),
            ("auth", self.auth_line().to_owned()),
        ];
        if let Some(https) = &self.https {
            lines.push(("https", https.clone()));
        }
        if let Some(admin) = self.admin.as_ref().filter(|admin| admin.has_console) {
            let token = if admin.needs_token { " (asks for the admin token)" } else { "" };
            lines.push(("console", format!("{}/__admin/{token}", admin.url)));
        }
        lines.push(("try", self.try_line()));
        lines.push(("stop", "Ctrl-C".to_owned()));
        let mut text = "\n".to_owned();
        for (name, fact) in lines {
            let _ = writeln!(text, "  {}{name:<8}{}{}", label.render(), label.render_reset(), escaped(&fact));
        }
        text.push('\n');
        text
    }

    fn users_line(&self) -> String {
        let directory = self.setup.directory();
        let files = self.users.iter().map(|path| path.display().to_string());
        let files = if self.users.is_empty() { "built in".to_owned() } else { listed(files) };
        let users = counted(directory.users_count(), "user");
        format!("{users} in {} ({files})", counted(directory.projects().len(), "project"))
    }

    fn rules_line(&self) -> String {
        let written = &self.setup.written;
        let given = written.scenarios.len();
        let name = |(at, name): (usize, &str)| if at < given { name.to_owned() } else { "built in".to_owned() };
        let scenarios = written.scenarios().map(|source| source.name()).enumerate().map(name);
        let sources: Vec<_> = written.faults.iter().map(|fault| format!("--fault {fault}")).chain(scenarios).collect();
        let rules = counted(self.setup.rules.count(), "rule");
        if sources.is_empty() { rules } else { format!("{rules} ({})", listed(sources.into_iter())) }
    }

    fn auth_line(&self) -> &'static str {
        match self.setup.settings.auth {
            Auth::Off => "off: credentials are ignored",
            Auth::Permissive => "permissive: requests without credentials are accepted, wrong credentials are not",
            Auth::Required => "required: requests without credentials are refused",
        }
    }

    /// A curl command that resets a password.
    fn try_line(&self) -> String {
        let Some((project, user)) = example(self.setup) else {
            return "no users are loaded, so there is no password to reset".to_owned();
        };
        let mail = user.active_type() == ActiveType::UserActivate;
        if self.setup.settings.auth == Auth::Required {
            return self.signed(project.id(), &user.id(), mail);
        }
        let path = Operation::ResetRandomPassword.path_of(project.id(), &user.id());
        let query = if mail { "?notification_type=email" } else { "" };
        let url = format!("{}{path}{query}", self.url);
        format!("curl -i -H 'Content-Type: application/json' {}", shell_quoted(&url))
    }

    /// A command for requests that need credentials: curl cannot sign, so the server does.
    fn signed(&self, project: &str, user: &str, mail: bool) -> String {
        let Some(admin) = &self.admin else {
            return "wksmock sample python (a program that signs its request)".to_owned();
        };
        let mut body = json!({ "operation": Operation::ResetRandomPassword.id, "project": project, "user": user });
        if mail && let Some(members) = body.as_object_mut() {
            members.insert("parameters".to_owned(), json!({ "notification_type": "email" }));
        }
        let token = if admin.needs_token { " -H \"Authorization: Bearer $WKSMOCK_ADMIN_TOKEN\"" } else { "" };
        let (url, body) = (shell_quoted(&format!("{}/__admin/try", admin.url)), shell_quoted(&body.to_string()));
        format!("curl -H 'Content-Type: application/json'{token} {url} -d {body}")
    }
}

/// A project and a user to try, preferably one whose reset needs no notification.
fn example(setup: &Setup) -> Option<(&Project, User<'_>)> {
    /// Maximum number of users considered.
    const LOOKED_AT: usize = 100;
    let project = example_project(setup)?;
    let users = || UserIndex::all().take(LOOKED_AT).map_while(|index| project.user_at(index));
    let user = users().find(|user| user.active_type() != ActiveType::UserActivate).or_else(|| users().next())?;
    Some((project, user))
}

/// The first names, and the number of further ones.
fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<_> = names.collect();
    let shown = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
