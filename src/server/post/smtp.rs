//! E-mails, given to a mail server.

use super::NotTaken;
use crate::state::Message;
use hyper::Uri;
use hyper::http::uri::PathAndQuery;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The port of a mail server where none is said.
const PORT: u16 = 25;
const FROM: &str = "Workspace <noreply@wksmock.invalid>";
const SUBJECT: &str = "Your desktop password was reset";

/// Where e-mails are given to.
#[derive(Clone)]
pub(crate) struct MailServer {
    host: String,
    port: u16,
    /// Name and password.
    credentials: Option<(String, String)>,
}

/// Without the password.
impl fmt::Debug for MailServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MailServer({}:{})", self.host, self.port)
    }
}

impl FromStr for MailServer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // What was given is not repeated: it may hold a password.
        let expected = "expected a URL of a mail server, as in smtp://127.0.0.1:1025 or smtp://name:password@host";
        let url: Uri = text.parse().map_err(|_| expected)?;
        let authority = url.authority().filter(|_| url.scheme_str() == Some("smtp")).ok_or(expected)?;
        if !matches!(url.path_and_query().map(PathAndQuery::as_str), None | Some("/")) || authority.host().is_empty() {
            return Err(expected.to_owned());
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(Cow::into_owned);
        let credentials = match authority.as_str().rsplit_once('@') {
            None => None,
            Some((user, _)) => {
                let (name, password) = user.split_once(':').ok_or(expected)?;
                Some((decoded(name).map_err(|_| expected)?, decoded(password).map_err(|_| expected)?))
            }
        };
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        Ok(Self { host, port: authority.port_u16().unwrap_or(PORT), credentials })
    }
}

impl MailServer {
    /// Gives a message away. What the server refuses for good is not tried again.
    pub(super) async fn take(&self, message: &Message) -> Result<(), NotTaken> {
        let mail = mail(message).map_err(NotTaken::for_good)?;
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.host.as_str()).port(self.port);
        if let Some((name, password)) = &self.credentials {
            transport = transport.credentials(Credentials::new(name.clone(), password.clone()));
        }
        match transport.build().send(mail).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(NotTaken::for_good(format!("the mail server: {error}"))),
            Err(error) => Err(NotTaken::for_now(format!("the mail server: {error}"))),
        }
    }
}

fn mail(message: &Message) -> Result<lettre::Message, String> {
    let from = FROM.parse().map_err(|error| format!("{FROM}: {error}"))?;
    let to = message.to.parse().map_err(|error| format!("{:?} is no address: {error}", message.to))?;
    let mail = lettre::Message::builder().from(from).to(to).subject(SUBJECT).header(ContentType::TEXT_PLAIN);
    mail.body(message.text.clone()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_as_whom() {
        let server: MailServer = "smtp://me%40x:p%3Aw@[::1]:1025".parse().unwrap();
        assert_eq!((server.host.as_str(), server.port), ("::1", 1025));
        assert_eq!(server.credentials, Some(("me@x".to_owned(), "p:w".to_owned())));
        assert_eq!(format!("{server:?}"), "MailServer(::1:1025)");
        let plain: MailServer = "smtp://mail".parse().unwrap();
        assert_eq!((plain.port, plain.credentials), (25, None));
    }

    #[test]
    fn what_is_no_such_url_is_refused_without_being_repeated() {
        for wrong in ["", "mail:25", "http://mail", "smtp://", "smtp://5ec2e7@mail", "smtp://a:5ec2e7@mail/box"] {
            let told = wrong.parse::<MailServer>().unwrap_err();
            assert!(told.contains("smtp://127.0.0.1:1025") && !told.contains("5ec2e7"), "{wrong}");
        }
    }
}
