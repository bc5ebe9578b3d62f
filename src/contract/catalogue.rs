//! When each error code is given, and what provokes it.

use super::errors::{
    API_NOT_FOUND, BACKEND_TIMEOUT, BACKEND_UNAVAILABLE, BODY_TOO_LARGE, ErrorCode, HEAD_TOO_LARGE, IAM_FAILED,
    IAM_INVALID_BODY, INVALID_PARAMETER, KEYSTONE_BAD_REQUEST, KEYSTONE_FAILED, KEYSTONE_FORBIDDEN, KEYSTONE_NOT_FOUND,
    KEYSTONE_UNAUTHORIZED, KEYSTONE_UNAVAILABLE, METHOD_NOT_ALLOWED, NO_PERMISSION, NOT_ALLOWED, NOT_AUTHENTICATED,
    NOT_FOUND, OPERATION_FAILED, PASSWORD_HAS_NAME, PASSWORD_TOO_SIMPLE, REQUEST_MALFORMED, REQUEST_TOO_SLOW,
    STS_FAILED, STS_INVALID, STS_NO_PERMISSION, TARGET_TOO_LONG, TENANT_GONE, THROTTLED, UNAVAILABLE, USER_GONE,
};

/// What to do where only a rule gives an error.
const RULE: &str = "The journal names the rule: `decision.causes.status` of `GET /__admin/requests`.";

/// How an error is met.
pub(crate) struct Provoked {
    pub(crate) code: &'static ErrorCode,
    pub(crate) when: &'static str,
    /// What to do about it here.
    pub(crate) remedy: &'static str,
    /// What stands before `wksmock run`, its flags, and what curl is told.
    before: &'static str,
    flags: &'static str,
    curl: &'static str,
}

