//! Every kind of invalid file, with the errors that `check` draws.

use crate::binary::{run, stderr, stdout, wksmock};
use std::fs;
use std::path::Path;

/// Writes files, checks them, and returns output and exit code; `serve` must report the same.
fn check_files(files: &[(&str, &[u8])], flags: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
    check_paths(folder.path(), &names, flags)
}

fn check_paths(folder: &Path, names: &[&str], flags: &[&str]) -> String {
    let output = wksmock(&[&["check"], names, flags].concat()).current_dir(folder).output().unwrap();
    assert_eq!(stdout(&output), "", "nothing is printed of bad files");
    format!("exit {}\n{}", output.status.code().unwrap(), stderr(&output))
}

fn check(users: &str) -> String {
    check_files(&[("users.json", users.as_bytes())], &[])
}

fn check_scenario(rules: &str) -> String {
    let scenario = format!("{{\n  \"rules\": [\n    {rules}\n  ]\n}}");
    check_files(&[("flaky.json", scenario.as_bytes())], &[])
}

fn check_expectations(expect: &str) -> String {
    let scenario = format!("{{\n  \"expect\": [\n    {expect}\n  ]\n}}");
    check_files(&[("drill.json", scenario.as_bytes())], &[])
}

macro_rules! said {
    ($($name:ident: $said:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!($said);
        }
    )*};
}

