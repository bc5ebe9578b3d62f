//! Step 1: is this well-formed HTTP that the server takes?

use super::fields::{Field, Fields};
use super::host;
use crate::api::objection::Refused;
use crate::contract::{Situation, URI_TOO_LONG};
use crate::limits::Limits;
use hyper::Method;
use hyper::http::Version;
use hyper::http::request::Parts;

pub(crate) fn check(request: &Parts, fields: &Fields<'_>, limits: &Limits) -> Result<(), Box<Refused>> {
    if request.version == Version::HTTP_2 {
        check_fields(request, limits)?;
    }
    let target = target_bytes(request);
    if target > limits.target_bytes_max {
        let message =
            format!("The request target has {target} bytes; at most {} are accepted.", limits.target_bytes_max);
        return Err(Refused::transport(&URI_TOO_LONG, message).boxed());
    }
    if request.method == Method::CONNECT {
        return Err(malformed("This server is not a proxy and does not support CONNECT."));
    }
    if !request.uri.path().starts_with('/') {
        return Err(malformed("The request target must be a path that starts with a slash."));
    }
    check_host(fields.host, request)
}

/// Fields of HTTP/2 are only counted once they are decoded. In HTTP/1 hyper counts them.
#[cold]
fn check_fields(request: &Parts, limits: &Limits) -> Result<(), Box<Refused>> {
    let Limits { head_bytes_max, head_fields_max, .. } = *limits;
    let lines = request.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    if lines.sum::<usize>() + target_bytes(request) > head_bytes_max || request.headers.len() > head_fields_max {
        return Err(Refused::head_too_long(limits).boxed());
    }
    Ok(())
}

fn target_bytes(request: &Parts) -> usize {
    let path = request.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let authority = request.uri.authority().map_or(0, |authority| authority.as_str().len());
    path + authority
}

/// `Host` must be there once; HTTP/1.0 may do without. A target with a host of its own must be as well-formed.
fn check_host(host: Field<'_>, request: &Parts) -> Result<(), Box<Refused>> {
    if let Some(authority) = request.uri.authority() {
        host::check(authority.as_str().as_bytes())
            .map_err(|wrong| malformed(&format!("The request target {wrong}.")))?;
    }
    match host {
        Field::Once(host) => {
            host::check(host.as_bytes()).map_err(|wrong| malformed(&format!("The Host header {wrong}.")))
        }
        Field::Absent if request.version == Version::HTTP_10 => Ok(()),
        Field::Absent => Err(malformed("The Host header is missing; HTTP/1.1 requires it.")),
        Field::Repeated => Err(malformed("The request has several Host headers; send one.")),
    }
}

/// A connection on which this came cannot be trusted further.
fn malformed(message: &str) -> Box<Refused> {
    Refused::new(Situation::MalformedRequest, message).closing().boxed()
}
