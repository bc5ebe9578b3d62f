//! The request of a sample, checked by the contract.

use super::body::{SampleValue, TOKEN_VARIABLE};
use super::layout::fill;
use super::package::Package;
use crate::contract::{FieldKind, Form, Operation, Parameter, Place, X_SUBJECT_TOKEN};
use serde_json::Value as Json;

/// A request for a sample.
#[derive(Clone, Debug)]
pub(crate) struct SampleRequest<'w> {
    pub(crate) operation: Operation,
    /// The server's URL, without a trailing slash.
    pub(crate) url: &'w str,
    pub(crate) project: &'w str,
    pub(crate) user: &'w str,
    /// Query parameters, by name.
    pub(crate) parameters: Vec<(String, String)>,
    /// The body, if there is one.
    pub(crate) body: Option<Json>,
}

/// A request that the SDKs can send.
#[derive(Debug)]
pub(super) struct SdkRequest<'r> {
    pub(super) operation: Operation,
    pub(super) url: &'r str,
    pub(super) project: &'r str,
    /// The user, if the path has one.
    pub(super) user: Option<&'r str>,
    pub(super) query: Vec<(&'static str, SampleValue)>,
    pub(super) body: Option<SampleValue>,
}

/// The part of the answer that a sample prints.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Nothing,
    /// The only member of the body.
    Member(String),
    /// This header.
    Header(String),
    All,
}

impl<'r> SdkRequest<'r> {
    pub(super) fn of(given: &'r SampleRequest<'_>) -> Result<Self, String> {
        let operation = given.operation;
        let of_path = |name| operation.parameters.iter().any(|one| one.place == Place::Path && one.name == name);
        let texts = [given.project, given.user, given.url].into_iter();
        if texts.chain(given.parameters.iter().map(|(_, value)| value.as_str())).any(|text| text.contains('\0')) {
            return Err("a value has a NUL character, which cannot be passed to a program; omit it".to_owned());
        }
        let mut query = Vec::new();
        for (name, text) in &given.parameters {
            let parameter = parameter(operation, name)?;
            let wrong = |what: String| format!("the parameter {name} {what}");
            if query.iter().any(|(given, _)| given == name) {
                return Err(wrong("is given twice".to_owned()));
            }
            let value = FieldKind::of(&parameter.form).and_then(|kind| kind.parse(text)).map_err(wrong)?;
            query.push((parameter.name, value));
        }
        Ok(Self {
            operation,
            url: given.url.trim_end_matches('/'),
            project: given.project,
            user: of_path("user_id").then_some(given.user),
            query,
            body: body(operation, given.body.as_ref())?,
        })
    }

    /// Whether the request is about a token, which is in a header.
    pub(super) fn asks_about_token(&self) -> bool {
        self.operation.parameters.iter().any(|parameter| parameter.name == X_SUBJECT_TOKEN)
    }

    /// The fields of the request class with values, and whether they are mandatory.
    pub(super) fn fields(&self) -> Vec<(&'static str, SampleValue, bool)> {
        let user = self.user.map(|user| ("user_id", SampleValue::Text(user.to_owned()), true));
        let token = self.asks_about_token().then_some((X_SUBJECT_TOKEN, SampleValue::Secret(TOKEN_VARIABLE), true));
        let query = self.query.iter().map(|(name, value)| (*name, value.clone(), false));
        user.into_iter().chain(token).chain(query).collect()
    }

    /// The variables for secrets, beside the access key.
    pub(super) fn secrets(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        if self.asks_about_token() {
            found.push(TOKEN_VARIABLE);
        }
        if let Some(body) = &self.body {
            body.secrets(&mut found);
        }
        found
    }

    pub(super) fn shown(&self) -> Shown {
        let Some(answer) = self.operation.answer else { return Shown::Nothing };
        match ((answer.example)(), self.operation.answer_header) {
            // After a login the token matters more than its description.
            (_, Some((header, _))) if !self.asks_about_token() => Shown::Header(header.to_owned()),
            (Json::Object(members), _) => match members.into_iter().collect::<Vec<_>>().as_slice() {
                [(name, Json::String(_))] => Shown::Member(name.clone()),
                _ => Shown::All,
            },
            _ => Shown::All,
        }
    }

    /// Fills a template with `own` slots, and with those that languages have in common.
    pub(super) fn fill(&self, template: &str, literal: fn(&str) -> String, own: &[(&str, String)]) -> String {
        let package = Package::of(self.operation);
        let common = [
            ("summary", format!("{}.", self.operation.summary)),
            ("url", literal(self.url)),
            ("project", literal(self.project)),
            ("id", self.operation.id.to_owned()),
            ("method", self.operation.method.to_owned()),
            ("path", self.operation.template()),
            ("version", package.version.to_owned()),
            ("credentials", package.credentials().to_owned()),
            ("client", format!("{}Client", package.service)),
        ];
        fill(template, &[own, common.as_slice()].concat())
    }

    /// The path with parameters filled in.
    pub(super) fn path(&self) -> String {
        self.operation.path_of(self.project, self.user.unwrap_or(""))
    }
}

/// The query parameter of this name, or why it cannot be given.
fn parameter(operation: Operation, name: &str) -> Result<&'static Parameter, String> {
    let free =
        |parameter: &&Parameter| parameter.place == Place::Query && !matches!(parameter.form, Form::Unanswered(_));
    let Some(parameter) = operation.parameters.iter().find(|parameter| parameter.name == name) else {
        let known: Vec<_> = operation.parameters.iter().filter(free).map(|parameter| parameter.name).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(format!("unknown parameter {name:?}; parameters of {}: {known}", operation.id));
    };
    match parameter.place {
        Place::Query => Ok(parameter),
        Place::Path => Err(format!("{name} is given as the project or the user, not as a parameter")),
        Place::Header if name == X_SUBJECT_TOKEN => {
            Err(format!("{name} is a secret, which samples read from the variable {TOKEN_VARIABLE}; omit it"))
        }
        Place::Header => Err(format!("{name} is set by the SDK; omit it")),
    }
}

/// The body as objects of the SDKs.
fn body(operation: Operation, given: Option<&Json>) -> Result<Option<SampleValue>, String> {
    let Some(json) = given else { return Ok(None) };
    let Some(request) = &operation.row().request else {
        let with: Vec<_> = Operation::all().filter(|one| one.request.is_some()).map(|one| one.id).collect();
        return Err(format!("{} has no body; operations with a body: {}", operation.id, with.join(", ")));
    };
    request.class.read(json, "body").map(Some)
}
