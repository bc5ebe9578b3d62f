//! Signed requests: `Authorization: SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…`, as the vendor's SDKs write it.
//!
//! `canonical.rs` makes the text that is signed of a request. The signature is compared in constant time, and the header
//! sets of all SDKs are taken: which fields are signed the request says.

mod canonical;

use crate::contract::{MESSAGE_CHARS_MAX, SUPPORTED, UNSUPPORTED};
use crate::draw::hex;
use crate::redact::{is_signed_name, shown_access_key};
use crate::state::times;
use canonical::{Reading, canonical_request, in_one_line, shown_request};
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::http::HeaderName;
use hyper::http::request::Parts;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The field with the time of the signature.
const DATE: &str = "x-sdk-date";
/// Longer values are not quoted: they are not times.
const DATE_SHOWN_MAX: usize = 32;
/// How far it may be from the server's time.
const SKEW_SECONDS: i64 = 15 * 60;

/// The start of the gateway's message about a mismatch; the canonical request follows.
const CANONICAL: &str = "verify aksk signature fail, canonicalRequest:";
/// Characters of the canonical request in a message, which needs room for the rest too.
const CANONICAL_CHARS_MAX: usize = MESSAGE_CHARS_MAX - 320;

/// An `Authorization` header, taken apart.
pub(super) struct Authorization<'r> {
    pub(super) access: &'r str,
    /// Names of the signed fields, as sent.
    signed_headers: &'r str,
    signature: &'r str,
}

/// Why a signature is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is not written as the SDKs write it.
    Malformed(String),
    /// It is of an algorithm that is not verified here.
    Algorithm(String),
    /// The field that should say when it was made says nothing.
    Date(String),
    /// It was made too long ago, or is to be made.
    Skewed { signed: String, server: String },
    /// Another request was signed, or with another secret. These are the lines that the server would sign, and how they may
    /// differ.
    Mismatch { canonical: Vec<String>, or: Vec<&'static str> },
}

/// Whether the value of an `Authorization` header begins with an algorithm of the SDKs.
pub(crate) fn names_signature(value: &str) -> bool {
    let algorithm = value.split_once(' ').map_or(value, |(first, _)| first);
    algorithm == SUPPORTED || UNSUPPORTED.contains(&algorithm)
}

impl<'r> Authorization<'r> {
    /// Takes a header's value apart.
    pub(super) fn parse(value: &'r str) -> Result<Self, Wrong> {
        let malformed = |what: &str| {
            Wrong::Malformed(format!(
                "{what}; expected `{SUPPORTED} Access=…, SignedHeaders=…, Signature=…`, as the SDKs write it"
            ))
        };
        let (algorithm, parts) = value.split_once(' ').ok_or_else(|| malformed("Authorization has no fields"))?;
        if UNSUPPORTED.contains(&algorithm) {
            return Err(Wrong::Algorithm(algorithm.to_owned()));
        }
        if algorithm != SUPPORTED {
            return Err(malformed("Unknown algorithm in Authorization"));
        }
        let mut found = [None; 3];
        for part in parts.split(',') {
            let (name, value) =
                part.trim().split_once('=').ok_or_else(|| malformed("A field in Authorization has no `=`"))?;
            let place = ["Access", "SignedHeaders", "Signature"].iter().position(|known| *known == name);
            let place = place.and_then(|place| found.get_mut(place));
            let place = place.ok_or_else(|| malformed("Unknown field in Authorization"))?;
            if place.replace(value).is_some() {
                return Err(malformed("Repeated field in Authorization"));
            }
        }
        let [Some(access), Some(signed_headers), Some(signature)] = found else {
            return Err(malformed("Missing field in Authorization"));
        };
        if [access, signed_headers, signature].iter().any(|part| part.is_empty()) {
            return Err(malformed("Empty field in Authorization"));
        }
        let mut names: Vec<_> = signed_headers.split(';').collect();
        if names.iter().any(|name| HeaderName::from_lowercase(name.as_bytes()).is_err()) {
            return Err(malformed("SignedHeaders must be lower-case names separated by semicolons"));
        }
        names.sort_unstable();
        // Else a short list of names would make a long text of a long field.
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(malformed("Repeated name in SignedHeaders"));
        }
        if signature.len() != 64 || !signature.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(malformed("Signature must have 64 lower-case hexadecimal digits"));
        }
        Ok(Self { access, signed_headers, signature })
    }

    /// Whether the request was signed so, with this secret. `now` is in seconds since 1970.
    pub(super) fn check(&self, request: &Parts, body: &[u8], secret: &str, now: i64) -> Result<(), Wrong> {
        let date = Self::date(request, now)?;
        self.check_signed(request)?;
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return Err(Wrong::Malformed("The secret key is unusable".to_owned()));
        };
        let is_signed_so = |reading: Reading| -> bool {
            let signature = signature(&mac, request, self.signed_headers, body, date, reading);
            signature.as_bytes().ct_eq(self.signature.as_bytes()).into()
        };
        if is_signed_so(Reading::default()) {
            return Ok(());
        }
        let others = Reading::others(request, body);
        if others.iter().any(|reading| is_signed_so(*reading)) {
            return Ok(());
        }
        let canonical = shown_request(request, self.signed_headers, body);
        Err(Wrong::Mismatch { canonical, or: others.into_iter().filter_map(Reading::told).collect() })
    }

    /// When it was signed, if that is near.
    fn date(request: &Parts, now: i64) -> Result<&str, Wrong> {
        let mut dates = request.headers.get_all(DATE).iter();
        let date = match (dates.next().map(|date| date.to_str()), dates.next()) {
            (Some(Ok(date)), None) => date,
            (None, _) => return Err(Wrong::Date("The header X-Sdk-Date is missing".to_owned())),
            _ => return Err(Wrong::Date("The header X-Sdk-Date is given twice, or is not text".to_owned())),
        };
        let signed = times::read_compact(date).ok_or_else(|| {
            let shown = if date.len() > DATE_SHOWN_MAX { "not a time" } else { &format!("{date:?}") };
            Wrong::Date(format!("The header X-Sdk-Date is {shown}; expected a UTC time, as in 20261123T120000Z"))
        })?;
        if now.abs_diff(signed) > SKEW_SECONDS.unsigned_abs() {
            return Err(Wrong::Skewed { signed: date.to_owned(), server: super::signing::date(now) });
        }
        Ok(date)
    }

    /// Checks that the fields are signed that must not be changed.
    fn check_signed(&self, request: &Parts) -> Result<(), Wrong> {
        let is_signed = |name: &str| self.signed_headers.split(';').any(|signed| signed == name);
        for (name, is_there) in [(DATE, true), ("x-security-token", request.headers.contains_key("x-security-token"))] {
            if is_there && !is_signed(name) {
                return Err(Wrong::Malformed(format!("{name} is missing from SignedHeaders")));
            }
        }
        let absent = self.signed_headers.split(';').find(|name| !request.headers.contains_key(*name));
        match absent {
            None => Ok(()),
            Some(name) => {
                let name = if is_signed_name(name) { name } else { "a name" };
                Err(Wrong::Malformed(format!("{name} is listed in SignedHeaders but was not sent")))
            }
        }
    }
}

