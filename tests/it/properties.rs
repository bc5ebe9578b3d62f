//! Any input gets an answer and causes no panic.

use crate::client::Client;
use crate::{PROJECT, reset_path, user};
use proptest::prelude::*;
use std::sync::LazyLock;
use wksmock::{MockServer, StartError};

static MOCK: LazyLock<MockServer> = LazyLock::new(|| MockServer::builder().start_blocking().unwrap());

fn status(target: &[u8]) -> u16 {
    let mut client = Client::connect(MOCK.url());
    client.send(
        [b"GET ", target, b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"]
            .concat(),
    );
    client.answer(false).status
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn path_of_any_bytes_gets_a_response(path in prop::collection::vec(any::<u8>(), 0..60)) {
        let found = status(&[b"/", path.as_slice()].concat());
        prop_assert!([400, 404].contains(&found), "{}", found);
    }

    #[test]
    fn any_id_is_unknown_or_malformed(id in "[^/?#\\x00-\\x20\\x7f]{0,30}") {
        let encoded = percent_encoded(&id);
        let found = status(format!("/v2/{PROJECT}/users/{encoded}/random-password").as_bytes());
        prop_assert_eq!(found, if id.is_empty() { 400 } else { 404 });
    }

    #[test]
    fn any_query_is_taken_or_malformed(query in "[ -~&&[^ #]]{0,40}") {
        let found = status(format!("{}?{query}", reset_path(&user("0001"))).as_bytes());
        prop_assert!(found == 200 || (found == 400 && !query.is_empty()), "{}", found);
    }

    #[test]
    fn notification_type_is_one_of_four_or_malformed(value in "(email|phone|sms|,|%2C|%20){0,4}") {
        let found = status(format!("{}?notification_type={value}", reset_path(&user("0001"))).as_bytes());
        let decoded = value.replace("%2C", ",").replace("%20", " ");
        let right = ["email", "phone", "email,phone", "phone,email"].contains(&decoded.as_str());
        prop_assert_eq!(found, if right { 200 } else { 400 });
    }

    #[test]
    fn any_text_as_users_file_is_taken_or_an_error(text in "[\\[\\]{}\":,a-z0-9 ]{0,60}|.{0,60}") {
        match MockServer::builder().users_json(&text).start_blocking() {
            Ok(_) => prop_assert!(text.contains("projects")),
            Err(StartError::Setup(said)) => prop_assert!(said.problems()[0].file == "users_json #1", "{}", said),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn any_json_as_users_file_is_taken_or_an_error(
        key in "id|name|users|generate|usres", value in "\"[a-z/]{0,3}\"|[0-9]{1,3}|null|\\[\\]|\\{\\}|\\[\\{\"id\":\"[a-b]\"\\}\\]",
    ) {
        let text = format!(r#"{{"projects": [{{"id": "p", "{key}": {value}}}]}}"#);
        if let Err(error) = MockServer::builder().users_json(&text).start_blocking() {
            prop_assert!(error.to_string().contains("users_json #1:1:"), "{}", error);
        }
    }
}

fn percent_encoded(id: &str) -> String {
    let bytes: Vec<_> = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    bytes.concat()
}
