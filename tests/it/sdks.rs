//! Requests with the wire format of the vendor's SDKs and Terraform's provider: their fields in order, the signed ones,
//! and their bodies. The signer here shares no code with the server's.

use crate::client::{Answer, Client};
use crate::signer::{ACCESS, SECRET, Signing, date, hex, hmac};
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wksmock::{Auth, Fidelity, MockServer};

/// The wire format of one client.
struct Sdk {
    name: &'static str,
    /// The lines of a head, in order, without `Authorization`. `{host}`, `{date}` and `{project}` are filled in; a line
    /// that begins with `?` is sent only with a body.
    head: &'static [&'static str],
    signed: &'static str,
    /// The text that is signed in place of the body's hash.
    payload: Option<&'static str>,
    /// The spelling of a comma in a query, and the end of a query.
    comma: &'static str,
    end: &'static str,
}

const SDKS: &[Sdk] = &[
    Sdk {
        name: "Go",
        head: &[
            "Host: {host}",
            "User-Agent: huaweicloud-usdk-go/3.0",
            "?Content-Length: {length}",
            "Content-Type: application/json",
            "X-Project-Id: {project}",
            "X-Sdk-Date: {date}",
            "Accept-Encoding: gzip",
        ],
        signed: "user-agent;x-project-id;x-sdk-date",
        payload: None,
        comma: "%2C",
        end: "",
    },
    Sdk {
        name: "Java",
        head: &[
            "Content-Type: application/json",
            "X-Project-Id: {project}",
            "X-Sdk-Date: {date}",
            "User-Agent: huaweicloud-usdk-java/3.0",
            "?Content-Length: {length}",
            "Host: {host}",
            "Connection: Keep-Alive",
            "Accept-Encoding: gzip",
        ],
        signed: "host;user-agent;x-project-id;x-sdk-date",
        payload: None,
        comma: "%2C",
        end: "",
    },
    Sdk {
        name: ".NET",
        // Without a port in `Host`, and without `Content-Type` if there is no body.
        head: &[
            "Host: 127.0.0.1",
            "X-Project-Id: {project}",
            "X-Sdk-Date: {date}",
            "User-Agent: huaweicloud-usdk-net/3.0",
            "?Content-Type: application/json",
            "?Content-Length: {length}",
        ],
        signed: "host;user-agent;x-project-id;x-sdk-date",
        payload: None,
        comma: ",",
        end: "",
    },
    Sdk {
        name: "PHP",
        head: &[
            "Host: {host}",
            "Content-Type: application/json",
            "User-Agent: huaweicloud-usdk-php/3.0",
            "X-Project-Id: {project}",
            "X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD",
            "X-Sdk-Date: {date}",
            "?Content-Length: {length}",
        ],
        signed: "content-type;user-agent;x-project-id;x-sdk-content-sha256;x-sdk-date",
        payload: Some("UNSIGNED-PAYLOAD"),
        comma: "%2C",
        end: "",
    },
    Sdk {
        name: "C++",
        head: &[
            "host: {host}",
            "accept: */*",
            "content-length: {length}",
            "content-type: application/json",
            "user-agent: huaweicloud-sdk-cpp/3.0",
            "x-project-id: {project}",
            "x-sdk-date: {date}",
        ],
        signed: "content-type;host;user-agent;x-project-id;x-sdk-date",
        payload: None,
        comma: "%2C",
        end: "&",
    },
    Sdk {
        name: "Terraform",
        head: &[
            "Host: {host}",
            "User-Agent: golangsdk",
            "?Content-Length: {length}",
            "Accept: application/json",
            "Content-Type: application/json",
            "X-Language: en-us",
            "X-Sdk-Date: {date}",
            "Accept-Encoding: gzip",
        ],
        signed: "accept;content-type;user-agent;x-language;x-sdk-date",
        payload: None,
        comma: "%2C",
        end: "",
    },
];

