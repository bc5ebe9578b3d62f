//! The parameters that several operations have.

use crate::contract::row::{Form, Mandatory, Parameter, Place};
use std::ops::RangeInclusive;

/// The length of a parameter for which no source gives one: all parameters of an operation fit a target together.
const ANY_LENGTH: RangeInclusive<usize> = 0..=255;

pub(super) const USER_ID: Parameter = id_in_path("user_id", "The id of the desktop user.");
pub(super) const PROJECT_ID: Parameter = id_in_path("project_id", "The id of the project that the user belongs to.");

pub(super) const CONTENT_TYPE: Parameter = Parameter {
    name: "Content-Type",
    place: Place::Header,
    mandatory: Mandatory::Documented,
    chars: 1..=255,
    form: Form::MediaType("application/json"),
    description: "`application/json`, even for a GET without a body. Optional in a signed request without a body.",
};

pub(super) const X_AUTH_TOKEN: Parameter = Parameter {
    name: "X-Auth-Token",
    place: Place::Header,
    mandatory: Mandatory::No,
    chars: 1..=40_000,
    form: Form::Credential,
    description: "An IAM user token. Not needed in requests signed with an access key.",
};

const fn id_in_path(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, place: Place::Path, mandatory: Mandatory::Always, chars: 1..=255, form: Form::Text, description }
}

/// A query parameter of IAM.
pub(super) const fn query(name: &'static str, form: Form, description: &'static str) -> Parameter {
    text_query(name, ANY_LENGTH, description).of(form)
}

/// A query parameter with this many characters.
pub(super) const fn text_query(
    name: &'static str,
    chars: RangeInclusive<usize>,
    description: &'static str,
) -> Parameter {
    Parameter { name, place: Place::Query, mandatory: Mandatory::No, chars, form: Form::Text, description }
}

/// A documented query parameter for an attribute that users of the mock do not have.
pub(super) const fn unanswered(name: &'static str, why: &'static str) -> Parameter {
    let description = "Documented, but not supported here: a value that is not empty is refused with 400.";
    text_query(name, 0..=0, description).of(Form::Unanswered(why))
}

impl Parameter {
    pub(super) const fn of(self, form: Form) -> Self {
        let Self { name, place, mandatory, chars, form: _, description } = self;
        Self { name, place, mandatory, chars, form, description }
    }
}
