//! Requests that another signer signed: `tests/sdk/python/signed_requests.py` writes them with the vendor's SDK.

use super::*;
use hyper::Request;
use hyper::header::{HeaderName, HeaderValue};
use serde::Deserialize;

/// The file with the requests.
const FILE: &str = "WKSMOCK_SIGNED_REQUESTS";

#[derive(Clone, Deserialize)]
struct Signed {
    method: String,
    target: String,
    /// Names, and values as hexadecimal bytes.
    headers: Vec<(String, String)>,
    body: String,
    secret: String,
}

/// A request as it arrives.
#[derive(Clone)]
struct Arrived {
    parts: Parts,
    body: Vec<u8>,
    secret: String,
}

impl Signed {
    fn arrived(&self) -> Arrived {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.target);
        for (name, value) in &self.headers {
            let value = HeaderValue::from_bytes(&bytes(value)).unwrap();
            request = request.header(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
        }
        let parts = request.body(()).unwrap().into_parts().0;
        Arrived { parts, body: bytes(&self.body), secret: self.secret.clone() }
    }
}

impl Arrived {
    fn check(&self) -> Result<(), Wrong> {
        let date = self.parts.headers.get(DATE).unwrap().to_str().unwrap();
        let now = times::read_compact(date).unwrap_or(0);
        let authorization = self.parts.headers.get("authorization").unwrap().to_str().unwrap();
        Authorization::parse(authorization)?.check(&self.parts, &self.body, &self.secret, now)
    }

    fn with_header(&self, name: &HeaderName, value: &[u8]) -> Self {
        let mut changed = self.clone();
        changed.parts.headers.insert(name, HeaderValue::from_bytes(value).unwrap());
        changed
    }

    /// Returns a copy for each signed byte that can be changed, with that byte changed.
    fn altered(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for method in ["GET", "POST"] {
            if self.parts.method != method {
                let mut changed = self.clone();
                changed.parts.method = method.parse().unwrap();
                all.push(changed);
            }
        }
        for target in each_letter(self.parts.uri.to_string().as_bytes(), true) {
            let mut changed = self.clone();
            changed.parts.uri = String::from_utf8(target).unwrap().parse().unwrap();
            all.push(changed);
        }
        let authorization = self.parts.headers.get("authorization").unwrap().to_str().unwrap();
        let (rest, signature) = authorization.split_at(authorization.len() - 64);
        let signed = rest.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
        for name in signed.split(';') {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            let value = self.parts.headers.get(&name).unwrap();
            all.extend(each_letter(value.as_bytes(), false).iter().map(|value| self.with_header(&name, value)));
        }
        for at in 0..64 {
            let mut signature = signature.as_bytes().to_vec();
            signature[at] = if signature[at] == b'0' { b'1' } else { b'0' };
            let value = [rest.as_bytes(), &signature].concat();
            all.push(self.with_header(&hyper::header::AUTHORIZATION, &value));
        }
        if self.parts.headers.get("x-sdk-content-sha256").is_none_or(|said| said != "UNSIGNED-PAYLOAD") {
            for at in 0..self.body.len() {
                let mut changed = self.clone();
                changed.body[at] ^= 1;
                all.push(changed);
            }
        }
        let mut longer = self.clone();
        longer.secret.push('x');
        all.push(longer);
        all
    }
}

/// A text with one letter or digit changed, for each of them; in a target what is part of an escape is not.
fn each_letter(text: &[u8], is_target: bool) -> Vec<Vec<u8>> {
    let in_escape = |at: usize| is_target && (1..=2).any(|back| at >= back && text[at - back] == b'%');
    let places = (0..text.len()).filter(|at| text[*at].is_ascii_alphanumeric() && !in_escape(*at));
    let changed = |at: usize| {
        let mut changed = text.to_vec();
        changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
        changed
    };
    places.map(changed).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
#[ignore = "needs requests that the vendor's SDK signed: tests/run writes them"]
fn independent_signer_agrees_and_altered_bytes_are_refused() {
    let file = std::env::var(FILE).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let (mut count, mut altered) = (0, 0);
    for line in text.lines() {
        let arrived = serde_json::from_str::<Signed>(line).unwrap().arrived();
        assert_eq!(arrived.check(), Ok(()), "{line}");
        for changed in arrived.altered() {
            assert!(changed.check().is_err(), "{:?} is taken for {line}", changed.parts);
            altered += 1;
        }
        count += 1;
    }
    assert!(count >= 500, "only {count} requests");
    println!("{count} signed requests agree, and {altered} altered ones are refused");
}
