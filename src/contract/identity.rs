//! The operations of IAM and STS on which programs lean that call Workspace: tokens, look-ups, temporary keys, who one is,
//! and what a sealed message says.

use super::errors::{
    BODY_TOO_LARGE, IAM_FAILED, IAM_INVALID_BODY, KEYSTONE_BAD_REQUEST, KEYSTONE_FAILED, KEYSTONE_FORBIDDEN,
    KEYSTONE_NOT_FOUND, KEYSTONE_UNAUTHORIZED, KEYSTONE_UNAVAILABLE, METHOD_NOT_ALLOWED, NOT_ALLOWED,
    NOT_AUTHENTICATED, STS_FAILED, STS_INVALID, STS_NO_PERMISSION,
};
use super::operations::{
    CONTENT_TYPE, Form, Mandatory, Operation, Parameter, Piece, Place, Status, Subject, X_AUTH_TOKEN, refused,
    succeeded,
};
use super::service::Service;
use std::ops::RangeInclusive;

/// Where no source gives a length: so that all parameters of an operation fit a target together.
const ANY_LENGTH: RangeInclusive<usize> = 0..=255;
/// The last page that can be asked for.
const PAGE_MAX: u64 = 1_000_000_000;
/// How long a temporary key is in force, in seconds. The shortest time is the default.
pub(crate) const KEY_SECONDS: RangeInclusive<u64> = 900..=86_400;
/// The header in which a token comes, and that of which one asks.
pub(crate) const X_SUBJECT_TOKEN: &str = "X-Subject-Token";

pub(crate) static CREATE_TOKEN: Operation = Operation {
    id: "KeystoneCreateUserTokenByPassword",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "POST",
    path: &[Piece::Literal("/v3/auth/tokens")],
    tag: "Token",
    summary: "Issues a token for an account and its password",
    description: "The token is in the response header X-Subject-Token. It is valid for one project or for the \
                  account's domain.",
    takes_long: false,
    identifies: true,
    action: None,
    parameters: &[CONTENT_TYPE, query("nocatalog", Form::Text, "If present and not empty, the catalog is empty.")],
    body: Some("TokenRequest"),
    body_is_optional: false,
    answer: "TokenResponse",
    statuses: &keystone(succeeded(201, "The token.")),
    assumed: &[
        "An unknown scope, or a different domain: 404. A project that the account has no access to: 403.",
        "All accounts have the role `te_admin`; the catalog lists IAM, STS and Workspace, all pointing at this server.",
    ],
};

pub(crate) static VALIDATE_TOKEN: Operation = Operation {
    id: "KeystoneValidateToken",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/auth/tokens")],
    tag: "Token",
    summary: "Shows what a token is valid for",
    description: "The token to check is in the request header X-Subject-Token.",
    takes_long: false,
    identifies: false,
    action: None,
    parameters: &[
        X_AUTH_TOKEN,
        Parameter {
            name: X_SUBJECT_TOKEN,
            place: Place::Header,
            mandatory: Mandatory::Always,
            chars: 1..=40_000,
            form: Form::Text,
            description: "The token to check.",
        },
        query("nocatalog", Form::Text, "If present and not empty, the catalog is empty."),
    ],
    body: None,
    body_is_optional: false,
    answer: "TokenResponse",
    statuses: &keystone(succeeded(200, "The owner, scope and lifetime of the token.")),
    assumed: &["An expired or revoked token is treated as unknown: 404."],
};

