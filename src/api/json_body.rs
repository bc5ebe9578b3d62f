//! Reads the JSON bodies of requests; those of the operations on users by the tables of their fields.

use crate::api::admitted::Admitted;
use crate::api::objection::{Refused, invalid};
use crate::api::response::expires_ms;
use crate::contract::{BODY_ID_CHARS, BodyField, BodyForm};
use crate::diagnostics::body_text;
use crate::fixture::{ActiveType, is_address};
use crate::state::Patch;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// The fields of a body, each as its row of the table has it.
pub(crate) struct JsonBody(Map<String, Value>);

/// The body as JSON.
pub(crate) fn json(call: &Admitted<'_>) -> Result<Value, Box<Refused>> {
    let expected = call.operation.row().request.as_ref().map_or("JSON", |request| request.body.name);
    if call.whole.body.is_empty() {
        return Err(invalid(format!("The body is missing; expected a {expected}.")));
    }
    // The error does not quote the body: it may be a secret.
    let text = body_text(call.whole.body).map_err(invalid)?;
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        invalid(format!("The body is not valid JSON at line {line}, column {column}; expected a {expected}."))
    })
}

/// Reads the body. Fields that the table does not have are passed over.
pub(crate) fn body(call: &Admitted<'_>, fields: &[BodyField]) -> Result<JsonBody, Box<Refused>> {
    if call.operation.takes_no_body() && call.whole.body.is_empty() {
        return Ok(JsonBody(Map::new()));
    }
    let Value::Object(mut given) = json(call)? else {
        return Err(invalid("The body is not a JSON object."));
    };
    given.retain(|name, value| !value.is_null() && fields.iter().any(|field| field.name == name));
    for field in fields {
        match given.get(field.name) {
            Some(value) => check(field, value)?,
            None if field.mandatory => return Err(invalid(format!("{} is missing from the body.", field.name))),
            None => {}
        }
    }
    Ok(JsonBody(given))
}

fn check(field: &BodyField, value: &Value) -> Result<(), Box<Refused>> {
    let is_plain = |value: &Value, chars: &RangeInclusive<usize>| {
        value.as_str().is_some_and(|text| chars.contains(&text.chars().count()) && !text.contains(char::is_control))
    };
    let is_right = match (&field.form, value) {
        (BodyForm::Text(chars), value) => is_plain(value, chars),
        (BodyForm::OneOf(names), Value::String(text)) => names.contains(&text.as_str()),
        (BodyForm::Ids(count), Value::Array(ids)) => {
            count.contains(&ids.len()) && ids.iter().all(|id| is_plain(id, &BODY_ID_CHARS))
        }
        (form, value) => matches!(form, BodyForm::Boolean) && value.is_boolean(),
    };
    if is_right {
        return Ok(());
    }
    let plain = |chars: &RangeInclusive<usize>| {
        format!("{} to {} characters, no control characters", chars.start(), chars.end())
    };
    let allowed = match &field.form {
        BodyForm::Text(chars) => format!("text of {}", plain(chars)),
        BodyForm::OneOf(names) => names.join(", "),
        BodyForm::Boolean => "true or false".to_owned(),
        BodyForm::Ids(count) => {
            format!("a list of {} to {} ids, each of {}", count.start(), count.end(), plain(&BODY_ID_CHARS))
        }
    };
    // A password is not repeated.
    let shown: String = if field.name == "password" { String::new() } else { value.to_string() };
    let shown = crate::diagnostics::shown(&shown);
    let is = if shown.is_empty() { " is invalid".to_owned() } else { format!(" is {shown}") };
    Err(invalid(format!("{}{is}. Allowed: {allowed}.", field.name)))
}

impl JsonBody {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    pub(crate) fn ids(&self, name: &str) -> Vec<String> {
        let ids = self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The fields of a user that the body sets; the others stay.
    pub(crate) fn patch(&self) -> Result<Patch, Box<Refused>> {
        if let Some(expires) = self.text("account_expires").filter(|expires| expires_ms(expires).is_none()) {
            return Err(invalid(format!(
                "account_expires is {expires:?}. Allowed: 0 for never, or a time, as in 2026-12-31T00:00:00Z."
            )));
        }
        if let Some(email) = self.text("user_email").filter(|email| !email.is_empty() && !is_address(email)) {
            return Err(invalid(format!(
                "user_email is {email:?}, which is not an e-mail address. Allowed: a name, `@` and a host, as in \
                 carol@example.com."
            )));
        }
        let text = |name| self.text(name).map(str::to_owned);
        Ok(Patch {
            user_email: text("user_email"),
            user_phone: text("user_phone"),
            description: text("description"),
            active_type: self.text("active_type").and_then(ActiveType::named),
            disabled: self.flag("disabled"),
            locked: None,
            account_expires: text("account_expires"),
            enable_change_password: self.flag("enable_change_password"),
            next_login_change_password: self.flag("next_login_change_password"),
            password_never_expired: self.flag("password_never_expired"),
        })
    }
}
