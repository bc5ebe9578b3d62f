//! The sealed reason of a refusal: who was refused what, and which rule or missing permission caused it.
//!
//! No time, no place of a file and nothing else that passes stands in it: the same refusal gives the same bytes.

use super::Setup;
use crate::contract::{Operation, SEALED_CHARS_MAX};
use crate::draw::Seal;
use crate::fixture::Account;
use crate::scenario::RuleLabel;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// An account, as far as a refusal speaks of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Principal<'p> {
    pub(crate) domain_id: &'p str,
    pub(crate) user_id: &'p str,
    pub(crate) user_name: &'p str,
}

/// The refused request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused<'r> {
    pub(crate) operation: Operation,
    /// `None` if the request has no credentials.
    pub(crate) principal: Option<Principal<'r>>,
    /// Its id, and its name, if it has one.
    pub(crate) project: Option<(&'r str, Option<&'r str>)>,
    pub(crate) user: Option<&'r str>,
}

/// Why it was refused.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why<'r> {
    /// A rule of a scenario, with its `reason` if it has one.
    Rule { label: &'r RuleLabel, reason: Option<&'r str> },
    /// The account lacks something.
    Missing(&'r str),
    /// The policy of a temporary key denies the request by this pattern, or allows it by none.
    Policy { pattern: Option<&'r str> },
}

const EXPLICIT: &str = "explicit deny by an identity-based policy";
const IMPLICIT: &str = "implicit deny by an identity-based policy";
/// Characters of an id that are shown where all of them leave no room.
const ID_CHARS_MAX: usize = 64;
/// Bytes that fit a sealed message: Base64 makes four characters of three.
const TEXT_BYTES_MAX: usize = SEALED_CHARS_MAX / 4 * 3 - Seal::OVERHEAD;

/// The reason of a refusal as an error has it.
#[cold]
pub(crate) fn sealed_reason(setup: &Setup, refused: &Refused<'_>, why: Why<'_>) -> String {
    STANDARD.encode(setup.seals.reasons.seal(text(refused, why).as_bytes()))
}

/// Opens a sealed reason. `None` if a server with another seed sealed it, or if it was changed.
pub(crate) fn opened_reason(setup: &Setup, sealed: &str) -> Option<String> {
    let opened = setup.seals.reasons.open(&STANDARD.decode(sealed).ok()?)?;
    String::from_utf8(opened).ok()
}

/// As JSON, shortened until it fits.
fn text(refused: &Refused<'_>, why: Why<'_>) -> String {
    let words = match why {
        Why::Rule { reason, .. } => reason.unwrap_or(""),
        Why::Missing(what) => what,
        Why::Policy { pattern } => pattern.unwrap_or(""),
    };
    let mut left = words.chars().count();
    loop {
        let text = document(refused, why, start(words, left), usize::MAX).to_string();
        if text.len() <= TEXT_BYTES_MAX {
            return text;
        }
        if left == 0 {
            return document(refused, why, "", ID_CHARS_MAX).to_string();
        }
        left /= 2;
    }
}

fn document(refused: &Refused<'_>, why: Why<'_>, words: &str, id_chars: usize) -> Value {
    let short = |id| start(id, id_chars);
    let action = refused.operation.action.unwrap_or(refused.operation.id);
    let profile = refused.principal.map_or_else(
        || json!({}),
        |principal| {
            json!({
                "domain_id": principal.domain_id,
                "user_id": principal.user_id,
                "user_name": principal.user_name,
                "principal_urn": principal.urn(),
            })
        },
    );
    let mut context = json!({ "user_profile": profile, "action": action, "resource": refused.resource(short) });
    if let (Some((project, _)), Value::Object(context)) = (refused.project, &mut context) {
        context.insert("project_id".to_owned(), json!(short(project)));
    }
    let (matched, failure) = match why {
        Why::Rule { label, .. } => {
            let matched = json!([{ "rule": label.name, "reason": words }]);
            (matched, EXPLICIT)
        }
        Why::Policy { pattern: Some(_) } => (json!([{ "effect": "Deny", "action": [words] }]), EXPLICIT),
        Why::Policy { pattern: None } | Why::Missing(_) => (json!([]), IMPLICIT),
    };
    let mut document = json!({ "context": context, "matched_statements": matched, "failure": failure });
    if let Value::Object(document) = &mut document {
        match why {
            Why::Missing(_) => document.insert("missing".to_owned(), json!(words)),
            Why::Policy { .. } => document.insert("policy".to_owned(), json!("of the temporary access key")),
            Why::Rule { .. } => None,
        };
    }
    document
}

impl<'p> Principal<'p> {
    pub(crate) fn of(account: &'p Account) -> Self {
        Self { domain_id: account.domain_id(), user_id: account.id(), user_name: account.name() }
    }
    /// As the vendor names an account.
    pub(crate) fn urn(&self) -> String {
        format!("iam::{}:user:{}", self.domain_id, self.user_name)
    }
}

impl Refused<'_> {
    /// The user as the vendor names a resource; where an operation has none, everything.
    fn resource<'a>(&'a self, short: impl Fn(&'a str) -> &'a str) -> String {
        let (Some((project, name)), Some(user)) = (self.project, self.user) else {
            return "*".to_owned();
        };
        let region = name.unwrap_or(project);
        let account = self.principal.map_or("", |principal| principal.domain_id);
        format!("workspace:{}:{account}:user:{}", short(region), short(user))
    }
}