pub(crate) static LIST_PROJECTS: Operation = Operation {
    id: "KeystoneListProjects",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/projects")],
    tag: "Project",
    summary: "Lists the caller's projects",
    description: "The vendor's SDKs use it to look up the project of a region by name.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[
        X_AUTH_TOKEN,
        query("domain_id", Form::Text, "Only projects of this domain."),
        query("name", Form::Text, "Only the project with this name, which is the name of its region."),
        query("parent_id", Form::Text, "Only projects below this project or domain."),
        query("enabled", Form::Boolean, "Only projects that are enabled, or that are not."),
        query("is_domain", Form::Boolean, "Only projects that are domains, of which there are none."),
        query("page", Form::Number(1..=PAGE_MAX), "The page number, from 1."),
        query("per_page", Form::Number(1..=5_000), "The number of projects per page."),
    ],
    body: None,
    body_is_optional: false,
    answer: "ProjectList",
    statuses: &keystone(succeeded(200, "The projects.")),
    assumed: &[
        "A project without a name is listed under its id; its parent is the caller's domain.",
        "Query parameters may have up to 255 characters, and `page` may be up to 1,000,000,000.",
        "Without credentials, all projects are listed.",
        "Without `per_page` a page has 5,000 projects.",
        "Every answer of IAM has `X-IAM-Trace-Id`, with the value of `X-Request-Id`.",
    ],
};

pub(crate) static LIST_AUTH_PROJECTS: Operation = Operation {
    id: "KeystoneListAuthProjects",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/auth/projects")],
    tag: "Project",
    summary: "Lists the projects that the caller has access to",
    description: "Like the list of projects, without filters.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "ProjectList",
    statuses: &keystone(succeeded(200, "The projects.")),
    assumed: &["Without credentials, all projects are listed.", "A list has at most 5,000 projects."],
};

pub(crate) static LIST_AUTH_DOMAINS: Operation = Operation {
    id: "KeystoneListAuthDomains",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/auth/domains")],
    tag: "Domain",
    summary: "Lists the domains that the caller has access to",
    description: "The vendor's SDKs use it to look up the id of the caller's domain.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "DomainList",
    statuses: &keystone(succeeded(200, "The domains.")),
    assumed: &["Without credentials, all domains are listed."],
};

pub(crate) static LIST_ACCOUNTS: Operation = Operation {
    id: "KeystoneListUsers",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/users")],
    tag: "IAM User",
    summary: "Lists the IAM users of the caller's domain",
    description: "The Terraform provider looks up the user by name when it logs in with a password.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[
        X_AUTH_TOKEN,
        query("domain_id", Form::Text, "Only users of this domain."),
        query("enabled", Form::Boolean, "Only users that are enabled, or that are not."),
        query("name", Form::Text, "Only users with this name."),
        query(
            "password_expires_at",
            Form::Unanswered("passwords of accounts do not expire"),
            "Documented, but not supported here: a value that is not empty is refused with 400.",
        ),
    ],
    body: None,
    body_is_optional: false,
    answer: "IamUserList",
    statuses: &LIST_ACCOUNTS_STATUSES,
    assumed: &[
        "The users are the accounts of the users files, without descriptions and all enabled.",
        "Every account may list the users of its own domain; without credentials, all are listed.",
        "A list has at most 5,000 users.",
        "`password_expires_at`: 400.",
    ],
};

const LIST_ACCOUNTS_STATUSES: [Status; 9] = {
    let [success, malformed, unauthorized, forbidden, not_found, failed, unavailable] =
        keystone(succeeded(200, "The users."));
    let not_allowed = refused(&METHOD_NOT_ALLOWED, "The method is not allowed.");
    let too_large = refused(&BODY_TOO_LARGE, "The body is too large.");
    [success, malformed, unauthorized, forbidden, not_found, not_allowed, too_large, failed, unavailable]
};

pub(crate) static LIST_REGIONS: Operation = Operation {
    id: "KeystoneListRegions",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/regions")],
    tag: "Region",
    summary: "Lists the regions",
    description: "The vendor's SDK for PHP requests them if no project has the name of its region.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "RegionList",
    statuses: &keystone(succeeded(200, "The regions.")),
    assumed: &[
        "The regions are the distinct names of all loaded projects, in order; a region's name in every language is its \
         id.",
        "A list has at most 5,000 regions.",
    ],
};