impl Sdk {
    fn named(name: &str) -> &'static Self {
        SDKS.iter().find(|sdk| sdk.name == name).unwrap()
    }

    /// Sends a request. `query` is the sent form, `canonical` the signed one.
    fn send(&self, client: &mut Client, method: &str, path: &str, query: [&str; 2], body: &str) -> Answer {
        self.send_with(client, SECRET, method, path, query, body)
    }

    fn send_with(
        &self,
        client: &mut Client,
        secret: &str,
        method: &str,
        path: &str,
        [query, canonical]: [&str; 2],
        body: &str,
    ) -> Answer {
        let date = date(0);
        let filled = |line: &&str| {
            let line = line.replace("{host}", &client.host).replace("{project}", PROJECT).replace("{date}", &date);
            line.replace("{length}", &body.len().to_string())
        };
        let lines = self.head.iter().filter(|line| !body.is_empty() || !line.starts_with('?'));
        let mut lines: Vec<_> = lines.map(|line| line.trim_start_matches('?')).map(|line| filled(&line)).collect();
        let value = |name: &str| {
            let line = lines.iter().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
            line.unwrap_or_else(|| panic!("{name} is signed and not sent")).split_once(": ").unwrap().1.to_owned()
        };
        let fields: Vec<_> = self.signed.split(';').map(|name| format!("{name}:{}\n", value(name))).collect();
        let payload = self.payload.map_or_else(|| hex(&Sha256::digest(body)), str::to_owned);
        let fields = fields.concat();
        let request = format!("{method}\n{path}/\n{canonical}\n{fields}\n{}\n{payload}", self.signed);
        let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(request)));
        let signature = hmac(secret, &text);
        lines.push(format!(
            "Authorization: SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders={}, Signature={signature}",
            self.signed
        ));
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}{}", self.end) };
        client.send(format!("{method} {target} HTTP/1.1\r\n{}\r\n\r\n{body}", lines.join("\r\n")));
        client.answer(false)
    }
}

fn users() -> String {
    format!("/v2/{PROJECT}/users")
}

#[test]
fn every_sdk_resets_lists_creates_changes_and_deletes() {
    for sdk in SDKS {
        let mock = MockServer::builder().auth(Auth::Required).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        let mut send = |method: &str, path: &str, query: [&str; 2], body: &Value| {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            sdk.send(&mut client, method, path, query, &body)
        };
        let none = &Value::Null;
        assert_eq!(
            send("GET", &reset_path(&user("0001")), ["", ""], none).password(),
            mock.password(PROJECT, &user("0001"), 1).unwrap(),
            "{}",
            sdk.name
        );
        let both = format!("notification_type=email{}phone", sdk.comma);
        let reset = send("GET", &reset_path(&user("0002")), [&both, "notification_type=email%2Cphone"], none);
        assert_eq!(reset.status, 200, "{}: {reset:?}", sdk.name);
        assert_eq!(mock.outbox().len(), 2);
        let listed = send("GET", &users(), ["limit=2&offset=1", "limit=2&offset=1"], none);
        assert_eq!((listed.status, listed.json()["users"].as_array().unwrap().len()), (200, 2), "{}", sdk.name);
        let made = send("POST", &users(), ["", ""], &json!({ "user_name": "carol", "user_email": "c@example.com" }));
        assert_eq!(made.status, 201, "{}: {made:?}", sdk.name);
        let path = format!("{}/{}", users(), made.json()["id"].as_str().unwrap());
        assert_eq!(send("PUT", &path, ["", ""], &json!({ "description": "<\u{e4}&\u{2028}>" })).status, 200);
        for action in ["LOCK", "UNLOCK", "RESET_PWD"] {
            let answer = send("POST", &format!("{path}/actions"), ["", ""], &json!({ "op_type": action }));
            assert_eq!(answer.status, 204, "{}: {answer:?}", sdk.name);
        }
        let shown = send("GET", &path, ["", ""], none).json()["user_detail"].clone();
        assert_eq!(shown["description"], "<\u{e4}&\u{2028}>", "{}", sdk.name);
        assert_eq!(shown["enable_change_password"], true, "{}: {shown}", sdk.name);
        assert_eq!([(); 2].map(|()| send("DELETE", &path, ["", ""], none).status), [204, 404], "{}", sdk.name);
    }
}

#[test]
fn wrong_secret_is_a_401_for_every_sdk() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for sdk in SDKS {
        let answer = sdk.send_with(&mut client, "another", "GET", &reset_path(&user("0001")), ["", ""], "");
        assert_eq!((answer.status, answer.error_code().as_str()), (401, "APIGW.0301"), "{}: {answer:?}", sdk.name);
        assert!(answer.error_msg().contains("verify aksk signature fail, canonicalRequest:GET|"), "{answer:?}");
    }
    assert!(mock.requests().iter().all(|entry| entry.operation.is_some() && entry.decision.is_none()));
}