impl Provoked {
    /// A command that shows the body and the status, for a shell.
    pub(crate) fn command(&self) -> String {
        let Self { before, flags, curl, .. } = self;
        format!(r#"{before}wksmock run {flags}-- sh -c 'curl -s -w " %{{http_code}}" {curl}'"#)
    }
}

/// The path of an error's entry in the admin API, if it is one of these.
pub(crate) fn link(status: u16, code: &str) -> Option<String> {
    let is_it = |one: &&Provoked| one.code.status == status && one.code.code == code;
    CATALOGUE.iter().find(is_it).map(|_| format!("/__admin/error-codes?code={code}&status={status}"))
}

/// Every code, in the order of the table of codes.
pub(crate) static CATALOGUE: &[Provoked] = &[
    Provoked {
        code: &INVALID_PARAMETER,
        when: "A parameter violates the contract, a user in user activation mode is reset without `notification_type`, \
               or the user has no address for the requested type.",
        remedy: "The message names the parameter and what is allowed.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password?notification_type=pigeon""#,
    },
    Provoked {
        code: &NOT_AUTHENTICATED,
        when: "A token or a signature is invalid, or missing where one is required.",
        remedy: "The message says which of the checks failed. To call without credentials, send none, or start with `--auth off`.",
        before: "",
        flags: "",
        curl: r#"-H "X-Auth-Token: wrong" -H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &NO_PERMISSION,
        when: "The account lacks permission for the action or access to the project, or a rule sets this status.",
        remedy: "Add the action to `permissions`, or the project to `projects`, of the account in the users file. If a rule sets it, the journal names the rule.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/8a2c3f9579d240820179d51e6caf0403/random-password""#,
    },
    Provoked {
        code: &NOT_FOUND,
        when: "The project or the user does not exist.",
        remedy: "Compare the ids with `GET /__admin/users`. A path with `{project_id}` in it comes from an SDK that was given no project.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/nobody/random-password""#,
    },
    Provoked {
        code: &METHOD_NOT_ALLOWED,
        when: "The path is known, but not with this method.",
        remedy: "Use a method that the `Allow` header lists.",
        before: "",
        flags: "",
        curl: r#"-X POST -H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &OPERATION_FAILED,
        when: "A rule sets this status.",
        remedy: RULE,
        before: "",
        flags: r#"--fault "*=500" "#,
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &UNAVAILABLE,
        when: "A rule sets this status.",
        remedy: RULE,
        before: "",
        flags: r#"--fault "*=503" "#,
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &USER_GONE,
        when: "With `--fidelity observed`, instead of the 404: the user does not exist.",
        remedy: "Compare the id with `GET /__admin/users`.",
        before: "",
        flags: "--fidelity observed ",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/nobody/random-password""#,
    },
    Provoked {
        code: &TENANT_GONE,
        when: "With `--fidelity observed`, instead of the 404: the project does not exist.",
        remedy: "Compare the id with `GET /__admin/projects`.",
        before: "",
        flags: "--fidelity observed ",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/nowhere/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &PASSWORD_TOO_SIMPLE,
        when: "The password of a new user has fewer than three kinds of characters.",
        remedy: "Use three of lower-case letters, capitals, digits and other characters.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users" -d "{\"user_name\": \"carol\", \"active_type\": \"ADMIN_ACTIVATE\", \"password\": \"password\"}""#,
    },
    Provoked {
        code: &PASSWORD_HAS_NAME,
        when: "The password of a new user contains the user name, ignoring case.",
        remedy: "Choose a password that contains the user name neither forwards nor backwards.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users" -d "{\"user_name\": \"carol\", \"active_type\": \"ADMIN_ACTIVATE\", \"password\": \"Carol2026\"}""#,
    },
    Provoked {
        code: &API_NOT_FOUND,
        when: "No operation has this path; with `--fidelity observed`, also instead of the 405.",
        remedy: "Compare the path with `/__admin/openapi.json`; look for a slash at its end, or two in a row.",
        before: "",
        flags: "",
        curl: r#""$WKSMOCK_URL/v2""#,
    },
    Provoked {
        code: &REQUEST_MALFORMED,
        when: "The request is not valid HTTP, or has no host.",
        remedy: "Send valid HTTP with exactly one `Host`.",
        before: "",
        flags: "",
        curl: r#"-H "Host:" -H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &REQUEST_TOO_SLOW,
        when: "The head or the body of a request does not arrive in time.",
        remedy: "Send the request without pauses, or raise `head_ms` or `body_time_ms`.",
        before: "(sleep 1) | ",
        flags: "--limit body_time_ms=100 ",
        curl: r#"-T - -X GET -H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &BODY_TOO_LARGE,
        when: "The body is larger than `body_bytes_max`.",
        remedy: "Send less, or raise `body_bytes_max`.",
        before: "head -c 70000 /dev/zero | ",
        flags: "",
        curl: r#"--data-binary @- -X GET -H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &TARGET_TOO_LONG,
        when: "Path and query are longer than `target_bytes_max`.",
        remedy: "Send less, or raise `target_bytes_max`.",
        before: "",
        flags: "",
        curl: r#""$WKSMOCK_URL/$(printf %017000d 0)""#,
    },
    Provoked {
        code: &HEAD_TOO_LARGE,
        when: "The header fields are larger than `head_bytes_max`, or there are more than `head_fields_max`.",
        remedy: "Send less, or raise `head_bytes_max` or `head_fields_max`.",
        before: "",
        flags: "",
        curl: r#"-H "X: $(printf %070000d 0)" -H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &THROTTLED,
        when: "A rule sets this status; wksmock never throttles by itself.",
        remedy: RULE,
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "ResetRandomPassword"}, "status": 429, "undocumented": true}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &BACKEND_UNAVAILABLE,
        when: "A rule sets this status.",
        remedy: RULE,
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "ResetRandomPassword"}, "status": 502, "undocumented": true}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &BACKEND_TIMEOUT,
        when: "A rule sets this status.",
        remedy: RULE,
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "ResetRandomPassword"}, "status": 504, "undocumented": true}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#,
    },
    Provoked {
        code: &NOT_ALLOWED,
        when: "A rule refuses to issue a temporary access key.",
        remedy: RULE,
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "CreateTemporaryAccessKeyByToken"}, "status": 403}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#"-H "X-Auth-Token: $(curl -s -o /dev/null -D - -H "Content-Type: application/json" "$WKSMOCK_URL/v3/auth/tokens" -d "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"domain\": {\"name\": \"$WKSMOCK_DOMAIN\"}, \"name\": \"$WKSMOCK_ACCOUNT\", \"password\": \"$WKSMOCK_PASSWORD\"}}}, \"scope\": {\"project\": {\"name\": \"cn-north-4\"}}}}" | sed -n "s/^X-Subject-Token: //p" | tr -d "\r")" -H "Content-Type: application/json" "$WKSMOCK_URL/v3.0/OS-CREDENTIAL/securitytokens" -d "{\"auth\": {\"identity\": {\"methods\": [\"token\"]}}}""#,
    },
    Provoked {
        code: &KEYSTONE_BAD_REQUEST,
        when: "The body or a parameter of one of IAM's Keystone operations is invalid.",
        remedy: "Compare the request with `/__admin/openapi.json`.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v3/auth/tokens" -d "{}""#,
    },
    Provoked {
        code: &KEYSTONE_UNAUTHORIZED,
        when: "The account does not exist, or the password is wrong.",
        remedy: "Compare domain, name and password with the users file; `wksmock env` prints those of the built-in account.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v3/auth/tokens" -d "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"domain\": {\"name\": \"$WKSMOCK_DOMAIN\"}, \"name\": \"$WKSMOCK_ACCOUNT\", \"password\": \"wrong\"}}}, \"scope\": {\"project\": {\"name\": \"cn-north-4\"}}}}""#,
    },
    Provoked {
        code: &KEYSTONE_FORBIDDEN,
        when: "The account has no access to the project that it logs in to, or a rule sets this status.",
        remedy: "Log in to a project of the account, or add the project to its `projects` in the users file.",
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "KeystoneListProjects"}, "status": 403}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#""$WKSMOCK_URL/v3/projects""#,
    },
    Provoked {
        code: &KEYSTONE_NOT_FOUND,
        when: "The project or domain to log in to does not exist, or the token to check is not valid.",
        remedy: "Log in to a loaded project, or to the domain of the account. A token is valid until it expires or is revoked.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v3/auth/tokens" -d "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"domain\": {\"name\": \"$WKSMOCK_DOMAIN\"}, \"name\": \"$WKSMOCK_ACCOUNT\", \"password\": \"$WKSMOCK_PASSWORD\"}}}, \"scope\": {\"project\": {\"name\": \"nowhere\"}}}}""#,
    },
    Provoked {
        code: &KEYSTONE_FAILED,
        when: "A rule sets this status.",
        remedy: RULE,
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "KeystoneListProjects"}, "status": 500}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#""$WKSMOCK_URL/v3/projects""#,
    },
    Provoked {
        code: &KEYSTONE_UNAVAILABLE,
        when: "A rule sets this status.",
        remedy: RULE,
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "KeystoneListProjects"}, "status": 503}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#""$WKSMOCK_URL/v3/projects""#,
    },
    Provoked {
        code: &IAM_INVALID_BODY,
        when: "The body of the request for a temporary access key is invalid.",
        remedy: "Compare the body with `/__admin/openapi.json`.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v3.0/OS-CREDENTIAL/securitytokens" -d "{}""#,
    },
    Provoked {
        code: &IAM_FAILED,
        when: "A rule sets this status.",
        remedy: RULE,
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "CreateTemporaryAccessKeyByToken"}, "status": 500}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#"-H "X-Auth-Token: $(curl -s -o /dev/null -D - -H "Content-Type: application/json" "$WKSMOCK_URL/v3/auth/tokens" -d "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"domain\": {\"name\": \"$WKSMOCK_DOMAIN\"}, \"name\": \"$WKSMOCK_ACCOUNT\", \"password\": \"$WKSMOCK_PASSWORD\"}}}, \"scope\": {\"project\": {\"name\": \"cn-north-4\"}}}}" | sed -n "s/^X-Subject-Token: //p" | tr -d "\r")" -H "Content-Type: application/json" "$WKSMOCK_URL/v3.0/OS-CREDENTIAL/securitytokens" -d "{\"auth\": {\"identity\": {\"methods\": [\"token\"]}}}""#,
    },
    Provoked {
        code: &STS_INVALID,
        when: "The message was not sealed by this server, or the body is invalid.",
        remedy: "Send `encoded_authorization_message` unchanged, to a server with the same seed.",
        before: "",
        flags: "",
        curl: r#"-H "Content-Type: application/json" "$WKSMOCK_URL/v5/decode-authorization-message" -d "{\"encoded_message\": \"forged\"}""#,
    },
    Provoked {
        code: &STS_NO_PERMISSION,
        when: "The account may not decode messages, or a rule sets this status.",
        remedy: "Add `sts::decodeAuthorizationMessage` to `permissions` of the account in the users file. If a rule sets it, the journal names the rule.",
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "GetCallerIdentity"}, "status": 403}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#""$WKSMOCK_URL/v5/caller-identity""#,
    },
    Provoked {
        code: &STS_FAILED,
        when: "A rule sets this status.",
        remedy: RULE,
        before: r#"echo '{"rules": [{"name": "provoked", "when": {"operation": "GetCallerIdentity"}, "status": 500}]}' > target/provoked.json; "#,
        flags: "--scenario target/provoked.json ",
        curl: r#""$WKSMOCK_URL/v5/caller-identity""#,
    },
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