pub(crate) static CREATE_TEMPORARY_KEY: Operation = Operation {
    id: "CreateTemporaryAccessKeyByToken",
    service: Service::Iam,
    subject: Subject::Caller,
    changes: false,
    method: "POST",
    path: &[Piece::Literal("/v3.0/OS-CREDENTIAL/securitytokens")],
    tag: "AccessKey",
    summary: "Issues a temporary access key to the owner of a token",
    description: "Requests signed with the key carry its security token in X-Security-Token.",
    takes_long: false,
    identifies: true,
    action: None,
    parameters: &[CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("TemporaryKeyRequest"),
    body_is_optional: false,
    answer: "TemporaryKeyResponse",
    statuses: &[
        succeeded(201, "The access key."),
        refused(&IAM_INVALID_BODY, "The body is invalid."),
        refused(&NOT_AUTHENTICATED, "Authentication failed."),
        refused(&NOT_ALLOWED, "The caller has no permission."),
        refused(&IAM_FAILED, "The service failed."),
    ],
    assumed: &[
        "In a policy, `Deny` overrides `Allow`, and the default is deny. An action may end in `*`; resources and \
         conditions are ignored.",
        "A key that is requested with another temporary key has the policies of both, and is valid for the project of \
         the token.",
        "Without credentials, the first account of the users files gets the key.",
        "A caller without permission is refused by the gateway: 403, `APIGW.0302`.",
    ],
};

pub(crate) static GET_CALLER_IDENTITY: Operation = Operation {
    id: "GetCallerIdentity",
    service: Service::Sts,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v5/caller-identity")],
    tag: "STS",
    summary: "Shows the identity of the caller",
    description: "The vendor's SDKs use it to look up the caller's domain if IAM lists none.",
    takes_long: false,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "CallerIdentity",
    statuses: &sts(succeeded(200, "The identity of the caller.")),
    assumed: &[
        "`account_id` is the id of the caller's domain, `principal_id` that of the account.",
        "Without credentials, the caller is the first account of the users files.",
        "A token is accepted like a signature.",
    ],
};

pub(crate) static DECODE_MESSAGE: Operation = Operation {
    id: "DecodeAuthorizationMessage",
    service: Service::Sts,
    subject: Subject::Caller,
    changes: false,
    method: "POST",
    path: &[Piece::Literal("/v5/decode-authorization-message")],
    tag: "STS",
    summary: "Decodes the sealed reason of a refusal",
    description: "Decodes the encoded_authorization_message of an error: who was refused what, and why.",
    takes_long: false,
    identifies: false,
    action: Some("sts::decodeAuthorizationMessage"),
    parameters: &[CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("DecodeRequest"),
    body_is_optional: false,
    answer: "DecodeResponse",
    statuses: &sts(succeeded(200, "The decoded message.")),
    assumed: &[
        "A message that this server did not seal, or that is truncated: 400, `STS5.1001`. A failure: 500 with the same \
         code.",
        "A decoded message has `context` with `user_profile`, `action`, `resource` and `project_id`, then \
         `matched_statements` and `failure`.",
        "A decoded message also has `missing` (the missing permission or project) or `policy` (the policy of a \
         temporary key that denies).",
        "A token is accepted like a signature.",
    ],
};

const fn query(name: &'static str, form: Form, description: &'static str) -> Parameter {
    Parameter { name, place: Place::Query, mandatory: Mandatory::No, chars: ANY_LENGTH, form, description }
}

const fn keystone(success: Status) -> [Status; 7] {
    [
        success,
        refused(&KEYSTONE_BAD_REQUEST, "The request is malformed."),
        refused(&KEYSTONE_UNAUTHORIZED, "Authentication failed."),
        refused(&KEYSTONE_FORBIDDEN, "The caller has no permission."),
        refused(&KEYSTONE_NOT_FOUND, "It was not found."),
        refused(&KEYSTONE_FAILED, "The service failed."),
        refused(&KEYSTONE_UNAVAILABLE, "The service is unavailable."),
    ]
}

const fn sts(success: Status) -> [Status; 5] {
    [
        success,
        refused(&STS_INVALID, "The request is malformed."),
        refused(&NOT_AUTHENTICATED, "Authentication failed."),
        refused(&STS_NO_PERMISSION, "The caller has no permission."),
        refused(&STS_FAILED, "The service failed."),
    ]
}
