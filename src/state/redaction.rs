//! Hides secrets in header values, wherever they are shown.

use std::borrow::Cow;

/// What stands for a secret.
const REDACTED: &str = "[redacted]";

/// A header's value as it may be shown. Names are lower case.
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

/// Of a signature all is shown but the signature itself; of any other scheme only its name.
fn authorization(value: &str) -> String {
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let Some((before, _)) = rest.rsplit_once("Signature=") else {
        let known = !rest.is_empty() && scheme.len() <= 20;
        return if known { format!("{scheme} {REDACTED}") } else { REDACTED.to_owned() };
    };
    format!("{scheme} {before}Signature={REDACTED}")
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
        assert_eq!(shown("authorization", "secret"), "[redacted]");
        assert_eq!(shown("accept", "*/*"), "*/*");
    }
}
