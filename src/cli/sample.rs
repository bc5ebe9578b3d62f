//! `wksmock sample`: prints a program that makes a request.

use super::exit::{self, Failure};
use super::groups::{LISTENING, REQUEST};
use super::listen::Address;
use super::password::several;
use super::setup::Users;
use crate::contract::{NOTIFICATION_TYPE, Operation};
use crate::diagnostics::nearest;
use crate::engine::{SampleQuery, Setup, samples};
use crate::fixture::{Among, NoUser};
use crate::limits::Limits;
use crate::samples::{Language, Sample as Made};
use clap::Args;
use serde_json::Value;
use std::io::Write as _;

/// Print a program for a request, in a language of the vendor's SDKs
///
/// The code goes to stdout, and its requirements to stderr.
///
/// The program calls the server at WKSMOCK_URL, or else at --url. It signs with the key in CLOUD_SDK_AK and CLOUD_SDK_SK,
/// or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK. `wksmock run` and `wksmock env` set all of them. curl cannot sign: it sends
/// the token in AUTH_TOKEN, if that is set.
#[derive(Debug, Args)]
pub(super) struct SampleArgs {
    /// The language: python, java, go, node, dotnet, php, cpp, curl or run
    #[arg(value_name = "LANGUAGE", value_parser = language)]
    language: Language,

    /// The operation, by its operationId
    #[arg(value_name = "OPERATION", default_value = Operation::ResetRandomPassword.id, value_parser = operation)]
    operation: Operation,

    #[command(flatten)]
    users: Users,

    /// The project's id
    ///
    /// Default: the first project that has users.
    #[arg(long, value_name = "ID", env = "WKSMOCK_PROJECT", help_heading = REQUEST)]
    project: Option<String>,

    /// The user: id, user_name, or the end of the id
    ///
    /// Default: the project's first user.
    #[arg(long, value_name = "USER", env = "WKSMOCK_USER", help_heading = REQUEST)]
    user: Option<String>,

    /// Notifications that the request asks for: email, phone or email,phone
    #[arg(long, value_name = "TYPES", env = "WKSMOCK_NOTIFICATION_TYPE", help_heading = REQUEST)]
    notification_type: Option<String>,

    /// Query parameter of the request, as in limit=10; repeatable
    #[arg(long, value_name = "NAME=VALUE", env = "WKSMOCK_PARAMETER", value_parser = pair, help_heading = REQUEST)]
    parameter: Vec<(String, String)>,

    /// JSON body of the request
    ///
    /// Default: an example body.
    #[arg(long, value_name = "JSON", env = "WKSMOCK_BODY", value_parser = json, help_heading = REQUEST)]
    body: Option<Value>,

    /// The server's URL, used where WKSMOCK_URL is not set
    ///
    /// Default: the URL of --listen, or of --host and --port.
    #[arg(long, value_name = "URL", env = "WKSMOCK_URL", conflicts_with_all = ["listen", "host", "port"],
          help_heading = LISTENING)]
    url: Option<String>,

    #[command(flatten)]
    address: Address,
}

impl SampleArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let setup = self.users.alone(&Limits::default())?;
        let url = super::env::server_url(self.url.as_deref(), &self.address)?;
        let user = self.user.map(|text| self::user(&setup, self.project.as_deref(), text)).transpose()?;
        let notification = self.notification_type.map(|types| (NOTIFICATION_TYPE.to_owned(), types));
        let request = SampleQuery {
            operation: self.operation,
            url: &url,
            project: self.project.as_deref(),
            user: user.as_deref(),
            parameters: notification.into_iter().chain(self.parameter).collect(),
            body: self.body,
        };
        let made = samples(&setup, request, &[self.language]);
        let made = made.map_err(|wrong| Failure::usage(format!("no SDK can send this request: {wrong}")))?;
        let mut written = Ok(());
        for Made { code, note, .. } in made {
            let _ = writeln!(std::io::stderr(), "{note}");
            written = std::io::stdout().write_all(code.as_bytes());
        }
        exit::printed(written)
    }
}

/// The id of the user that is named; an unknown id is allowed.
fn user(setup: &Setup, project: Option<&str>, text: String) -> Result<String, Failure> {
    let directory = setup.directory();
    let project = project.and_then(|id| directory.project(id)).map(|(index, _)| index);
    let among = Among { directory, projects: project.as_ref().map(std::slice::from_ref) };
    match among.id_meant(&text) {
        Ok(id) => Ok(id),
        Err(NoUser::Unknown) => Ok(text),
        Err(NoUser::Several) => Err(several(&text, among)),
    }
}

fn language(name: &str) -> Result<Language, String> {
    Language::named(name).ok_or_else(|| unknown("language", &Language::NAMES, name))
}

pub(super) fn operation(id: &str) -> Result<Operation, String> {
    let ids: Vec<_> = Operation::all().map(|operation| operation.id).collect();
    Operation::named(id).ok_or_else(|| unknown("operation", &ids, id))
}

fn unknown(what: &str, known: &[&str], name: &str) -> String {
    let hint = nearest(name, known.iter().copied()).map_or(String::new(), |meant| format!("; did you mean {meant}?"));
    format!("unknown {what}; expected one of {}{hint}", known.join(", "))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "expected NAME=VALUE".to_owned())
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("invalid JSON: {error}"))
}
