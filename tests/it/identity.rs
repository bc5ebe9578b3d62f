//! Tokens, lookups, temporary keys and sealed reasons: IAM and STS from a consumer's view.

use crate::client::{Answer, Client};
use crate::signer::{Signing, login_body, token};
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use std::time::Duration;
use wksmock::{Auth, ClockMode, Limits, MockServer, MockServerBuilder};

const JSON: &str = "Content-Type: application/json";
const TOKENS: &str = "/v3/auth/tokens";
const KEYS: &str = "/v3.0/OS-CREDENTIAL/securitytokens";

/// Builds the body that requests a temporary key, with these fields in its identity.
fn key_body(more: &Value) -> String {
    let mut identity = json!({ "methods": ["token"], "token": {} });
    for (field, value) in more.as_object().unwrap() {
        identity[field] = value.clone();
    }
    json!({ "auth": { "identity": identity } }).to_string()
}

fn post(client: &mut Client, path: &str, body: &str) -> Answer {
    client.request("POST", path, &[JSON], body)
}

fn login(client: &mut Client, domain: &str, name: &str, password: &str, scope: &Value) -> Answer {
    post(client, TOKENS, &login_body(domain, name, password, scope))
}

fn with_token(client: &mut Client, token: &str) -> u16 {
    client.request("GET", &reset_path(&user("0001")), &[JSON, &format!("X-Auth-Token: {token}")], "").status
}

fn accounts() -> MockServerBuilder {
    MockServer::builder().users("fixtures/accounts.json")
}

#[test]
fn wrong_login_is_a_keystone_error_without_credentials() {
    let mock = accounts().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let secret = "5ec2e7-password";
    let project = json!({ "project": { "id": "team-a" } });
    let domain = json!({ "domain": { "name": "acme" } });
    let mut refused = |body: String, status: u16| {
        let answer = post(&mut client, TOKENS, &body);
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status, error["code"].as_u64()), (status, Some(u64::from(status))), "{body}: {answer:?}");
        assert!(!answer.body.contains("5ec2e7"), "{answer:?}");
        format!("{} {}", error["title"].as_str().unwrap(), error["message"].as_str().unwrap())
    };
    let of = |name: &str, scope: &Value| login_body("acme", name, secret, scope);
    let all = [
        refused(of("admin", &project), 401),
        refused(of("nobody", &project), 401),
        refused(of("ci", &domain), 401),
        refused(login_body("acme", "admin", "admin-password", &json!({ "project": { "id": "nowhere" } })), 404),
        refused(login_body("acme", "admin", "admin-password", &json!({ "project": { "name": "nowhere" } })), 404),
        refused(login_body("acme", "admin", "admin-password", &json!({ "domain": { "name": "other" } })), 404),
        refused(login_body("acme", "reader", "reader-password", &json!({ "project": { "id": "team-b" } })), 403),
        refused(of("admin", &json!({})), 401),
        refused(login_body("acme", "admin", "admin-password", &json!({})), 400),
        refused(login_body("acme", "admin", "admin-password", &Value::Null), 400),
        refused(of("admin", &project).replace("\"name\":\"admin\"", "\"name\":7"), 400),
        refused(of("admin", &project).replace("[\"password\"]", "[\"totp\"]"), 400),
        refused(of("admin", &project).replace("}}}", "}}"), 400),
        refused("5ec2e7".to_owned(), 400),
        refused(String::new(), 400),
    ];
    insta::assert_snapshot!(all.join("\n"));
    let large = login(&mut client, "acme", "admin", &"x".repeat(70_000), &project);
    assert_eq!((large.status, large.json()["error"]["code"].as_u64()), (413, Some(413)), "{large:?}");
    assert!(!format!("{:?}", mock.requests()).contains("5ec2e7"));
}

