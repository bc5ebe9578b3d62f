//! Targets of rules: the operations, and the messages that some of them send.

use super::errors::OPERATION_FAILED;
use super::notification::NotificationType;
use super::operations::{Operation, refused, succeeded};
use super::row::{OperationRow, Status, Subject};
use std::ops::Deref;

/// Target of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripted {
    Operation(Operation),
    /// The sending of a message, which no request asks for by itself.
    Message(NotificationType),
}

impl Scripted {
    pub(crate) fn all() -> impl Iterator<Item = Self> + Clone {
        let operations = Operation::all().map(Self::Operation);
        operations.chain(NotificationType::ALL.into_iter().map(Self::Message))
    }

    fn row(self) -> &'static OperationRow {
        match self {
            Self::Operation(operation) => operation.row(),
            Self::Message(NotificationType::Email) => &SEND_EMAIL,
            Self::Message(NotificationType::Phone) => &SEND_PHONE,
        }
    }
}

impl Deref for Scripted {
    type Target = OperationRow;

    fn deref(&self) -> &OperationRow {
        self.row()
    }
}

impl From<Operation> for Scripted {
    fn from(operation: Operation) -> Self {
        Self::Operation(operation)
    }
}

static SEND_EMAIL: OperationRow = sending("notification.email", "Sends a user an e-mail");
static SEND_PHONE: OperationRow = sending("notification.phone", "Sends a user a text message");

const fn sending(id: &'static str, summary: &'static str) -> OperationRow {
    OperationRow {
        id,
        subject: Subject::Message,
        tag: "Notification",
        summary,
        description: "Its call number is that of the call that sends the message.",
        statuses: SENT_OR_NOT,
        ..OperationRow::DRAFT
    }
}

const SENT_OR_NOT: &[Status] =
    &[succeeded(200, "The message was sent."), refused(&OPERATION_FAILED, "The message is lost without notice.")];
