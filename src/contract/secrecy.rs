//! Which header fields hold secrets.

/// How much of a header field's value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    Open,
    /// All but the signature.
    Signature,
    /// Nothing.
    Whole,
}

/// By the name of the field, in lower case.
#[inline]
pub(crate) fn secrecy(name: &str) -> Secrecy {
    match name {
        "x-auth-token"
        | "x-subject-token"
        | "x-security-token"
        | "cookie"
        | "set-cookie"
        | "proxy-authorization"
        | "x-sdk-content-key" => Secrecy::Whole,
        "authorization" => Secrecy::Signature,
        _ => Secrecy::Open,
    }
}