fn start(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Operation;
    use crate::diagnostics::Problems;
    use crate::engine::Given;
    use crate::limits::Limits;
    use proptest::prelude::*;

    fn setup(seed: u64) -> Setup {
        let given = Given { seed: Some(seed), ..Given::default() };
        Setup::new(&given, &Limits::default(), &mut Problems::new(9)).unwrap()
    }

    fn refused<'r>(project: &'r str, user: &'r str) -> Refused<'r> {
        let principal = Principal { domain_id: "d", user_id: "i", user_name: "ci" };
        Refused {
            operation: Operation::ResetRandomPassword,
            principal: Some(principal),
            project: Some((project, Some("cn-north-4"))),
            user: Some(user),
        }
    }

    #[test]
    fn reason_names_principal_action_and_cause() {
        let setup = setup(0);
        let missing = sealed_reason(&setup, &refused("p", "u"), Why::Missing("workspace:users:randomPassword"));
        let context = r#""action":"workspace:users:randomPassword","resource":"workspace:cn-north-4:"#;
        let profile = r#"{"domain_id":"d","user_id":"i","user_name":"ci","principal_urn":"iam::d:user:ci"}"#;
        assert_eq!(
            opened_reason(&setup, &missing).unwrap(),
            format!(
                r#"{{"context":{{"user_profile":{profile},{context}d:user:u","project_id":"p"}},"matched_statements":[],"#
            ) + r#""failure":"implicit deny by an identity-based policy","missing":"workspace:users:randomPassword"}"#
        );
        let label = RuleLabel { name: "denied".to_owned(), place: "a.json:3:5".to_owned() };
        let why = Why::Rule { label: &label, reason: Some("policy denies it") };
        let nobody = Refused { principal: None, ..refused("p", "u") };
        assert_eq!(
            opened_reason(&setup, &sealed_reason(&setup, &nobody, why)).unwrap(),
            format!(r#"{{"context":{{"user_profile":{{}},{context}:user:u","project_id":"p"}},"#)
                + r#""matched_statements":[{"rule":"denied","reason":"policy denies it"}],"#
                + r#""failure":"explicit deny by an identity-based policy"}"#
        );
    }

    #[test]
    fn a_reason_is_sealed_for_its_seed() {
        let [setup, other] = [0, 1].map(self::setup);
        let sealed = || sealed_reason(&setup, &refused("p", "u"), Why::Missing("x"));
        assert_eq!(sealed(), sealed());
        assert_ne!(sealed(), sealed_reason(&setup, &refused("p", "w"), Why::Missing("x")));
        assert_eq!(opened_reason(&other, &sealed()), None);
        assert_eq!(opened_reason(&setup, &sealed()[4..]), None);
        assert_eq!(opened_reason(&setup, "no Base64"), None);
    }

    proptest! {
        #[test]
        fn a_reason_is_never_longer_than_its_field(
            ids in ["\\PC{1,255}", "\\PC{1,255}"], reason in "\\PC{0,2000}", name in "\\PC{1,200}",
        ) {
            let setup = setup(0);
            let label = RuleLabel { name, place: String::new() };
            let why = Why::Rule { label: &label, reason: Some(&reason) };
            let sealed = sealed_reason(&setup, &refused(&ids[0], &ids[1]), why);
            prop_assert!(sealed.len() <= SEALED_CHARS_MAX);
            let opened: Value = serde_json::from_str(&opened_reason(&setup, &sealed).unwrap()).unwrap();
            prop_assert_eq!(&opened["matched_statements"][0]["rule"], &json!(label.name));
        }
    }
}
