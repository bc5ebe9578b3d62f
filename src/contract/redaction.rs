//! Hides secrets in header values, wherever they are shown.

use super::signatures::{SUPPORTED, UNSUPPORTED, is_signed_name, shown_access_key};
use std::borrow::Cow;

/// What stands for a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// A header's value as it may be shown. Names are lower case.
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

/// Whether the value of a header is not kept as it is. Names are lower case.
pub(crate) fn is_secret(name: &str) -> bool {
    let any = b"any";
    redacted(name, any).as_ref() != any
}

/// Of a signature as the SDKs write it all is shown but the signature itself; of anything else nothing.
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
        let shown = value.split(' ').next().unwrap_or("");
        shown.len() < value.len() && shown.eq_ignore_ascii_case(scheme)
    });
    match (signed, scheme) {
        (Some(signed), _) => signed,
        (None, Some(scheme)) => format!("{scheme} {REDACTED}"),
        (None, None) => REDACTED.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, value: &str) -> String {
        String::from_utf8(redacted(name, value.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn secrets_are_hidden_and_nothing_else_is() {
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
