//! Finds the operation of a path, and the ids in it.

use super::{Operation, Piece};
use memchr::{memchr, memchr2};
use percent_encoding::percent_decode_str;

/// Path parameters of the operation that has most of them.
const PATH_PARAMETERS_MAX: usize = 2;
/// Digits of the vendor's ids.
const ID_BYTES: usize = 32;

/// The operation of a path, and where its ids are.
#[derive(Clone, Debug)]
pub(crate) struct PathMatch {
    pub(crate) operation: Operation,
    /// Whether the method is that of the operation; else the path is known, and the method is not.
    pub(crate) allows_method: bool,
    /// In the order of the operation's path; empty beyond its parameters.
    ids: [Id; PATH_PARAMETERS_MAX],
}

/// A path parameter's value.
#[derive(Clone, Debug)]
enum Id {
    /// Not encoded: these bytes of the path.
    Plain {
        start: usize,
        end: usize,
    },
    Decoded(Box<str>),
    /// Not percent-encoded UTF-8; as it was sent.
    Undecodable(Box<str>),
}

/// A path parameter's value, percent-decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PathValue<'p> {
    Text(&'p str),
    /// Not percent-encoded UTF-8; as it was sent.
    Undecodable(&'p str),
}

impl Default for Id {
    fn default() -> Self {
        Self::Plain { start: 0, end: 0 }
    }
}

impl PathMatch {
    /// The values of the path's parameters: project and user. `path` is the one that was matched.
    #[inline]
    pub(crate) fn values<'p>(&'p self, path: &'p str) -> [PathValue<'p>; PATH_PARAMETERS_MAX] {
        let value = |id: &'p Id| match id {
            Id::Plain { start, end } => PathValue::Text(part!(path, *start..*end)),
            Id::Decoded(text) => PathValue::Text(text),
            Id::Undecodable(raw) => PathValue::Undecodable(raw),
        };
        let [project, user] = &self.ids;
        [value(project), value(user)]
    }
}

impl<'p> PathValue<'p> {
    /// The decoded text, unless it is empty.
    pub(crate) fn text(self) -> Option<&'p str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            Self::Text(_) | Self::Undecodable(_) => None,
        }
    }
}

/// Finds the operation for a path (without query) and method; `None` if the path is unknown.
#[inline]
pub(crate) fn route(path: &str, method: &str) -> Option<PathMatch> {
    // The most frequent operation is faster compared by itself.
    let operation = Operation::ResetRandomPassword;
    if operation.method == method
        && let Some(ids) = plain_ids(operation, path)
    {
        return Some(PathMatch { operation, allows_method: true, ids });
    }
    route_of_any(path, method)
}

#[inline(never)]
fn route_of_any(path: &str, method: &str) -> Option<PathMatch> {
    let encoded = memchr(b'%', path.as_bytes()).is_some();
    let mut other_method = None;
    for operation in Operation::all() {
        // Only an encoded path has anything to decode.
        let ids = if encoded { decoded_ids(operation, path) } else { plain_ids(operation, path) };
        if let Some(ids) = ids {
            let allows_method = operation.method == method;
            let found = PathMatch { operation, allows_method, ids };
            if allows_method {
                return Some(found);
            }
            other_method = Some(found);
        }
    }
    other_method
}

/// The ids of a path in which nothing is encoded, if it is the operation's.
#[inline(always)]
#[expect(clippy::inline_always, reason = "of an operation that is known its pieces are compared one by one")]
fn plain_ids(operation: Operation, path: &str) -> Option<[Id; PATH_PARAMETERS_MAX]> {
    let mut ids = <[Id; PATH_PARAMETERS_MAX]>::default();
    let mut free = ids.iter_mut();
    let mut rest = path;
    for piece in operation.path {
        match piece {
            Piece::Literal(literal) => rest = rest.strip_prefix(literal)?,
            Piece::Parameter(_) => {
                let length = plain_bytes(rest.as_bytes());
                let start = path.len() - rest.len();
                *free.next()? = Id::Plain { start, end: start + length };
                rest = rest.get(length..)?;
            }
        }
    }
    rest.is_empty().then_some(ids)
}

/// Bytes of an id, up to a slash or the end; also up to an escape, after which an encoded path does not match.
#[inline(never)]
fn plain_bytes(rest: &[u8]) -> usize {
    match rest.split_first_chunk::<ID_BYTES>() {
        Some((id, [b'/', ..])) if is_plain(id) => ID_BYTES,
        _ => memchr2(b'/', b'%', rest).unwrap_or(rest.len()),
    }
}

/// Whether an id has no slash and no escape. A function of its own, since the compiler then compares 16 bytes at once.
#[inline(never)]
fn is_plain(id: &[u8; ID_BYTES]) -> bool {
    id.iter().fold(0, |ends, byte| ends | u8::from(matches!(byte, b'/' | b'%'))) == 0
}

/// The ids of an encoded path, if it is the operation's. Any character may be encoded, also in a literal.
fn decoded_ids(operation: Operation, path: &str) -> Option<[Id; PATH_PARAMETERS_MAX]> {
    let template = operation.template();
    let mut wanted = template.split('/');
    let mut ids = <[Id; PATH_PARAMETERS_MAX]>::default();
    let mut free = ids.iter_mut();
    for segment in path.split('/') {
        let wanted = wanted.next()?;
        let decoded = decode(segment);
        if wanted.starts_with('{') {
            *free.next()? = match decoded {
                // A slash that was encoded makes another path, once it is decoded.
                Some(text) if text.contains('/') => return None,
                Some(text) => Id::Decoded(text),
                None => Id::Undecodable(segment.into()),
            };
        } else if decoded.as_deref() != Some(wanted) {
            return None;
        }
    }
    wanted.next().is_none().then_some(ids)
}

/// Decodes a segment; `None` if it is not percent-encoded UTF-8.
fn decode(segment: &str) -> Option<Box<str>> {
    let mut escapes = segment.split('%').skip(1);
    let well_formed = escapes.all(|after| {
        let mut digits = after.bytes().take(2);
        digits.len() == 2 && digits.all(|digit| digit.is_ascii_hexdigit())
    });
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    well_formed.then(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(path: &str) -> Option<(String, String)> {
        let found = route(path, "GET").filter(|found| found.allows_method)?;
        let [project, user] = found.values(path).map(|value| match value {
            PathValue::Text(text) => text.to_owned(),
            PathValue::Undecodable(raw) => format!("undecodable {raw}"),
        });
        Some((project, user))
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
    fn an_undecodable_id_is_given_as_sent() {
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
            assert!(route(path, "GET").is_none(), "{path}");
        }
    }

    #[test]
    fn another_method_finds_the_operation_of_the_path() {
        for method in ["HEAD", "POST", "OPTIONS", "TRACE", "get", "BREW"] {
            let found = route("/v2/p/users/u/random-password", method).unwrap();
            assert!(!found.allows_method && found.operation.method == "GET");
        }
    }

    #[test]
    fn an_operation_is_found_however_its_path_is_written() {
        for operation in Operation::all() {
            let template = operation.template();
            let path = template.split('/').map(|piece| if piece.starts_with('{') { "random-password" } else { piece });
            let path = path.collect::<Vec<_>>().join("/");
            let encoded = path.bytes().map(|byte| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02X}") });
            let encoded: String = encoded.collect();
            for path in [path, encoded] {
                assert_eq!(route(&path, operation.method).unwrap().operation, operation, "{path}");
            }
        }
        assert!(!route("/v2/p/users", "DELETE").unwrap().allows_method && route("/nowhere/users", "GET").is_none());
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
