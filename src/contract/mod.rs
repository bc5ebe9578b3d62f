//! The documented API as tables. Each documented fact is here and nowhere else.
//!
//! - `operations/`: a file for each operation, and the enum of them
//! - `row.rs`: the form of an operation's row
//! - `scripted.rs`: what rules can be for: operations and messages
//! - `route.rs`: finds the operation of a path; `encoding.rs`: encodes ids for one
//! - `notification.rs`: the types of notifications
//! - `errors.rs`, `situations.rs`, `service.rs`: error codes, and which service gives which when
//! - `hosts.rs`: the hosts of the services in each region
//! - `transport.rs`: statuses that are answered before a request has an operation
//! - `signatures.rs`: the signature algorithms
//! - `bodies.rs`: the form of bodies, and the SDKs' classes for them; `schemas.rs`, `examples.rs`: what several bodies have
//! - `error_bodies.rs`, `openapi.rs`: the bodies of errors, and the OpenAPI document

mod bodies;
mod encoding;
mod error_bodies;
pub(crate) mod errors;
pub(crate) mod examples;
#[cfg(feature = "tls")]
mod hosts;
mod notification;
#[cfg(feature = "console")]
pub(crate) mod openapi;
mod operations;
mod route;
mod row;
mod schemas;
mod scripted;
mod service;
mod signatures;
mod situations;
mod transport;

pub(crate) use bodies::{BODY_ID_CHARS, BodyField, BodyForm, ClassField, FieldKind, SdkClass};
pub(crate) use encoding::encoded;
pub(crate) use errors::{
    CODE_CHARS_MAX, ErrorCode, INVALID_PARAMETER, MESSAGE_CHARS_MAX, Origin, PASSWORD_HAS_NAME, PASSWORD_TOO_SIMPLE,
    SEALED_CHARS_MAX,
};
#[cfg(feature = "tls")]
pub(crate) use hosts::service_hosts;
pub(crate) use notification::{NOTIFICATION_TYPE, NotificationType, NotificationTypes, WrongTypes, notification_types};
#[cfg(test)]
pub(crate) use operations::ACTIVE_TYPES;
pub(crate) use operations::{
    ACTION_FIELDS, CREATE_FIELDS, KEY_SECONDS, LISTED_MAX, Operation, SEND_FIELDS, UPDATE_FIELDS, X_SUBJECT_TOKEN,
    actions,
};
pub(crate) use route::{PathMatch, PathValue, route};
pub(crate) use row::{Form, Mandatory, OperationRow, Parameter, Piece, Place, Status, Subject, has_body};
pub(crate) use scripted::Scripted;
pub(crate) use service::{Service, X_IAM_TRACE_ID};
pub(crate) use signatures::{SUPPORTED, UNSUPPORTED};
pub use situations::Fidelity;
pub(crate) use situations::Situation;
pub(crate) use transport::{HEAD_TOO_LONG, PAYLOAD_TOO_LARGE, REQUEST_TIMEOUT, TRANSPORT, Transport, URI_TOO_LONG};
