//! The schema of scenario files. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

mod effects;
#[cfg(test)]
mod example_tests;
mod expectation;
mod ids;
mod requirements;

pub(crate) use effects::fault_names;

use self::effects::{Delay, Fault, Window};
use self::expectation::Expectation;
use self::ids::{Ids, ScriptableId};
use self::requirements::FinalStatus;
use super::{
    AFTER_LOST, BOUNDS, DELAY, DRIBBLE, ERROR, EXPECT_WHEN, EXPECTATION, FAULT_OBJECT, LOGNORMAL, NOTIFIED, RULE,
    SCENARIO, SENT, WHEN, WINDOW,
};
use crate::contract::{CODE_CHARS_MAX, MESSAGE_CHARS_MAX, Operation};
use crate::diagnostics::{Heading, LINE_PATTERN, Vocabulary, schema_of, with_examples};
use crate::scenario::{
    BESIDE_A_STATUS, CALLS_PATTERN, FAULT_KINDS, Fault as ReadFault, FaultClass, HEADER_NAME_PATTERN, NAME_CHARS,
    Phase, REASON_CHARS_MAX, RESERVED_HEADERS, STATUSES_MAX, Then,
};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The kinds of objects in scenario files, by their names in the schema.
const OBJECTS: [(&str, &Vocabulary); 15] = [
    ("", &SCENARIO),
    ("Rule", &RULE),
    ("When", &WHEN),
    ("Error", &ERROR),
    ("Delay", &DELAY),
    ("Lognormal", &LOGNORMAL),
    ("Dribbled", &FAULT_OBJECT),
    ("Dribble", &DRIBBLE),
    ("Down", &WINDOW),
    ("Expectation", &EXPECTATION),
    ("ExpectWhen", &EXPECT_WHEN),
    ("Bounds", &BOUNDS),
    ("AtMost", &AFTER_LOST),
    ("Sent", &SENT),
    ("Notified", &NOTIFIED),
];

/// The schema of scenario files.
pub(crate) fn scenario_schema() -> Value {
    with_examples(schema_of::<ScenarioFile>(), "urn:wksmock:schema:scenario:1", &OBJECTS)
}

/// The value of a header field that can be sent: visible ASCII characters, and spaces between them.
const FIELD_VALUE: &str = r"^([!-~]([ -~\t]*[!-~])?)?$";

/// Rules for calls, and expectations of the consumer. Several files can be loaded together, in order.
#[derive(JsonSchema)]
#[schemars(
    title = "wksmock scenario file",
    deny_unknown_fields,
    extend("anyOf" = [{ "required": ["rules"] }, { "required": ["expect"] }])
)]
struct ScenarioFile {
    #[schemars(flatten)]
    heading: Heading,
    /// The scenario's name, for reports. Default: none.
    name: Option<String>,
    /// Description for readers. Default: none.
    description: Option<String>,
    /// Rules, in order. Status, delay and fault of a call are each set by the first matching rule that sets them. May
    /// be omitted if `expect` is given.
    rules: Option<Vec<Rule>>,
    /// Time windows in which the server is down: open connections are reset and new ones are refused. Default: none.
    down: Option<Vec<Down>>,
    /// Requirements of the consumer; reports contain the verdict. Default: none.
    expect: Option<Vec<Expectation>>,
}

