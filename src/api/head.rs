//! Step 1: is this well-formed HTTP that the server takes?

use super::Refused;
use super::fields::{Field, Fields};
use crate::contract::{Situation, URI_TOO_LONG};
use crate::limits::Limits;
use hyper::Method;
use hyper::http::Version;
use hyper::http::request::Parts;

pub(super) fn check(request: &Parts, fields: &Fields<'_>, limits: &Limits) -> Result<(), Box<Refused>> {
    let target = target_bytes(request);
    if target > limits.target_bytes_max {
        let message = format!("The request target has {target} bytes; at most {} are taken.", limits.target_bytes_max);
        return Err(Refused::transport(&URI_TOO_LONG, message).boxed());
    }
    if request.method == Method::CONNECT {
        return Err(malformed("CONNECT is for proxies, which this server is not."));
    }
    if !request.uri.path().starts_with('/') {
        return Err(malformed("The request target must be a path that begins with a slash."));
    }
    check_host(fields.host, request.version)
}

fn target_bytes(request: &Parts) -> usize {
    let path = request.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let authority = request.uri.authority().map_or(0, |authority| authority.as_str().len());
    path + authority
}

/// `Host` must stand there once; HTTP/1.0 may do without.
fn check_host(host: Field<'_>, version: Version) -> Result<(), Box<Refused>> {
    match host {
        Field::Once(host) if is_host(host.as_bytes()) => Ok(()),
        Field::Once(_) => Err(malformed("The Host header is neither a name nor an address, with or without a port.")),
        Field::Absent if version == Version::HTTP_10 => Ok(()),
        Field::Absent => Err(malformed("The Host header is missing; HTTP/1.1 needs one.")),
        Field::Repeated => Err(malformed("There are several Host headers; send one.")),
    }
}

/// By its characters: those of a name, an address, and a port.
fn is_host(host: &[u8]) -> bool {
    host.iter().all(|byte| IN_HOST.get(usize::from(*byte)) == Some(&true))
}

/// Which bytes may stand in a host.
static IN_HOST: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "the index is less than 128, and this runs at compile time")]
        {
            table[byte as usize] = byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'-' | b'.'
                        | b'_'
                        | b'~'
                        | b'%'
                        | b'!'
                        | b'$'
                        | b'&'
                        | b'\''
                        | b'('
                        | b')'
                        | b'*'
                        | b'+'
                        | b','
                        | b';'
                        | b'='
                        | b':'
                        | b'['
                        | b']'
                );
        }
        byte += 1;
    }
    table
};

/// A connection on which this came cannot be trusted further.
fn malformed(message: &str) -> Box<Refused> {
    Refused::new(Situation::MalformedRequest, message).closing().boxed()
}
