//! Which error answers which situation, by the fidelity that the user chose.

use super::errors::{
    API_NOT_FOUND, ErrorCode, INVALID_PARAMETER, METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, NOT_FOUND, REQUEST_MALFORMED,
    TENANT_GONE, USER_GONE,
};
use std::str::FromStr;

/// What the mock imitates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fidelity {
    /// The documentation, to the letter. The default.
    #[default]
    Documented,
    /// The live service, where it is known to differ from its documentation: a user or project that is not
    /// there is a 400, a wrong method a 404, and the gateway's errors carry `request_id` in the body.
    Observed,
}

/// Why a request is refused without being counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Situation {
    MalformedRequest,
    UnknownPath,
    WrongMethod,
    InvalidParameter,
    NotAuthenticated,
    UnknownProject,
    UnknownUser,
}

impl Situation {
    /// The error that the situation is answered with.
    pub(crate) fn error(self, fidelity: Fidelity) -> &'static ErrorCode {
        let (documented, observed) = match self {
            Self::MalformedRequest => (&REQUEST_MALFORMED, &REQUEST_MALFORMED),
            Self::UnknownPath => (&API_NOT_FOUND, &API_NOT_FOUND),
            Self::WrongMethod => (&METHOD_NOT_ALLOWED, &API_NOT_FOUND),
            Self::InvalidParameter => (&INVALID_PARAMETER, &INVALID_PARAMETER),
            Self::NotAuthenticated => (&NOT_AUTHENTICATED, &NOT_AUTHENTICATED),
            Self::UnknownProject => (&NOT_FOUND, &TENANT_GONE),
            Self::UnknownUser => (&NOT_FOUND, &USER_GONE),
        };
        match fidelity {
            Fidelity::Documented => documented,
            Fidelity::Observed => observed,
        }
    }
}

impl Fidelity {
    /// The names that [`Fidelity::from_str`] takes.
    pub const NAMES: [&'static str; 2] = ["documented", "observed"];
}

impl FromStr for Fidelity {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "documented" => Ok(Self::Documented),
            "observed" => Ok(Self::Observed),
            _ => Err(format!("expected one of {}", Self::NAMES.join(", "))),
        }
    }
}
