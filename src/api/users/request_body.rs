//! What requests about users ask for: bodies and queries, each held against its table.

use super::super::account_call::{Asking, invalid};
use super::filter::Filter;
use crate::api::objection::Refused;
use crate::api::response::expires_ms;
use crate::contract::{BODY_ID_CHARS, BodyField, BodyForm, LISTED_MAX};
use crate::fixture::{ActiveType, is_address};
use crate::state::{Changing, Patch, Picked};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// The fields of a body, each as its row of the table has it.
pub(super) struct Body(Map<String, Value>);

/// Some of the users who fit.
pub(super) struct Listed {
    pub(super) total: usize,
    pub(super) users: Picked,
    /// Whether the number of desktops is listed.
    pub(super) with_desktops: bool,
}

/// Reads the body. Fields that the table does not have are passed over.
pub(super) fn body(asking: &Asking<'_>, fields: &[BodyField]) -> Result<Body, Box<Refused>> {
    if asking.operation.body_is_optional && asking.request.body.is_empty() {
        return Ok(Body(Map::new()));
    }
    let Value::Object(mut given) = asking.json()? else {
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
    Ok(Body(given))
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

/// The name of a new user.
pub(super) fn user_name(body: &Body) -> Result<&str, Box<Refused>> {
    let name = body.text("user_name").unwrap_or("");
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let (first, last) = (name.bytes().next(), name.bytes().last());
    let is_right = name.bytes().all(inside)
        && first.is_some_and(|byte| byte.is_ascii_alphanumeric())
        && last.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_right {
        return Ok(name);
    }
    Err(invalid(format!(
        "user_name is {name:?}. Allowed: letters, digits, `.`, `_` and `-`; it starts with a letter or digit, and does \
         not end with `.` or `_`."
    )))
}

impl Body {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    pub(super) fn ids(&self, name: &str) -> Vec<String> {
        let ids = self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// What the body sets of a user; what it does not name stays.
    pub(super) fn patch(&self) -> Result<Patch, Box<Refused>> {
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

/// Those who fit the query.
pub(super) fn listed(asking: &Asking<'_>, users: &Changing<'_>) -> Result<Listed, Box<Refused>> {
    let filter = Filter::of(asking.request);
    let with_desktops = asking.request.flag("is_query_total_desktops").unwrap_or(true);
    let number = |field: &str| match asking.request.value(field) {
        None => Ok(None),
        Some(text) => text
            .parse::<usize>()
            .map(Some)
            .map_err(|_| invalid(format!("{field} is {text:?}. Allowed: a whole number."))),
    };
    let (limit, offset) = (number("limit")?, number("offset")?);
    if let Some(limit) = limit.filter(|limit| *limit > LISTED_MAX) {
        return Err(invalid(format!("limit is {limit}. Allowed: 0 to {LISTED_MAX}; use offset to list more.")));
    }
    let (first, most) = (offset.unwrap_or(0), limit.unwrap_or(LISTED_MAX));
    let (total, users) = filter.pick(users, first, most);
    Ok(Listed { total, users, with_desktops })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_its_pattern_says() {
        let field = crate::contract::CREATE_FIELDS.iter().find(|field| field.name == "user_name").unwrap();
        let pattern = jsonschema::draft202012::new(&serde_json::json!({ "pattern": field.pattern.unwrap() })).unwrap();
        let names =
            ["a", "7", "carol", "carol.x_y-z-", "a-", "", "-a", ".a", "a.", "a_", "a b", "a\n", "\u{e4}", "a..b"];
        for name in names {
            let body = Body(Map::from_iter([("user_name".to_owned(), name.into())]));
            assert_eq!(user_name(&body).is_ok(), pattern.is_valid(&name.into()), "{name:?}");
        }
    }
}
