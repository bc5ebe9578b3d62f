//! The documented API as tables: operations with their parameters and statuses, and the error codes; and which header
//! fields hold secrets.
//!
//! Each documented fact stands here and nowhere else. Routing, validation, error bodies, OpenAPI and the
//! checks of scenario files read these tables; adding an operation or a code is adding a row.

pub(crate) mod errors;
pub(crate) mod examples;
mod identity;
mod notification;
pub(crate) mod openapi;
mod operations;
mod route;
mod schemas;
mod service;
mod signatures;
mod situations;
mod transport;
mod users;

pub(crate) use errors::{
    CODE_CHARS_MAX, ErrorCode, INVALID_PARAMETER, MESSAGE_CHARS_MAX, Origin, PASSWORD_HAS_NAME, PASSWORD_TOO_SIMPLE,
    SEALED_CHARS_MAX,
};
pub(crate) use identity::{
    CREATE_TEMPORARY_KEY, CREATE_TOKEN, DECODE_MESSAGE, GET_CALLER_IDENTITY, KEY_SECONDS, LIST_ACCOUNTS,
    LIST_AUTH_DOMAINS, LIST_AUTH_PROJECTS, LIST_PROJECTS, LIST_REGIONS, VALIDATE_TOKEN, X_SUBJECT_TOKEN,
};
pub(crate) use notification::{NOTIFICATION_TYPE, NotificationType, NotificationTypes, WrongTypes, notification_types};
pub(crate) use operations::{
    Form, Mandatory, OPERATIONS, Operation, Parameter, Piece, Place, RESET_RANDOM_PASSWORD, Status, Subject, actions,
};
pub(crate) use route::{PathMatch, PathValue, route};
pub(crate) use service::{Service, X_IAM_TRACE_ID};
pub(crate) use signatures::{SUPPORTED, UNSUPPORTED};
pub use situations::Fidelity;
pub(crate) use situations::Situation;
pub(crate) use transport::{
    HEAD_TOO_LONG, PAYLOAD_TOO_LARGE, REQUEST_TIMEOUT, TRANSPORT, Transport, URI_TOO_LONG, has_body, is_token,
};
pub(crate) use users::{
    ACTION_FIELDS, ACTIVE_TYPES, BODY_ID_CHARS, BodyField, BodyForm, CHANGE_USER_STATUS, CREATE_DESKTOP_USER,
    CREATE_FIELDS, DELETE_USER, LIST_USER_DETAIL, LIST_USERS, LISTED_MAX, SEND_EMAIL, SEND_FIELDS, UPDATE_FIELDS,
    UPDATE_USER_INFO,
};
