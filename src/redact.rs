//! Hides secrets where they are shown: values of header fields, and texts that may not be what they are sent as.

use crate::contract::{SUPPORTED, UNSUPPORTED};
use std::borrow::Cow;

/// Stands for a secret.
const REDACTED: &str = "[redacted]";
/// The longest text that is shown as an access key. The vendor's have 20 characters, and their secrets 40: a secret that is
/// sent in the place of its key must not be in a log.
const ACCESS_KEY_SHOWN_MAX: usize = 32;
/// The longest name of a header field that is quoted.
const FIELD_NAME_SHOWN_MAX: usize = 64;

/// The value of a header field without secrets. `name` is in lower case.
#[expect(
    clippy::inline_always,
    reason = "each field of each request comes by here, and a call costs more than the match"
)]
#[inline(always)]
pub(crate) fn redacted<'v>(name: &str, value: &'v [u8]) -> Cow<'v, [u8]> {
    match name {
        "x-auth-token"
        | "x-subject-token"
        | "x-security-token"
        | "cookie"
        | "set-cookie"
        | "proxy-authorization"
        | "x-sdk-content-key" => Cow::Borrowed(REDACTED.as_bytes()),
        "authorization" => Cow::Owned(authorization(&String::from_utf8_lossy(value)).into_bytes()),
        _ => Cow::Borrowed(value),
    }
}

/// Whether the value of a header field is or may be a secret. `name` is in lower case.
pub(crate) fn is_secret(name: &str) -> bool {
    let any = b"any";
    redacted(name, any).as_ref() != any
}

/// The value of `Authorization`: all but the signature of a signed request as the SDKs write it, the scheme of others.
fn authorization(value: &str) -> String {
    let signed = value.split_once(' ').and_then(|(algorithm, rest)| {
        let mut parts = rest.split(", ");
        let access = parts.next()?.strip_prefix("Access=")?;
        let headers = parts.next()?.strip_prefix("SignedHeaders=")?;
        parts.next()?.strip_prefix("Signature=")?;
        let well_formed = parts.next().is_none()
            && (algorithm == SUPPORTED || UNSUPPORTED.contains(&algorithm))
            && headers.split(';').all(is_signed_name);
        let access = shown_access_key(access);
        well_formed.then(|| format!("{algorithm} Access={access}, SignedHeaders={headers}, Signature={REDACTED}"))
    });
    let scheme = ["Basic", "Bearer"].into_iter().find(|scheme| {
        let shown = value.split_once(' ').map_or(value, |(first, _)| first);
        shown.len() < value.len() && shown.eq_ignore_ascii_case(scheme)
    });
    match (signed, scheme) {
        (Some(signed), _) => signed,
        (None, Some(scheme)) => format!("{scheme} {REDACTED}"),
        (None, None) => REDACTED.to_owned(),
    }
}

/// An access key; nothing of a text that is likely to be something else.
pub(crate) fn shown_access_key(text: &str) -> &str {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_plain && text.len() <= ACCESS_KEY_SHOWN_MAX { text } else { REDACTED }
}

/// Whether this can be quoted as a name in `SignedHeaders`.
pub(crate) fn is_signed_name(text: &str) -> bool {
    let is_written_so = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    (1..=FIELD_NAME_SHOWN_MAX).contains(&text.len()) && text.bytes().all(is_written_so)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, value: &str) -> String {
        String::from_utf8(redacted(name, value.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn only_secrets_are_hidden() {
        assert_eq!(shown("x-auth-token", "MIIsecret"), "[redacted]");
        assert_eq!(
            shown("authorization", "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=0123"),
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=[redacted]"
        );
        assert_eq!(shown("authorization", "Bearer secret"), "Bearer [redacted]");
        let of = |algorithm: &str, access: &str, headers: &str| {
            shown("authorization", &format!("{algorithm} Access={access}, SignedHeaders={headers}, Signature=c"))
        };
        let a_secret = "aSecretKeyThatStandsInAnotherPlace0123456789";
        assert_eq!(
            of(SUPPORTED, a_secret, "host"),
            "SDK-HMAC-SHA256 Access=[redacted], SignedHeaders=host, Signature=[redacted]"
        );
        assert_eq!(of(a_secret, "AK", "host"), "[redacted]");
        assert_eq!(of(SUPPORTED, "AK", a_secret), "[redacted]");
        for odd in
            ["secret", "secret x", "Bearer", "SDK-HMAC-SM3 Access=a, SignedHeaders=b, Signature=c, Signature=secret"]
        {
            assert_eq!(shown("authorization", odd), "[redacted]");
        }
        assert_eq!(shown("accept", "*/*"), "*/*");
        assert!(is_secret("x-auth-token") && is_secret("authorization") && !is_secret("accept"));
    }
}