#[test]
fn content_type_is_optional_only_if_signed_without_a_body() {
    let net = Sdk::named(".NET");
    // Its fields for a request without a body, and one more.
    let with = |line: &'static str| {
        let head = net.head.iter().filter(|line| !line.starts_with('?')).chain([&line]);
        Sdk { head: head.copied().collect::<Vec<_>>().leak(), ..*net }
    };
    let (untyped, html) = (with("?Content-Length: {length}"), with("Content-Type: text/html"));
    let path = reset_path(&user("0001"));
    let status = |mock: &MockServer, sdk: &Sdk, body: &str| {
        let answer = sdk.send(&mut Client::connect(mock.url()), "GET", &path, ["", ""], body);
        (answer.status, answer.json()["error_msg"].as_str().unwrap_or("").contains("Content-Type"))
    };
    for (auth, expected) in [(Auth::Off, (400, true)), (Auth::Permissive, (200, false)), (Auth::Required, (200, false))]
    {
        let mock = MockServer::builder().auth(auth).start_blocking().unwrap();
        assert_eq!(status(&mock, net, ""), expected, "{auth:?}");
        // The body that the SDK for Node sends in place of an empty one.
        assert_eq!(status(&mock, &untyped, "{}"), expected, "{auth:?}");
        assert_eq!(status(&mock, &untyped, "{} "), (400, true), "{auth:?}");
        assert_eq!(status(&mock, &html, ""), (400, true), "{auth:?}: a wrong one is wrong");
    }
    let unsigned = |mock: &MockServer, lines: &[&str]| {
        let path = reset_path(&user("0001"));
        let lines = [&["Content-Type: -"], lines].concat();
        Client::connect(mock.url()).request("GET", &path, &lines, "").status
    };
    let documented = MockServer::builder().start_blocking().unwrap();
    assert_eq!(unsigned(&documented, &[]), 400);
    assert_eq!(unsigned(&documented, &["Authorization: Basic eDp5"]), 400, "not a signature");
    for algorithm in ["SDK-HMAC-SHA256", "SDK-HMAC-SHA256 Access", "V11-HMAC-SHA256 Credential=a/b"] {
        assert_eq!(unsigned(&documented, &[&format!("Authorization: {algorithm}")]), 401, "{algorithm}");
    }
    let entry = &documented.requests()[0];
    assert!(entry.problem.as_ref().unwrap().contains("signed request without a body"), "{entry:?}");
    assert_eq!(unsigned(&MockServer::builder().lenient(true).start_blocking().unwrap(), &[]), 200);
    for auth in [Auth::Off, Auth::Permissive] {
        let observed = MockServer::builder().fidelity(Fidelity::Observed).auth(auth).start_blocking().unwrap();
        assert_eq!(unsigned(&observed, &[]), 200);
        assert_eq!(unsigned(&observed, &["Content-Type: text/html"]), 400);
    }
}

