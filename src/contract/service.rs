//! The services that are emulated, and which error each answers in which situation, by the fidelity that the user chose.

use super::errors::{
    API_NOT_FOUND, ErrorCode, IAM_INVALID_BODY, INVALID_PARAMETER, KEYSTONE_BAD_REQUEST, KEYSTONE_FORBIDDEN,
    KEYSTONE_NOT_FOUND, KEYSTONE_UNAUTHORIZED, KEYSTONE_UNAVAILABLE, METHOD_NOT_ALLOWED, NO_PERMISSION, NOT_ALLOWED,
    NOT_AUTHENTICATED, NOT_FOUND, REQUEST_MALFORMED, STS_INVALID, STS_NO_PERMISSION, TENANT_GONE, UNAVAILABLE,
    USER_GONE,
};
use super::situations::{Fidelity, Situation};

/// Service that answers an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Workspace,
    /// IAM's API that is Keystone's.
    Keystone,
    /// IAM's own.
    Iam,
    Sts,
}

/// The field in which IAM identifies a request; SDKs quote it in their errors.
pub(crate) const X_IAM_TRACE_ID: &str = "X-IAM-Trace-Id";

impl Service {
    /// Whether IAM answers, in whichever of its APIs.
    pub(crate) fn is_iam(self) -> bool {
        matches!(self, Self::Keystone | Self::Iam)
    }

    /// The error that a situation is answered with.
    pub(crate) fn error(self, situation: Situation, fidelity: Fidelity) -> &'static ErrorCode {
        let observed = fidelity == Fidelity::Observed;
        match (situation, self) {
            (Situation::MalformedRequest, _) => &REQUEST_MALFORMED,
            (Situation::UnknownPath, _) => &API_NOT_FOUND,
            (Situation::WrongMethod, _) if observed => &API_NOT_FOUND,
            (Situation::WrongMethod, _) => &METHOD_NOT_ALLOWED,
            (Situation::NotAuthenticated, _) => &NOT_AUTHENTICATED,
            (Situation::WrongPassword, _) => &KEYSTONE_UNAUTHORIZED,
            (Situation::InvalidParameter, Self::Workspace) => &INVALID_PARAMETER,
            (Situation::InvalidParameter, Self::Keystone) => &KEYSTONE_BAD_REQUEST,
            (Situation::InvalidParameter, Self::Iam) => &IAM_INVALID_BODY,
            (Situation::InvalidParameter, Self::Sts) => &STS_INVALID,
            (Situation::NoPermission, Self::Workspace) => &NO_PERMISSION,
            (Situation::NoPermission, Self::Keystone) => &KEYSTONE_FORBIDDEN,
            (Situation::NoPermission, Self::Iam) => &NOT_ALLOWED,
            (Situation::NoPermission, Self::Sts) => &STS_NO_PERMISSION,
            (Situation::NoRoom, Self::Keystone) => &KEYSTONE_UNAVAILABLE,
            (Situation::NoRoom, _) => &UNAVAILABLE,
            (Situation::UnknownProject, Self::Workspace) if observed => &TENANT_GONE,
            (Situation::UnknownUser, Self::Workspace) if observed => &USER_GONE,
            (Situation::UnknownProject | Situation::UnknownUser, Self::Keystone) => &KEYSTONE_NOT_FOUND,
            (Situation::UnknownProject | Situation::UnknownUser, _) => &NOT_FOUND,
        }
    }
}
