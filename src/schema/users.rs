//! What a users file may say. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use super::heading::{Heading, Id};
use crate::fixture::{
    ACCESS_KEY, ACCOUNT_DOMAIN, ACCOUNT_NAME, ActiveType, DESCRIPTION, GENERATED_MAX, ID_PREFIX, PASSWORD,
    PROJECT_NAME, SECRET_KEY, USER_EMAIL, USER_NAME, USER_PHONE,
};
use schemars::JsonSchema;

/// Projects and their desktop users. Several files can be loaded together.
#[derive(JsonSchema)]
#[schemars(title = "wksmock users file", deny_unknown_fields)]
pub(super) struct UsersFile {
    #[schemars(flatten)]
    heading: Heading,
    /// The projects, with unique ids.
    projects: Vec<Project>,
    /// IAM identities that call the API. Default: none.
    accounts: Option<Vec<Account>>,
}

/// An IAM identity that calls the API. Domain and name together must be unique across all files.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("dependentRequired" = serde_json::json!({ "access_key": ["secret_key"], "secret_key": ["access_key"] })),
)]
struct Account {
    /// The name of the account's domain.
    #[schemars(length(min = *ACCOUNT_DOMAIN.chars.start(), max = *ACCOUNT_DOMAIN.chars.end()), regex(pattern = ACCOUNT_DOMAIN.pattern()))]
    domain: String,
    /// The login name.
    #[schemars(length(min = *ACCOUNT_NAME.chars.start(), max = *ACCOUNT_NAME.chars.end()), regex(pattern = ACCOUNT_NAME.pattern()))]
    name: String,
    /// The password for requesting tokens. Default: none, so that the account cannot get a token.
    #[schemars(length(min = *PASSWORD.chars.start(), max = *PASSWORD.chars.end()), regex(pattern = PASSWORD.pattern()))]
    password: Option<String>,
    /// The access key for signing requests, together with `secret_key`; unique across all files. Default: none.
    #[schemars(length(min = *ACCESS_KEY.chars.start(), max = *ACCESS_KEY.chars.end()), regex(pattern = ACCESS_KEY.pattern()))]
    access_key: Option<String>,
    /// The secret key that belongs to `access_key`.
    #[schemars(length(min = *SECRET_KEY.chars.start(), max = *SECRET_KEY.chars.end()), regex(pattern = SECRET_KEY.pattern()))]
    secret_key: Option<String>,
    /// The ids of the projects that the account may access. Default: all.
    projects: Option<Vec<String>>,
    /// The actions that the account may perform, such as `workspace:users:randomPassword`, or a prefix that ends in
    /// `*`. Default: all.
    permissions: Option<Vec<String>>,
    /// A description. Default: none.
    #[schemars(length(min = *DESCRIPTION.chars.start(), max = *DESCRIPTION.chars.end()), regex(pattern = DESCRIPTION.pattern()))]
    description: Option<String>,
}

/// A Workspace project.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Project {
    /// The id of the project, as used in paths.
    id: Id,
    /// The project's name, such as that of its region. Default: none.
    #[schemars(length(min = *PROJECT_NAME.chars.start(), max = *PROJECT_NAME.chars.end()), regex(pattern = PROJECT_NAME.pattern()))]
    name: Option<String>,
    /// The users of the project, with unique ids. Default: none.
    users: Option<Vec<User>>,
    /// Users generated from the seed, in addition to `users`. Default: none.
    generate: Option<Population>,
}

/// A desktop user, with the field names of the real API.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct User {
    /// The id of the user, as used in paths.
    id: Id,
    /// The name of the user, which no password contains. Default: none.
    #[schemars(length(min = *USER_NAME.chars.start(), max = *USER_NAME.chars.end()), regex(pattern = USER_NAME.pattern()))]
    user_name: Option<String>,
    /// The address for e-mail notifications. Default: none.
    #[schemars(length(min = *USER_EMAIL.chars.start(), max = *USER_EMAIL.chars.end()), regex(pattern = USER_EMAIL.pattern()))]
    user_email: Option<String>,
    /// The phone number for text messages. Default: none.
    #[schemars(length(min = *USER_PHONE.chars.start(), max = *USER_PHONE.chars.end()), regex(pattern = USER_PHONE.pattern()))]
    user_phone: Option<String>,
    /// A description. Default: none.
    #[schemars(length(min = *DESCRIPTION.chars.start(), max = *DESCRIPTION.chars.end()), regex(pattern = DESCRIPTION.pattern()))]
    description: Option<String>,
    /// How the user gets a password: from an administrator (ADMIN_ACTIVATE), or only by notification after activating
    /// the account (USER_ACTIVATE).
    #[schemars(extend("enum" = ActiveType::NAMES, "default" = ActiveType::default().name()))]
    active_type: Option<String>,
    /// Whether the user is disabled. A reset still works.
    #[schemars(extend("default" = false))]
    disabled: Option<bool>,
    /// Whether the user is locked. A reset still works.
    #[schemars(extend("default" = false))]
    locked: Option<bool>,
}