#[test]
fn queries_verify_as_signed_by_each_sdk() {
    let mock = MockServer::builder().auth(Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let cases = [
        // Java signs repeated values in sending order, the others sort them.
        ("Java", ["x=z&x=y", "x=z&x=y"]),
        ("Go", ["x=z&x=y", "x=y&x=z"]),
        // .NET sends a plus literally, and signs a blank.
        (".NET", ["description=a+b", "description=a%20b"]),
        (".NET", ["description=a,b", "description=a%2Cb"]),
        ("Go", ["description=a%2Bb", "description=a%2Bb"]),
        ("Terraform", ["description=a+b&limit=100&offset=0", "description=a%2Bb&limit=100&offset=0"]),
        ("Terraform", ["description=a%20%C3%A4&limit=100&offset=0", "description=a%20%C3%A4&limit=100&offset=0"]),
    ];
    for (name, query) in cases {
        let answer = Sdk::named(name).send(&mut client, "GET", &users(), query, "");
        assert_eq!(answer.status, 200, "{name} {query:?}: {answer:?}");
    }
    let other = Sdk::named("Java").send(&mut client, "GET", &users(), ["b=1&a=1", "b=1&a=1"], "");
    assert_eq!(other.status, 401, "names are sorted by all");
}

#[test]
fn terraform_lifecycle_has_no_diff() {
    for fidelity in [Fidelity::Documented, Fidelity::Observed] {
        let mock = MockServer::builder().auth(Auth::Required).fidelity(fidelity).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        let terraform = Sdk::named("Terraform");
        let mut send = |method: &str, path: &str, body: &Value| {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            terraform.send(&mut client, method, path, ["", ""], &body)
        };
        for (expires, shown_expires) in [("0", 0), ("2030-01-02T03:04:05.000Z", 1_893_553_445_000_i64)] {
            let mut asked = json!({
                "user_name": "tf", "active_type": "USER_ACTIVATE", "user_email": "tf@example.com",
                "user_phone": "+8613800000009", "account_expires": expires, "enable_change_password": false,
                "next_login_change_password": true,
            });
            let made = send("POST", &users(), &asked);
            assert_eq!(made.status, 201, "{made:?}");
            let path = format!("{}/{}", users(), made.json()["id"].as_str().unwrap());
            for (name, value) in
                [("description", json!("")), ("disabled", json!(false)), ("password_never_expired", json!(true))]
            {
                asked[name] = value;
            }
            assert_eq!(send("PUT", &path, &asked).status, 200);
            let read = send("GET", &path, &Value::Null).json()["user_detail"].clone();
            for (name, value) in asked.as_object().unwrap() {
                let shown = read.get(name).unwrap_or(&Value::Null);
                match name.as_str() {
                    "account_expires" => assert_eq!(*shown, shown_expires),
                    "description" => assert!(shown.is_null(), "an empty one is not there: {read}"),
                    _ => assert_eq!(shown, value, "{name}: {read}"),
                }
            }
            assert_eq!((&read["locked"], &read["total_desktops"]), (&json!(false), &json!(0)));
            assert_eq!(send("DELETE", &path, &Value::Null).status, 204);
            let gone = [send("DELETE", &path, &Value::Null), send("GET", &path, &Value::Null)];
            let expected = if fidelity == Fidelity::Observed { (400, "WKS.00170312") } else { (404, "WKS.00211902") };
            for gone in gone {
                assert_eq!((gone.status, gone.error_code().as_str()), expected);
            }
        }
    }
}

#[test]
fn header_names_are_in_title_case_in_every_response() {
    let scenario = json!({ "rules": [
        { "name": "cut", "when": { "user": user("0001"), "calls": "2" }, "fault": "truncated_body" },
        { "name": "scripted", "when": { "user": user("0001"), "calls": "3" }, "status": 503,
            "headers": { "Retry-After": "1", "x-one-Two": "3" } },
    ] });
    let mock = MockServer::builder().scenario_json(scenario.to_string()).start_blocking().unwrap();
    let lines = |bytes: &[u8]| {
        let mut client = Client::connect(mock.url());
        client.send(bytes);
        client.half_close();
        let text = String::from_utf8(client.rest().0).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        let names = head.lines().skip(1).map(|line| line.split(':').next().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n");
    let reset = get(&reset_path(&user("0001")));
    let usual = ["Date", "Content-Type", "X-Request-Id", "Content-Length"];
    assert_eq!(lines(reset.as_bytes()), usual);
    let cut = lines(reset.as_bytes());
    assert!(cut.contains(&"X-Request-Id".to_owned()) && cut.contains(&"Content-Length".to_owned()), "{cut:?}");
    let scripted = lines(reset.as_bytes());
    for name in ["Retry-After", "X-One-Two", "X-Request-Id"] {
        assert!(scripted.contains(&name.to_owned()), "{scripted:?}");
    }
    assert!(lines(b"POST / x\r\n\r\n").contains(&"X-Request-Id".to_owned()), "malformed HTTP");
    assert!(lines(get(&format!("/{}", "a".repeat(20_000))).as_bytes()).contains(&"Connection".to_owned()));
    let admin = lines(get("/__admin/health").replace("Host: x", "Host: localhost").as_bytes());
    assert!(admin.contains(&"Cache-Control".to_owned()), "{admin:?}");
    let wrong = lines(reset.replace("GET", "POST").as_bytes());
    assert!(wrong.contains(&"Allow".to_owned()), "{wrong:?}");
}

#[test]
fn only_iam_responses_have_a_trace_id() {
    let scenario = json!({ "rules": [
        { "name": "down", "when": { "operation": "KeystoneListAuthDomains", "calls": "1" }, "status": 503 },
        { "name": "named", "when": { "operation": "KeystoneListAuthDomains", "calls": "2" }, "status": 503,
            "headers": { "X-IAM-Trace-Id": "mine" } },
    ] });
    let mock = MockServer::builder().scenario_json(scenario.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (method, path, status) in [
        ("GET", "/v3/projects?name=cn-north-4", 200),
        ("GET", "/v3/projects?per_page=x", 400),
        ("GET", "/v3/auth/domains", 503),
        ("POST", "/v3/projects", 405),
        ("POST", "/v3.0/OS-CREDENTIAL/securitytokens", 400),
    ] {
        let answer = client.request(method, path, &[], "");
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("x-iam-trace-id"), Some(answer.request_id().as_str()), "{path}");
    }
    assert_eq!(client.get("/v3/auth/domains").header("x-iam-trace-id"), Some("mine"));
    let go = Signing { secret: "another", ..Signing::default() };
    let refused = go.send(&mut client, "GET", "/v3/projects", "", "");
    assert_eq!((refused.status, refused.header("x-iam-trace-id").is_some()), (401, true));
    for path in ["/v5/caller-identity", &reset_path(&user("0001")), "/v3/nothing", "/__admin/health"] {
        assert_eq!(client.get(path).header("x-iam-trace-id"), None, "{path}");
    }
}