/// A rule: which calls it matches, and what it sets for them.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, transform = what_goes_together)]
struct Rule {
    /// The name of the rule, which reports give as the cause. It must be unique across all loaded files.
    #[schemars(length(min = *NAME_CHARS.start(), max = *NAME_CHARS.end()), regex(pattern = LINE_PATTERN))]
    name: String,
    /// Conditions, all of which must hold. Default: every call of every user.
    when: Option<When>,
    /// The status to answer; 200 is the API's own behaviour. It must be documented for the operation, unless
    /// `undocumented` is true.
    status: Option<FinalStatus>,
    /// Statuses for the 1st, 2nd … of the calls that `calls` allows, for each user. Replaces `status`.
    #[schemars(length(min = 1, max = STATUSES_MAX))]
    sequence: Option<Vec<FinalStatus>>,
    /// Continuation after the end of a sequence: later rules or the API's own behaviour (next), its last status (last), or
    /// the sequence again (restart).
    #[schemars(extend("enum" = Then::NAMES, "default" = Then::default().name()))]
    then: Option<String>,
    /// Whether a failure happens before the password is reset, so that it is not reset, or after, so that it is reset
    /// although the answer fails. Needs a status of 400 or above, or a fault that sends no answer.
    #[schemars(extend("enum" = Phase::NAMES, "default" = Phase::default().name()))]
    phase: Option<String>,
    /// Replaces parts of the error body. Needs a status of 400 or above.
    error: Option<Error>,
    /// Additional header fields of the answer. Fields that frame or identify the message cannot be set. Default: none.
    #[schemars(extend("propertyNames" = { "pattern": HEADER_NAME_PATTERN, "not": { "pattern": reserved() } }))]
    headers: Option<BTreeMap<String, FieldValue>>,
    /// Whether to allow a status that the operation does not document, a longer `error`, and a `body`.
    #[schemars(extend("default" = false))]
    undocumented: Option<bool>,
    /// The body of the answer, sent as it is. Needs `undocumented`. Default: the documented body.
    body: Option<String>,
    /// How long to delay the answer, from the decision to its first byte. Default: no delay.
    delay: Option<Delay>,
    /// A fault on the wire. Default: none.
    fault: Option<Fault>,
}

/// Conditions, all of which must hold.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct When {
    /// The id of a project or a list of ids. Default: every project.
    project: Option<Ids>,
    /// A user or a list of users, each by id, by `user_name`, or by the end of the id (at least 4 characters) if only one
    /// user matches. Default: every user.
    user: Option<Ids>,
    /// The calling account, as domain/name or name, or a list of these. Default: any caller.
    account: Option<Ids>,
    /// The operation. Calls are counted per operation. Operations of IAM and STS have neither project nor user. A
    /// message has the number of the call that sends it.
    #[schemars(extend("default" = Operation::ResetRandomPassword.id))]
    operation: Option<ScriptableId>,
    /// Call numbers, counted from 1 for each user: "3", "1-2", "5-", "*/3" (3, 6, 9 …), or several with commas.
    /// Default: every call.
    #[schemars(regex(pattern = CALLS_PATTERN))]
    calls: Option<String>,
    /// The probability that a call matches, from 0 (never) to 1 (always), drawn from the seed.
    #[schemars(range(min = 0, max = 1), extend("default" = 1))]
    chance: Option<f64>,
    /// When the call is counted, in virtual time. Default: at any time.
    time_ms: Option<Window>,
    /// Header fields of the request with the values that they must have. Default: any.
    #[schemars(extend("propertyNames" = { "pattern": HEADER_NAME_PATTERN }))]
    header: Option<BTreeMap<String, String>>,
    /// Query parameters with the decoded values that they must have. Default: any.
    query: Option<BTreeMap<String, String>>,
    /// Uses of a token, counted from 1 for each token. The only condition of its rule, which must set status 401.
    /// Default: none.
    #[schemars(regex(pattern = CALLS_PATTERN))]
    token_calls: Option<String>,
}

/// The value of a header field.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct FieldValue(#[schemars(regex(pattern = FIELD_VALUE))] String);

/// The parts of an error body to replace.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Error {
    /// `error_code`. Default: the code of the status.
    #[schemars(length(max = REASON_CHARS_MAX))]
    code: Option<String>,
    /// `error_msg`. Default: the message of the code.
    #[schemars(length(max = REASON_CHARS_MAX))]
    message: Option<String>,
    /// The reason sealed into `encoded_authorization_message`. Default: none.
    #[schemars(length(max = REASON_CHARS_MAX))]
    reason: Option<String>,
}

