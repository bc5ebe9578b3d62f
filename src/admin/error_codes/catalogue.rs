//! Every error code of the contract: when it is given, what to do about it, and a command that provokes it.

use crate::contract::errors::{
    API_NOT_FOUND, BACKEND_TIMEOUT, BACKEND_UNAVAILABLE, BODY_TOO_LARGE, ErrorCode, HEAD_TOO_LARGE, IAM_FAILED,
    IAM_INVALID_BODY, INVALID_PARAMETER, KEYSTONE_BAD_REQUEST, KEYSTONE_FAILED, KEYSTONE_FORBIDDEN, KEYSTONE_NOT_FOUND,
    KEYSTONE_UNAUTHORIZED, KEYSTONE_UNAVAILABLE, METHOD_NOT_ALLOWED, NO_PERMISSION, NOT_ALLOWED, NOT_AUTHENTICATED,
    NOT_FOUND, OPERATION_FAILED, PASSWORD_HAS_NAME, PASSWORD_TOO_SIMPLE, REQUEST_MALFORMED, REQUEST_TOO_SLOW,
    STS_FAILED, STS_INVALID, STS_NO_PERMISSION, TARGET_TOO_LONG, TENANT_GONE, THROTTLED, UNAVAILABLE, USER_GONE,
};

/// Remedy for errors that only rules cause.
const RULE: &str = "The journal names the rule: `decision.causes.status` of `GET /__admin/requests`.";

/// The body of a login.
macro_rules! login {
    ($password:literal, $project:literal) => {
        concat!(
            r#"-d "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"domain\": {\"name\": \"$WKSMOCK_DOMAIN\"}, \"name\": \"$WKSMOCK_ACCOUNT\", \"password\": \""#,
            $password,
            r#"\"}}}, \"scope\": {\"project\": {\"name\": \""#,
            $project,
            r#"\"}}}}""#
        )
    };
}

// Arguments of curl.
const AS_JSON: &str = r#"-H "Content-Type: application/json""#;
const RESET: &str = r#""$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#;
const RESET_UNKNOWN: &str = r#""$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/nobody/random-password""#;
const USERS: &str = r#""$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users""#;
const PROJECTS: &str = r#""$WKSMOCK_URL/v3/projects""#;
const IDENTITY: &str = r#""$WKSMOCK_URL/v5/caller-identity""#;
const TOKENS: &str = r#""$WKSMOCK_URL/v3/auth/tokens""#;
const KEYS: &str = r#""$WKSMOCK_URL/v3.0/OS-CREDENTIAL/securitytokens""#;
const KEY_BODY: &str = r#"-d "{\"auth\": {\"identity\": {\"methods\": [\"token\"]}}}""#;
const TOKEN: &str = concat!(
    r#"-H "X-Auth-Token: $(curl -s -o /dev/null -D - -H "Content-Type: application/json" "$WKSMOCK_URL/v3/auth/tokens" "#,
    login!("$WKSMOCK_PASSWORD", "cn-north-4"),
    r#" | sed -n "s/^X-Subject-Token: //p" | tr -d "\r")""#
);

/// An error code, explained.
pub(super) struct ExplainedCode {
    pub(super) code: &'static ErrorCode,
    pub(super) when: &'static str,
    /// Remedy in the mock.
    pub(super) remedy: &'static str,
    /// The arguments of curl, the flags of `wksmock run`, and the command whose output is piped into it.
    curl: &'static [&'static str],
    flags: &'static str,
    input: &'static str,
    /// The operation of the rule that gives it, and the fields that the rule sets.
    rule: Option<(&'static str, &'static str)>,
}

const fn explained(
    code: &'static ErrorCode,
    when: &'static str,
    remedy: &'static str,
    curl: &'static [&'static str],
) -> ExplainedCode {
    ExplainedCode { code, when, remedy, curl, flags: "", input: "", rule: None }
}

