//! The console's assets: their headers, their guard, and how a browser finds them. `tests/console` tests their
//! behaviour in a browser.

use crate::binary::{Served, admin_url, run, stderr, wksmock};
use crate::client::{Answer, Client};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use wksmock::MockServer;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const BROWSER: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn leads_to(answer: &Answer, place: &str) {
    assert_eq!((answer.status, answer.header("location")), (302, Some(place)), "{answer:?}");
    assert!(answer.body.is_empty());
}

#[test]
fn assets_have_type_policy_and_etag() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (path, media_type, what) in [
        ("", "text/html; charset=utf-8", "<!doctype html>"),
        ("app.js", "text/javascript; charset=utf-8", "import "),
        ("views/try.js", "text/javascript; charset=utf-8", "export default"),
        ("style.css", "text/css; charset=utf-8", ":root"),
        ("icon.svg", "image/svg+xml", "<svg"),
        ("vendor/preact.js", "text/javascript; charset=utf-8", "var e,n,_,t"),
        ("vendor/LICENSE-htm", "text/plain; charset=utf-8", "Apache License"),
        ("vendor/LICENSE-preact", "text/plain; charset=utf-8", "The MIT License"),
    ] {
        let path = format!("/__admin/{path}");
        let answer = client.get(&path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)), "{path}");
        assert!(answer.body.contains(what), "{path}");
        for (name, value) in [
            ("content-security-policy", POLICY),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-cache"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let tag = answer.header("etag").unwrap().to_owned();
        assert!(tag.len() == 40 && tag.starts_with('"') && tag.ends_with("-plain\""), "{tag}");
        let packed = client.request("HEAD", &path, &["Accept-Encoding: br, GZIP;q=0.5"], "");
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}");
        assert_eq!(packed.header("etag"), Some(tag.replace("-plain", "").as_str()), "{path}");
        assert_eq!(packed.header("vary"), Some("Accept-Encoding"), "{path}");
        let refused = client.request("HEAD", &path, &["Accept-Encoding: br, gzip;q=0"], "");
        assert_eq!((refused.header("content-encoding"), refused.header("etag")), (None, Some(tag.as_str())), "{path}");
        let head = client.request("HEAD", &path, &[], "");
        assert_eq!((head.status, head.header("etag"), head.body.as_str()), (200, Some(tag.as_str()), ""), "{path}");
        for tags in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let fresh = client.request("GET", &path, &[&format!("If-None-Match: {tags}")], "");
            assert_eq!((fresh.status, fresh.header("etag")), (304, Some(tag.as_str())), "{path} {tags}");
            assert_eq!((fresh.body.as_str(), fresh.header("content-security-policy")), ("", Some(POLICY)), "{path}");
        }
        assert_eq!(client.request("GET", &path, &["If-None-Match: \"x\""], "").status, 200, "{path}");
        let wrong = client.request("POST", &path, &[], "");
        assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET")), "{path}");
    }
    for missing in ["index.html", "views", "views/", "mod.rs", "vendor/", "app.js/", "../app.js", "views%2ftry.js"] {
        assert_eq!(client.get(&format!("/__admin/{missing}")).status, 404, "{missing}");
    }
    leads_to(&client.get("/__admin"), "/__admin/");
    assert!(mock.requests().is_empty());
}

#[test]
fn root_redirects_only_browsers_to_the_console() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for accept in [BROWSER, "Accept: text/html", "accept: */*, TEXT/HTML;q=0.1"] {
        let answer = client.request("GET", "/", &[accept], "");
        leads_to(&answer, "/__admin/");
        assert_eq!(answer.header("vary"), Some("Accept"));
    }
    assert!(mock.requests().is_empty(), "the journal is of consumers");
    for (method, path, headers) in [
        ("GET", "/", &[][..]),
        ("GET", "/", &["Accept: */*"]),
        ("GET", "/", &["Accept: application/json"]),
        ("GET", "/", &["Accept: text/html;q=0, application/json"]),
        ("POST", "/", &[BROWSER]),
        ("GET", "/v2", &[BROWSER]),
    ] {
        let answer = client.request(method, path, headers, "");
        assert_eq!(answer.status, 404, "{method} {path} {headers:?}");
        let names =
            answer.error_msg().contains("GET /__admin/health shows whether it is ready, and /__admin/ is the console.");
        assert_eq!(names, path == "/", "{}", answer.error_msg());
    }
    assert_eq!(mock.requests().len(), 6);
}

#[test]
fn console_needs_no_token_but_passes_the_guard() {
    let served = Served::start(&["--admin-token", "s3cret", "--log-level", "off"]);
    let mut client = served.client();
    for path in ["/__admin/", "/__admin/app.js", "/__admin/vendor/preact.js"] {
        assert_eq!(client.get(path).status, 200, "{path}");
        assert_eq!(client.request("GET", path, &["Authorization: Bearer wrong"], "").status, 200, "{path}");
        assert_eq!(client.request("GET", path, &["Sec-Fetch-Site: cross-site"], "").status, 403, "{path}");
        assert_eq!(client.request("GET", path, &["Origin: http://evil.example"], "").status, 403, "{path}");
        client.host = "evil.example".to_owned();
        assert_eq!(client.get(path).status, 403, "{path}");
        client.host = "localhost".to_owned();
    }
    // A link in a chat leads to this page and no other.
    let visit = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];
    assert_eq!(client.request("GET", "/__admin/", &visit, "").status, 200);
    assert_eq!(client.request("GET", "/__admin/users", &visit, "").status, 403);
    assert_eq!(client.get("/__admin/users").status, 401);
    assert_eq!(client.get("/__admin/health").json(), json!({ "status": "ok" }));
}

