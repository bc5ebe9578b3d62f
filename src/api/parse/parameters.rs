//! Step 3: the contract of the operation, row by row.

use super::fields::{Field, Fields};
use crate::api::objection::{self, Refused};
use crate::api::request::Whole;
use crate::contract::{
    Form, Mandatory, NotificationTypes, Operation, Parameter, PathValue, Place, Situation, WrongTypes,
};
use std::borrow::Cow;

/// Characters of a wrong value that are shown.
const SHOWN_CHARS_MAX: usize = 100;
/// When Content-Type may be missing, for journal and log.
const MISSING: &str = "It is optional with --lenient or --fidelity observed, and, unless --auth is off, in a signed \
                       request without a body.";

/// The parameters of a request.
pub(crate) struct Parameters<'r> {
    pub(crate) project: &'r str,
    pub(crate) user: &'r str,
    pub(crate) notification: NotificationTypes,
    /// The token, if the operation takes one, for authentication.
    pub(crate) token: Field<'r>,
}

/// Checks every parameter of the operation. `is_excused` says whether one that is mandatory by documentation alone may be
/// missing.
pub(crate) fn check<'r>(
    whole: &'r Whole<'_>,
    operation: Operation,
    values: [PathValue<'r>; 2],
    fields: &Fields<'r>,
    is_excused: impl Fn() -> bool,
) -> Result<Parameters<'r>, Box<Refused>> {
    let mut ids = [""; 2];
    let mut in_path = ids.iter_mut().zip(&values);
    let mut notification = NotificationTypes::default();
    let mut token = Field::Absent;
    for parameter in operation.parameters {
        match (parameter.place, &parameter.form) {
            (Place::Path, _) => {
                if let Some((id, value)) = in_path.next() {
                    *id = path_value(parameter, *value)?;
                }
            }
            (Place::Query, Form::NotificationTypes) => {
                notification = notifications(parameter, whole)?;
            }
            (Place::Header, Form::MediaType(media_type)) => {
                content_type(parameter, media_type, fields.content_type, &is_excused)?;
            }
            (Place::Header, Form::Credential) => token = fields.x_auth_token,
            (Place::Query, _) => query_value(parameter, whole)?,
            // Checked where it is read.
            (Place::Header, _) => {}
        }
    }
    let [project, user] = ids;
    Ok(Parameters { project, user, notification, token })
}

fn path_value<'r>(parameter: &Parameter, value: PathValue<'r>) -> Result<&'r str, Box<Refused>> {
    let text = match value {
        PathValue::Text(text) => text,
        PathValue::Undecodable(raw) => {
            return Err(invalid(parameter, raw, "valid percent-encoded UTF-8"));
        }
    };
    // A text has at most as many characters as bytes.
    let short = !text.is_empty() && *parameter.chars.start() <= 1 && text.len() <= *parameter.chars.end();
    if short || parameter.chars.contains(&text.chars().count()) {
        return Ok(text);
    }
    let allowed = format!("{} to {} characters", parameter.chars.start(), parameter.chars.end());
    Err(invalid(parameter, text, &allowed))
}

fn notifications(parameter: &Parameter, whole: &Whole<'_>) -> Result<NotificationTypes, Box<Refused>> {
    let values = whole.values(parameter.name).map(|value| Cow::Borrowed(value.as_ref()));
    NotificationTypes::of_values(values).map_err(|wrong| match wrong {
        WrongTypes::Value(value) => invalid(parameter, &value, &parameter.form.allowed()),
        WrongTypes::Twice => {
            let message =
                format!("{} is given twice in the query. Send it once: {}.", parameter.name, parameter.form.allowed());
            objection::invalid(message)
        }
    })
}

/// Checks a value that an operation reads. An empty one counts as missing.
#[cold]
fn query_value(parameter: &Parameter, whole: &Whole<'_>) -> Result<(), Box<Refused>> {
    let mut values = whole.values(parameter.name);
    if matches!(parameter.form, Form::Texts) {
        return values.filter(|value| !value.is_empty()).try_for_each(|value| texts(parameter, value));
    }
    let Some(value) = values.next().filter(|value| !value.is_empty()) else {
        return Ok(());
    };
    let fits = match &parameter.form {
        Form::Number(range) => value.parse().is_ok_and(|number| range.contains(&number)),
        Form::Boolean => matches!(value.as_ref(), "true" | "false"),
        Form::OneOf(words) => words.iter().any(|word| word.eq_ignore_ascii_case(value)),
        Form::Unanswered(why) => {
            let name = parameter.name;
            let message = format!("{name} is {}, which is not supported: {why}. Omit {name}.", shown(value));
            return Err(objection::invalid(message));
        }
        _ => parameter.chars.contains(&value.chars().count()),
    };
    if !fits {
        let allowed = match parameter.form {
            Form::Text => format!("{} to {} characters", parameter.chars.start(), parameter.chars.end()),
            _ => parameter.form.allowed(),
        };
        return Err(invalid(parameter, value, &allowed));
    }
    if values.next().is_none() {
        return Ok(());
    }
    Err(objection::invalid(format!("{} is given twice in the query. Send it once.", parameter.name)))
}

/// Checks a list of strings.
fn texts(parameter: &Parameter, list: &str) -> Result<(), Box<Refused>> {
    let wrong = list.split(',').find(|text| !parameter.chars.contains(&text.chars().count()));
    wrong.map_or(Ok(()), |wrong| {
        let (fewest, most) = (parameter.chars.start(), parameter.chars.end());
        Err(invalid(parameter, wrong, &format!("{}, each of {fewest} to {most} characters", parameter.form.allowed())))
    })
}

fn content_type(
    parameter: &Parameter,
    media_type: &str,
    field: Field<'_>,
    is_excused: impl Fn() -> bool,
) -> Result<(), Box<Refused>> {
    let wrong = match field {
        Field::Absent if parameter.mandatory == Mandatory::Documented && is_excused() => return Ok(()),
        Field::Absent => "is missing".to_owned(),
        Field::Repeated => "is given twice".to_owned(),
        Field::Once(value) if value == media_type => return Ok(()),
        Field::Once(value) => {
            let essence = value.to_str().ok().and_then(|value| value.split(';').next());
            if essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type)) {
                return Ok(());
            }
            format!("is {}", shown(&String::from_utf8_lossy(value.as_bytes())))
        }
    };
    let message = format!(
        "The header {} {wrong}. The documentation requires it, even without a body: send {}: {media_type}.",
        parameter.name, parameter.name,
    );
    let mut refused = Refused::new(Situation::InvalidParameter, message);
    if field == Field::Absent {
        refused = refused.hint(MISSING);
    }
    Err(refused.boxed())
}

fn invalid(parameter: &Parameter, value: &str, allowed: &str) -> Box<Refused> {
    objection::invalid(format!("{} is {}. Allowed: {allowed}.", parameter.name, shown(value)))
}

/// A value in quotes, shortened if it is long.
fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS_MAX) {
        None => format!("{value:?}"),
        Some((end, _)) => format!("{:?}…", part!(value, ..end)),
    }
}
