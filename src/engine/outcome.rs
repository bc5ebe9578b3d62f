//! The engine's decision about a call.

use crate::contract::{ErrorCode, Origin};
use crate::draw::Password;
use crate::scenario::{Fault, Phase, Rule};
use std::borrow::Cow;
use std::sync::Arc;

/// The decision about a call, with the rule that caused each facet.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Of the answer; where a fault sends none, of the answer that would have been sent.
    pub(crate) status: u16,
    /// The new password, where the side effect happened.
    pub(crate) password: Option<Password>,
    /// The error of a status from 400.
    pub(crate) refusal: Option<Box<Refusal>>,
    /// Whether a rule's failure or fault struck before or after the side effect; none without one.
    pub(crate) phase: Option<Phase>,
    /// The rule that set the status; none where the API's own behaviour did.
    pub(crate) rule: Option<Arc<Rule>>,
    /// Effects of rules beyond the status. Boxed, since most answers have none.
    pub(crate) injected: Option<Box<Injected>>,
}

/// A delay, a fault, or both, each with its rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Injected {
    /// How long the answer is held, in milliseconds.
    pub(crate) delay: Option<(Arc<Rule>, u32)>,
    pub(crate) fault: Option<(Arc<Rule>, Fault)>,
    /// Bytes that `random_data` and `tls_garbage` send.
    pub(crate) data: Vec<u8>,
}

/// The content of an error body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) origin: Origin,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
    pub(crate) encoded_authorization_message: Option<String>,
}

impl Refusal {
    /// An error whose message says more than its row.
    pub(crate) fn saying(error: &ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            origin: error.origin,
            code: Cow::Borrowed(error.code),
            message: message.into(),
            encoded_authorization_message: None,
        }
    }
}