said! {
    not_json: check("{\n  \"projects\": nope\n}");
    truncated: check("{\n  \"projects\": [\n    { \"id\": \"p\"");
    empty_file: check("");
    comment: check("{\n  // no\n  \"projects\": []\n}");
    trailing_comma: check("{\n  \"projects\": [],\n}");
    byte_order_mark: check("\u{feff}{\"projects\": []}");
    not_utf8: check_files(&[("users.json", b"{\"projects\": [{\"id\": \"\xff\"}]}")], &[]);
    too_deep: check(&format!("{{\"projects\": {}1{}}}", "[".repeat(64), "]".repeat(64)));
    not_an_object: check("[]");
    neither_kind: check("{}");
    no_projects: check("{\"accounts\": []}");
    misspelt_rules: check_files(&[("flaky.json", b"{\n  \"rulse\": []\n}")], &[]);
    misspelt_projects: check("{\n  \"project\": []\n}");
    unknown_field: check("{\n  \"projects\": [\n    { \"id\": \"p\", \"usrs\": [] }\n  ]\n}");
    duplicate_field: check("{\"projects\": [], \"projects\": []}");
    wrong_type: check("{\"projects\": [{\"id\": 7}, {\"id\": \"q\", \"users\": {}}, null]}");
    wrong_format: check("{\"format\": 2, \"projects\": []}");
    empty_id: check("{\"projects\": [{\"id\": \"p\", \"users\": [{\"id\": \"\"}]}]}");
    slash_in_id: check("{\"projects\": [{\"id\": \"p\", \"users\": [{\"id\": \"a/b\"}]}]}");
    id_too_long: check(&format!("{{\"projects\": [{{\"id\": \"{}\"}}]}}", "x".repeat(256)));
    every_user_error: check("{\"projects\": [{\"id\": \"p\", \"users\": [\n  {\"id\": \"\", \"active_type\": \"X\", \"user_name\": \"\", \"user_phone\": \"000000000000000000000000000000\"}\n]}]}");
    nested_in_a_wrong_field: check_files(&[
        ("users.json", b"{\"usres\": [], \"projects\": [{\"id\": \"\", \"generat\": 1, \"users\": [{\"id\": \"a\", \"nam\": 1}]}, {\"id\": \"a/b\"}]}"),
        ("flaky.json", b"{\"expect\": [], \"rules\": [{\"name\": \"\", \"status\": 418}]}"),
    ], &[]);
    several_unknown_users: check_scenario("{ \"name\": \"a\", \"when\": { \"project\": \"p\", \"user\": [\"nope1\", \"nope2\"] }, \"status\": 503 }");
    duplicate_user: check("{\"projects\": [{\"id\": \"p\", \"users\": [\n  {\"id\": \"a\"},\n  {\"id\": \"b\"},\n  {\"id\": \"a\"}\n]}]}");
    duplicate_project: check_files(&[
        ("a.json", b"{\"projects\": [{\"id\": \"p\"}]}"),
        ("b.json", b"{\n  \"projects\": [{\"id\": \"p\", \"users\": [{\"id\": \"a\"}]}]\n}"),
    ], &["--fault", "a=503"]);
    no_addresses: check("{\"projects\": [{\"id\": \"p\", \"users\": [\n  {\"id\": \"a\", \"user_email\": \"abc\"},\n  {\"id\": \"b\", \"user_email\": \"a@b, c@d\"}\n]}]}");
    unknown_active_type: check("{\"projects\": [{\"id\": \"p\", \"users\": [{\"id\": \"a\", \"active_type\": \"USER_ACTIVATED\"}]}]}");
    population_out_of_range: check("{\"projects\": [{\"id\": \"p\", \"generate\": {\"count\": 1000001, \"id_prefix\": \"l\"}}]}");
    user_beside_population: check("{\"projects\": [{\"id\": \"p\", \"users\": [{\"id\": \"l000001\"}], \"generate\": {\"count\": 2, \"id_prefix\": \"l\"}}]}");
    wrong_accounts: check("{\"projects\": [{\"id\": \"p\"}], \"accounts\": [\n  {\"domain\": \"d\", \"name\": \"a\", \"access_key\": \"k\", \"secret_key\": \"s\"},\n  {\"domain\": \"d\", \"name\": \"a\", \"access_key\": \"k\", \"secret_key\": \"t\"},\n  {\"domain\": \"d\"},\n  {\"domain\": \"d\", \"name\": \"b\", \"access_key\": \"l\"},\n  {\"domain\": \"d\", \"name\": \"c\", \"access_key\": \"a b\", \"secret_key\": \"s\"},\n  {\"domain\": \"d\", \"name\": \"e\", \"access_key\": \"m\", \"secret_key\": \"ä\"},\n  {\"domain\": \"d\", \"name\": \"f\", \"projects\": [\"p\", \"pp\"], \"permissions\": [\"workspace:users:randomPasword\", \"workspace:*\", \"*\", \"x\"]},\n  {\"domain\": \"\", \"name\": \"g\"},\n  {\"domain\": \"d\", \"name\": \"h\", \"password\": \"\"},\n  {\"domain\": \"d\", \"name\": \"i\", \"secret\": \"s\"},\n  {\"domain\": \"d\", \"name\": \"j\", \"projects\": \"p\"}\n]}");

    unknown_user: check_scenario("{ \"name\": \"outage\", \"when\": { \"user\": \"8a2c3f9579d240820179d51e6caf001\" }, \"status\": 503 }");
    unknown_project: check_scenario("{ \"name\": \"outage\", \"when\": { \"project\": \"p\" }, \"status\": 503 }");
    undocumented_status: check_scenario("{ \"name\": \"teapot\", \"status\": 418 }");
    not_a_status: check_scenario("{ \"name\": \"a\", \"status\": 99 }, { \"name\": \"b\", \"status\": \"503\" }, { \"name\": \"c\" }");
    nameless_rule: check_scenario("{ \"status\": 503 }");
    wrong_calls: check_scenario("{ \"name\": \"a\", \"when\": { \"calls\": \"1-2,0\" }, \"status\": 503 }");
    sequence_longer_than_its_calls: check_scenario("{ \"name\": \"a\", \"when\": { \"calls\": \"1-2\" }, \"sequence\": [503, 500, 200] }");
    refused_query: check_scenario("{ \"name\": \"a\", \"when\": { \"query\": { \"notification_type\": \"pigeon\" } }, \"status\": 500 }");
    faults_without_a_body: check_scenario("{ \"name\": \"a\", \"when\": { \"calls\": \"1\" }, \"status\": 204, \"undocumented\": true, \"fault\": \"malformed_chunk\" },\n    { \"name\": \"b\", \"when\": { \"calls\": \"2\" }, \"status\": 200, \"undocumented\": true, \"body\": \"\", \"fault\": \"truncated_body\" },\n    { \"name\": \"c\", \"when\": { \"calls\": \"3\" }, \"status\": 204, \"undocumented\": true, \"body\": \"lost\" }");
    wrong_account_conditions: check_scenario("{ \"name\": \"a\", \"when\": { \"account\": \"develper\" }, \"status\": 500 },\n    { \"name\": \"b\", \"when\": { \"operation\": \"KeystoneListProjects\", \"user\": \"8a2c3f9579d240820179d51e6caf0001\" }, \"status\": 500 },\n    { \"name\": \"c\", \"when\": { \"operation\": \"KeystoneListProjects\" }, \"status\": 500, \"phase\": \"after\" },\n    { \"name\": \"d\", \"when\": { \"operation\": \"DecodeAuthorizationMessage\" }, \"status\": 404 },\n    { \"name\": \"e\", \"when\": { \"account\": \"developer\" }, \"sequence\": [500] }");
    wrong_token_calls: check_scenario("{ \"name\": \"a\", \"when\": { \"token_calls\": \"2-\" }, \"status\": 403 },\n    { \"name\": \"b\", \"when\": { \"token_calls\": \"2-\", \"user\": \"8a2c3f9579d240820179d51e6caf0001\" }, \"status\": 401 },\n    { \"name\": \"c\", \"when\": { \"token_calls\": \"2-\" }, \"status\": 401, \"delay\": { \"fixed_ms\": 1 } },\n    { \"name\": \"d\", \"when\": { \"token_calls\": \"0\" }, \"status\": 401 },\n    { \"name\": \"e\", \"when\": { \"token_calls\": \"1\" }, \"fault\": \"reset\" }");
    wrong_times: check_scenario("{ \"name\": \"a\", \"when\": { \"time_ms\": [5, 5] }, \"status\": 500 },\n    { \"name\": \"b\", \"when\": { \"time_ms\": [5] }, \"status\": 500 },\n    { \"name\": \"c\", \"when\": { \"time_ms\": [null, 0] }, \"status\": 500 },\n    { \"name\": \"d\", \"when\": { \"time_ms\": [0, \"1s\"] }, \"status\": 500 },\n    { \"name\": \"e\", \"when\": { \"time_ms\": [0, 1] }, \"sequence\": [503] }");
    wrong_delays: check_scenario("{ \"name\": \"a\", \"delay\": {} },\n    { \"name\": \"b\", \"delay\": { \"fixed_ms\": 300001 } },\n    { \"name\": \"c\", \"delay\": { \"fixed_ms\": 1, \"uniform_ms\": [1, 2] } },\n    { \"name\": \"d\", \"delay\": { \"uniform_ms\": [2, 1] } },\n    { \"name\": \"e\", \"delay\": { \"uniform_ms\": [1] } },\n    { \"name\": \"f\", \"delay\": { \"lognormal\": { \"median_ms\": 80, \"sigma\": 0.6 } } },\n    { \"name\": \"g\", \"delay\": { \"lognormal\": { \"median_ms\": 80, \"sigma\": -1, \"max_ms\": 100 } } },\n    { \"name\": \"h\", \"delay\": { \"lognormal\": { \"median_ms\": 80, \"sigma\": 1, \"max_ms\": 79 } } },\n    { \"name\": \"i\", \"delay\": { \"fixed\": 1 } },\n    { \"name\": \"j\", \"delay\": 100 }");
    wrong_wire_faults: check_scenario("{ \"name\": \"a\", \"fault\": \"rest\" },\n    { \"name\": \"b\", \"fault\": \"dribble\" },\n    { \"name\": \"c\", \"fault\": { \"dribble\": { \"chunks\": 0, \"over_ms\": 1 } } },\n    { \"name\": \"d\", \"fault\": { \"dribble\": { \"chunks\": 2 } } },\n    { \"name\": \"e\", \"fault\": {} },\n    { \"name\": \"f\", \"fault\": 5 }");
    conflicting_facets: check_scenario("{ \"name\": \"a\", \"status\": 503, \"fault\": \"reset\" },\n    { \"name\": \"b\", \"delay\": { \"fixed_ms\": 1 }, \"fault\": \"hang\" },\n    { \"name\": \"c\", \"delay\": { \"fixed_ms\": 1 }, \"phase\": \"after\" },\n    { \"name\": \"d\", \"fault\": \"truncated_body\", \"phase\": \"after\" },\n    { \"name\": \"e\", \"delay\": { \"fixed_ms\": 1 }, \"error\": { \"code\": \"X\" } },\n    { \"name\": \"f\", \"headers\": { \"Retry-After\": \"1\" }, \"fault\": \"reset\" }");
    taken_facet: check_scenario("{ \"name\": \"slow\", \"delay\": { \"fixed_ms\": 1 } },\n    { \"name\": \"fine\", \"status\": 503, \"delay\": { \"fixed_ms\": 2 } },\n    { \"name\": \"dead\", \"when\": { \"calls\": \"2\" }, \"delay\": { \"fixed_ms\": 3 } }");
    wrong_conditions: check_scenario("{ \"name\": \"a\", \"when\": { \"chance\": 1.5 }, \"status\": 500 },\n    { \"name\": \"b\", \"when\": { \"chance\": \"10%\" }, \"status\": 500 },\n    { \"name\": \"c\", \"when\": { \"operation\": \"ResetPassword\" }, \"status\": 500 },\n    { \"name\": \"d\", \"when\": { \"header\": { \"a b\": \"c\" }, \"query\": { \"x\": \"1\" } }, \"status\": 500 },\n    { \"name\": \"e\", \"when\": { \"query\": { \"x\": 1 } }, \"status\": 500 }");
    wrong_expectations: check_expectations("{ \"name\": \"a\" },\n    { \"calls\": { \"min\": 1 } },\n    { \"name\": \"b\", \"calls\": { \"min\": 3, \"max\": 2 } },\n    { \"name\": \"b\", \"gap_ms\": {} },\n    { \"name\": \"c\", \"when\": { \"user\": \"8a2c3f9579d240820179d51e6caf001\" }, \"ends_with\": 200 },\n    { \"name\": \"d\", \"ends_with\": 600, \"backoff\": \"shrinking\" },\n    { \"name\": \"e\", \"statuses\": [] },\n    { \"name\": \"f\", \"statuses\": [503, \"200\"], \"after_lost\": {} },\n    { \"name\": \"g\", \"when\": { \"operation\": \"ResetRandomPasswort\" }, \"calls\": { \"max\": -1 } }");
    wrong_sent: check_expectations("{ \"name\": \"a\", \"sent\": {} },\n    { \"name\": \"b\", \"sent\": { \"header\": { \"X-Auth-Token\": \"secret\" } } },\n    { \"name\": \"c\", \"sent\": { \"header\": { \"x y\": true } } },\n    { \"name\": \"d\", \"sent\": { \"header\": { \"accept\": 1 } } },\n    { \"name\": \"e\", \"sent\": { \"notification_type\": [\"emial\"] } }");
    wrong_notified: check_expectations("{ \"name\": \"a\", \"notified\": {} },\n    { \"name\": \"b\", \"notified\": { \"email\": {} } },\n    { \"name\": \"c\", \"notified\": { \"sms\": { \"min\": 1 } } },\n    { \"name\": \"d\", \"when\": { \"operation\": \"KeystoneListProjects\" }, \"notified\": { \"email\": { \"max\": 0 } } },\n    { \"name\": \"e\", \"when\": { \"account\": \"ci\" }, \"calls\": { \"max\": 1 } }");
    wrong_messages: check_scenario("{ \"name\": \"a\", \"when\": { \"operation\": \"notification.email\" }, \"delay\": { \"fixed_ms\": 1 } },\n    { \"name\": \"b\", \"when\": { \"operation\": \"notification.phone\" }, \"status\": 404 },\n    { \"name\": \"c\", \"when\": { \"operation\": \"notification.sms\" }, \"status\": 500 }");
    wrong_sequences: check_scenario("{ \"name\": \"a\", \"sequence\": [] },\n    { \"name\": \"b\", \"sequence\": [503, 418, \"500\"] },\n    { \"name\": \"c\", \"sequence\": [503, 418], \"then\": \"stop\" },\n    { \"name\": \"d\", \"sequence\": [503], \"status\": 500 },\n    { \"name\": \"e\", \"status\": 500, \"then\": \"last\" },\n    { \"name\": \"f\", \"when\": { \"chance\": 0.5 }, \"sequence\": [503] },\n    { \"name\": \"g\", \"when\": { \"calls\": \"1-3,2\" }, \"sequence\": [503] }");
    misspelt_sequence: check_scenario("{ \"name\": \"a\", \"sequnce\": [503], \"then\": \"last\" }");
    wrong_phases: check_scenario("{ \"name\": \"a\", \"status\": 500, \"phase\": \"later\" },\n    { \"name\": \"b\", \"status\": 200, \"phase\": \"after\" }");
    every_when_error: check_scenario("{ \"name\": \"a\", \"when\": { \"usr\": \"x\", \"project\": [], \"user\": 1, \"calls\": 2, \"chance\": 1.5, \"time_ms\": [5, 5], \"header\": [], \"query\": { \"x\": 1 } }, \"status\": 99, \"delay\": 1, \"phase\": 0 }");
    users_of_other_projects: check_files(&[
        ("users.json", b"{\"projects\": [{\"id\": \"p\", \"users\": [{\"id\": \"alice\"}]}, {\"id\": \"q\", \"users\": [{\"id\": \"alicf\"}]}]}"),
        ("flaky.json", b"{\"rules\": [{\"name\": \"r\", \"when\": {\"project\": \"q\", \"user\": \"alice\"}, \"status\": 503}]}"),
    ], &[]);
    too_large_call_number: check_scenario("{ \"name\": \"a\", \"when\": { \"calls\": \"1-99999999999999999999\" }, \"status\": 503 }");
    misspelt_condition: check_scenario("{ \"name\": \"a\", \"when\": { \"usr\": \"x\" }, \"status\": 500 }");
    wrong_headers: check_scenario("{ \"name\": \"a\", \"status\": 503, \"headers\": { \"Content-Length\": \"1\", \"x-request-id\": \"y\", \"X-Wksmock-Explain\": \"z\", \"a b\": \"c\", \"X\": \"1\\n2\", \"y\": \"1\", \"Y\": \"2\" } }");
    wrong_error: check_scenario("{ \"name\": \"a\", \"status\": 503, \"error\": { \"code\": \"WKS.0000000000\" } },\n    { \"name\": \"b\", \"status\": 200, \"error\": { \"reason\": \"r\" } }");
    body_without_undocumented: check_scenario("{ \"name\": \"a\", \"status\": 503, \"body\": \"x\" }");
    same_name: check_scenario("{ \"name\": \"a\", \"when\": { \"calls\": \"1\" }, \"status\": 503 },\n    { \"name\": \"a\", \"status\": 500 }");
    never_matches: check_scenario("{ \"name\": \"early\", \"when\": { \"calls\": \"1-5\" }, \"status\": 503 },\n    { \"name\": \"late\", \"when\": { \"user\": \"8a2c3f9579d240820179d51e6caf0001\", \"calls\": \"2,4\" }, \"status\": 500 }");
    many_errors_at_once: check_files(&[
        ("users.json", b"{\"projects\": [{\"id\": \"p\", \"users\": [{\"id\": \"\"}, {\"id\": \"a\", \"locked\": 1}]}]}"),
        ("flaky.json", b"{\"rules\": [{\"name\": \"r\", \"when\": {\"user\": \"zz\", \"calls\": \"0\"}, \"status\": 418, \"headers\": {\"te\": \"x\"}}]}"),
    ], &["--fault", "a=x:0"]);
    two_seeds: check_files(&[
        ("users.json", b"{\"seed\": 1, \"projects\": []}"),
        ("flaky.json", b"{\"seed\": 2, \"rules\": []}"),
    ], &[]);
    wrong_faults: check_files(&[("users.json", b"{\"projects\": [{\"id\": \"p\", \"users\": [{\"id\": \"alice\"}]}]}")],
        &["--fault", "alcie=503", "--fault", "alice=418", "--fault", "alice=503", "--fault", "alice=503", "--fault", "alice=rest", "--fault", "*=503:120%", "--fault", "*=hang:1:2", "--fault", "*=truncated_body:after"]);
}