#[test]
fn token_shows_its_owner_and_scope() {
    let mock = accounts().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let of_project =
        login(&mut client, "acme", "reader", "reader-password", &json!({ "project": { "name": "eu-west-101" } }));
    let token = of_project.header("x-subject-token").unwrap().to_owned();
    let said = of_project.json()["token"].clone();
    assert_eq!((said["project"]["id"].as_str(), said["user"]["name"].as_str()), (Some("team-a"), Some("reader")));
    assert_eq!(said.get("domain"), None);
    assert!(token.starts_with("MIID") && token.len() < 40_000);
    let times =
        ["issued_at", "expires_at"].map(|field| humantime::parse_rfc3339(said[field].as_str().unwrap()).unwrap());
    assert_eq!(times[1].duration_since(times[0]).unwrap(), Duration::from_hours(24));
    assert!(times[0].elapsed().unwrap() < Duration::from_mins(1), "near the real time");
    let of_domain =
        login(&mut client, "acme", "admin", "admin-password", &json!({ "domain": { "name": "acme" } })).json();
    assert_eq!(of_domain["token"]["domain"]["name"], "acme");
    assert_eq!(of_domain["token"].get("project"), None);
    assert_eq!(of_domain["token"]["user"]["domain"]["id"], said["user"]["domain"]["id"], "of one domain");
    let catalog = |client: &mut Client, query: &str| {
        let body = login_body("acme", "admin", "admin-password", &json!({ "domain": { "name": "acme" } }));
        post(client, &format!("{TOKENS}{query}"), &body).json()["token"]["catalog"].as_array().unwrap().len()
    };
    assert_eq!(
        [catalog(&mut client, ""), catalog(&mut client, "?nocatalog=1"), catalog(&mut client, "?nocatalog=")],
        [3, 0, 3]
    );
    let headers = [format!("X-Auth-Token: {token}"), format!("X-Subject-Token: {token}")];
    let validated = client.request("GET", TOKENS, &[&headers[0], &headers[1]], "");
    assert_eq!((validated.status, validated.header("x-subject-token")), (200, Some(token.as_str())));
    assert_eq!(validated.json()["token"], said);
    for (wrong, status) in [("X-Subject-Token: MIIDxx".to_owned(), 404), ("X-Other: 1".to_owned(), 400)] {
        let answer = client.request("GET", TOKENS, &[&headers[0], &wrong], "");
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_u64()),
            (status, Some(u64::from(status))),
            "{wrong}"
        );
    }
}

#[test]
fn token_is_valid_for_its_project_and_clones() {
    let mock = accounts().auth(Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let scope = json!({ "project": { "id": "team-a" } });
    let token =
        login(&mut client, "acme", "admin", "admin-password", &scope).header("x-subject-token").unwrap().to_owned();
    let clone = mock.clone_project("team-a").unwrap().keep();
    let mut status = |project: &str| {
        let path = reset_path(&user("0001")).replace(PROJECT, project);
        client.request("GET", &path, &[JSON, &format!("X-Auth-Token: {token}")], "").status
    };
    assert_eq!([status("team-a"), status(&clone), status("team-b")], [200, 200, 403]);
}

/// A field of another type counts as sent, not as absent.
#[test]
fn mistyped_token_or_scope_is_a_400() {
    for auth in [Auth::Off, Auth::Permissive, Auth::Required] {
        let mock = accounts().auth(auth).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        let scope = json!({ "project": { "id": "team-a" } });
        let own = login(&mut client, "acme", "admin", "admin-password", &scope);
        let own = own.header("x-subject-token").unwrap();
        let mut key = |more: Value| {
            let header = format!("X-Auth-Token: {own}");
            client.request("POST", KEYS, &[JSON, &header], &key_body(&more))
        };
        assert_eq!(key(json!({})).status, 201);
        for wrong in [json!(5), json!(null), json!(true), json!(["x"]), json!({ "id": "x" })] {
            let answer = key(json!({ "token": { "id": wrong } }));
            assert_eq!(answer.status, 400, "{wrong}: {answer:?}");
            assert!(answer.body.contains("auth.identity.token.id must be a string"), "{answer:?}");
        }
        for wrong in [json!(5), json!(null), json!("x"), json!([])] {
            assert_eq!(key(json!({ "token": wrong })).status, 400, "{wrong}");
        }
        for wrong in [json!(5), json!("900"), json!(null), json!(900.5)] {
            assert_eq!(key(json!({ "token": { "duration_seconds": wrong } })).status, 400, "{wrong}");
        }
        let project = json!({ "id": "team-a" });
        for scope in [
            json!({ "project": project, "domain": 5 }),
            json!({ "project": project, "domain": null }),
            json!({ "project": ["team-a"], "domain": { "name": "acme" } }),
            json!({ "project": { "id": "team-a", "name": 5 } }),
            json!(["project"]),
            json!("project"),
        ] {
            let answer = login(&mut client, "acme", "admin", "admin-password", &scope);
            assert_eq!(answer.status, 400, "{scope}: {answer:?}");
        }
    }
}

#[test]
fn unsupported_body_encoding_is_named() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let utf_16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (body, what) in [
        ("\u{feff}{}".as_bytes().to_vec(), "byte order mark"),
        ([&[0xff, 0xfe], &utf_16[..]].concat(), "UTF-16"),
        (utf_16, "UTF-16"),
        (b"{\"a\": \"\xe4\"}".to_vec(), "not valid UTF-8 at byte 7"),
    ] {
        let users = format!("/v2/{PROJECT}/users");
        for path in [TOKENS, KEYS, "/v5/decode-authorization-message", &users, "/__admin/reset", "/__admin/overrides"] {
            let head =
                format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: {}\r\n\r\n", body.len());
            client.send([head.as_bytes(), &body].concat());
            let answer = client.answer(false);
            assert!(answer.status == 400 && answer.body.contains(what), "{path} {what}: {answer:?}");
        }
    }
    assert_eq!(client.get("/__admin/health").json()["epoch"], 1);
}

