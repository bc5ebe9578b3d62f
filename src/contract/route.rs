//! Finds the operation of a path.

use super::{OPERATIONS, Operation, Piece, RESET_RANDOM_PASSWORD};
use memchr::{memchr, memchr2};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Path parameters of the operation that has most of them.
const PATH_PARAMETERS_MAX: usize = 2;

/// How the path of a reset ends.
const RESET_END: &str = "/random-password";

/// In the order of the operation's path; those that it has not are empty.
pub(crate) type Values<'p> = [PathValue<'p>; PATH_PARAMETERS_MAX];

/// Where a path leads.
#[derive(Debug, PartialEq)]
pub(crate) enum Route<'p> {
    Known {
        operation: &'static Operation,
        values: Values<'p>,
    },
    /// The path is known, the method is not.
    WrongMethod {
        operation: &'static Operation,
        values: Values<'p>,
    },
    Unknown,
}

/// A path parameter's value, percent-decoded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PathValue<'p> {
    Text(Cow<'p, str>),
    /// Not percent-encoded UTF-8; as it was sent.
    Undecodable(&'p str),
}

impl Default for PathValue<'_> {
    fn default() -> Self {
        Self::Text(Cow::Borrowed(""))
    }
}

impl<'p> Route<'p> {
    /// Operation and values of a known path, whatever the method.
    pub(crate) fn known_path(self) -> Option<(&'static Operation, Values<'p>)> {
        match self {
            Self::Known { operation, values } | Self::WrongMethod { operation, values } => Some((operation, values)),
            Self::Unknown => None,
        }
    }
}

/// Finds the operation for a path (without query) and method.
#[inline]
pub(crate) fn route<'p>(path: &'p str, method: &str) -> Route<'p> {
    // The one that is asked for most is sooner compared by itself.
    let operation = &RESET_RANDOM_PASSWORD;
    if operation.method == method
        && let Some(values) = plain_values_of(operation, path)
    {
        return Route::Known { operation, values };
    }
    route_of_any(path, method)
}

/// Whether a request takes long, as the row of its operation has it.
#[inline]
pub(crate) fn takes_long(path: &str, method: &str) -> bool {
    // What is asked for most is told by its end.
    !path.ends_with(RESET_END) && takes_long_of_any(path, method)
}

#[cold]
#[inline(never)]
fn takes_long_of_any(path: &str, method: &str) -> bool {
    matches!(route_of_any(path, method), Route::Known { operation, .. } if operation.takes_long)
}

#[inline(never)]
fn route_of_any<'p>(path: &'p str, method: &str) -> Route<'p> {
    let encoded = memchr(b'%', path.as_bytes()).is_some();
    let mut other_method = None;
    for operation in OPERATIONS {
        if let Some(values) = values_of(operation, path, encoded) {
            if operation.method == method {
                return Route::Known { operation, values };
            }
            other_method = Some((operation, values));
        }
    }
    match other_method {
        Some((operation, values)) => Route::WrongMethod { operation, values },
        None => Route::Unknown,
    }
}

/// The values of a path's parameters, if it is the operation's. Only an encoded path has anything to decode.
fn values_of<'p>(operation: &Operation, path: &'p str, encoded: bool) -> Option<Values<'p>> {
    if encoded { decoded_values_of(operation, path) } else { plain_values_of(operation, path) }
}

/// The values of a path in which nothing is encoded.
#[inline(always)]
#[expect(clippy::inline_always, reason = "of an operation that is known its pieces are compared one by one")]
fn plain_values_of<'p>(operation: &Operation, path: &'p str) -> Option<Values<'p>> {
    let mut values = Values::default();
    let mut free = values.iter_mut();
    let mut rest = path;
    for piece in operation.path {
        match piece {
            Piece::Literal(literal) => rest = rest.strip_prefix(literal)?,
            Piece::Parameter(_) => {
                // What follows begins with a slash, or nothing does: a path that is encoded is not taken.
                let end = memchr2(b'/', b'%', rest.as_bytes()).unwrap_or(rest.len());
                let (value, after) = rest.split_at_checked(end)?;
                *free.next()? = PathValue::Text(Cow::Borrowed(value));
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(values)
}

/// The same, segment by segment: any character may stand there encoded, also of a literal.
fn decoded_values_of<'p>(operation: &Operation, path: &'p str) -> Option<Values<'p>> {
    let template = operation.template();
    let mut wanted = template.split('/');
    let mut values = Values::default();
    let mut free = values.iter_mut();
    for segment in path.split('/') {
        let wanted = wanted.next()?;
        let decoded = decode(segment);
        if wanted.starts_with('{') {
            // A slash that was encoded makes another path, once it is decoded.
            if matches!(&decoded, PathValue::Text(text) if text.contains('/')) {
                return None;
            }
            *free.next()? = decoded;
        } else if decoded != PathValue::Text(Cow::Borrowed(wanted)) {
            return None;
        }
    }
    wanted.next().is_none().then_some(values)
}

