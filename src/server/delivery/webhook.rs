//! Delivers messages to phones to a webhook: `POST` of a JSON object to a URL.

use super::receipt::{Goodbye, NotTaken, Receipt, port};
use crate::server::within::Leash;
use crate::state::Message;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::error::Error;
use std::iter::successors;
use std::str::FromStr;
use tokio::net::TcpStream;

/// Bytes of an answer that are read at most. They are not kept.
const ANSWER_BYTES_MAX: usize = 64 << 10;
const EXAMPLE: &str = "http://127.0.0.1:9000/sms";

/// The receiver of messages to phones.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    url: Uri,
    port: u16,
}

impl FromStr for Webhook {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = format!("expected an http URL, as in {EXAMPLE}");
        let url: Uri = text.parse().map_err(|_| expected.as_str())?;
        let authority = url.authority().filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.filter(|authority| url.scheme_str() == Some("http") && !authority.host().is_empty());
        let port = port(authority.ok_or(expected)?, 80, EXAMPLE)?;
        Ok(Self { url, port })
    }
}

impl Webhook {
    /// Delivers a message: a status from 200 to 299 is a success, one from 400 to 499 a final failure.
    pub(super) async fn take(&self, message: &Message) -> Result<Receipt, NotTaken> {
        let (status, goodbye) = self.post(message).await.map_err(|error| NotTaken::for_now(in_words(&*error)))?;
        let taken = match status {
            200..=299 => Ok(()),
            400..=499 => Err(NotTaken::for_good(format!("the webhook answered {status}"))),
            _ => Err(NotTaken::for_now(format!("the webhook answered {status}"))),
        };
        Ok(Receipt { taken, goodbye })
    }

    async fn post(&self, message: &Message) -> Result<(u16, Goodbye), Box<dyn Error + Send + Sync>> {
        let host = invariant!(self.url.host(), "", "a URL without a host is refused").trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, self.port)).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = Leash::of(&tokio::spawn(connection));
        let Message { to, text, project, user, call, .. } = message;
        let body = json!({ "to": to, "text": text, "project": project, "user": user, "call": call }).to_string();
        let authority = self.url.authority().map_or("", |authority| authority.as_str());
        let target = self.url.path_and_query().map_or("/", |target| target.as_str());
        let request = Request::post(target)
            .header("host", authority)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        // The body of the answer is read, so that the sender is not cut off, and not kept.
        let goodbye = async move {
            let _ = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            drop(connection);
        };
        Ok((status, Box::pin(goodbye)))
    }
}

/// An error with its causes.
fn in_words(error: &(dyn Error + 'static)) -> String {
    let causes = successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_urls_are_taken() {
        for right in ["http://127.0.0.1:9000/sms", "http://[::1]:9000", "http://localhost/a?b=c"] {
            assert!(right.parse::<Webhook>().is_ok(), "{right}");
        }
        for wrong in ["", "/sms", "https://x/", "http://u:p@x/", "127.0.0.1:9000", "http://x:99999/", "http://x:0"] {
            assert!(wrong.parse::<Webhook>().unwrap_err().contains("http://127"), "{wrong}");
        }
    }
}
