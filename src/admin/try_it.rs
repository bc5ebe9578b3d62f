//! `try`: reads the request that the server sends to itself, as a client would. `server/trying.rs` sends it, since nothing
//! waits in this room; `tried.rs` shows the result.

use super::AdminProblem;
use super::request::{AdminRequest, read_fields};
use crate::contract::{Operation, Parameter, PathValue, Piece, Place, Subject, encoded, route};
use crate::diagnostics::{Fields, Problem as Wrong, Source, Text, Value, Vocabulary, shown, span_of};
use crate::fixture::Account;
use crate::ids::AccountIndex;
use crate::scenario::operation_named;
use crate::state::{Credentials, Running, State};
use hyper::http::{HeaderValue, Uri};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const TRY: Vocabulary = Vocabulary {
    what: "a try request",
    known: &["operation", "project", "user", "account", "auth", "parameters", "body", "timeout_ms"],
    examples: &[("", r#"{ "operation": "ResetRandomPassword" }"#)],
};
/// The values that a parameter may have at most.
const VALUES_MAX: usize = 1_000;
const PROJECT_ID: &str = "project_id";
const USER_ID: &str = "user_id";
const CONTENT_TYPE: &str = "Content-Type";
/// Stands for a secret in a body that the server writes by itself.
const HIDDEN: &str = "***";

/// A request to send, without its credentials.
#[derive(Debug)]
pub(crate) struct Trial {
    /// The setup by which accounts and ids are found.
    pub(crate) running: Arc<Running>,
    pub(crate) operation: Operation,
    /// The project of its path, or of the scope of its token.
    pub(crate) project: Option<String>,
    pub(crate) account: Option<AccountIndex>,
    pub(crate) credentials: Credentials,
    pub(crate) target: Uri,
    /// Header fields in their order, as they are written.
    pub(crate) fields: Vec<(String, HeaderValue)>,
    pub(crate) body: Option<String>,
    /// The body without secrets, where the server has written some into it.
    pub(crate) shown_body: Option<String>,
    /// How long it may take.
    pub(crate) time: Duration,
}

type Read<T> = Result<T, Box<Wrong>>;

/// Reads the request to send.
pub(super) fn asked(state: &State, request: &AdminRequest) -> Result<Trial, AdminProblem> {
    let text = request.required_json("{\"operation\": \"ResetRandomPassword\", …}")?;
    let trial = read_fields(text, &TRY, &state.limits, |document, fields, problems| {
        let asked = TrialReader { state, running: state.running_now(), fields, source: document.source };
        problems.keep(asked.read())
    })?;
    check_room(state, &trial)?;
    Ok(trial)
}

/// Refuses a call that could not be told from a client's: the users that the console called are noted up to a bound.
fn check_room(state: &State, trial: &Trial) -> Result<(), AdminProblem> {
    let operation = trial.operation;
    let found = route(trial.target.path(), operation.method);
    let values = found.as_ref().map(|found| found.values(trial.target.path()));
    let Some([PathValue::Text(project), PathValue::Text(user)]) = values else {
        return Ok(());
    };
    let most = state.limits.users_created_max;
    if matches!(operation.subject, Subject::User | Subject::Person)
        && !trial.running.ledger(Some(project)).of_console().has_room(operation.index(), Some(user), most)
    {
        return Err(AdminProblem::new(
            409,
            format!(
                "As many users of project {project} have been called by try as are noted: {most}. Reset the project, or \
                 raise the limit users_created_max."
            ),
        ));
    }
    Ok(())
}

/// A body that is being read.
struct TrialReader<'v> {
    state: &'v State,
    running: Arc<Running>,
    fields: &'v Fields<'v>,
    source: &'v Arc<Source>,
}

/// The values of one parameter; none if it is omitted.
struct Given<'v> {
    name: Text<'v>,
    row: &'static Parameter,
    values: Vec<String>,
    /// Where they stand.
    value: &'v Value<'v>,
}

