//! Sample code from the command line, the admin API and the OpenAPI document. `tests/samples/run` runs and compiles it.

use crate::binary::{Served, run, stderr, stdout};
use crate::{PROJECT, user};
use serde_json::{Value, json};

const LANGUAGES: [&str; 9] = ["python", "java", "go", "node", "dotnet", "php", "cpp", "curl", "run"];

/// Returns the output of `wksmock sample`.
fn sample(arguments: &[&str]) -> String {
    let output = run(&[&["sample"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

/// Returns the error of `wksmock sample`.
fn refused(arguments: &[&str]) -> String {
    let output = run(&[&["sample"], arguments].concat());
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{arguments:?}");
    stderr(&output)
}

/// Returns the operations of the emulated API with their objects in the document.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap().iter().filter(|(path, _)| !path.starts_with("/__admin"));
    let objects = paths.flat_map(|(_, methods)| methods.as_object().unwrap().values());
    objects.map(|object| (object["operationId"].as_str().unwrap().to_owned(), object.clone())).collect()
}

#[test]
fn reset_sample_matches_its_snapshot_in_each_language() {
    for language in LANGUAGES {
        let code = sample(&[language, "--notification-type", "email,phone"]);
        insta::assert_snapshot!(format!("reset_{language}"), code);
    }
}

#[test]
fn dotnet_samples_match_their_snapshots() {
    let served = Served::start(&[]);
    let document = served.client().get("/__admin/openapi.json").json();
    let codes: Vec<_> = operations(&document).iter().map(|(id, _)| sample(&["dotnet", id])).collect();
    insta::assert_snapshot!("every_operation_dotnet", codes.join("\n"));
}

#[test]
fn cli_admin_api_and_openapi_give_the_same_code() {
    let served = Served::start(&[]);
    let mut client = served.client();
    let document = client.get("/__admin/openapi.json").json();
    let all = operations(&document);
    assert!(all.len() >= 18, "{}", all.len());
    for (id, object) in all {
        let told = client.get(&format!("/__admin/samples?operation={id}")).json();
        let told = told["samples"].as_array().unwrap();
        let documented = object["x-codeSamples"].as_array().unwrap();
        assert_eq!((told.len(), documented.len()), (LANGUAGES.len(), LANGUAGES.len()), "{id}");
        for ((language, told), documented) in LANGUAGES.iter().zip(told).zip(documented) {
            assert_eq!(told["language"], *language);
            assert_eq!(
                (&told["code"], &told["title"]),
                (&documented["source"], &documented["label"]),
                "{id} {language}"
            );
            let output = run(&["sample", language, &id, "--url", &served.url]);
            assert_eq!(stdout(&output), told["code"].as_str().unwrap(), "{id} {language}");
            assert_eq!(stderr(&output).trim_end(), told["note"].as_str().unwrap(), "{id} {language}");
        }
    }
}

#[test]
fn sample_uses_the_given_request() {
    let served = Served::start(&[]);
    let mut client = served.client();
    let mut python = |query: &str| {
        let told = client.get(&format!("/__admin/samples?language=python&{query}")).json();
        told["samples"][0]["code"].as_str().unwrap().to_owned()
    };
    let code = python("project=p-1&user=u-1&notification_type=phone");
    assert!(code.contains(r#"project = "p-1""#), "{code}");
    assert!(code.contains(r#"ResetRandomPasswordRequest(user_id="u-1", notification_type="phone")"#), "{code}");
    let clone = json!({ "from": "team-b", "id": "own" });
    let others = Served::start(&["--users", "fixtures/accounts.json"]);
    let mut of_others = others.client();
    assert_eq!(of_others.request("POST", "/__admin/projects", &[], &clone.to_string()).status, 201);
    let told = of_others.get("/__admin/samples?language=curl&project=own").json();
    assert!(told["samples"][0]["code"].as_str().unwrap().contains("/v2/own/users/8a2c"), "{told}");
    // Missing values come from the server.
    let code = python("");
    assert!(code.contains(PROJECT) && code.contains(&user("0001")) && code.contains(&served.url), "{code}");
    let code = python(
        "operation=ListUsers&parameters=%7B%22limit%22:%225%22,%22disabled%22:true,%22user_names%22:%22a,b%22%7D",
    );
    assert!(code.contains(r#"ListUsersRequest(limit="5", disabled=True, user_names=["a", "b"])"#), "{code}");
    let code = python("operation=ChangeUserStatus&body=%7B%22op_type%22:%22UNLOCK%22%7D");
    assert!(code.contains(r#"body=OperateUserReq(op_type="UNLOCK")"#), "{code}");
    let same = sample(&[
        "python",
        "ListUsers",
        "--parameter",
        "limit=5",
        "--parameter",
        "disabled=true",
        "--parameter",
        "user_names=a,b",
        "--url",
        &served.url,
    ]);
    assert_eq!(
        same,
        python(
            "operation=ListUsers&parameters=%7B%22limit%22:5,%22disabled%22:true,%22user_names%22:%5B%22a%22,%22b%22%5D%7D"
        )
    );
}

#[test]
fn default_user_is_the_first_loaded() {
    let code = sample(&["python", "--users", "fixtures/accounts.json"]);
    assert!(code.contains(r#"project = "team-a""#), "{code}");
    let code = sample(&["python", "--users", "fixtures/accounts.json", "--project", "team-b"]);
    assert!(code.contains(r#"project = "team-b""#) && code.contains(&user("0001")), "{code}");
    let code = sample(&["curl", "KeystoneCreateUserTokenByPassword", "--users", "fixtures/accounts.json"]);
    assert!(code.contains(r#""name": "admin""#) && !code.contains("admin-password"), "{code}");
}

#[test]
fn samples_contain_no_secrets() {
    let login = json!({ "auth": {
        "identity": { "methods": ["password"],
            "password": { "user": { "name": "n", "password": "hunter2", "domain": { "name": "d" } } } },
        "scope": { "domain": { "name": "d" } },
    } });
    let key = json!({ "auth": { "identity": { "methods": ["token"], "token": { "id": "MIIDhunter2" } } } });
    for (operation, body) in [("KeystoneCreateUserTokenByPassword", login), ("CreateTemporaryAccessKeyByToken", key)] {
        for language in LANGUAGES {
            let code = sample(&[language, operation, "--body", &body.to_string()]);
            assert!(!code.contains("hunter2"), "{code}");
        }
    }
}

#[test]
fn unknown_language_or_operation_is_refused_with_the_list() {
    assert!(refused(&["rust"]).contains("expected one of python, java, go, node, dotnet, php, cpp, curl, run"));
    let said = refused(&["python", "ResetRandomPasword"]);
    assert!(
        said.contains("ResetRandomPassword, ListUsers") && said.contains("did you mean ResetRandomPassword?"),
        "{said}"
    );
    let served = Served::start(&[]);
    let mut client = served.client();
    for (query, expected) in [
        ("language=rust", "expected one of python, java, go"),
        ("operation=Reset", "expected one of ResetRandomPassword, ListUsers"),
        ("other=1", "expected one of operation, language, project, user, notification_type, parameters, body"),
    ] {
        let answer = client.get(&format!("/__admin/samples?{query}"));
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 400);
        assert!(detail.contains(expected), "{detail}");
    }
}

#[test]
fn request_that_no_sdk_can_send_is_refused() {
    for (arguments, expected) in [
        (
            &["python", "--parameter", "limit=1"][..],
            r#"unknown parameter "limit"; parameters of ResetRandomPassword: notification_type"#,
        ),
        (&["python", "ListUserDetail", "--notification-type", "email"], "parameters of ListUserDetail: none"),
        (&["python", "ListUsers", "--parameter", "disabled=perhaps"], "the parameter disabled must be true or false"),
        (&["python", "ListUsers", "--parameter", "domain=x"], "the parameter domain is not supported here"),
        (&["python", "ListUsers", "--parameter", "limit=1", "--parameter", "limit=2"], "limit is given twice"),
        (&["python", "--parameter", "user_id=x"], "user_id is given as the project or the user"),
        (&["go", "KeystoneValidateToken", "--parameter", "X-Subject-Token=x"], "read from the variable AUTH_TOKEN"),
        (&["go", "KeystoneListProjects", "--parameter", "page=99999999999"], "page must be a 32-bit integer"),
        (
            &["java", "ChangeUserStatus", "--body", r#"{"op_type": "KICK"}"#],
            "body.op_type must be one of LOCK, UNLOCK, RESET_PWD",
        ),
        (
            &["java", "ChangeUserStatus", "--body", r#"{"other": 1}"#],
            "unknown field body.other; fields of OperateUserReq: op_type",
        ),
        (&["java", "ChangeUserStatus", "--body", "[]"], "body must be an object"),
        (&["java", "DeleteUser", "--body", "{}"], "DeleteUser has no body"),
        (&["java", "DeleteUser", "--body", "{"], "invalid JSON"),
    ] {
        let said = refused(arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn duplicate_parameter_or_body_field_is_refused() {
    let mock = wksmock::MockServer::builder().start_blocking().unwrap();
    let mut client = crate::client::Client::connect(mock.url());
    for (query, name) in [
        ("operation=ListUsers&parameters={\"limit\":1,\"limit\":2}", "limit"),
        ("operation=ListUsers&parameters={\"limit\":1,\"lim\\u0069t\":2}", "limit"),
        ("operation=CreateDesktopUser&body={\"user_name\":\"a\",\"x\":[{\"y\":1,\"y\":2}]}", "y"),
        ("notification_type=email&parameters={\"notification_type\":\"phone\"}", "notification_type"),
    ] {
        let encoded: String = query.replace('{', "%7B").replace('}', "%7D").replace('"', "%22").replace('\\', "%5C");
        let answer = client.get(&format!("/__admin/samples?{encoded}"));
        let said = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && said.contains("is given twice") && said.contains(name), "{query}: {said}");
    }
}
