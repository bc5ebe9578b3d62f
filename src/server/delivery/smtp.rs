//! E-mails, given to a mail server.

use super::bounded::Bounded;
use super::mask::masked;
use super::receipt::{NotTaken, Receipt, port};
use crate::state::Message;
use hyper::Uri;
use hyper::http::uri::PathAndQuery;
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::Body;
use lettre::message::header::{ContentTransferEncoding, ContentType, MIME_VERSION_1_0};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter, ServerInfo};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::error::Error as _;
use std::fmt;
use std::hash::BuildHasher as _;
use std::str::FromStr;
use tokio::net::TcpStream;

/// The default port of a mail server.
const PORT: u16 = 25;
/// Bytes of a line of a mail, without its end.
const LINE_BYTES_MAX: usize = 998;
const EXAMPLE: &str = "smtp://127.0.0.1:1025";
/// Bytes that a mail server may send while it is given one message. lettre reads through an answer anew with each line.
const ANSWERS_BYTES_MAX: usize = 8 << 10;
const FROM: &str = "Workspace <noreply@wksmock.invalid>";

/// Where e-mails are given to.
#[derive(Clone)]
pub(crate) struct MailServer {
    host: String,
    port: u16,
    /// Name and password.
    credentials: Option<(String, String)>,
    /// Distinguishes the messages of this server from those of others.
    instance: u64,
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
        // The text is not repeated: it may hold a password.
        let expected = format!("expected a URL of a mail server, as in {EXAMPLE} or smtp://name:password@host");
        let expected = expected.as_str();
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
        let instance = RandomState::new().hash_one(text);
        Ok(Self { host, port: port(authority, PORT, EXAMPLE)?, credentials, instance })
    }
}

impl MailServer {
    /// Delivers a message. One that the server refuses for good, or cannot take, is not tried again.
    pub(super) async fn take(&self, message: &Message) -> Result<Receipt, NotTaken> {
        let mail = self.mail(message).map_err(NotTaken::for_good)?;
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|error| NotTaken::for_now(format!("the mail server: {error}")))?;
        let stream = Box::new(Bounded::new(stream, ANSWERS_BYTES_MAX));
        let connected = AsyncSmtpConnection::connect_with_transport(stream, &ClientId::default()).await;
        let mut connection = connected.map_err(|error| self.not_taken(&error, message))?;
        let taken = self.give(&mut connection, &mail, message).await;
        let goodbye = async move {
            let _ = connection.command(Quit).await;
        };
        Ok(Receipt { taken, goodbye: Box::pin(goodbye) })
    }

    /// Step by step: what lettre does in one step waits for a good-bye when it is refused.
    async fn give(
        &self,
        connection: &mut AsyncSmtpConnection,
        mail: &lettre::Message,
        message: &Message,
    ) -> Result<(), NotTaken> {
        let refused = |error: Error| self.not_taken(&error, message);
        if let Some((name, password)) = &self.credentials {
            let credentials = Credentials::new(name.clone(), password.clone());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(refused)?;
        }
        let (envelope, text) = (mail.envelope(), mail.formatted());
        let parameters = parameters(connection.server_info(), envelope, &text)?;
        connection.command(Mail::new(envelope.from().cloned(), parameters)).await.map_err(refused)?;
        for to in envelope.to() {
            connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(refused)?;
        }
        connection.command(Data).await.map_err(refused)?;
        connection.message(&text).await.map_err(refused)?;
        Ok(())
    }

    /// The mail, the same for each try. Its password stands on a line of its own, as it is: a text in ASCII is not encoded,
    /// and quoted-printable, which any other text needs, leaves drawn passwords alone.
    fn mail(&self, message: &Message) -> Result<lettre::Message, String> {
        let from = FROM.parse().map_err(|error| format!("{FROM}: {error}"))?;
        let to = message.to.parse().map_err(|error| format!("{:?} is not an e-mail address: {error}", message.to))?;
        let id = format!("<{:016x}.{}@wksmock.invalid>", self.instance, message.index);
        let mail = lettre::Message::builder().from(from).to(to).subject(message.subject.unwrap_or(""));
        let mail = mail.message_id(Some(id)).header(MIME_VERSION_1_0).header(ContentType::TEXT_PLAIN);
        let body = match unencoded(&message.text) {
            Some(lines) => Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit),
            None => Body::new_with_encoding(message.text.clone(), ContentTransferEncoding::QuotedPrintable)
                .map_err(|_| "the text cannot be encoded".to_owned())?,
        };
        mail.body(body).map_err(|error| error.to_string())
    }

    fn not_taken(&self, error: &Error, message: &Message) -> NotTaken {
        let said = error.source().map(|said| {
            let password = self.credentials.as_ref().map_or("", |(_, password)| password);
            masked(&said.to_string(), &[password, &message.password])
        });
        let why = match error.status() {
            Some(code) => format!("the mail server answered {code}"),
            None if error.is_response() => "the mail server does not speak SMTP".to_owned(),
            // Nothing that the server said.
            None => {
                return NotTaken { why: format!("the mail server: {error}"), said: None, for_good: error.is_client() };
            }
        };
        NotTaken { why, said, for_good: error.is_permanent() }
    }
}

