//! How signed requests name themselves: `Authorization: ALGORITHM Access=…, SignedHeaders=…, Signature=…`.

/// The algorithm that is verified.
pub(crate) const SUPPORTED: &str = "SDK-HMAC-SHA256";
/// Those that the SDKs can be told to use besides.
pub(crate) const UNSUPPORTED: [&str; 4] = ["SDK-HMAC-SM3", "SDK-ECDSA-P256-SHA256", "SDK-SM2-SM3", "V11-HMAC-SHA256"];
/// The longest text that is taken for an access key where it is shown. The vendor's have 20 characters, and their secrets
/// 40: who mixes them up must not find his secret in a log.
const ACCESS_KEY_SHOWN_MAX: usize = 32;
/// The longest name of a header field that is quoted.
const FIELD_NAME_SHOWN_MAX: usize = 64;

/// Whether the value of an `Authorization` header begins with an algorithm of the SDKs.
pub(crate) fn names_signature(value: &str) -> bool {
    let algorithm = value.split(' ').next().unwrap_or("");
    algorithm == SUPPORTED || UNSUPPORTED.contains(&algorithm)
}

/// An access key as it may be shown; nothing of what is likely to be something else.
pub(crate) fn shown_access_key(text: &str) -> &str {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_plain && text.len() <= ACCESS_KEY_SHOWN_MAX { text } else { super::redaction::REDACTED }
}

/// Whether this is the name of a header field as signers write it: in lower case.
pub(crate) fn is_signed_name(text: &str) -> bool {
    let is_written_so = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    (1..=FIELD_NAME_SHOWN_MAX).contains(&text.len()) && text.bytes().all(is_written_so)
}
