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

/// Defines the codes, each with its sender, status and message, and the list of all.
macro_rules! error_codes {
    ($($(#[$about:meta])* $origin:ident $name:ident: $code:literal, $status:literal, $message:literal;)+) => {
        $($(#[$about])*
        pub(crate) static $name: ErrorCode =
            ErrorCode { code: $code, status: $status, origin: Origin::$origin, message: $message };)+

        /// Every code. Several rows may share a code with different statuses, as the gateway's do.
        pub(crate) static ERROR_CODES: &[&ErrorCode] = &[$(&$name),+];
    };
}

error_codes! {
    Service INVALID_PARAMETER: "WKS.00211102", 400,
        "A parameter is invalid. Compare path, query and headers with the documentation of the operation.";
    Gateway NOT_AUTHENTICATED: "APIGW.0301", 401, "Incorrect IAM authentication information: decrypt token fail";
    Service NO_PERMISSION: "WKS.00081102", 403,
        "The caller has no permission for this operation on this user. Request the action named in the documentation \
         of the operation.";
    Service NOT_FOUND: "WKS.00211902", 404, "The object does not exist. Check the ids in the path.";
    Service METHOD_NOT_ALLOWED: "WKS.00000405", 405,
        "This method is not allowed on this resource. The Allow header lists the allowed methods.";
    Service OPERATION_FAILED: "WKS.00211401", 500, "The operation failed inside the service. Try again later.";
    Service UNAVAILABLE: "WKS.00050902", 503, "The service is currently unavailable. Try again later.";
    /// The live service's answer for an unknown user.
    Service USER_GONE: "WKS.00170312", 400, "The user does not exist or was deleted.";
    /// The live service's answer for an unknown project.
    Service TENANT_GONE: "WKS.00170117", 400, "The tenant does not exist in this project.";
    Service PASSWORD_TOO_SIMPLE: "WKS.00170101", 400,
        "The password is not complex enough. Use upper-case and lower-case letters, digits and special characters.";
    Service PASSWORD_HAS_NAME: "WKS.00170103", 400, "The password contains the user name. Choose a different one.";
    Gateway API_NOT_FOUND: "APIGW.0101", 404, "No API is published for this path and method. Check the path.";
    Gateway REQUEST_MALFORMED: "APIGW.0201", 400, "The request is not well-formed HTTP.";
    Gateway REQUEST_TOO_SLOW: "APIGW.0201", 408, "The request did not arrive in time.";
    Gateway BODY_TOO_LARGE: "APIGW.0201", 413, "The request body is too large.";
    Gateway TARGET_TOO_LONG: "APIGW.0201", 414, "The request target, path and query, is too long.";
    Gateway HEAD_TOO_LARGE: "APIGW.0201", 431, "The request's header fields are too large.";
    Gateway THROTTLED: "APIGW.0308", 429, "The throttling threshold was reached. Send fewer requests, or wait.";
    Gateway BACKEND_UNAVAILABLE: "APIGW.0201", 502, "The service behind the gateway is unavailable.";
    Gateway BACKEND_TIMEOUT: "APIGW.0201", 504, "The service behind the gateway did not answer in time.";
    Gateway NOT_ALLOWED: "APIGW.0302", 403, "The IAM user is not allowed to do this. Request the permission.";
    Keystone KEYSTONE_BAD_REQUEST: "400", 400, "The request body is invalid.";
    Keystone KEYSTONE_UNAUTHORIZED: "401", 401, "The user name or password is wrong.";
    Keystone KEYSTONE_FORBIDDEN: "403", 403, "You are not authorized to do this.";
    Keystone KEYSTONE_NOT_FOUND: "404", 404, "The requested resource cannot be found.";
    Keystone KEYSTONE_FAILED: "500", 500, "The identity service failed. Try again later.";
    Keystone KEYSTONE_UNAVAILABLE: "503", 503, "The identity service is currently unavailable. Try again later.";
    Service IAM_INVALID_BODY: "IAM.0011", 400, "The request body is invalid.";
    Service IAM_FAILED: "IAM.0006", 500, "The identity service failed. Try again later.";
    Service STS_INVALID: "STS5.1001", 400, "The message is invalid: it was not sealed by this service.";
    Service STS_NO_PERMISSION: "PAP5.0001", 403, "access denied: the caller has no permission for this action.";
    Service STS_FAILED: "STS5.1001", 500, "The service failed. Try again later.";
}

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
