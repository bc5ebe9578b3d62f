//! The statuses that the operations of a service have in common.

use crate::contract::errors::{
    ErrorCode, INVALID_PARAMETER, KEYSTONE_BAD_REQUEST, KEYSTONE_FAILED, KEYSTONE_FORBIDDEN, KEYSTONE_NOT_FOUND,
    KEYSTONE_UNAUTHORIZED, KEYSTONE_UNAVAILABLE, METHOD_NOT_ALLOWED, NO_PERMISSION, NOT_AUTHENTICATED, NOT_FOUND,
    OPERATION_FAILED, STS_FAILED, STS_INVALID, STS_NO_PERMISSION, UNAVAILABLE,
};
use crate::contract::row::Status;

pub(crate) const fn succeeded(status: u16, description: &'static str) -> Status {
    Status { status, description, error: None }
}

pub(crate) const fn refused(error: &'static ErrorCode, description: &'static str) -> Status {
    Status { status: error.status, description, error: Some(error) }
}

/// The statuses of the operations of Workspace.
pub(super) const fn documented(success: Status) -> [Status; 8] {
    [
        success,
        refused(&INVALID_PARAMETER, "The request is malformed."),
        refused(&NOT_AUTHENTICATED, "Authentication failed."),
        refused(&NO_PERMISSION, "The caller has no permission."),
        refused(&NOT_FOUND, "The project or user does not exist."),
        refused(&METHOD_NOT_ALLOWED, "The method is not allowed."),
        refused(&OPERATION_FAILED, "The service failed."),
        refused(&UNAVAILABLE, "The service is unavailable."),
    ]
}

/// The statuses of the operations of Keystone.
pub(super) const fn keystone(success: Status) -> [Status; 7] {
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

/// The statuses of the operations of STS.
pub(super) const fn sts(success: Status) -> [Status; 5] {
    [
        success,
        refused(&STS_INVALID, "The request is malformed."),
        refused(&NOT_AUTHENTICATED, "Authentication failed."),
        refused(&STS_NO_PERMISSION, "The caller has no permission."),
        refused(&STS_FAILED, "The service failed."),
    ]
}
