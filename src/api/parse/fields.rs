//! The header fields that the steps read, found in one look over all of them.

use hyper::http::HeaderMap;
use hyper::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};

const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// The fields of one request.
#[derive(Default)]
pub(crate) struct Fields<'r> {
    pub(crate) host: Field<'r>,
    pub(crate) authorization: Field<'r>,
    pub(super) content_type: Field<'r>,
    pub(super) x_auth_token: Field<'r>,
}

/// A field of one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Field<'r> {
    #[default]
    Absent,
    Once(&'r HeaderValue),
    /// Twice or more.
    Repeated,
}

impl<'r> Fields<'r> {
    pub(crate) fn of(headers: &'r HeaderMap) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers {
            let field = if *name == HOST {
                &mut fields.host
            } else if *name == CONTENT_TYPE {
                &mut fields.content_type
            } else if *name == AUTHORIZATION {
                &mut fields.authorization
            } else if *name == X_AUTH_TOKEN {
                &mut fields.x_auth_token
            } else {
                continue;
            };
            *field = if *field == Field::Absent { Field::Once(value) } else { Field::Repeated };
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Form, Operation, Place};

    #[test]
    fn a_field_is_absent_or_there_once_or_repeated() {
        let mut headers = HeaderMap::new();
        headers.append("host", HeaderValue::from_static("a"));
        headers.append("Content-Type", HeaderValue::from_static("b"));
        headers.append("content-type", HeaderValue::from_static("b"));
        let fields = Fields::of(&headers);
        assert_eq!(fields.host, Field::Once(&HeaderValue::from_static("a")));
        assert_eq!((fields.content_type, fields.x_auth_token), (Field::Repeated, Field::Absent));
    }

    #[test]
    fn every_header_parameter_of_the_contract_is_looked_for() {
        for operation in Operation::all() {
            for parameter in operation.parameters.iter().filter(|row| row.place == Place::Header) {
                let mut headers = HeaderMap::new();
                let name: hyper::http::HeaderName = parameter.name.parse().unwrap();
                headers.insert(name, HeaderValue::from_static("x"));
                let fields = Fields::of(&headers);
                let found = match parameter.form {
                    Form::MediaType(_) => fields.content_type,
                    Form::Credential => fields.x_auth_token,
                    // Text is read by the operation that has it.
                    _ => continue,
                };
                assert!(matches!(found, Field::Once(_)), "{}", parameter.name);
            }
        }
    }
}
