//! Answers of the receivers of messages, and what their URLs have in common.

use hyper::http::uri::Authority;
use std::future::Future;
use std::pin::Pin;

/// The answer of a receiver to a message.
pub(super) struct Receipt {
    pub(super) taken: Result<(), NotTaken>,
    pub(super) goodbye: Goodbye,
}

/// The rest of the conversation, on which nothing depends.
pub(super) type Goodbye = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why a message was not taken.
#[derive(Debug)]
pub(super) struct NotTaken {
    pub(super) why: String,
    /// The receiver's own words, which are kept out of the log: they may repeat secrets.
    pub(super) said: Option<String>,
    /// Whether another try is useless.
    pub(super) for_good: bool,
}

/// The port of a URL, or the usual one. Errors do not repeat the text: it may be a password.
pub(super) fn port(authority: &Authority, usual: u16, example: &str) -> Result<u16, String> {
    let text = authority.as_str();
    let place = text.rsplit_once('@').map_or(text, |(_, place)| place);
    let Some(port) = place.strip_prefix(authority.host()).filter(|port| !port.is_empty()) else { return Ok(usual) };
    let digits = port.strip_prefix(':').filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let port = digits.and_then(|port| port.parse().ok()).filter(|port| *port > 0);
    port.ok_or_else(|| format!("invalid port; expected 1 to 65535, as in {example}"))
}

impl NotTaken {
    pub(super) fn for_now(why: impl Into<String>) -> Self {
        Self { why: why.into(), said: None, for_good: false }
    }

    pub(super) fn for_good(why: impl Into<String>) -> Self {
        Self { why: why.into(), said: None, for_good: true }
    }

    pub(super) fn in_full(self) -> String {
        match self.said {
            Some(said) => format!("{}: {said}", self.why),
            None => self.why,
        }
    }
}