#[test]
fn unreadable_path_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("empty/x.schema.json"), "{}").unwrap();
    fs::write(folder.path().join("team.json"), "{}").unwrap();
    let said = check_paths(folder.path(), &["taem.json", "empty", "team.json/x", "/proc/self/mem"], &[]);
    insta::assert_snapshot!(said);
}

#[test]
fn too_large_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("users.json")).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    insta::assert_snapshot!(check_paths(folder.path(), &["users.json"], &[]));
}

#[test]
fn fifty_errors_are_shown_and_the_others_counted() {
    let said = check(&format!("{{\"projects\": [{}1]}}", "1,".repeat(59)));
    assert_eq!(said.matches("error: ").count(), 50, "{said}");
    assert!(said.contains("… and 10 more") && said.contains("60 errors"), "{said}");
}

#[test]
fn all_errors_of_an_object_are_reported_at_once() {
    let rule = r#"{ "name": 7, "when": { "user": "nobody", "calls": "0-2", "chance": 10, "operation": "Reset",
        "header": { "a b": "v" }, "time_ms": [5], "x": 1 }, "status": 999, "headers": { "Content-Length": "1" },
        "error": { "code": 1, "reasn": "r" }, "delay": { "fixed_ms": -1, "uniform_ms": [2, 1] }, "phase": "during",
        "fault": { "dribble": { "chunks": 0, "over_ms": 1.5 } } }"#;
    let said = check_scenario(rule);
    for expected in [
        "found a number",
        "unknown user `nobody`",
        "call numbers start at 1",
        "`chance` is 10",
        "unknown operation `Reset`",
        "`a b` is not a valid header name",
        "invalid interval",
        "unknown field `x`",
        "`status` is 999",
        "header `Content-Length` cannot be set",
        "unknown field `reasn`",
        "`fixed_ms` is -1",
        "empty interval",
        "`delay` has more than one kind",
        "unknown `phase`",
        "`chunks` is 0",
        "`over_ms` is 1.5",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(said.ends_with("18 errors\n"), "each once: {said}");
    let expectation = r#"{ "name": "", "when": { "user": "nobody", "calls": "1" }, "calls": { "min": "a", "max": -1 },
        "sent": { "header": { "a b": true, "c": 1 }, "notification_type": ["sms", "fax"] }, "statuses": [1, 2],
        "ends_with": 0, "after_lost": {}, "notified": { "email": {}, "sms": {} }, "backoff": "no" }"#;
    let said = check_expectations(expectation);
    assert!(said.ends_with("16 errors\n"), "{said}");
    let said = check(
        r#"{ "format": 2, "seed": -1, "projects": [
            { "id": "", "name": 1, "generate": { "count": 0, "id_prefix": 5 }, "users": [
                { "id": 1, "user_name": 2, "user_email": "x", "active_type": "y", "locked": "no", "z": 1 } ] } ],
          "accounts": [{ "domain": "a/b", "name": "", "password": 1, "access_key": "é", "projects": "p" }] }"#,
    );
    assert!(said.ends_with("18 errors\n"), "{said}");
}