fn decode(piece: &str) -> PathValue<'_> {
    if !piece.contains('%') {
        return PathValue::Text(Cow::Borrowed(piece));
    }
    let mut escapes = piece.split('%').skip(1);
    let well_formed = escapes.all(|after| {
        let mut digits = after.bytes().take(2);
        digits.len() == 2 && digits.all(|digit| digit.is_ascii_hexdigit())
    });
    match percent_decode_str(piece).decode_utf8() {
        Ok(text) if well_formed => PathValue::Text(text),
        _ => PathValue::Undecodable(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(path: &str) -> Option<(String, String)> {
        match route(path, "GET") {
            Route::Known { values: [project, user], .. } => Some((shown(&project), shown(&user))),
            _ => None,
        }
    }

    fn shown(value: &PathValue<'_>) -> String {
        match value {
            PathValue::Text(text) => text.to_string(),
            PathValue::Undecodable(raw) => format!("undecodable {raw}"),
        }
    }

    #[test]
    fn the_documented_path_is_found_with_its_ids() {
        let found = ids("/v2/p/users/u/random-password").unwrap();
        assert_eq!(found, ("p".to_owned(), "u".to_owned()));
    }

    #[test]
    fn ids_are_decoded_and_literals_may_be_encoded() {
        let (project, user) = ids("/v2/p%20q/%75sers/%C3%A4/random-password").unwrap();
        assert_eq!((project.as_str(), user.as_str()), ("p q", "ä"));
    }

    #[test]
    fn what_cannot_be_decoded_is_said() {
        for raw in ["%", "%4", "%zz", "%ff", "a%"] {
            let (_, user) = ids(&format!("/v2/p/users/{raw}/random-password")).unwrap();
            assert_eq!(user, format!("undecodable {raw}"));
        }
    }

    #[test]
    fn an_empty_id_is_still_the_known_path() {
        assert_eq!(ids("/v2//users/u/random-password").unwrap().0, "");
    }

    #[test]
    fn other_paths_are_unknown() {
        for path in [
            "",
            "/",
            "*",
            "/v2/p/users/u/random-password/",
            "/v2/p/users/u%2Fv/random-password",
            "/v2/p/users/u/",
            "/v2/p/users/u/random-password/x",
            "/v3/p/users/u/random-password",
            "//v2/p/users/u/random-password",
            "/V2/p/users/u/random-password",
        ] {
            assert_eq!(route(path, "GET"), Route::Unknown, "{path}");
        }
    }

    #[test]
    fn another_method_is_told_which_one_is_allowed() {
        for method in ["HEAD", "POST", "OPTIONS", "TRACE", "get", "BREW"] {
            let found = route("/v2/p/users/u/random-password", method);
            assert!(matches!(found, Route::WrongMethod { operation, .. } if operation.method == "GET"));
        }
    }

    #[test]
    fn what_takes_long_is_told_however_its_path_is_written() {
        for operation in OPERATIONS {
            let template = operation.template();
            let path = template.split('/').map(|piece| if piece.starts_with('{') { "random-password" } else { piece });
            let path = path.collect::<Vec<_>>().join("/");
            let encoded = path.bytes().map(|byte| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02X}") });
            let encoded: String = encoded.collect();
            for path in [path, encoded] {
                assert_eq!(takes_long(&path, operation.method), operation.takes_long, "{path}");
            }
        }
        assert!(!takes_long("/v2/p/users", "DELETE") && !takes_long("/nowhere/users", "GET"));
    }

    proptest! {
        #[test]
        fn any_path_has_a_route(path in any::<String>(), method in "[A-Z]{0,8}") {
            let _ = route(&path, &method);
        }

        #[test]
        fn an_encoded_id_comes_back_as_it_was(id in "[^/]{1,40}") {
            let encoded: Vec<_> = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let encoded = encoded.concat();
            let (_, user) = ids(&format!("/v2/p/users/{encoded}/random-password")).unwrap();
            prop_assert_eq!(user, id);
        }
    }
}