impl Wrong {
    /// The unshortened text of a message.
    pub(super) fn details(&self) -> Option<String> {
        match self {
            Self::Mismatch { canonical, .. } => {
                let whole = in_one_line(canonical, usize::MAX);
                (whole.chars().count() > CANONICAL_CHARS_MAX).then(|| format!("{CANONICAL}{whole}"))
            }
            _ => None,
        }
    }

    /// The tail of the gateway's message, and our help.
    pub(super) fn told(&self, access: &str) -> (String, String) {
        match self {
            Self::Malformed(what) => ("verify aksk signature fail".to_owned(), format!("{what}.")),
            Self::Algorithm(algorithm) => (
                "verify aksk signature fail".to_owned(),
                format!("{algorithm} is not supported here; sign with {SUPPORTED}, the default of the SDKs."),
            ),
            Self::Date(what) => ("calc ak sk signature fail".to_owned(), format!("{what}.")),
            Self::Skewed { signed, server } => (
                "calc ak sk signature fail:signature expired".to_owned(),
                format!(
                    "Signed at {signed}, but the server time is {server}: more than 15 minutes apart. Set the clock of \
                     the signing machine."
                ),
            ),
            Self::Mismatch { canonical, or } => {
                let access = shown_access_key(access);
                let mut help = format!("Compare it with yours. If they match, the secret key for {access} is wrong.");
                if !or.is_empty() {
                    help.extend([" Also verified: ", &or.join(", "), "."]);
                }
                (format!("{CANONICAL}{}", in_one_line(canonical, CANONICAL_CHARS_MAX)), help)
            }
        }
    }
}

/// The value of `Authorization` for a request with `X-Sdk-Date`, signed with this key: every field that it has is signed, as
/// the SDKs do.
pub(super) fn sign(request: &Parts, body: &[u8], access: &str, secret: &str) -> String {
    let mut names: Vec<_> = request.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    let names = names.join(";");
    let date = request.headers.get(DATE).and_then(|date| date.to_str().ok()).unwrap_or("");
    let signature = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mac| signature(&mac, request, &names, body, date, Reading::default()))
        .unwrap_or_default();
    format!("{SUPPORTED} Access={access}, SignedHeaders={names}, Signature={signature}")
}

/// The signature of a request whose fields of these names are signed.
fn signature(mac: &Hmac<Sha256>, request: &Parts, names: &str, body: &[u8], date: &str, reading: Reading) -> String {
    let canonical = canonical_request(request, names, body, reading);
    let text = format!("{SUPPORTED}\n{date}\n{}", hex(&Sha256::digest(&canonical)));
    hex(&mac.clone().chain_update(text).finalize().into_bytes())
}

/// Seconds since 1970 as `X-Sdk-Date` has them.
pub(super) fn date(seconds: i64) -> String {
    times::compact(seconds).unwrap_or_default()
}

#[cfg(test)]
mod signer_tests;
#[cfg(test)]
mod tests;