#[test]
fn integers_follow_the_schema_without_rounding() {
    let rule = |status: &str| check_scenario(&format!(r#"{{ "name": "a", "status": {status} }}"#));
    for right in ["503.0", "5.03e2", "50300E-2"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("flaky.json");
        fs::write(&file, format!(r#"{{ "rules": [{{ "name": "a", "status": {right} }}] }}"#)).unwrap();
        assert_eq!(run(&["check", file.to_str().unwrap()]).status.code(), Some(0), "{right}");
    }
    for wrong in ["503.5", "1e400", "1e999999999", "1e-99999999999999999999", "503.0000000000000000000000001"] {
        let said = rule(wrong);
        assert!(said.starts_with("exit 2\n") && said.contains("`status` is"), "{wrong}: {said}");
    }
}

#[test]
fn invisible_character_is_named_and_long_value_is_unquoted() {
    let said = check_scenario("{ \"name\": \"a\",\u{a0}\"status\": 503 }");
    assert!(said.contains("invalid JSON: found U+00A0 (no-break space)"), "{said}");
    let said = check_scenario("{ \"name\": \"a\", \"stat\u{200b}us\": 503 }");
    assert!(said.contains("U+200B (zero width space)"), "{said}");
    let long = "x".repeat(1 << 20);
    for rule in [
        format!(r#"{{ "name": "a", "{long}": 1 }}"#),
        format!(r#"{{ "name": "{long}", "when": {{ "user": "{long}", "calls": "{long}", "operation": "{long}" }} }}"#),
        format!(r#"{{ "name": "a", "status": {}, "fault": "{long}" }}"#, "9".repeat(1 << 20)),
    ] {
        let said = check_scenario(&rule);
        assert!(said.starts_with("exit 2\n") && said.len() < 8_000, "{}", said.len());
    }
    let flag = format!("{}=503:{}", "u".repeat(60_000), "x".repeat(60_000));
    let output = run(&["serve", "--port", "0", "--fault", &flag]);
    assert!(output.status.code() == Some(2) && output.stderr.len() < 4_000, "{}", stderr(&output));
    let output = run(&["serve", "--port", &"9".repeat(100_000)]);
    assert!(output.status.code() == Some(2) && output.stderr.len() < 2_000, "{}", stderr(&output));
}

#[test]
fn serve_reports_the_errors_of_check_and_opens_no_port() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.json");
    fs::write(&file, "{\"projects\": 1}").unwrap();
    let file = file.to_str().unwrap();
    let ready = folder.path().join("ready");
    let checked = run(&["check", file]);
    let served = run(&["serve", "--port", "0", "--users", file, "--ready-file", ready.to_str().unwrap()]);
    assert_eq!((served.status.code(), stdout(&served)), (Some(2), String::new()));
    assert_eq!(stderr(&served), stderr(&checked));
    assert!(!ready.exists());
}

/// Returns rules named a, b, c …, as one file and as a file each.
fn as_files(rules: &[&str]) -> (String, Vec<String>) {
    let named = ('a'..).zip(rules).map(|(name, rule)| format!(r#"{{ "name": "{name}", {rule} }}"#));
    let named: Vec<_> = named.collect();
    let apart = named.iter().map(|rule| format!("{{ \"rules\": [{rule}] }}")).collect();
    (format!("{{ \"rules\": [\n  {}\n] }}", named.join(",\n  ")), apart)
}

/// Returns the warnings for valid scenarios.
fn check_fine(files: &[String], flags: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<_> = (1..=files.len()).map(|number| format!("{number}.json")).collect();
    for (name, file) in names.iter().zip(files) {
        fs::write(folder.path().join(name), file).unwrap();
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let output = wksmock(&[&["check"], names.as_slice(), flags].concat()).current_dir(folder.path()).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    stdout(&output)
}

#[test]
fn unreachable_rule_is_reported() {
    let (together, apart) = as_files(&[
        r#""when": { "header": { "X-Canary": "yes" }, "time_ms": [0, 90], "chance": 1 }, "status": 503"#,
        r#""when": { "header": { "x-canary": "yes" }, "time_ms": [30, 60], "calls": "2-4" }, "status": 500"#,
        r#""when": { "header": { "X-CANARY": "yes" }, "time_ms": [0, 91] }, "status": 404"#,
    ]);
    let together = check_files(&[("flaky.json", together.as_bytes())], &[]);
    insta::assert_snapshot!(format!("{together}\n{}", check_fine(&apart, &[])));
}

#[test]
fn rule_that_never_applies_is_a_warning() {
    let (together, _) = as_files(&[
        r#""when": { "chance": 0.3 }, "status": 400"#,
        r#""when": { "chance": 0 }, "status": 500"#,
        r#""fault": "reset""#,
    ]);
    let late = as_files(&[r#""when": { "calls": "1" }, "status": 500"#]).0;
    insta::assert_snapshot!(check_fine(&[together], &[]) + "\n" + &check_fine(&[late], &["--fault", "*=503"]));
}

#[test]
fn body_fault_on_an_operation_without_body_is_a_warning() {
    let rules = |more: &str| {
        format!(
            r#"{{ "rules": [{{ "name": "cut", "when": {{ "operation": "DeleteUser" }}, "fault": "truncated_body"{more} }}] }}"#
        )
    };
    let said = check_fine(&[rules("")], &[]);
    let expected = "warning: the truncated_body of `cut` (1.json:1:13) affects only errors: DeleteUser answers with 204, which has no body";
    assert!(said.contains(expected), "{said}");
    let said = check_fine(&[rules(r#", "status": 500"#)], &[]);
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn endless_down_needs_a_separate_admin_listener() {
    let said = check_fine(&[r#"{ "rules": [], "down": [{ "time_ms": [5000, null] }] }"#.to_owned()], &[]);
    assert!(said.contains("warning: the last window of `down` never ends"), "{said}");
    assert!(said.ends_with(", 1 warning\n"), "{said}");
    let ends = check_fine(&[r#"{ "rules": [], "down": [{ "time_ms": [5000, 6000] }] }"#.to_owned()], &[]);
    assert!(!ends.contains("warning"), "{ends}");
}

#[test]
fn check_takes_flags_alone_and_skips_schemas() {
    let alone = run(&["check", "--fault", "*=503:50%"]);
    assert_eq!(alone.status.code(), Some(0), "{}", stderr(&alone));
    assert!(stdout(&alone).contains("sets the status of 50 % of its calls"), "{}", stdout(&alone));
    let all = run(&["check", "scenarios/scenario.schema.json", "scenarios/outage.json"]);
    assert_eq!(all.status.code(), Some(0), "{}", stderr(&all));
    assert!(!stdout(&all).contains("schema"), "{}", stdout(&all));
}

#[test]
fn valid_files_are_summarized() {
    let output = run(&["check", "fixtures", "scenarios"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    insta::assert_snapshot!(stdout(&output));
}