/// A time window in which the server is down.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Down {
    /// The start and end of the window.
    time_ms: Window,
}

/// Adds the combinations of fields that a rule may have.
fn what_goes_together(schema: &mut Schema) {
    let of_calls = json!({ "properties": { "when": { "not": { "anyOf": [
        { "required": ["chance"] },
        { "required": ["time_ms"] },
        { "required": ["header"], "properties": { "header": { "minProperties": 1 } } },
        { "required": ["query"], "properties": { "query": { "minProperties": 1 } } },
    ] } } } });
    let failure = json!({ "minimum": 400 });
    let striking = FAULT_KINDS.iter().filter(|kind| kind.class == FaultClass::Striking);
    let striking = json!({ "enum": striking.map(|kind| kind.name).collect::<Vec<_>>() });
    let fails = json!([
        { "required": ["status"], "properties": { "status": failure } },
        { "required": ["sequence"], "properties": { "sequence": { "contains": failure } } },
    ]);
    let mut fails_or_faults = fails.clone();
    if let Value::Array(choices) = &mut fails_or_faults {
        choices.push(json!({ "required": ["fault"], "properties": { "fault": striking } }));
    }
    let statuses: BTreeSet<_> =
        Operation::all().flat_map(|operation| operation.statuses).map(|row| row.status).collect();
    let documented = json!({ "enum": statuses });
    schema.insert("dependentRequired".to_owned(), json!({ "then": ["sequence"] }));
    let has_status = json!({ "anyOf": [{ "required": ["status"] }, { "required": ["sequence"] }] });
    let mut together: Map<_, _> =
        BESIDE_A_STATUS.map(|field| (field.to_owned(), has_status.clone())).into_iter().collect();
    together.insert("error".to_owned(), json!({ "anyOf": fails }));
    together.insert("sequence".to_owned(), of_calls);
    together.insert("phase".to_owned(), json!({ "anyOf": fails_or_faults }));
    schema.insert("dependentSchemas".to_owned(), together.into());
    // A fault without an answer has no status, and one that sends nothing has no delay.
    let with_fault =
        |facet: &str, faults: &Value| json!({ "required": ["fault", facet], "properties": { "fault": faults } });
    let silent = json!({ "const": ReadFault::Hang.name() });
    let facets = ["status", "sequence", "delay", "fault"].map(|facet| json!({ "required": [facet] }));
    schema.insert("anyOf".to_owned(), json!(facets));
    schema.insert(
        "not".to_owned(),
        json!({ "anyOf": [
            { "required": ["status", "sequence"] },
            with_fault("status", &striking),
            with_fault("sequence", &striking),
            with_fault("delay", &silent),
        ] }),
    );
    schema.insert(
        "if".to_owned(),
        json!({ "not": { "required": ["undocumented"], "properties": { "undocumented": { "const": true } } } }),
    );
    schema.insert(
        "then".to_owned(),
        json!({ "properties": {
            "status": documented,
            "sequence": { "items": documented },
            "error": { "properties": {
                "code": { "maxLength": CODE_CHARS_MAX },
                "message": { "maxLength": MESSAGE_CHARS_MAX },
            } },
            "body": false,
        } }),
    );
}

