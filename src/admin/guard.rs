//! Admits requests to the admin API: none of a web page that a developer happens to visit, by whatever name it reaches the
//! server, and beyond loopback none without the token.

use super::access::{Access, Admission};
use super::{AdminProblem, page};
use crate::state::is_loopback_name;
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::http::{HeaderMap, HeaderName, header};
use subtle::ConstantTimeEq;

/// Decides by the head of a request.
pub(crate) fn admit(access: &Access, request: &Parts) -> Result<Admission, AdminProblem> {
    if !access.enabled {
        return Err(AdminProblem::new(
            404,
            "The admin API is not served here: the server was started with --no-admin or --admin-listen.",
        ));
    }
    if access.loopback {
        if access.token.is_none() {
            check_proxied(&request.headers)?;
        }
        check_host(access, request)?;
    }
    let is_asset = access.console && page::is_asset(request.uri.path());
    if !(is_asset && page::is_visit(&request.headers)) {
        check_origin(&request.headers)?;
    }
    if is_asset {
        return Ok(Admission::Assets);
    }
    let Some(token) = &access.token else {
        return Ok(Admission::Full);
    };
    if shows(&request.headers, token) {
        return Ok(Admission::Full);
    }
    if request.uri.path() == "/__admin/health" && !request.headers.contains_key(header::AUTHORIZATION) {
        return Ok(Admission::StatusOnly);
    }
    Err(AdminProblem::new(401, "Send the admin token: Authorization: Bearer TOKEN."))
}

/// Refuses names that are not loopback's: such a name was pointed at this machine. `Host` is there once, except in HTTP/1.0,
/// which no browser speaks.
fn check_host(access: &Access, request: &Parts) -> Result<(), AdminProblem> {
    let named = request.headers.get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or(""));
    // A target with a host of its own is meant for that host.
    let target = request.uri.authority().map(Authority::as_str);
    if named.chain(target).all(|host| is_loopback_name(host, &access.allowed_hosts)) {
        return Ok(());
    }
    Err(AdminProblem::new(
        403,
        "On loopback the admin API answers only to the loopback names localhost, 127.0.0.1 and [::1], and to names \
         given with --allow-host NAME.",
    ))
}

/// Refuses requests through a proxy on this machine: they come from loopback, whatever their sender.
fn check_proxied(headers: &HeaderMap) -> Result<(), AdminProblem> {
    let Some(name) = headers.keys().map(HeaderName::as_str).find(|name| is_of_proxies(name)) else {
        return Ok(());
    };
    Err(AdminProblem::new(
        403,
        format!(
            "The request came through a proxy: it has the header {name}. Without a token the admin API answers direct \
             requests only. Start the server with --admin-token and send the token, or move the admin API off the \
             proxied address with --admin-listen."
        ),
    ))
}

fn is_of_proxies(name: &str) -> bool {
    matches!(name, "forwarded" | "via" | "x-forwarded" | "x-real-ip") || name.starts_with("x-forwarded-")
}

/// Refuses requests of pages of other servers, by the origin that browsers send.
fn check_origin(headers: &HeaderMap) -> Result<(), AdminProblem> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let every = |name: &str, right: &dyn Fn(&str) -> bool| {
        headers.get_all(name).iter().all(|value| value.to_str().is_ok_and(right))
    };
    let same_origin = every("origin", &|origin| {
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    });
    let same_site = every("sec-fetch-site", &|site| matches!(site, "same-origin" | "none"));
    if same_origin && same_site {
        return Ok(());
    }
    Err(AdminProblem::new(403, "The admin API does not answer pages from other origins."))
}

/// Whether the token is right. Compares in constant time, so that the time of an answer does not reveal the token.
fn shows(headers: &HeaderMap, token: &str) -> bool {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let shown = value.to_str().ok().and_then(|value| value.split_once(' '));
    shown.is_some_and(|(scheme, shown)| {
        scheme.eq_ignore_ascii_case("bearer") && bool::from(shown.as_bytes().ct_eq(token.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(access: &Access, headers: &[(&str, &str)]) -> Result<Admission, ()> {
        let mut request = hyper::Request::get("/__admin/users");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        admit(access, &request.body(()).unwrap().into_parts().0).map_err(|_| ())
    }

    #[test]
    fn on_loopback_only_loopback_names_are_answered() {
        let access = Access::on_loopback();
        for host in ["localhost", "LOCALHOST:7070", "127.0.0.1:1", "127.9.9.9", "[::1]:80", "a.localhost:1"] {
            assert_eq!(admitted(&access, &[("host", host)]), Ok(Admission::Full), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:7070",
            "128.0.0.1",
            "[::2]",
            "",
            "0.0.0.0",
            "evil.example/.localhost",
            "evil.example:80#.localhost",
            "a@localhost",
        ] {
            assert_eq!(admitted(&access, &[("host", host)]), Err(()), "{host}");
        }
        assert_eq!(admitted(&access, &[("host", "localhost"), ("host", "evil.example")]), Err(()));
        let access = Access { allowed_hosts: vec!["mock.test".to_owned()], ..access };
        assert!(admitted(&access, &[("host", "Mock.test:7070")]).is_ok());
        assert!(admitted(&access, &[("host", "mock.test.evil.example")]).is_err());
    }

    #[test]
    fn proxied_request_needs_a_token() {
        let access = Access::on_loopback();
        let host = ("host", "localhost:7070");
        for name in ["Forwarded", "X-Forwarded-For", "x-forwarded-proto", "X-FORWARDED-ANYTHING", "X-Real-IP", "Via"] {
            for value in ["", "1.1 proxy", "for=127.0.0.1"] {
                assert_eq!(admitted(&access, &[host, (name, value)]), Err(()), "{name}: {value}");
            }
        }
        for name in ["X-Forward", "Forwarded-For", "X-Via"] {
            assert!(admitted(&access, &[host, (name, "x")]).is_ok(), "{name}");
        }
        let access = Access { token: Some("s3cret".to_owned()), ..access };
        let shown = ("authorization", "Bearer s3cret");
        assert!(admitted(&access, &[host, ("via", "1.1 proxy"), shown]).is_ok());
        assert!(admitted(&access, &[host, ("via", "1.1 proxy")]).is_err());
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        let access = Access::on_loopback();
        let host = ("host", "localhost:7070");
        assert!(admitted(&access, &[host, ("origin", "http://localhost:7070")]).is_ok());
        assert!(admitted(&access, &[host, ("sec-fetch-site", "same-origin")]).is_ok());
        assert!(admitted(&access, &[host, ("sec-fetch-site", "none")]).is_ok());
        for refused in [
            ("origin", "http://localhost:1"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert!(admitted(&access, &[host, refused]).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn beyond_loopback_the_token_decides_for_any_host() {
        let access = Access {
            enabled: true,
            console: true,
            loopback: false,
            allowed_hosts: Vec::new(),
            token: Some("s3cret".to_owned()),
        };
        assert!(admitted(&access, &[("host", "localhost")]).is_err());
        assert!(admitted(&access, &[("host", "x"), ("authorization", "Bearer s3cret")]).is_ok());
        assert!(admitted(&access, &[("host", "x"), ("authorization", "bearer s3cret")]).is_ok());
        for wrong in ["Bearer s3cre", "Bearer s3crett", "s3cret", "Basic s3cret", "Bearer "] {
            assert!(admitted(&access, &[("host", "x"), ("authorization", wrong)]).is_err(), "{wrong}");
        }
    }
}
