//! `notification_type`: where the API is asked to send the new password.

use serde::Serialize;
use std::borrow::Cow;

named_enum! {
    /// A kind of notification.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[cfg_attr(test, derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    pub(crate) enum NotificationType {
        Email = "email",
        Phone = "phone",
    }
}

/// The ways that a request asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NotificationTypes {
    email: bool,
    phone: bool,
}

/// Why a query asks for nothing that there is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WrongTypes<'q> {
    /// The parameter stands in the query twice.
    Twice,
    /// Its value is not a list of types.
    Value(Cow<'q, str>),
}

/// The parameter's name.
pub(crate) const NOTIFICATION_TYPE: &str = "notification_type";

impl NotificationType {
    /// The values that `notification_type` may have.
    pub(crate) fn lists() -> [String; 4] {
        let [email, phone] = Self::NAMES;
        [email.to_owned(), phone.to_owned(), format!("{email},{phone}"), format!("{phone},{email}")]
    }
}

impl NotificationTypes {
    pub(crate) fn iter(self) -> impl Iterator<Item = NotificationType> {
        NotificationType::ALL.into_iter().filter(move |one| self.contains(*one))
    }

    pub(crate) fn contains(self, one: NotificationType) -> bool {
        match one {
            NotificationType::Email => self.email,
            NotificationType::Phone => self.phone,
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Reads the values of the parameter; without one nothing is asked for.
    pub(crate) fn of_values<'q>(mut values: impl Iterator<Item = Cow<'q, str>>) -> Result<Self, WrongTypes<'q>> {
        match (values.next(), values.next()) {
            (None, _) => Ok(Self::default()),
            (Some(_), Some(_)) => Err(WrongTypes::Twice),
            (Some(value), None) => Self::parse(&value).ok_or(WrongTypes::Value(value)),
        }
    }

    /// Reads a value: types with commas between them, each at most once.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let mut types = Self::default();
        for item in value.split(',') {
            let asked = match NotificationType::named(item)? {
                NotificationType::Email => &mut types.email,
                NotificationType::Phone => &mut types.phone,
            };
            if std::mem::replace(asked, true) {
                return None;
            }
        }
        Some(types)
    }
}

/// Reads the parameter from a query; without it nothing is asked for.
pub(crate) fn notification_types(query: &str) -> Result<NotificationTypes, WrongTypes<'_>> {
    if query.is_empty() {
        return Ok(NotificationTypes::default());
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    NotificationTypes::of_values(pairs.filter(|(name, _)| name == NOTIFICATION_TYPE).map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(query: &str) -> Result<Vec<&'static str>, WrongTypes<'_>> {
        let types = notification_types(query)?;
        Ok(NotificationType::ALL.into_iter().filter(|one| types.contains(*one)).map(NotificationType::name).collect())
    }

    #[test]
    fn each_documented_form_is_read() {
        assert_eq!(names(""), Ok(vec![]));
        assert_eq!(names("other=x"), Ok(vec![]));
        assert_eq!(names("notification_type=email"), Ok(vec!["email"]));
        assert_eq!(names("x=1&notification_type=phone&y"), Ok(vec!["phone"]));
        for both in ["email,phone", "phone,email", "email%2Cphone", "phone%2cemail"] {
            assert_eq!(names(&format!("notification_type={both}")), Ok(vec!["email", "phone"]));
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_value() {
        for wrong in ["", "sms", "Email", "email,", ",phone", "email,email", "email, phone", "email;phone"] {
            let query = format!("notification_type={}", wrong.replace(' ', "+"));
            assert_eq!(names(&query), Err(WrongTypes::Value(wrong.into())), "{wrong}");
        }
        assert_eq!(names("notification_type=email&notification_type=phone"), Err(WrongTypes::Twice));
    }
}