/// The header fields that cannot be set, in whatever case: patterns have no flag for that.
fn reserved() -> String {
    let any_case = |letter: char| match letter {
        'a'..='z' => format!("[{}{letter}]", letter.to_ascii_uppercase()),
        other => other.to_string(),
    };
    let names = RESERVED_HEADERS.map(|name| name.chars().map(any_case).collect::<String>());
    format!("^({})$", names.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Scripted;
    use crate::diagnostics::schema_tests::{Reading, assert_known, variants, verdict};
    use crate::fixture::loaded_of;
    use crate::limits::Limits;
    use crate::scenario::{Control, Names, load_scenario};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    fn read(text: &str) -> (Reading, String) {
        let loaded = loaded_of(r#"{ "projects": [{ "id": "p", "users": [{ "id": "a" }, { "id": "b" }] }] }"#);
        verdict(text, |document, problems| {
            load_scenario(document, &loaded, Control::Apart, &mut Names::default(), &Limits::default(), problems);
        })
    }

    #[test]
    fn the_schema_has_the_fields_that_the_readers_know() {
        assert_known(&scenario_schema(), &OBJECTS);
    }

    /// A file with one rule that has these fields beside the name.
    fn of_rule(fields: &str) -> String {
        format!(r#"{{ "rules": [{{ "name": "r", {fields} }}] }}"#)
    }

    /// A file with one expectation.
    fn of_expectation(fields: &str) -> String {
        format!(r#"{{ "rules": [], "expect": [{{ {fields} }}] }}"#)
    }

    /// Holds both against what is expected of each text.
    fn assert_agreed<T: Into<String>>(texts: impl IntoIterator<Item = T>, expected: bool) {
        let schema = jsonschema::draft202012::new(&scenario_schema()).unwrap();
        for text in texts {
            let text: String = text.into();
            let (read, told) = read(&text);
            let agreed = if expected { Reading::Right } else { Reading::Wrong };
            assert_eq!(read, agreed, "the reader: {text} {told}");
            assert_eq!(schema.is_valid(&serde_json::from_str(&text).unwrap()), expected, "the schema: {text}");
        }
    }

    #[test]
    fn both_accept_right_documents() {
        assert_agreed(
            [
                r#"{ "rules": [] }"#,
                r#"{ "$schema": "x", "format": 1, "seed": 0, "name": "", "description": "", "rules": [] }"#,
                r#"{ "rules": [], "down": [{ "time_ms": [10000, 20000] }, { "time_ms": [0, null] }] }"#,
                r#"{ "rules": [], "format": 1.0, "seed": 7e0, "down": [{ "time_ms": [1e4, 20000.0] }] }"#,
            ],
            true,
        );
        let statuses = [
            r#""status": 503, "headers": { "Retry-After": "1", "x": "a \t b", "y": "" }"#,
            r#""status": 403, "error": { "code": "0123456789AB", "message": "m", "reason": "r" }, "phase": "after""#,
            r#""status": 418, "undocumented": true, "body": "\n", "error": { "code": "0123456789ABC" }"#,
            r#""status": 200, "undocumented": false"#,
            r#""status": 503.0"#,
            r#""status": 5.03E2"#,
            r#""sequence": [50300e-2, 2e2]"#,
            r#""sequence": [200, 503], "then": "restart", "phase": "before", "error": {}"#,
            r#""sequence": [599], "then": "last", "undocumented": true, "when": { "header": {}, "calls": "*/2" }"#,
            r#""sequence": [500], "then": "next", "when": { "project": ["p"], "user": ["a", "b"] }"#,
        ];
        assert_agreed(statuses.map(of_rule), true);
        let conditions = [
            r#""project": "p", "user": "a", "operation": "ResetRandomPassword""#,
            r#""chance": 0, "header": { "X": "" }, "query": { "": "" }"#,
            r#""calls": "1-2, 7,*/5 ,010-""#,
            r#""time_ms": [30000, 60000]"#,
            r#""time_ms": [30000, null]"#,
            r#""time_ms": [null, 5]"#,
        ];
        assert_agreed(conditions.map(|when| of_rule(&format!(r#""when": {{ {when} }}, "status": 503"#))), true);
        let effects = [
            r#""delay": { "fixed_ms": 300000 }"#,
            r#""delay": { "fixed_ms": 1e2 }"#,
            r#""delay": { "uniform_ms": [0.0, 5.0e0] }"#,
            r#""delay": { "uniform_ms": [0, 5] }, "status": 503"#,
            r#""delay": { "lognormal": { "median_ms": 80, "sigma": 0.6, "max_ms": 5000 } }, "fault": "reset""#,
            r#""fault": { "dribble": { "chunks": 3, "over_ms": 300 } }"#,
            r#""fault": "reset", "phase": "after""#,
            r#""status": 503, "phase": "after", "fault": "malformed_json""#,
        ];
        assert_agreed(effects.map(of_rule), true);
        let expectations = [
            r#""name": "e", "when": { "user": ["a"], "operation": "ResetRandomPassword" }, "calls": { "min": 3, "max": 3 }"#,
            r#""name": "e", "when": { "project": "p" }, "gap_ms": { "min": 1000 }, "backoff": "growing""#,
            r#""name": "e", "ends_with": 200, "after_lost": { "max": 0 }"#,
            r#""name": "e", "ends_with": 2e2, "after_lost": { "max": -0.0 }, "calls": { "min": 1.0, "max": 1e1 }"#,
            r#""name": "e", "statuses": [503, 503, 200]"#,
            r#""name": "e", "notified": { "email": { "min": 1, "max": 1 }, "phone": { "max": 0 } }"#,
            r#""name": "e", "sent": { "header": { "X": true, "Y": false, "Z": "v" }, "notification_type": ["email"] }"#,
        ];
        assert_agreed(expectations.map(of_expectation), true);
    }

    #[test]
    fn every_name_that_the_schema_offers_is_taken() {
        assert_agreed(ReadFault::plain_names().map(|name| of_rule(&format!(r#""fault": "{name}""#))), true);
        let phases = Phase::ALL.map(|phase| of_rule(&format!(r#""status": 500, "phase": "{}""#, phase.name())));
        assert_agreed(phases, true);
        let thens = Then::ALL.map(|then| of_rule(&format!(r#""sequence": [500], "then": "{}""#, then.name())));
        assert_agreed(thens, true);
        for operation in Scripted::all() {
            let rule = |status| format!(r#""status": {status}, "when": {{ "operation": "{}" }}"#, operation.id);
            assert_agreed(operation.statuses.iter().map(|row| of_rule(&rule(row.status))), true);
        }
        let reserved =
            RESERVED_HEADERS.map(|name| of_rule(&format!(r#""status": 500, "headers": {{ "{name}": "" }}"#)));
        assert_agreed(reserved, false);
    }

    #[test]
    fn both_refuse_a_wrong_rule() {
        let rules = [
            r#""when": {}"#,
            r#""status": 418"#,
            r#""status": 199, "undocumented": true"#,
            r#""status": 600, "undocumented": true"#,
            r#""status": "503""#,
            r#""sequence": []"#,
            r#""sequence": [503, 418]"#,
            r#""sequence": [503], "status": 503"#,
            r#""sequence": [503], "when": { "chance": 0.5 }"#,
            r#""sequence": [503], "when": { "header": { "X": "" } }"#,
            r#""sequence": [503], "when": { "query": { "X": "" } }"#,
            r#""sequence": [503], "when": { "time_ms": [0, 5] }"#,
            r#""sequence": [503], "then": "stop""#,
            r#""status": 503, "then": "next""#,
            r#""status": 200, "phase": "after""#,
            r#""status": 200, "error": {}"#,
            r#""status": 500, "phase": "during""#,
            r#""status": 500, "body": """#,
            r#""status": 500, "body": "", "undocumented": false"#,
            r#""status": 500, "error": { "code": "0123456789ABC" }"#,
            r#""status": 500, "error": { "Code": "x" }"#,
            r#""status": 500, "headers": { "X-REQUEST-id": "x" }"#,
            r#""status": 500, "headers": { "a b": "x" }"#,
            r#""status": 500, "headers": { "": "x" }"#,
            r#""status": 500, "headers": { "x": " a" }"#,
            r#""status": 500, "headers": { "x": "ä" }"#,
            r#""status": 500, "headers": { "x": 1 }"#,
            r#""state": 500, "status": 500"#,
            r#""status": 500, "delay": {}"#,
            r#""status": 500, "delay": 5"#,
            r#""status": 500, "delay": { "fixed_ms": 300001 }"#,
            r#""status": 500, "delay": { "fixed_ms": 1, "uniform_ms": [1, 2] }"#,
            r#""status": 500, "delay": { "uniform_ms": [1] }"#,
            r#""status": 500, "delay": { "uniform_ms": [1, 300001] }"#,
            r#""status": 500, "delay": { "lognormal": { "median_ms": 80, "sigma": -1, "max_ms": 1 } }"#,
            r#""status": 500, "delay": { "lognormal": { "median_ms": 80 } }"#,
            r#""status": 500, "delay": { "lognormal": { "median_ms": 80, "sigma": 11, "max_ms": 100 } }"#,
            r#""status": 500, "delay": { "lognormal": { "median_ms": 0, "sigma": 1, "max_ms": 100 } }"#,
            r#""delay": { "fixed_ms": 1 }, "headers": { "X": "v" }"#,
            r#""delay": { "fixed_ms": 1 }, "undocumented": false"#,
            r#""delay": { "fixed_ms": 1 }, "phase": "after""#,
            r#""delay": { "fixed_ms": 1 }, "fault": "hang""#,
            r#""status": 500, "fault": "reset""#,
            r#""sequence": [500], "fault": "random_data""#,
            r#""fault": "truncated_body", "phase": "after""#,
            r#""fault": { "dribble": { "chunks": 1001, "over_ms": 1 } }"#,
            r#""fault": "resets""#,
            r#""fault": "dribble""#,
            r#""fault": { "dribble": { "chunks": 0, "over_ms": 1 } }"#,
            r#""fault": { "dribble": {} }"#,
            r#""fault": { "reset": {} }"#,
        ];
        assert_agreed(rules.map(of_rule), false);
    }

    #[test]
    fn both_refuse_other_wrong_documents() {
        assert_agreed(
            ["{}", "[]", r#"{ "rules": {} }"#, r#"{ "rules": [], "format": 0 }"#, r#"{ "rules": [{}] }"#],
            false,
        );
        let conditions = [
            r#""project": []"#,
            r#""user": 1"#,
            r#""operation": "ResetPassword""#,
            r#""calls": 3"#,
            r#""chance": 1.5"#,
            r#""chance": "10%""#,
            r#""header": { "a b": "" }"#,
            r#""header": { "a": true }"#,
            r#""query": []"#,
            r#""time_ms": [5]"#,
            r#""time_ms": [-1, 5]"#,
            r#""time_ms": [1, 2, 3]"#,
            r#""users": "a""#,
        ];
        assert_agreed(conditions.map(|when| of_rule(&format!(r#""when": {{ {when} }}, "status": 503"#))), false);
        let expectations = [
            r#""calls": { "min": 1 }"#,
            r#""name": "e""#,
            r#""name": "e", "when": { "user": "a" }"#,
            r#""name": "e", "when": { "calls": "1" }, "calls": { "min": 1 }"#,
            r#""name": "e", "calls": 3"#,
            r#""name": "e", "calls": {}"#,
            r#""name": "e", "calls": { "min": -1 }"#,
            r#""name": "e", "calls": { "least": 1 }"#,
            r#""name": "e", "gap_ms": { "min": "1s" }"#,
            r#""name": "e", "backoff": "exponential""#,
            r#""name": "e", "sent": {}"#,
            r#""name": "e", "sent": { "header": { "a": 1 } }"#,
            r#""name": "e", "sent": { "notification_type": ["sms"] }"#,
            r#""name": "e", "statuses": [1]"#,
            r#""name": "e", "ends_with": "200""#,
            r#""name": "e", "after_lost": {}"#,
            r#""name": "e", "notified": {}"#,
            r#""name": "e", "notified": { "email": {} }"#,
            r#""name": "e", "notified": { "sms": { "min": 1 } }"#,
        ];
        assert_agreed(expectations.map(of_expectation), false);
        let down = [r"{}", r#"{ "time_ms": 5 }"#, r#"{ "time_ms": [5] }"#, r#"{ "from": 5 }"#];
        assert_agreed(down.map(|window| format!(r#"{{ "rules": [], "down": [{window}] }}"#)), false);
    }

    #[test]
    fn both_agree_on_documents_with_one_change() {
        /// Errors that a schema cannot find.
        const BEYOND: [&str; 9] = [
            "the value of `max`",
            "two expectations are named",
            "is a secret",
            "unknown user",
            "unknown project",
            "can never match",
            "two rules are named",
            "empty interval",
            "is below `median_ms`",
        ];
        let schema = jsonschema::draft202012::new(&scenario_schema()).unwrap();
        let document = json!({ "$schema": "x", "format": 1, "seed": 7, "name": "n", "description": "d", "rules": [
            {
                "name": "1",
                "when": { "project": "p", "user": ["a"], "operation": "ResetRandomPassword", "calls": "1", "chance": 0.5,
                          "header": { "X": "v" }, "query": { "q": "v" } },
                "status": 503, "phase": "after", "headers": { "X": "v" },
                "error": { "code": "c", "message": "m", "reason": "r" },
            },
            { "name": "2", "when": { "calls": "2-", "user": "b" }, "sequence": [503, 200], "then": "last", "phase": "after" },
            { "name": "3", "when": { "calls": "3" }, "status": 418, "undocumented": true, "body": "b" },
            { "name": "4", "when": { "time_ms": [1, 2] }, "delay": { "uniform_ms": [1, 2] }, "fault": "wrong_length" },
            { "name": "5", "when": { "calls": "5" }, "delay": { "lognormal": { "median_ms": 1, "sigma": 1, "max_ms": 2 } } },
            { "name": "6", "when": { "calls": "6" }, "fault": { "dribble": { "chunks": 1, "over_ms": 0 } } },
            { "name": "7", "when": { "calls": "7" }, "fault": "reset", "phase": "after" },
        ], "down": [{ "time_ms": [1, 2] }], "expect": [
            { "name": "1", "when": { "project": "p", "user": ["a"], "operation": "ResetRandomPassword" }, "calls": { "min": 1, "max": 2 } },
            { "name": "2", "gap_ms": { "min": 1 }, "backoff": "growing", "statuses": [503, 200], "ends_with": 200 },
            { "name": "3", "sent": { "header": { "X": true, "Y": "v" }, "notification_type": ["email"] }, "after_lost": { "max": 1 } },
            { "name": "4", "notified": { "email": { "min": 1 }, "phone": { "max": 1 } } },
        ] });
        for document in variants(&document) {
            let text = document.to_string();
            let (read, told) = read(&text);
            let beyond = BEYOND.iter().any(|what| told.contains(what));
            assert!(beyond || schema.is_valid(&document) == (read == Reading::Right), "{text} {told}");
        }
    }
    proptest! {
        #[test]
        fn the_pattern_of_calls_is_their_grammar(calls in "[0-2*/, \\-]{0,8}|(([1-9]|\\*/[0-9]|[0-9]-[0-9]?),? \
                                                           ?){1,3}") {
            static SCHEMA: LazyLock<jsonschema::Validator> =
                LazyLock::new(|| jsonschema::draft202012::new(&scenario_schema()).unwrap());
            let document = json!({ "rules": [{ "name": "r", "when": { "calls": calls }, "status": 503 }] });
            let (read, told) = read(&document.to_string());
            let beyond = told.contains("ends before it starts");
            prop_assert!(beyond || SCHEMA.is_valid(&document) == (read == Reading::Right), "{:?} {}", calls, told);
        }
    }
}
