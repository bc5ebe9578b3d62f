//! The error codes of the service and its gateway, each with its status and meaning.
//!
//! Codes and statuses are the vendor's. The messages are our own words, except for the beginning of 401's: that is the
//! gateway's text, which consumers match.

/// Longest `error_code` of the documented error body, in characters.
pub(crate) const CODE_CHARS_MAX: usize = 12;
/// Longest sealed reason that STS opens, in characters.
pub(crate) const SEALED_CHARS_MAX: usize = 10_240;
/// Longest `error_msg` of the documented error body, in characters.
pub(crate) const MESSAGE_CHARS_MAX: usize = 1000;

/// Sender of an error. It determines the shape of the body under `--fidelity observed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// The service itself.
    Service,
    /// The API gateway in front of all services.
    Gateway,
    /// IAM, as Keystone does: the status is the code.
    Keystone,
}

/// One error code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode {
    pub(crate) code: &'static str,
    pub(crate) status: u16,
    pub(crate) origin: Origin,
    /// Default message, if nothing more precise is known.
    pub(crate) message: &'static str,
}

const fn service(code: &'static str, status: u16, message: &'static str) -> ErrorCode {
    ErrorCode { code, status, origin: Origin::Service, message }
}

const fn gateway(code: &'static str, status: u16, message: &'static str) -> ErrorCode {
    ErrorCode { code, status, origin: Origin::Gateway, message }
}

const fn keystone(code: &'static str, status: u16, message: &'static str) -> ErrorCode {
    ErrorCode { code, status, origin: Origin::Keystone, message }
}

pub(crate) static INVALID_PARAMETER: ErrorCode = service(
    "WKS.00211102",
    400,
    "A parameter is invalid. Compare path, query and headers with the documentation of the operation.",
);
pub(crate) static NOT_AUTHENTICATED: ErrorCode =
    gateway("APIGW.0301", 401, "Incorrect IAM authentication information: decrypt token fail");
pub(crate) static NO_PERMISSION: ErrorCode = service(
    "WKS.00081102",
    403,
    "The caller has no permission for this operation on this user. Request the action named in the documentation of \
     the operation.",
);
pub(crate) static NOT_FOUND: ErrorCode =
    service("WKS.00211902", 404, "The object does not exist. Check the ids in the path.");
pub(crate) static METHOD_NOT_ALLOWED: ErrorCode = service(
    "WKS.00000405",
    405,
    "This method is not allowed on this resource. The Allow header lists the allowed methods.",
);
pub(crate) static OPERATION_FAILED: ErrorCode =
    service("WKS.00211401", 500, "The operation failed inside the service. Try again later.");
pub(crate) static UNAVAILABLE: ErrorCode =
    service("WKS.00050902", 503, "The service is currently unavailable. Try again later.");
/// The live service's answer for an unknown user.
pub(crate) static USER_GONE: ErrorCode = service("WKS.00170312", 400, "The user does not exist or was deleted.");
/// The live service's answer for an unknown project.
pub(crate) static TENANT_GONE: ErrorCode = service("WKS.00170117", 400, "The tenant does not exist in this project.");
pub(crate) static PASSWORD_TOO_SIMPLE: ErrorCode = service(
    "WKS.00170101",
    400,
    "The password is not complex enough. Use upper-case and lower-case letters, digits and special characters.",
);
pub(crate) static PASSWORD_HAS_NAME: ErrorCode =
    service("WKS.00170103", 400, "The password contains the user name. Choose a different one.");
pub(crate) static API_NOT_FOUND: ErrorCode =
    gateway("APIGW.0101", 404, "No API is published for this path and method. Check the path.");
pub(crate) static REQUEST_MALFORMED: ErrorCode = gateway("APIGW.0201", 400, "The request is not well-formed HTTP.");
pub(crate) static REQUEST_TOO_SLOW: ErrorCode = gateway("APIGW.0201", 408, "The request did not arrive in time.");
pub(crate) static BODY_TOO_LARGE: ErrorCode = gateway("APIGW.0201", 413, "The request body is too large.");
pub(crate) static TARGET_TOO_LONG: ErrorCode =
    gateway("APIGW.0201", 414, "The request target, path and query, is too long.");
pub(crate) static HEAD_TOO_LARGE: ErrorCode = gateway("APIGW.0201", 431, "The request's header fields are too large.");
pub(crate) static THROTTLED: ErrorCode =
    gateway("APIGW.0308", 429, "The throttling threshold was reached. Send fewer requests, or wait.");
