//! Lists the domains that the caller has access to.

use super::parameters::X_AUTH_TOKEN;
use super::statuses::{keystone, succeeded};
use crate::contract::row::{OperationRow, Piece, Subject};
use crate::contract::service::Service;

pub(super) static ROW: OperationRow = OperationRow {
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
