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
    summary: "Gives an account a token for its password",
    description: "The token comes in the header X-Subject-Token. It is for one project or for the account's domain.",
    takes_long: false,
    identifies: true,
    action: None,
    parameters: &[CONTENT_TYPE, query("nocatalog", Form::Text, "Anything but nothing leaves the catalog empty.")],
    body: Some("TokenRequest"),
    body_is_optional: false,
    answer: "TokenResponse",
    statuses: &keystone(succeeded(201, "The token.")),
    assumed: &[
        "A scope that is not there, or is another domain: 404; a project that the account does not have: 403.",
        "Accounts have the one role `te_admin`; the catalog names IAM, STS and Workspace, all of them at the server.",
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
    summary: "Says what a token is worth",
    description: "The token that is asked about stands in X-Subject-Token.",
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
            description: "The token that is asked about.",
        },
        query("nocatalog", Form::Text, "Anything but nothing leaves the catalog empty."),
    ],
    body: None,
    body_is_optional: false,
    answer: "TokenResponse",
    statuses: &keystone(succeeded(200, "What the token is worth.")),
    assumed: &["A token that is expired or revoked is as unknown as any other: 404."],
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
    description: "The vendor's SDKs ask it for the project of a region, by name.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[
        X_AUTH_TOKEN,
        query("domain_id", Form::Text, "Those of this domain."),
        query("name", Form::Text, "The one of this name: that of its region."),
        query("parent_id", Form::Text, "Those below this project or domain."),
        query("enabled", Form::Boolean, "Those that are in use, or not."),
        query("is_domain", Form::Boolean, "Those that are domains, which none is."),
        query("page", Form::Number(1..=PAGE_MAX), "Which page, from 1."),
        query("per_page", Form::Number(1..=5_000), "How many are on a page."),
    ],
    body: None,
    body_is_optional: false,
    answer: "ProjectList",
    statuses: &keystone(succeeded(200, "The projects.")),
    assumed: &[
        "A project that has no name is listed under its id; its parent is the caller's domain.",
        "Query parameters may have up to 255 characters, and `page` may be up to 1,000,000,000.",
        "Where no credentials are shown, all projects are listed.",
        "Without `per_page` a page has 5,000 projects.",
        "`X-IAM-Trace-Id`, in every answer of IAM, has the value of `X-Request-Id`.",
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
    summary: "Lists the projects that the caller can use",
    description: "The same as the list of projects, without filters.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "ProjectList",
    statuses: &keystone(succeeded(200, "The projects.")),
    assumed: &["Where no credentials are shown, all projects are listed.", "A list has 5,000 projects at most."],
};

pub(crate) static LIST_AUTH_DOMAINS: Operation = Operation {
    id: "KeystoneListAuthDomains",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/auth/domains")],
    tag: "Domain",
    summary: "Lists the domains that the caller can use",
    description: "The vendor's SDKs ask it for the id of the caller's domain.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "DomainList",
    statuses: &keystone(succeeded(200, "The domains.")),
    assumed: &["Where no credentials are shown, all domains are listed."],
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
    description: "Terraform's provider asks for the user by name when it logs in with a password.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[
        X_AUTH_TOKEN,
        query("domain_id", Form::Text, "The users of this domain."),
        query("enabled", Form::Boolean, "The users that are enabled, or not."),
        query("name", Form::Text, "The users of this name."),
        query(
            "password_expires_at",
            Form::Unanswered("passwords of accounts do not expire"),
            "Documented, and not answered here: 400 unless it is empty.",
        ),
    ],
    body: None,
    body_is_optional: false,
    answer: "IamUserList",
    statuses: &LIST_ACCOUNTS_STATUSES,
    assumed: &[
        "The users are the accounts of the users files, without a description, and all of them are enabled.",
        "Every account may list those of its own domain; where no credentials are shown, all are listed.",
        "A list has 5,000 users at most.",
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
    description: "The vendor's SDK for PHP asks for them where no project has the name of its region.",
    takes_long: true,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "RegionList",
    statuses: &keystone(succeeded(200, "The regions.")),
    assumed: &[
        "The regions are the names of all loaded projects, in order, each once; a region's name in every language is its id.",
        "A list has 5,000 regions at most.",
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
    summary: "Gives the owner of a token an access key for a while",
    description: "Requests that are signed with it carry its security token in X-Security-Token.",
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
        refused(&NOT_ALLOWED, "The caller may not."),
        refused(&IAM_FAILED, "The service failed."),
    ],
    assumed: &[
        "Of the statements of a policy a `Deny` goes before an `Allow`; what none allows is denied. Actions end in `*` where they mean several; resources and conditions are not looked at.",
        "A key that is given to the owner of a key has the policies of both, and is for the project of the token.",
        "Where no credentials are shown, the first account of the users files is given the key.",
        "A caller who may not is refused by the gateway: 403, `APIGW.0302`.",
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
    summary: "Says who calls",
    description: "The vendor's SDKs ask it for the caller's domain where IAM lists none.",
    takes_long: false,
    identifies: false,
    action: None,
    parameters: &[X_AUTH_TOKEN],
    body: None,
    body_is_optional: false,
    answer: "CallerIdentity",
    statuses: &sts(succeeded(200, "Who calls.")),
    assumed: &[
        "`account_id` is the id of the caller's domain, `principal_id` that of the account.",
        "Where no credentials are shown, the first account of the users files calls.",
        "A token is taken as a signature is.",
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
    summary: "Opens the sealed reason of a refusal",
    description: "What stands in the encoded_authorization_message of an error: who was refused what, and why.",
    takes_long: false,
    identifies: false,
    action: Some("sts::decodeAuthorizationMessage"),
    parameters: &[CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("DecodeRequest"),
    body_is_optional: false,
    answer: "DecodeResponse",
    statuses: &sts(succeeded(200, "What the message says.")),
    assumed: &[
        "What was not sealed by the server, or is not whole: 400, `STS5.1001`; a failure: 500 with the same code.",
        "What a message says has `context` with `user_profile`, `action`, `resource` and `project_id`, then `matched_statements`, `failure`, and `missing` where a permission or project is, or `policy` where that of a temporary key refuses.",
        "A token is taken as a signature is.",
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
        refused(&KEYSTONE_FORBIDDEN, "The caller may not."),
        refused(&KEYSTONE_NOT_FOUND, "It is not there."),
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