pub(crate) static BACKEND_UNAVAILABLE: ErrorCode =
    gateway("APIGW.0201", 502, "The service behind the gateway is unavailable.");
pub(crate) static BACKEND_TIMEOUT: ErrorCode =
    gateway("APIGW.0201", 504, "The service behind the gateway did not answer in time.");
pub(crate) static NOT_ALLOWED: ErrorCode =
    gateway("APIGW.0302", 403, "The IAM user is not allowed to do this. Request the permission.");
pub(crate) static KEYSTONE_BAD_REQUEST: ErrorCode = keystone("400", 400, "The request body is invalid.");
pub(crate) static KEYSTONE_UNAUTHORIZED: ErrorCode = keystone("401", 401, "The user name or password is wrong.");
pub(crate) static KEYSTONE_FORBIDDEN: ErrorCode = keystone("403", 403, "You are not authorized to do this.");
pub(crate) static KEYSTONE_NOT_FOUND: ErrorCode = keystone("404", 404, "The requested resource cannot be found.");
pub(crate) static KEYSTONE_FAILED: ErrorCode = keystone("500", 500, "The identity service failed. Try again later.");
pub(crate) static KEYSTONE_UNAVAILABLE: ErrorCode =
    keystone("503", 503, "The identity service is currently unavailable. Try again later.");
pub(crate) static IAM_INVALID_BODY: ErrorCode = service("IAM.0011", 400, "The request body is invalid.");
pub(crate) static IAM_FAILED: ErrorCode = service("IAM.0006", 500, "The identity service failed. Try again later.");
pub(crate) static STS_INVALID: ErrorCode =
    service("STS5.1001", 400, "The message is invalid: it was not sealed by this service.");
pub(crate) static STS_NO_PERMISSION: ErrorCode =
    service("PAP5.0001", 403, "access denied: the caller has no permission for this action.");
pub(crate) static STS_FAILED: ErrorCode = service("STS5.1001", 500, "The service failed. Try again later.");

/// Every code. Several rows may share a code with different statuses, as the gateway's do.
pub(crate) static ERROR_CODES: &[&ErrorCode] = &[
    &INVALID_PARAMETER,
    &NOT_AUTHENTICATED,
    &NO_PERMISSION,
    &NOT_FOUND,
    &METHOD_NOT_ALLOWED,
    &OPERATION_FAILED,
    &UNAVAILABLE,
    &USER_GONE,
    &TENANT_GONE,
    &PASSWORD_TOO_SIMPLE,
    &PASSWORD_HAS_NAME,
    &API_NOT_FOUND,
    &REQUEST_MALFORMED,
    &REQUEST_TOO_SLOW,
    &BODY_TOO_LARGE,
    &TARGET_TOO_LONG,
    &HEAD_TOO_LARGE,
    &THROTTLED,
    &BACKEND_UNAVAILABLE,
    &BACKEND_TIMEOUT,
    &NOT_ALLOWED,
    &KEYSTONE_BAD_REQUEST,
    &KEYSTONE_UNAUTHORIZED,
    &KEYSTONE_FORBIDDEN,
    &KEYSTONE_NOT_FOUND,
    &KEYSTONE_FAILED,
    &KEYSTONE_UNAVAILABLE,
    &IAM_INVALID_BODY,
    &IAM_FAILED,
    &STS_INVALID,
    &STS_NO_PERMISSION,
    &STS_FAILED,
];

impl ErrorCode {
    /// The row for a status that no operation documents, if the gateway is known to answer it.
    pub(crate) fn of_undocumented(status: u16) -> Option<&'static Self> {
        ERROR_CODES.iter().copied().find(|row| row.status == status && row.origin == Origin::Gateway)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_messages_fit_the_documented_body() {
        for row in ERROR_CODES {
            assert!(row.code.chars().count() <= CODE_CHARS_MAX, "{}", row.code);
            assert!(row.message.chars().count() <= MESSAGE_CHARS_MAX, "{}", row.code);
            assert!((400..600).contains(&row.status), "{}", row.code);
        }
    }

    #[test]
    fn no_two_rows_have_the_same_code_and_status() {
        for (at, row) in ERROR_CODES.iter().enumerate() {
            let twin = |other: &&&ErrorCode| other.code == row.code && other.status == row.status;
            assert!(!ERROR_CODES.iter().take(at).any(|other| twin(&other)), "{}", row.code);
        }
    }
}