const fn set_by_a_rule(code: &'static ErrorCode, curl: &'static [&'static str]) -> ExplainedCode {
    explained(code, "A rule sets this status.", RULE, curl)
}

impl ExplainedCode {
    const fn with(mut self, flags: &'static str) -> Self {
        self.flags = flags;
        self
    }

    const fn piped(mut self, input: &'static str) -> Self {
        self.input = input;
        self
    }

    const fn by_rule(mut self, operation: &'static str, sets: &'static str) -> Self {
        self.rule = Some((operation, sets));
        self
    }

    /// A shell command that shows the body and the status.
    pub(super) fn command(&self) -> String {
        let Self { curl, flags, input, rule, .. } = self;
        let (written, scenario) = rule.map_or_else(Default::default, |(operation, sets)| {
            let rule = format!(r#"{{"name": "provoked", "when": {{"operation": "{operation}"}}, {sets}}}"#);
            let file = "target/provoked.json";
            (format!(r#"echo '{{"rules": [{rule}]}}' > {file}; "#), format!("--scenario {file} "))
        });
        let curl = curl.join(" ");
        format!(r#"{written}{input}wksmock run {scenario}{flags}-- sh -c 'curl -s -w " %{{http_code}}" {curl}'"#)
    }
}

/// Every code, in the order of the contract.
pub(super) static CATALOGUE: &[ExplainedCode] = &[
    explained(
        &INVALID_PARAMETER,
        "A parameter violates the contract, a user in user activation mode is reset without `notification_type`, or the user has no address for the requested type.",
        "The message names the parameter and what is allowed.",
        &[AS_JSON, r#""$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password?notification_type=pigeon""#],
    ),
    explained(
        &NOT_AUTHENTICATED,
        "A token or a signature is invalid, or missing where one is required.",
        "The message says which of the checks failed. To call without credentials, send none, or start with `--auth off`.",
        &[r#"-H "X-Auth-Token: wrong""#, AS_JSON, RESET],
    ),
    explained(
        &NO_PERMISSION,
        "The account lacks permission for the action or access to the project, or a rule sets this status.",
        "Add the action to `permissions`, or the project to `projects`, of the account in the users file. If a rule sets it, the journal names the rule.",
        &[AS_JSON, r#""$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/8a2c3f9579d240820179d51e6caf0403/random-password""#],
    ),
    explained(
        &NOT_FOUND,
        "The project or the user does not exist.",
        "Compare the ids with `GET /__admin/users`. A path with `{project_id}` in it comes from an SDK that was given no project.",
        &[AS_JSON, RESET_UNKNOWN],
    ),
    explained(
        &METHOD_NOT_ALLOWED,
        "The path is known, but not with this method.",
        "Use a method that the `Allow` header lists.",
        &["-X POST", AS_JSON, RESET],
    ),
    set_by_a_rule(&OPERATION_FAILED, &[AS_JSON, RESET])
    .with(r#"--fault "*=500" "#),
    set_by_a_rule(&UNAVAILABLE, &[AS_JSON, RESET])
    .with(r#"--fault "*=503" "#),
    explained(
        &USER_GONE,
        "With `--fidelity observed`, instead of the 404: the user does not exist.",
        "Compare the id with `GET /__admin/users`.",
        &[AS_JSON, RESET_UNKNOWN],
    )
    .with("--fidelity observed "),
    explained(
        &TENANT_GONE,
        "With `--fidelity observed`, instead of the 404: the project does not exist.",
        "Compare the id with `GET /__admin/projects`.",
        &[AS_JSON, r#""$WKSMOCK_URL/v2/nowhere/users/$WKSMOCK_USER/random-password""#],
    )
    .with("--fidelity observed "),
    explained(
        &PASSWORD_TOO_SIMPLE,
        "The password of a new user has fewer than three kinds of characters.",
        "Use three of lower-case letters, capitals, digits and other characters.",
        &[AS_JSON, USERS, r#"-d "{\"user_name\": \"carol\", \"active_type\": \"ADMIN_ACTIVATE\", \"password\": \"password\"}""#],
    ),
    explained(
        &PASSWORD_HAS_NAME,
        "The password of a new user contains the user name, ignoring case.",
        "Choose a password that contains the user name neither forwards nor backwards.",
        &[AS_JSON, USERS, r#"-d "{\"user_name\": \"carol\", \"active_type\": \"ADMIN_ACTIVATE\", \"password\": \"Carol2026\"}""#],
    ),
    explained(
        &API_NOT_FOUND,
        "No operation has this path; with `--fidelity observed`, also instead of the 405.",
        "Compare the path with `/__admin/openapi.json`; look for a slash at its end, or two in a row.",
        &[r#""$WKSMOCK_URL/v2""#],
    ),
    explained(
        &REQUEST_MALFORMED,
        "The request is not valid HTTP, or has no host.",
        "Send valid HTTP with exactly one `Host`.",
        &[r#"-H "Host:""#, AS_JSON, RESET],
    ),
    explained(
        &REQUEST_TOO_SLOW,
        "The head or the body of a request does not arrive in time.",
        "Send the request without pauses, or raise `head_ms` or `body_time_ms`.",
        &["-T - -X GET", AS_JSON, RESET],
    )
    .with("--limit body_time_ms=100 ").piped("(sleep 1) | "),
    explained(
        &BODY_TOO_LARGE,
        "The body is larger than `body_bytes_max`.",
        "Send less, or raise `body_bytes_max`.",
        &["--data-binary @- -X GET", AS_JSON, RESET],
    )
    .piped("head -c 70000 /dev/zero | "),
    explained(
        &TARGET_TOO_LONG,
        "Path and query are longer than `target_bytes_max`.",
        "Send less, or raise `target_bytes_max`.",
        &[r#""$WKSMOCK_URL/$(printf %017000d 0)""#],
    ),
    explained(
        &HEAD_TOO_LARGE,
        "The header fields are larger than `head_bytes_max`, or there are more than `head_fields_max`.",
        "Send less, or raise `head_bytes_max` or `head_fields_max`.",
        &[r#"-H "X: $(printf %070000d 0)""#, AS_JSON, RESET],
    ),
    explained(
        &THROTTLED,
        "A rule sets this status; wksmock never throttles by itself.",
        RULE,
        &[AS_JSON, RESET],
    )
    .by_rule("ResetRandomPassword", r#""status": 429, "undocumented": true"#),
    set_by_a_rule(&BACKEND_UNAVAILABLE, &[AS_JSON, RESET])
    .by_rule("ResetRandomPassword", r#""status": 502, "undocumented": true"#),
    set_by_a_rule(&BACKEND_TIMEOUT, &[AS_JSON, RESET])
    .by_rule("ResetRandomPassword", r#""status": 504, "undocumented": true"#),
    explained(
        &NOT_ALLOWED,
        "A rule refuses to issue a temporary access key.",
        RULE,
        &[TOKEN, AS_JSON, KEYS, KEY_BODY],
    )
    .by_rule("CreateTemporaryAccessKeyByToken", r#""status": 403"#),
    explained(
        &KEYSTONE_BAD_REQUEST,
        "The body or a parameter of one of IAM's Keystone operations is invalid.",
        "Compare the request with `/__admin/openapi.json`.",
        &[AS_JSON, TOKENS, r#"-d "{}""#],
    ),
    explained(
        &KEYSTONE_UNAUTHORIZED,
        "The account does not exist, or the password is wrong.",
        "Compare domain, name and password with the users file; `wksmock env` prints those of the built-in account.",
        &[AS_JSON, TOKENS, login!("wrong", "cn-north-4")],
    ),
    explained(
        &KEYSTONE_FORBIDDEN,
        "The account has no access to the project that it logs in to, or a rule sets this status.",
        "Log in to a project of the account, or add the project to its `projects` in the users file.",
        &[PROJECTS],
    )
    .by_rule("KeystoneListProjects", r#""status": 403"#),
    explained(
        &KEYSTONE_NOT_FOUND,
        "The project or domain to log in to does not exist, or the token to check is not valid.",
        "Log in to a loaded project, or to the domain of the account. A token is valid until it expires or is revoked.",
        &[AS_JSON, TOKENS, login!("$WKSMOCK_PASSWORD", "nowhere")],
    ),
    set_by_a_rule(&KEYSTONE_FAILED, &[PROJECTS])
    .by_rule("KeystoneListProjects", r#""status": 500"#),
    set_by_a_rule(&KEYSTONE_UNAVAILABLE, &[PROJECTS])
    .by_rule("KeystoneListProjects", r#""status": 503"#),
    explained(
        &IAM_INVALID_BODY,
        "The body of the request for a temporary access key is invalid.",
        "Compare the body with `/__admin/openapi.json`.",
        &[AS_JSON, KEYS, r#"-d "{}""#],
    ),
    set_by_a_rule(&IAM_FAILED, &[TOKEN, AS_JSON, KEYS, KEY_BODY])
    .by_rule("CreateTemporaryAccessKeyByToken", r#""status": 500"#),
    explained(
        &STS_INVALID,
        "The message was not sealed by this server, or the body is invalid.",
        "Send `encoded_authorization_message` unchanged, to a server with the same seed.",
        &[AS_JSON, r#""$WKSMOCK_URL/v5/decode-authorization-message" -d "{\"encoded_message\": \"forged\"}""#],
    ),
    explained(
        &STS_NO_PERMISSION,
        "The account may not decode messages, or a rule sets this status.",
        "Add `sts::decodeAuthorizationMessage` to `permissions` of the account in the users file. If a rule sets it, the journal names the rule.",
        &[IDENTITY],
    )
    .by_rule("GetCallerIdentity", r#""status": 403"#),
    set_by_a_rule(&STS_FAILED, &[IDENTITY])
    .by_rule("GetCallerIdentity", r#""status": 500"#),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::errors::ERROR_CODES;

    #[test]
    fn every_code_is_in_the_catalogue() {
        assert!(CATALOGUE.iter().map(|one| one.code).eq(ERROR_CODES.iter().copied()));
    }
}