impl<'v> TrialReader<'v> {
    fn read(&self) -> Read<Trial> {
        let operation = operation_named(&self.fields.required_text("operation")?)?;
        let project = self.fields.text("project")?;
        let user = self.fields.text("user")?;
        if let Some(user) = user.as_ref().filter(|_| !takes(operation, USER_ID)) {
            let what = format!("{} does not take a user", operation.id);
            return Err(Wrong::new(what, user.location(), "expected no `user`").boxed());
        }
        let given = self.parameters(operation)?;
        let (account, credentials) = self.caller(operation, project.as_ref())?;
        let target = self.target(operation, &given, project.as_ref(), user.as_ref())?;
        let project = project.map(|project| project.value.to_owned()).or_else(|| of_path(&given));
        let (body, shown_body) = self.body(operation, account, project.as_deref())?;
        let most = self.state.limits.try_time;
        let most_ms = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        let time = self.fields.whole_number("timeout_ms", 1..=most_ms)?.map_or(most, Duration::from_millis);
        let fields = self.header_fields(operation, &given)?;
        let running = Arc::clone(&self.running);
        Ok(Trial { running, operation, project, account, credentials, target, fields, body, shown_body, time })
    }

    /// The parameters, each of them one of the operation's.
    fn parameters(&self, operation: Operation) -> Read<Vec<Given<'v>>> {
        let mut all: Vec<Given<'v>> = Vec::new();
        for (name, value) in self.fields.map("parameters")? {
            let is_it = |row: &&Parameter| match row.place {
                Place::Header => row.name.eq_ignore_ascii_case(name.value),
                Place::Path | Place::Query => row.name == name.value,
            };
            let row = operation.parameters.iter().find(is_it).ok_or_else(|| {
                let known: Vec<_> = operation.parameters.iter().map(|row| row.name).collect();
                let what = format!("{} has no parameter `{}`", operation.id, shown(name.value));
                Wrong::new(what, name.location(), format!("expected one of {}", known.join(", "))).boxed()
            })?;
            if let Some(first) = all.iter().find(|one| std::ptr::eq(one.row, row)) {
                let what = format!("`{}` is given twice", row.name);
                let wrong = Wrong::new(what, name.location(), "expected each parameter once");
                return Err(wrong
                    .also(first.name.location(), "first given here")
                    .hint("to send it several times, give a list of values")
                    .boxed());
            }
            let values = self.values(row, value)?;
            all.push(Given { name, row, values, value });
        }
        Ok(all)
    }

    fn values(&self, row: &Parameter, value: &'v Value<'v>) -> Read<Vec<String>> {
        let one = |value: &Value<'v>| match value {
            Value::StringLit(text) => Some(text.value.clone().into_owned()),
            Value::NumberLit(number) => Some(number.value.to_owned()),
            Value::BooleanLit(boolean) => Some(boolean.value.to_string()),
            Value::Object(_) | Value::Array(_) | Value::NullKeyword(_) => None,
        };
        let values = match value {
            Value::NullKeyword(_) => Some(Vec::new()),
            Value::Array(array) if array.elements.len() <= VALUES_MAX => array.elements.iter().map(one).collect(),
            value => one(value).map(|value| vec![value]),
        };
        let in_path = row.place == Place::Path;
        values.filter(|values| !in_path || values.len() == 1).ok_or_else(|| {
            let expected = if in_path {
                "expected a string; \"\" sends an empty one".to_owned()
            } else {
                format!(
                    "expected a string, a number, true or false, a list of at most {VALUES_MAX} of these, or null to \
                     omit it"
                )
            };
            self.wrong(format!("invalid value for `{}`", row.name), value, expected)
        })
    }

    /// Path and query.
    fn target(
        &self,
        operation: Operation,
        given: &[Given<'_>],
        project: Option<&Text<'_>>,
        user: Option<&Text<'_>>,
    ) -> Read<Uri> {
        let mut target = String::new();
        for piece in operation.path {
            let name = match piece {
                Piece::Literal(text) => {
                    target.push_str(text);
                    continue;
                }
                Piece::Parameter(name) => *name,
            };
            let (field, text) = match name {
                PROJECT_ID => ("project", project),
                USER_ID => ("user", user),
                _ => ("parameters", None),
            };
            let parameter = given.iter().find(|one| one.row.name == name);
            if let (Some(parameter), Some(user), USER_ID) = (parameter, user, name) {
                let wrong =
                    Wrong::new("user given twice", parameter.name.location(), "use either `user` or the parameter");
                return Err(wrong.also(user.location(), "first given here").boxed());
            }
            let of_parameter = parameter.and_then(|one| one.values.first());
            let value = of_parameter.map(String::as_str).or(text.map(|text| text.value)).ok_or_else(|| {
                let what = format!("{} needs `{field}`", operation.id);
                let at = self.fields.location(self.fields.opening());
                Wrong::new(what, at, format!("expected `{field}`; \"\" sends an empty one")).boxed()
            })?;
            target.extend(encoded(value));
        }
        let in_query = given.iter().filter(|one| one.row.place == Place::Query);
        let pairs = in_query.flat_map(|one| one.values.iter().map(|value| (one.row.name, value)));
        for (at, (name, value)) in pairs.enumerate() {
            target.push(if at == 0 { '?' } else { '&' });
            target.extend(encoded(name).chain(["="]).chain(encoded(value)));
        }
        target.parse().map_err(|_| {
            let at = self.fields.location(self.fields.opening());
            let what = format!("path and query together have {} bytes", target.len());
            Wrong::new(what, at, "expected at most 65534").boxed()
        })
    }

    /// Header fields; by default, as the SDKs send them.
    fn header_fields(&self, operation: Operation, given: &[Given<'_>]) -> Read<Vec<(String, HeaderValue)>> {
        let mut fields = Vec::new();
        let takes_type = takes(operation, CONTENT_TYPE);
        if takes_type && !given.iter().any(|one| one.row.name == CONTENT_TYPE) {
            fields.push((CONTENT_TYPE.to_owned(), HeaderValue::from_static("application/json")));
        }
        for one in given.iter().filter(|one| one.row.place == Place::Header) {
            for value in &one.values {
                let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
                    let what = format!("invalid character in the value of `{}`", one.row.name);
                    self.wrong(what, one.value, "expected no control characters")
                })?;
                fields.push((one.row.name.to_owned(), value));
            }
        }
        Ok(fields)
    }

    /// The calling account, and its credentials.
    fn caller(&self, operation: Operation, project: Option<&Text<'_>>) -> Read<(Option<AccountIndex>, Credentials)> {
        let accounts = self.running.setup.directory().accounts();
        let named = self.fields.text("account")?;
        let credentials = match self.fields.text("auth")? {
            None => self.usual(named.as_ref()),
            Some(name) => Credentials::named(name.value).ok_or_else(|| {
                let what = format!("unknown `auth` {}", shown(name.value));
                let expected = format!("expected one of {}", Credentials::NAMES.join(", "));
                Wrong::new(what, name.location(), expected).boxed()
            })?,
        };
        if let Some(name) = named {
            let (index, account) = accounts.meant(name.value).ok_or_else(|| {
                let what = format!("unknown account `{}`", shown(name.value));
                let hint = "accounts are defined in users files";
                Wrong::new(what, name.location(), "expected a loaded account, as domain/name").hint(hint).boxed()
            })?;
            if credentials.needs_key() && account.key().is_none() {
                let what = format!("account {} cannot sign: it has no access key", account.shown());
                let expected = "expected an account with an access key";
                let hint = "choose another account, or set `auth` to token or temporary";
                return Err(Wrong::new(what, name.location(), expected).hint(hint).boxed());
            }
            return Ok((Some(index), credentials));
        }
        if credentials == Credentials::None && operation != Operation::KeystoneCreateUserTokenByPassword {
            return Ok((None, credentials));
        }
        let can = |account: &Account| !credentials.needs_key() || account.key().is_some();
        let project = project.and_then(|project| self.running.template_index(project.value));
        let mut able = accounts.indexed().filter(|(_, account)| can(account));
        let has_it =
            |(_, account): &(AccountIndex, &Account)| project.is_none_or(|project| account.has_project(project));
        let found = able.clone().find(has_it).or_else(|| able.next());
        if found.is_none() && credentials != Credentials::None {
            let lacks = if credentials.needs_key() {
                "sign: no loaded account has an access key"
            } else {
                "call: no account is loaded"
            };
            let at = self.fields.location(self.fields.span("auth"));
            let hint = "load a users file with accounts, or set `auth` to none";
            return Err(Wrong::new(format!("no account can {lacks}"), at, "").hint(hint).boxed());
        }
        Ok((found.map(|(index, _)| index), credentials))
    }

    /// The default credentials: a signature if an account can sign, else a token if there is an account.
    fn usual(&self, named: Option<&Text<'_>>) -> Credentials {
        let accounts = self.running.setup.directory().accounts();
        let named = named.and_then(|name| accounts.meant(name.value)).map(|(_, account)| account);
        let asked = named.map_or(accounts.all(), std::slice::from_ref);
        match asked {
            [] => Credentials::None,
            some if some.iter().any(|account| account.key().is_some()) => Credentials::Signature,
            _ => Credentials::Token,
        }
    }

    /// The body, and how it is shown where the server has written a secret into it.
    fn body(
        &self,
        operation: Operation,
        account: Option<AccountIndex>,
        project: Option<&str>,
    ) -> Read<(Option<String>, Option<String>)> {
        match self.fields.value("body") {
            Some(Value::NullKeyword(_)) => return Ok((None, None)),
            Some(value) => {
                let written = invariant!(self.source.text().get(span_of(value)), "", "a value stands in its text");
                return Ok((Some(written.to_owned()), None));
            }
            None => {}
        }
        if operation == Operation::CreateTemporaryAccessKeyByToken {
            let body = json!({ "auth": { "identity": { "methods": ["token"], "token": {} } } });
            return Ok((Some(body.to_string()), None));
        }
        if operation != Operation::KeystoneCreateUserTokenByPassword {
            return Ok((None, None));
        }
        let account = account.and_then(|index| self.running.setup.directory().accounts().at(index));
        let Some((account, password)) = account.and_then(|account| Some((account, account.password()?))) else {
            let at = self.fields.location(self.fields.span("account"));
            let what = format!("{} needs an account with a password", operation.id);
            return Err(Wrong::new(what, at, "expected an `account` with a password, or a `body`").boxed());
        };
        let project = project.filter(|project| self.running.template_index(project).is_some());
        let written = |password: &str| login(account, password, project);
        Ok((Some(written(password)), Some(written(HIDDEN))))
    }

    fn wrong(&self, what: String, value: &Value<'_>, expected: impl Into<String>) -> Box<Wrong> {
        Wrong::new(what, self.fields.location(span_of(value)), expected).boxed()
    }
}

fn takes(operation: Operation, name: &str) -> bool {
    operation.parameters.iter().any(|row| row.name == name)
}

/// The project that the path names.
fn of_path(given: &[Given<'_>]) -> Option<String> {
    given.iter().find(|one| one.row.name == PROJECT_ID).and_then(|one| one.values.first().cloned())
}

/// The body of a login, for a project or for the account's domain.
fn login(account: &Account, password: &str, project: Option<&str>) -> String {
    let user = json!({ "domain": { "name": account.domain() }, "name": account.name(), "password": password });
    let scope = match project {
        Some(id) => json!({ "project": { "id": id } }),
        None => json!({ "domain": { "name": account.domain() } }),
    };
    let identity = json!({ "methods": ["password"], "password": { "user": user } });
    json!({ "auth": { "identity": identity, "scope": scope } }).to_string()
}
