//! A counted call, as it is decided.

use super::reason::Principal;
use crate::contract::{NotificationTypes, Operation};
use crate::draw::Stream;
use crate::fixture::User;
use crate::ids::CallTarget;
use crate::scenario::{Asked, Occasion};

/// A counted call.
pub(crate) struct Call<'c> {
    pub(crate) operation: Operation,
    /// From 1.
    pub(crate) number: u64,
    /// Its draws, by the user or account that it is counted for.
    pub(crate) stream: Stream,
    /// The project, for operations that name one.
    pub(crate) about: Option<About<'c>>,
    /// For a reset, its own behaviour: a new password. The API makes the answers of other operations.
    pub(crate) reset: Option<NewPassword<'c>>,
    /// The caller, if known.
    pub(crate) principal: Option<Principal<'c>>,
    /// The request, for rules that look at it.
    pub(crate) asked: &'c dyn Asked,
}

/// The project that a call names, and the user in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'c> {
    /// The id of the loaded project: of a clone, its template.
    pub(crate) project: &'c str,
    pub(crate) target: CallTarget,
    /// The id of the user; a reset has its user itself.
    pub(crate) user: Option<&'c str>,
}

/// A reset of a password.
#[derive(Clone, Copy)]
pub(crate) struct NewPassword<'c> {
    pub(crate) user: User<'c>,
    /// Where the request asks to send the password.
    pub(crate) notification: NotificationTypes,
}

/// The stream of a call other than a reset, counted for a user by id or for an account by name.
pub(crate) fn stream_of_other(operation: Operation, about: Option<&About<'_>>, counted_for: &str) -> Stream {
    Stream::of_calls(operation.id, about.map(|about| about.project), counted_for)
}

impl<'c> Call<'c> {
    /// A reset of a user's password, counted for that user.
    #[inline]
    pub(crate) fn of_reset(about: About<'c>, reset: NewPassword<'c>, number: u64, asked: &'c dyn Asked) -> Self {
        Self {
            operation: Operation::ResetRandomPassword,
            number,
            stream: reset.user.stream(),
            about: Some(about),
            reset: Some(reset),
            principal: None,
            asked,
        }
    }

    /// A call that was not made, counted for a user by id or for an account by name. One with a user is a reset if that
    /// is the operation.
    pub(crate) fn planned(
        operation: Operation,
        about: Option<About<'c>>,
        reset: Option<NewPassword<'c>>,
        counted_for: &str,
        number: u64,
        asked: &'c dyn Asked,
    ) -> Self {
        if let (Operation::ResetRandomPassword, Some(about), Some(reset)) = (operation, about, reset) {
            return Self::of_reset(about, reset, number, asked);
        }
        let stream = stream_of_other(operation, about.as_ref(), counted_for);
        Self { operation, number, stream, about, reset: None, principal: None, asked }
    }

    #[inline]
    pub(crate) fn by(mut self, principal: Option<Principal<'c>>) -> Self {
        self.principal = principal;
        self
    }

    pub(super) fn target(&self) -> Option<CallTarget> {
        self.about.map(|about| about.target)
    }

    #[inline]
    pub(crate) fn occasion(&self) -> Occasion<'c> {
        Occasion { asked: self.asked, stream: self.stream, call: self.number }
    }
}