/// Users generated from the seed. A larger `count` does not change earlier users.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Population {
    /// The number of users.
    #[schemars(range(min = 1, max = GENERATED_MAX))]
    count: u64,
    /// The prefix of the ids, followed by six digits from 000000.
    #[schemars(length(min = *ID_PREFIX.chars.start(), max = *ID_PREFIX.chars.end()), regex(pattern = ID_PREFIX.pattern()))]
    id_prefix: String,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Verdict, variants, verdict};
    use super::super::users;
    use crate::fixture;
    use crate::limits::Limits;

    fn read(text: &str) -> (Verdict, String) {
        verdict(text, |document, problems| {
            fixture::load(std::slice::from_ref(document), 0, &Limits::default(), problems);
        })
    }

    /// A file with one user, of whom this is said beside the id.
    fn of_user(fields: &str) -> String {
        format!(r#"{{ "projects": [{{ "id": "p", "users": [{{ "id": "a", {fields} }}] }}] }}"#)
    }

    #[test]
    fn the_schema_takes_what_the_reader_takes() {
        let schema = jsonschema::draft202012::new(&users()).unwrap();
        let long = |name: &str, chars| of_user(&format!(r#""{name}": "{}""#, "ä".repeat(chars)));
        let id = |id: &str| format!(r#"{{ "projects": [{{ "id": "{id}" }}] }}"#);
        let (right, wrong) = (true, false);
        for (text, expected) in [
            (r#"{ "projects": [] }"#.to_owned(), right),
            (r#"{ "$schema": "x", "format": 1, "seed": 18446744073709551615, "projects": [] }"#.to_owned(), right),
            ("{}".to_owned(), wrong),
            ("[]".to_owned(), wrong),
            (r#"{ "format": 2, "projects": [] }"#.to_owned(), wrong),
            (r#"{ "seed": -1, "projects": [] }"#.to_owned(), wrong),
            (r#"{ "project": [], "projects": [] }"#.to_owned(), wrong),
            (r#"{ "projects": [{}] }"#.to_owned(), wrong),
            (id(&"ä".repeat(255)), right),
            (id(&"ä".repeat(256)), wrong),
            (id(""), wrong),
            (id("a/b"), wrong),
            (id("\\n"), wrong),
            (id("\\u0085"), wrong),
            (id("=% \\u00a0"), right),
            (long("user_name", 55), right),
            (long("user_name", 56), wrong),
            (long("user_name", 0), wrong),
            (of_user(&format!(r#""user_email": "{}@{}""#, "a".repeat(64), "b.".repeat(95))), wrong),
            (of_user(&format!(r#""user_email": "{}@{}b""#, "a".repeat(63), "b.".repeat(95))), right),
            (of_user(&format!(r#""user_email": "{}@{}b""#, "a".repeat(64), "b.".repeat(95))), wrong),
            (of_user(r#""user_email": "abc""#), wrong),
            (of_user(r#""user_email": "a@b, c@d""#), wrong),
            (of_user(r#""user_email": "a@b\u2028""#), wrong),
            (long("user_phone", 20), right),
            (long("user_phone", 21), wrong),
            (long("description", 255), right),
            (long("description", 256), wrong),
            (of_user(r#""description": "\n""#), wrong),
            (of_user(r#""user_name": null"#), wrong),
            (of_user(r#""active_type": "ADMIN_ACTIVATE", "disabled": true, "locked": false"#), right),
            (of_user(r#""active_type": "USER_ACTIVATE""#), right),
            (of_user(r#""active_type": "user_activate""#), wrong),
            (of_user(r#""name": "x""#), wrong),
            (r#"{ "projects": [{ "id": "p", "generate": { "count": 1000000, "id_prefix": "" } }] }"#.to_owned(), right),
            (r#"{ "projects": [{ "id": "p", "generate": { "count": 1000001, "id_prefix": "" } }] }"#.to_owned(), wrong),
            (r#"{ "projects": [{ "id": "p", "generate": { "count": 0, "id_prefix": "" } }] }"#.to_owned(), wrong),
            (r#"{ "projects": [{ "id": "p", "generate": { "count": 1 } }] }"#.to_owned(), wrong),
            (r#"{ "projects": [{ "id": "p", "generate": { "count": 1, "id_prefix": "/" } }] }"#.to_owned(), wrong),
        ] {
            let (read, told) = read(&text);
            assert_eq!(read, if expected { Verdict::Right } else { Verdict::Wrong }, "the reader: {text} {told}");
            assert_eq!(schema.is_valid(&serde_json::from_str(&text).unwrap()), expected, "the schema: {text}");
        }
    }

    #[test]
    fn both_agree_on_whatever_differs_in_one_place() {
        let schema = jsonschema::draft202012::new(&users()).unwrap();
        let text = include_str!("../../fixtures/team.json").replace("\"bob\"", "\"b\"").replace(
            "\"id\": \"empty\"",
            r#""id": "q", "users": [{ "id": "c", "description": "d", "disabled": true, "locked": true }],
               "generate": { "count": 2, "id_prefix": "g" }"#,
        );
        for document in variants(&serde_json::from_str(&text).unwrap()) {
            let text = document.to_string();
            let (read, told) = read(&text);
            assert_eq!(schema.is_valid(&document), read == Verdict::Right, "{text} {told}");
        }
    }
}
