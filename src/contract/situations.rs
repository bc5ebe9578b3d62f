//! Why a request is refused without being counted, and what is imitated when it is.

named_enum! {
    /// Reference that the mock imitates.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Fidelity {
        /// The documentation, to the letter. The default.
        #[default]
        Documented = "documented",
        /// The live service, where it is known to differ from its documentation: an unknown user or project is a 400, a
        /// wrong method a 404, and the gateway's errors carry `request_id` in the body.
        Observed = "observed",
    }
}

/// Why a request is refused without being counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Situation {
    MalformedRequest,
    UnknownPath,
    WrongMethod,
    InvalidParameter,
    NotAuthenticated,
    /// The account does not exist, or the password is wrong.
    WrongPassword,
    NoPermission,
    UnknownProject,
    UnknownUser,
    /// The server has no memory left for it.
    NoRoom,
}