#[test]
fn disabled_console_leaves_the_admin_api() {
    for (arguments, status) in [(["--no-console"], 200), (["--no-admin"], 404)] {
        let served = Served::start(&[&arguments[..], &["--log-level", "off"]].concat());
        let mut client = served.client();
        assert_eq!(client.get("/__admin/health").status, status);
        for path in ["/__admin", "/__admin/", "/__admin/app.js"] {
            let answer = client.request("GET", path, &[BROWSER], "");
            assert_eq!(answer.status, 404, "{path}");
            let named = answer.body.contains("started with --no-console") == (status == 200);
            assert!(named || path.ends_with("app.js"), "{}", answer.body);
        }
        let root = client.request("GET", "/", &[BROWSER], "");
        assert_eq!(root.status, 404);
        assert!(!root.body.contains("console") && root.body.contains("health") == (status == 200), "{}", root.body);
    }
}

#[test]
fn console_is_served_on_the_admin_listener() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = wksmock(&["serve", "--port", "0", "--admin-listen", "127.0.0.1:0", "--log", "json"]);
    let served = Served::spawn_with_stderr(&mut command, log.reopen().unwrap());
    let url = admin_url(log.path());
    let mut client = served.client();
    leads_to(&client.request("GET", "/", &[BROWSER], ""), &format!("{url}/__admin/"));
    assert_eq!(client.get("/__admin/").status, 404);
    assert!(client.get("/").error_msg().contains(&format!("{url}/__admin/ is the console")));
    // A client that uses another name may be on another machine, where loopback is a different host.
    client.host = "mock.example".to_owned();
    assert_eq!(client.request("GET", "/", &[BROWSER], "").status, 404);
    let mut admin = Client::connect(&url);
    assert_eq!(admin.get("/__admin/").status, 200);
    leads_to(&admin.request("GET", "/", &[BROWSER], ""), "/__admin/");
    assert_eq!(admin.request("GET", "/", &["Accept: */*"], "").status, 404);
}

/// Makes a command that records its arguments and then runs a script.
fn recording_browser(folder: &std::path::Path, then: &str) -> (String, std::path::PathBuf) {
    let (command, note) = (folder.join("browser"), folder.join("note"));
    let script = format!("#!/bin/sh\necho \"$*\" > {0}.new && mv {0}.new {0}\n{then}\n", note.display());
    fs::write(&command, script).unwrap();
    fs::set_permissions(&command, fs::Permissions::from_mode(0o755)).unwrap();
    (command.to_str().unwrap().to_owned(), note)
}

fn recorded(note: &std::path::Path) -> String {
    loop {
        if let Ok(text) = fs::read_to_string(note) {
            return text.trim_end().to_owned();
        }
        std::thread::yield_now();
    }
}

#[test]
fn open_starts_the_named_browser_at_the_console() {
    let folder = tempfile::tempdir().unwrap();
    let (command, note) = recording_browser(folder.path(), "exit 0");
    for (browser, told) in [
        (command.clone(), "URL"),
        (format!("/nothing/here:{command} --new-window"), "--new-window URL"),
        (format!("{command} --app=%s -x"), "--app=URL -x"),
    ] {
        let mut serving = wksmock(&["serve", "--host", "0.0.0.0", "--port", "0", "--admin-token", "s3cret", "--open"]);
        let served = Served::spawn(serving.env("BROWSER", &browser));
        let url = served.url.replace("0.0.0.0", "127.0.0.1") + "/__admin/";
        assert_eq!(recorded(&note), told.replace("URL", &url), "{browser}");
        assert_eq!(served.terminate().0, Some(0));
        fs::remove_file(&note).unwrap();
    }
}

#[test]
fn failing_browser_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let (command, note) = recording_browser(folder.path(), "exit 3");
    for (browser, warned) in [
        (command.as_str(), "did not open a browser: exit status: 3"),
        ("/nothing/here", "found none of /nothing/here"),
        ("", "found none of "),
    ] {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut serving = wksmock(&["serve", "--port", "0", "--open"]);
        serving.env("BROWSER", browser).env("PATH", "/nothing").stdin(Stdio::null());
        let served = Served::spawn_with_stderr(&mut serving, log.reopen().unwrap());
        let said = || fs::read_to_string(log.path()).unwrap();
        while !said().contains(warned) {
            std::thread::yield_now();
        }
        assert!(said().contains(&format!("open {}/__admin/ in one", served.url)), "{}", said());
        assert_eq!(served.client().get("/__admin/health").status, 200);
        let _ = fs::remove_file(&note);
    }
}

#[test]
fn open_without_a_console_is_refused() {
    for flag in ["--no-console", "--no-admin"] {
        let refused = run(&["serve", "--port", "0", "--open", flag]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(stderr(&refused).contains(flag), "{}", stderr(&refused));
    }
}