#[test]
fn tokens_end_by_virtual_time_or_revocation_not_by_reset() {
    let mock = MockServer::builder().auth(Auth::Required).clock(ClockMode::Manual).token_ttl(Duration::from_mins(1));
    let mock = mock.start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let first = token(&mut client);
    mock.advance(Duration::from_secs(59));
    assert_eq!(with_token(&mut client, &first), 200);
    let second = token(&mut client);
    mock.advance(Duration::from_secs(2));
    assert_eq!([with_token(&mut client, &first), with_token(&mut client, &second)], [401, 200]);
    mock.reset();
    assert_eq!(with_token(&mut client, &second), 200, "tokens stay");
    let listed = client.get("/__admin/tokens").json();
    let ids: Vec<_> = listed["tokens"].as_array().unwrap().iter().map(|token| token["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    let revoke =
        |client: &mut Client, id: &str| client.request("DELETE", &format!("/__admin/tokens/{id}"), &[], "").status;
    assert_eq!([revoke(&mut client, ids[1]), revoke(&mut client, ids[1]), revoke(&mut client, "x")], [204, 404, 404]);
    assert_eq!(with_token(&mut client, &second), 401);
    assert_eq!(client.get("/__admin/tokens").json()["tokens"].as_array().unwrap().len(), 1);
}

#[test]
fn token_list_and_revocations_are_bounded() {
    let mut limits = Limits::default();
    (limits.tokens_max, limits.tokens_revoked_max) = (2, 1);
    let mock = MockServer::builder().limits(limits).clock(ClockMode::Manual).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for _ in 0..3 {
        mock.advance(Duration::from_millis(1));
        token(&mut client);
    }
    let listed = client.get("/__admin/tokens").json();
    assert_eq!((listed["tokens"].as_array().unwrap().len(), listed["dropped"].as_u64()), (2, Some(1)));
    let statuses = [0, 1].map(|at| {
        let id = listed["tokens"][at]["id"].as_str().unwrap();
        client.request("DELETE", &format!("/__admin/tokens/{id}"), &[], "").status
    });
    assert_eq!(statuses, [204, 409]);
}

#[test]
fn lookups_list_the_callers_resources() {
    let mock = accounts().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    mock.clone_project_with("team-a", wksmock::CloneOptions::new().id("clone")).unwrap().keep();
    let ids = |answer: &Answer, list: &str| {
        let json = answer.json();
        let all = json[list].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        all.collect::<Vec<_>>()
    };
    let mut projects = |query: &str| ids(&client.get(&format!("/v3/projects{query}")), "projects");
    assert_eq!(projects(""), ["team-a", "team-b"], "clones are not listed");
    assert_eq!(projects("?name=la-north-2"), ["team-b"]);
    assert_eq!(projects("?name=nowhere"), [""; 0]);
    assert_eq!(
        (projects("?enabled=true").len(), projects("?enabled=false").len(), projects("?is_domain=true").len()),
        (2, 0, 0)
    );
    assert_eq!((projects("?page=2&per_page=1"), projects("?page=3&per_page=1")), (vec!["team-b".to_owned()], vec![]));
    for wrong in ["per_page=0", "per_page=5001", "page=0", "enabled=maybe", "page=1&page=2"] {
        let refused = client.get(&format!("/v3/projects?{wrong}"));
        assert_eq!((refused.status, refused.json()["error"]["code"].as_u64()), (400, Some(400)), "{wrong}");
    }
    let ci = Signing {
        access: "CIACCESSKEY000000001",
        secret: "ciSecretKey00000000000000000000000000000001",
        ..Signing::default()
    };
    let mut signed = |path: &str| ci.send(&mut client, "GET", path, "", "");
    assert_eq!(ids(&signed("/v3/projects"), "projects"), ["team-a"]);
    assert_eq!(ids(&signed("/v3/auth/projects"), "projects"), ["team-a"]);
    let domains = signed("/v3/auth/domains").json();
    assert_eq!((domains["domains"].as_array().unwrap().len(), &domains["domains"][0]["name"]), (1, &json!("acme")));
    let identity = signed("/v5/caller-identity").json();
    assert_eq!(identity["account_id"], domains["domains"][0]["id"]);
    assert!(identity["principal_urn"].as_str().unwrap().ends_with(":user:ci"));
}

#[test]
fn temporary_key_signs_within_its_policy() {
    let mock = MockServer::builder().auth(Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let token = format!("X-Auth-Token: {}", token(&mut client));
    let mut issue = |more: Value, token: &str| client.request("POST", KEYS, &[JSON, token], &key_body(&more));
    let key = issue(json!({}), &token).json()["credential"].clone();
    assert_eq!((key["access"].as_str().unwrap().len(), key["secret"].as_str().unwrap().len()), (20, 40));
    let statement = |effect: &str, action: &str| json!({ "Effect": effect, "Action": [action] });
    let policy = |statements: &[Value]| json!({ "policy": { "Version": "1.1", "Statement": statements } });
    let allowed = issue(policy(&[statement("Allow", "workspace:*")]), &token).json()["credential"].clone();
    let denied = [statement("Allow", "workspace:*"), statement("Deny", "workspace:users:randomPassword")];
    let denied = issue(policy(&denied), &token).json()["credential"].clone();
    let other = issue(policy(&[statement("Allow", "other:*")]), &token).json()["credential"].clone();
    for (wrong, status) in [
        (json!({ "token": { "duration_seconds": 899 } }), 400),
        (json!({ "token": { "duration_seconds": 86_401 } }), 400),
        (json!({ "token": { "duration_seconds": "900" } }), 400),
        (json!({ "methods": ["password"] }), 400),
        (json!({ "policy": {} }), 400),
    ] {
        let refused = issue(wrong.clone(), &token);
        assert_eq!((refused.status, refused.error_code().as_str()), (status, "IAM.0011"), "{wrong} {refused:?}");
    }
    assert_eq!(issue(json!({}), "X-Other: 1").status, 401);
    let mut sign = |key: &Value, security_token: Option<&str>| {
        let text = |field: &str| key[field].as_str().unwrap();
        let signing = Signing { access: text("access"), secret: text("secret"), security_token, skew: 0 };
        signing.send(&mut client, "GET", &reset_path(&user("0001")), "", "").status
    };
    let mut with_own = |key: &Value| sign(key, key["securitytoken"].as_str());
    assert_eq!([with_own(&key), with_own(&allowed), with_own(&denied), with_own(&other)], [200, 200, 403, 403]);
    assert_eq!(sign(&key, None), 401);
    assert_eq!(sign(&key, allowed["securitytoken"].as_str()), 401, "of another key");
    mock.advance(Duration::from_mins(15));
    assert_eq!(sign(&key, key["securitytoken"].as_str()), 401, "expired");
}

#[test]
fn sealed_reason_opens_only_in_its_own_service() {
    let scenario = r#"{"rules": [{"name": "denied", "status": 403, "error": {"reason": "policy denies it"}}]}"#;
    let mock = MockServer::builder().scenario_json(scenario).start_blocking().unwrap();
    let stranger = MockServer::builder().seed(5).start_blocking().unwrap();
    let sealed =
        Client::connect(mock.url()).get(&reset_path(&user("0001"))).json()["encoded_authorization_message"].clone();
    let sealed = sealed.as_str().unwrap();
    let decode = |mock: &MockServer, message: &Value| {
        let body = json!({ "encoded_message": message }).to_string();
        post(&mut Client::connect(mock.url()), "/v5/decode-authorization-message", &body)
    };
    let opened = decode(&mock, &json!(sealed)).json();
    let opened: Value = serde_json::from_str(opened["decoded_message"].as_str().unwrap()).unwrap();
    assert_eq!(
        opened,
        json!({
            "context": {
                "user_profile": {},
                "action": "workspace:users:randomPassword",
                "resource": format!("workspace:cn-north-4::user:{}", user("0001")),
                "project_id": PROJECT,
            },
            "matched_statements": [{ "rule": "denied", "reason": "policy denies it" }],
            "failure": "explicit deny by an identity-based policy",
        })
    );
    for forged in
        [json!(sealed.get(4..)), json!("no Base64"), json!(""), json!(7), Value::Null, json!("A".repeat(10_241))]
    {
        let refused = decode(&mock, &forged);
        assert_eq!((refused.status, refused.error_code().as_str()), (400, "STS5.1001"), "{forged}");
    }
    assert_eq!(decode(&stranger, &json!(sealed)).status, 400);
}

#[test]
fn rules_apply_to_account_operations_by_call_number() {
    let scenario = json!({ "rules": [
        { "name": "down", "when": { "operation": "KeystoneCreateUserTokenByPassword", "calls": "1-2" }, "status": 503 },
        { "name": "slow", "when": { "operation": "KeystoneCreateUserTokenByPassword" }, "delay": { "fixed_ms": 5 } },
        { "name": "not for admin", "when": { "operation": "KeystoneListProjects", "account": "acme/admin" }, "status": 500 },
        { "name": "cut", "when": { "operation": "KeystoneListAuthDomains" }, "fault": "reset" },
        { "name": "no more", "when": { "account": "ci", "calls": "2-" }, "status": 403 },
    ] });
    let mock = accounts().scenario_json(scenario.to_string()).instant_delays(true).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let scope = json!({ "domain": { "name": "acme" } });
    let mut statuses = Vec::new();
    for name in ["admin", "admin", "reader", "admin", "nobody"] {
        statuses.push(login(&mut client, "acme", name, &format!("{name}-password"), &scope).status);
    }
    assert_eq!(statuses, [503, 503, 503, 201, 401], "each account is counted by itself");
    let entries = mock.requests();
    let [first, .., last, _] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((first.call, first.account.as_deref()), (Some(1), Some("acme/admin")));
    assert_eq!(first.operation.as_deref(), Some("KeystoneCreateUserTokenByPassword"));
    assert_eq!((last.call, last.decision.as_ref().unwrap().delay_ms), (Some(3), 5));
    let admin = Signing {
        access: "ADMINACCESSKEY000001",
        secret: "adminSecretKey00000000000000000000000000001",
        ..Signing::default()
    };
    let ci = Signing {
        access: "CIACCESSKEY000000001",
        secret: "ciSecretKey00000000000000000000000000000001",
        ..Signing::default()
    };
    let mut asked = |signing: &Signing<'_>| signing.send(&mut client, "GET", "/v3/projects", "", "").status;
    assert_eq!([asked(&admin), asked(&ci)], [500, 200]);
    let path = reset_path(&user("0001")).replace(PROJECT, "team-a");
    let resets = [&ci, &admin, &ci].map(|signing| signing.send(&mut client, "GET", &path, "", "").status);
    assert_eq!(resets, [200, 200, 403], "by who calls, at the user's call number");
    client.send("GET /v3/auth/domains HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(client.ends_by_reset());
}

#[test]
fn coverage_plan_and_explain_know_account_operations() {
    let scenario =
        r#"{"rules": [{"name": "down", "when": {"operation": "KeystoneListProjects", "calls": "2"}, "status": 503}]}"#;
    let mock = MockServer::builder().scenario_json(scenario).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let statuses = [(); 2].map(|()| Signing::default().send(&mut client, "GET", "/v3/projects", "", "").status);
    assert_eq!(statuses, [200, 503]);
    let coverage = mock.coverage();
    let operation = coverage.operations.iter().find(|one| one.operation == "KeystoneListProjects").unwrap();
    let met: Vec<_> = operation.statuses.iter().filter(|status| status.met).collect();
    assert_eq!(met.iter().map(|status| status.status).collect::<Vec<_>>(), [200, 503]);
    assert_eq!(met[1].users[0].user, "wksmock/developer");
    assert!(operation.counts && coverage.operations.iter().filter(|one| one.counts).count() == 2);
    let explained =
        client.get("/__admin/explain?operation=KeystoneListProjects&account=developer&call=1&next=3").json();
    let statuses: Vec<_> =
        explained["calls"].as_array().unwrap().iter().map(|call| call["outcome"]["status"].as_u64()).collect();
    assert_eq!(statuses, [Some(200), Some(503), Some(200)]);
    assert_eq!(explained["calls"][0]["rules"][0]["failed_on"], "calls");
    assert_eq!(
        client.get(&format!("/__admin/explain?project={PROJECT}&user={}", user("0001"))).json()["calls"][0]["rules"][0]
            ["failed_on"],
        "operation"
    );
}

#[test]
fn bound_accounts_project_calls_go_to_its_clone() {
    let mock = MockServer::builder().auth(Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let bound = |account: &str| mock.clone_project_with(PROJECT, wksmock::CloneOptions::new().account(account));
    let clone = bound("developer").unwrap().keep();
    assert!(matches!(bound("developer"), Err(wksmock::CloneError::Bound(other)) if other == clone));
    assert!(matches!(bound("nobody"), Err(wksmock::CloneError::UnknownAccount(_))));
    mock.override_json(&json!({ "when": { "project": clone, "calls": "2" }, "status": 503 }).to_string()).unwrap();
    let path = reset_path(&user("0001"));
    let statuses = [(); 3].map(|()| Signing::default().send(&mut client, "GET", &path, "", "").status);
    assert_eq!(statuses, [200, 503, 200]);
    let projects: Vec<_> = mock.requests().into_iter().filter_map(|entry| entry.project).collect();
    assert_eq!(projects, vec![clone.clone(); 3]);
    assert_eq!(mock.current_password(PROJECT, &user("0001")), None);
    assert!(mock.reset_project(&clone));
    assert_eq!((mock.requests().len(), mock.current_password(&clone, &user("0001"))), (0, None));
    assert_eq!(Signing::default().send(&mut client, "GET", &path, "", "").status, 200, "still bound");
    assert!(mock.remove_clone(&clone));
    assert_eq!(Signing::default().send(&mut client, "GET", &path, "", "").status, 200);
    assert!(mock.current_password(PROJECT, &user("0001")).is_some(), "bound no more");
}

#[test]
fn uses_are_counted_per_token() {
    let scenario = json!({ "rules": [
        { "name": "third use", "when": { "token_calls": "3" }, "status": 401, "error": { "code": "APIGW.0307", "message": "renew" } },
    ] });
    let mock =
        MockServer::builder().scenario_json(scenario.to_string()).clock(ClockMode::Manual).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let first = token(&mut client);
    mock.advance(Duration::from_millis(1));
    let second = token(&mut client);
    let statuses =
        [&first, &first, &second, &first, &first, &second, &second].map(|token| with_token(&mut client, token));
    assert_eq!(statuses, [200, 200, 200, 401, 200, 200, 401]);
    let refused: Vec<_> = mock.requests().into_iter().filter_map(|entry| entry.problem).collect();
    assert_eq!(refused, ["renew (rule \"third use\", scenario_json #1:1:11)"; 2]);
}

#[test]
fn token_in_a_body_works_like_one_in_the_header() {
    let scenario = json!({ "rules": [{ "name": "once", "when": { "token_calls": "2-" }, "status": 401 }] });
    let mock = MockServer::builder().scenario_json(scenario.to_string()).explain_header(true).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let token = token(&mut client);
    let mut create = |token: &str| post(&mut client, KEYS, &key_body(&json!({ "token": { "id": token } })));
    let [first, second, forged] = [&token, &token, "MIIDx"].map(&mut create);
    assert_eq!([first.status, second.status, forged.status], [201, 401, 401]);
    assert_eq!(second.header("x-wksmock-explain"), Some("status=once (scenario_json #1:1:11)"));
}

#[test]
fn temporary_key_without_auth_is_for_the_first_account() {
    for (auth, status, wrong) in [(Auth::Off, 201, 201), (Auth::Permissive, 201, 401), (Auth::Required, 401, 401)] {
        let mock = accounts().auth(auth).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        let none = post(&mut client, KEYS, &key_body(&json!({})));
        let header = client.request("POST", KEYS, &[JSON, "X-Auth-Token: x"], &key_body(&json!({})));
        let body = post(&mut client, KEYS, &key_body(&json!({ "token": { "id": "x" } })));
        assert_eq!([none.status, header.status, body.status], [status, wrong, wrong], "{auth:?}");
    }
}

#[test]
fn temporary_key_has_the_limits_of_its_source() {
    let mock = accounts().auth(Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let domain = json!({ "domain": { "name": "acme" } });
    let mut token = |scope: &Value| {
        let answer = login(&mut client, "acme", "admin", "admin-password", scope);
        format!("X-Auth-Token: {}", answer.header("x-subject-token").unwrap())
    };
    let (of_project, of_domain) = (token(&json!({ "project": { "id": "team-a" } })), token(&domain));
    let key = |answer: Answer| {
        assert_eq!(answer.status, 201, "{answer:?}");
        let text = |field: &str| answer.json()["credential"][field].as_str().unwrap().to_owned();
        [text("access"), text("secret"), text("securitytoken")]
    };
    let send = |client: &mut Client, [access, secret, token]: &[String; 3], method: &str, path: &str, body: &str| {
        Signing { access, secret, security_token: Some(token), skew: 0 }.send(client, method, path, "", body)
    };
    let path = |project: &str| reset_path(&user("0001")).replace(PROJECT, project);
    let of_project = key(client.request("POST", KEYS, &[JSON, &of_project], &key_body(&json!({}))));
    let statuses = ["team-a", "team-b"].map(|project| send(&mut client, &of_project, "GET", &path(project), "").status);
    assert_eq!(statuses, [200, 403]);

    let policy = |effect: &str, action: &str| {
        let statements = json!([{ "Effect": "Allow", "Action": ["*"] }, { "Effect": effect, "Action": [action] }]);
        let statements = if effect == "Allow" { json!([statements[1]]) } else { statements };
        key_body(&json!({ "policy": { "Version": "1.1", "Statement": statements } }))
    };
    for (effect, said) in [("Allow", "does not allow"), ("Deny", "denies")] {
        let action = if effect == "Allow" { "nothing" } else { "workspace:users:random*" };
        let limited = key(client.request("POST", KEYS, &[JSON, &of_domain], &policy(effect, action)));
        let refused = send(&mut client, &limited, "GET", &path("team-a"), "");
        assert_eq!(refused.status, 403);
        assert_eq!(
            refused.error_msg(),
            format!(
                "access denied: the policy of the temporary key of account acme/admin {said} workspace:users:randomPassword."
            )
        );
        let sealed = refused.json()["encoded_authorization_message"].clone();
        let opened = json!({ "encoded_message": sealed }).to_string();
        let opened = client.request("POST", "/v5/decode-authorization-message", &[JSON, &of_domain], &opened).json();
        let opened: Value = serde_json::from_str(opened["decoded_message"].as_str().unwrap()).unwrap();
        assert_eq!((&opened["policy"], opened.get("missing")), (&json!("of the temporary access key"), None));
        let matched = match effect {
            "Deny" => json!([{ "effect": "Deny", "action": ["workspace:users:random*"] }]),
            _ => json!([]),
        };
        assert_eq!(opened["matched_statements"], matched);

        let of_key = key(send(&mut client, &limited, "POST", KEYS, &key_body(&json!({}))));
        assert_eq!(send(&mut client, &of_key, "GET", &path("team-a"), "").status, 403, "no more than the first");
        let [access, secret, token] = &limited;
        let signing = Signing { access, secret, security_token: Some(token), skew: 0 };
        let mut lines = signing.lines(&client.host, "GET", &path("team-a"), "", "");
        lines.push(of_domain.clone());
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        assert_eq!(client.request("GET", &path("team-a"), &lines, "").status, 403, "nor with a token beside it");
    }
}

#[test]
fn scope_names_a_project_like_lookups() {
    let users = json!({
        "projects": [{ "id": "p" }, { "id": "q", "name": "one" }, { "id": "r", "name": "two" }, { "id": "s", "name": "two" }],
        "accounts": [
            { "domain": "d", "name": "all", "password": "x" },
            { "domain": "d", "name": "some", "password": "x", "projects": ["p", "s"] },
        ],
    });
    let mock = MockServer::builder().users_json(users.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut status = |name: &str, scope: Value| {
        let answer = login(&mut client, "d", name, "x", &json!({ "project": scope }));
        (answer.status, answer.json()["token"]["project"]["id"].as_str().unwrap_or("").to_owned())
    };
    let found = |id: &str| (201, id.to_owned());
    let refused = |status: u16| (status, String::new());
    assert_eq!(status("all", json!({ "name": "p" })), found("p"), "by its id, where it has no name");
    assert_eq!(status("all", json!({ "id": "q", "name": "one" })), found("q"));
    assert_eq!(status("all", json!({ "id": "q", "name": "two" })), refused(404));
    assert_eq!(status("all", json!({ "id": 7, "name": "one" })), refused(400));
    assert_eq!(status("all", json!({ "name": "two" })), refused(400), "which of the two?");
    assert_eq!(status("some", json!({ "name": "two" })), found("s"), "its own");
    assert_eq!(status("some", json!({ "name": "one" })), refused(403));
}

#[test]
fn each_successful_login_has_its_own_token() {
    let scenario = json!({ "rules": [
        { "name": "down", "when": { "operation": "KeystoneCreateUserTokenByPassword", "calls": "1-2" }, "status": 503 },
    ] });
    let mock = accounts().scenario_json(scenario.to_string()).clock(ClockMode::Manual).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut one = || login(&mut client, "acme", "admin", "admin-password", &json!({ "domain": { "name": "acme" } }));
    let answers = [one(), one(), one(), one()];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [503, 503, 201, 201]);
    assert_ne!(answers[2].header("x-subject-token"), answers[3].header("x-subject-token"));
    assert_eq!(client.get("/__admin/tokens").json()["tokens"].as_array().unwrap().len(), 2);
}

#[test]
fn bound_accounts_refusals_are_recorded_in_its_clone() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let body = json!({ "from": PROJECT, "id": "bound", "account": "developer" }).to_string();
    assert_eq!(client.request("POST", "/__admin/projects", &[JSON], &body).status, 201);
    let mut send = |user: &str| Signing::default().send(&mut client, "GET", &reset_path(user), "", "");
    assert_eq!([send("nobody").status, send(&user("0001")).status, send(&user("0001")).status], [404, 200, 200]);
    let entries = mock.requests();
    assert!(entries.iter().all(|entry| entry.project.as_deref() == Some("bound")), "{entries:?}");
    assert!(entries.iter().all(|entry| entry.account.as_deref() == Some("wksmock/developer")), "{entries:?}");
    let path = format!("/__admin/explain?project={PROJECT}&user={}&account=developer", user("0001"));
    let explained = client.get(&path).json()["calls"][0].clone();
    assert_eq!(explained["call"], 3);
    let next = Signing::default().send(&mut client, "GET", &reset_path(&user("0001")), "", "").password();
    assert_eq!(explained["outcome"]["password"], next.as_str());
    let path = format!("/__admin/explain?project={PROJECT}&operation=ListUsers&account=developer");
    Signing::default().send(&mut client, "GET", &format!("/v2/{PROJECT}/users"), "", "");
    assert_eq!(client.get(&path).json()["calls"][0]["call"], 2);
}

#[test]
fn long_canonical_request_is_complete_in_the_journal() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let query = format!("x={}", "y".repeat(2_000));
    let refused = Signing { secret: "wrong", ..Signing::default() }.send(
        &mut client,
        "GET",
        &reset_path(&user("0001")),
        &query,
        "",
    );
    let said = refused.error_msg();
    assert!(said.chars().count() <= 1_000 && said.contains("|x=yyy") && said.contains("…|host:"), "{said}");
    assert!(said.contains("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855. Compare it"), "{said}");
    let kept = mock.requests().remove(0).problem.unwrap();
    assert!(kept.contains(&query), "{kept}");
}

#[test]
fn user_and_region_lookups_serve_real_clients() {
    let mock = MockServer::builder().users("fixtures/accounts.json").auth(Auth::Required).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let ci = Signing {
        access: "CIACCESSKEY000000001",
        secret: "ciSecretKey00000000000000000000000000000001",
        ..Signing::default()
    };
    let mut names = |query: &str| {
        let answer = ci.send(&mut client, "GET", "/v3/users", query, "");
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let users = answer.json()["users"].as_array().unwrap().clone();
        users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["admin", "ci", "reader"]);
    assert_eq!(names("name=reader"), ["reader"]);
    assert_eq!(names("enabled=true&name=ci"), ["ci"]);
    assert!(
        names("enabled=false").is_empty() && names("domain_id=another").is_empty() && names("name=read").is_empty()
    );
    let one = ci.send(&mut client, "GET", "/v3/users", "name=ci", "").json();
    let caller = ci.send(&mut client, "GET", "/v5/caller-identity", "", "").json();
    assert_eq!(
        (&one["users"][0]["id"], &one["users"][0]["domain_id"]),
        (&caller["principal_id"], &caller["account_id"])
    );
    assert_eq!(one["users"][0]["password_expires_at"], Value::Null);
    let regions = ci.send(&mut client, "GET", "/v3/regions", "", "").json();
    let ids: Vec<_> = regions["regions"].as_array().unwrap().iter().map(|region| region["id"].clone()).collect();
    assert_eq!(ids, ["eu-west-101", "la-north-2"]);
    assert_eq!(regions["regions"][0]["type"], "public");
    for (query, told) in [("enabled=maybe", "true or false"), ("password_expires_at=x", "Omit password_expires_at.")] {
        let refused = ci.send(&mut client, "GET", "/v3/users", query, "");
        assert_eq!(refused.status, 400, "{query}");
        assert!(refused.json()["error"]["message"].as_str().unwrap().contains(told), "{refused:?}");
    }
    assert_eq!(client.get("/v3/users").status, 401);
    assert_eq!(client.get("/v3/regions").status, 401);
}

#[test]
fn rules_apply_to_user_and_region_lookups() {
    let scenario = json!({ "rules": [
        { "name": "large", "when": { "operation": "KeystoneListUsers", "calls": "1" }, "status": 413 },
        { "name": "not now", "when": { "operation": "KeystoneListUsers", "calls": "2" }, "status": 405 },
        { "name": "down", "when": { "operation": "KeystoneListRegions", "calls": "1" }, "status": 503 },
    ] });
    let mock = MockServer::builder().scenario_json(scenario.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut three = |path: &str| [(); 3].map(|()| client.get(path).status);
    assert_eq!(three("/v3/users"), [413, 405, 200]);
    assert_eq!(three("/v3/regions"), [503, 200, 200]);
}
