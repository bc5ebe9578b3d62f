//! A request that arrives, as the journal writes it down and reads it back: method, a space, target, a line feed; then
//! `name:value` and a line feed for each header field, secrets redacted. Over TLS a field without a name precedes them.

use super::entry::Tls;
use crate::contract::{NotificationType, notification_types, route};
use crate::redact::redacted;
use hyper::http::request::Parts;
use hyper::http::{HeaderMap, Method, Request, Uri, Version};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A request that arrives.
#[derive(Debug)]
pub(crate) enum Arrival<'r> {
    Request {
        method: &'r Method,
        uri: &'r Uri,
        headers: &'r HeaderMap,
        tls: Option<&'r Tls>,
        version: Version,
    },
    /// Malformed input, as far as it could be read.
    Malformed {
        method: &'r str,
        target: &'r str,
        tls: Option<&'r Tls>,
    },
}

/// The ids in a target.
#[derive(Default)]
pub(in crate::state) struct Ids {
    pub(in crate::state) operation: Option<&'static str>,
    pub(in crate::state) project: Option<String>,
    pub(in crate::state) user: Option<String>,
    pub(in crate::state) notification_type: Vec<String>,
}

impl<'r> Arrival<'r> {
    pub(crate) fn of(head: &'r Parts) -> Self {
        Self::Request { method: &head.method, uri: &head.uri, headers: &head.headers, tls: None, version: head.version }
    }

    pub(crate) fn of_request<B>(request: &'r Request<B>, tls: Option<&'r Tls>) -> Self {
        Self::Request {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            tls,
            version: request.version(),
        }
    }

    pub(in crate::state) fn is_http_2(&self) -> bool {
        matches!(self, Self::Request { version: Version::HTTP_2, .. })
    }

    /// Method and target on one line, without secrets.
    pub(crate) fn request_line(&self) -> String {
        let mut text = Vec::new();
        self.write(&mut text);
        let (method, target) = head(&text);
        format!("{method} {target}").trim_end().to_owned()
    }

    /// Appends it to a text.
    pub(in crate::state) fn write(&self, text: &mut Vec<u8>) {
        match self {
            Arrival::Request { method, uri, headers, tls, .. } => write_request(method, uri, headers, *tls, text),
            Arrival::Malformed { method, target, tls } => {
                write_line(text, method, target);
                write_tls(*tls, text);
            }
        }
    }
}

fn write_request(method: &Method, uri: &Uri, headers: &HeaderMap, tls: Option<&Tls>, text: &mut Vec<u8>) {
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    let target: Cow<'_, str> = match uri.authority() {
        None => target.into(),
        Some(authority) => {
            // The user information before an @ may contain a password.
            let scheme = uri.scheme_str().unwrap_or(if tls.is_some() { "https" } else { "http" });
            let host = authority.as_str();
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}{target}").into()
        }
    };
    write_line(text, method.as_str(), &target);
    write_tls(tls, text);
    for (name, value) in headers {
        let name = name.as_str();
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend_from_slice(&redacted(name, value.as_bytes()));
        text.push(b'\n');
    }
}

fn write_line(text: &mut Vec<u8>, method: &str, target: &str) {
    text.extend_from_slice(method.as_bytes());
    text.push(b' ');
    text.extend_from_slice(target.as_bytes());
    text.push(b'\n');
}

#[inline]
fn write_tls(tls: Option<&Tls>, text: &mut Vec<u8>) {
    if let Some(tls) = tls {
        write_agreement(tls, text);
    }
}

#[cold]
#[inline(never)]
fn write_agreement(tls: &Tls, text: &mut Vec<u8>) {
    let Tls { version, alpn, sni } = tls;
    let [alpn, sni] = [alpn, sni].map(|name| name.as_deref().unwrap_or(""));
    text.extend_from_slice(format!(":{version} {alpn} {sni}\n").as_bytes());
}

/// The agreement of TLS, if the request came over it.
pub(in crate::state) fn tls(text: &[u8]) -> Option<Tls> {
    let line = text.split(|byte| *byte == b'\n').nth(1)?.strip_prefix(b":")?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ').map(str::to_owned);
    let version = words.next()?;
    let [alpn, sni] = [words.next(), words.next()].map(|name| name.filter(|name| !name.is_empty()));
    Some(Tls { version, alpn, sni })
}

/// Method and target.
pub(in crate::state) fn head(text: &[u8]) -> (&str, &str) {
    let head = text.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
    let head = std::str::from_utf8(head).unwrap_or("");
    head.split_once(' ').unwrap_or((head, ""))
}

/// Header fields by name; the values of a repeated one are joined.
pub(in crate::state) fn headers(text: &[u8]) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for line in text.split(|byte| *byte == b'\n').skip(1) {
        let line = String::from_utf8_lossy(line);
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.is_empty() {
            continue;
        }
        let joined = headers.entry(name.to_owned()).or_default();
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(value);
    }
    headers
}

impl Ids {
    pub(in crate::state) fn of(text: &[u8]) -> Self {
        let (method, target) = head(text);
        let target = match target.find("://") {
            Some(at) if !target.starts_with('/') => {
                let after = part!(target, at + 3..);
                // Without a path the query follows the host, and a slash in it begins none.
                after.find(['/', '?']).and_then(|end| after.get(end..)).unwrap_or("")
            }
            _ => target,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(found) = route(path, method) else {
            return Self::default();
        };
        let [project, user] = found.values(path).map(|value| value.text().map(str::to_owned));
        let asked = notification_types(query).unwrap_or_default();
        let asked = NotificationType::ALL.into_iter().filter(|one| asked.contains(*one));
        Self {
            operation: Some(found.operation.id),
            project,
            user,
            notification_type: asked.map(|one| one.name().to_owned()).collect(),
        }
    }
}