/// The lines of a text that a mail may hold as they are: ASCII, without control characters, and of a length that every mail
/// server takes. lettre encodes lines of more than 76 characters.
fn unencoded(text: &str) -> Option<Vec<u8>> {
    let is_plain = |line: &str| line.len() <= LINE_BYTES_MAX && line.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    text.split('\n').all(is_plain).then(|| text.replace('\n', "\r\n").into_bytes())
}

/// The parameters of a mail that is not all ASCII.
fn parameters(server: &ServerInfo, envelope: &Envelope, text: &[u8]) -> Result<Vec<MailParameter>, NotTaken> {
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    let needed = [
        (!envelope.to().iter().all(is_ascii), Extension::SmtpUtfEight, MailParameter::SmtpUtfEight),
        (!text.is_ascii(), Extension::EightBitMime, MailParameter::Body(MailBodyParameter::EightBitMime)),
    ];
    let needed = needed.into_iter().filter(|(is_needed, ..)| *is_needed);
    let told = needed.map(|(_, extension, parameter)| {
        let takes = server.supports_feature(extension);
        takes.then_some(parameter).ok_or_else(|| {
            NotTaken::for_good(format!("the address is not ASCII, and the mail server does not support {extension}"))
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_gives_host_and_credentials() {
        let server: MailServer = "smtp://me%40x:p%3Aw@[::1]:1025".parse().unwrap();
        assert_eq!((server.host.as_str(), server.port), ("::1", 1025));
        assert_eq!(server.credentials, Some(("me@x".to_owned(), "p:w".to_owned())));
        assert_eq!(format!("{server:?}"), "MailServer(::1:1025)");
        let plain: MailServer = "smtp://mail".parse().unwrap();
        assert_eq!((plain.port, plain.credentials), (25, None));
    }

    #[test]
    fn a_text_in_ascii_with_lines_up_to_998_bytes_is_not_encoded() {
        assert_eq!(unencoded("a=3D \n\n.b").unwrap(), b"a=3D \r\n\r\n.b");
        assert!(unencoded(&format!("a\n{}\n", "b".repeat(998))).is_some());
        for encoded in [&format!("a\n{}\n", "b".repeat(999)), "\u{e4}", "a\rb", "a\r\nb", "\0", "\u{7f}"] {
            assert_eq!(unencoded(encoded), None, "{encoded:?}");
        }
    }

    #[test]
    fn invalid_url_is_refused_and_not_quoted() {
        let places = ["", "mail:25", "http://mail", "smtp://", "smtp://5ec2e7@mail", "smtp://a:5ec2e7@mail/box"];
        let ports =
            ["smtp://a:5ec2e7@mail:99999", "smtp://mail:0", "smtp://[::1]:", "smtp://mail:+25", "smtp://a:5ec2e7"];
        for wrong in places.into_iter().chain(ports) {
            let told = wrong.parse::<MailServer>().unwrap_err();
            assert!(told.contains("smtp://127.0.0.1:1025") && !told.contains("5ec2e7"), "{wrong}");
        }
    }
}
