//! A connection over TLS, once its handshake is finished.

use crate::state::Tls;
use rustls::ProtocolVersion;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream as Session;

/// A connection over TLS. It is boxed, so that plain connections need no room for it.
#[derive(Debug)]
pub(in crate::server) struct TlsStream(Box<Session<Beneath>>);

/// The socket beneath TLS. It notes what moves: TLS takes bytes before they are sent, and gives none before a record is
/// there.
#[derive(Debug)]
pub(in crate::server) struct Beneath {
    tcp: TcpStream,
    has_read: bool,
    has_written: bool,
}

impl TlsStream {
    pub(in crate::server) fn new(session: Session<Beneath>) -> Self {
        Self(Box::new(session))
    }

    pub(in crate::server) fn tcp(&self) -> &TcpStream {
        self.0.get_ref().0.tcp()
    }

    pub(in crate::server) fn beneath(&mut self) -> &mut TcpStream {
        &mut self.0.get_mut().0.tcp
    }

    /// Whether bytes went out since the last look.
    pub(in crate::server) fn take_written(&mut self) -> bool {
        mem::take(&mut self.0.get_mut().0.has_written)
    }

    /// Whether bytes came in after the last that were given: a record has begun.
    pub(in crate::server) fn has_begun_record(&self) -> bool {
        self.0.get_ref().0.has_read
    }

    /// The agreement of the handshake.
    pub(in crate::server) fn agreed(&self) -> Tls {
        let session = self.0.get_ref().1;
        let version = match session.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => "1.2",
            _ => "1.3",
        };
        let alpn = session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
        Tls { version: version.to_owned(), alpn, sni: session.server_name().map(str::to_owned) }
    }
}

/// Many clients end a connection without a word of TLS. HTTP knows by itself whether a request is complete.
impl AsyncRead for TlsStream {
    // Not among the instructions of a plain connection.
    #[inline(never)]
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.0).poll_read(context, buffer));
        self.0.get_mut().0.has_read = false;
        Poll::Ready(match read {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            read => read,
        })
    }
}

impl AsyncWrite for TlsStream {
    #[inline(never)]
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    #[inline(never)]
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

impl Beneath {
    pub(in crate::server) fn new(tcp: TcpStream) -> Self {
        Self { tcp, has_read: false, has_written: false }
    }

    pub(in crate::server) fn tcp(&self) -> &TcpStream {
        &self.tcp
    }
}

impl AsyncRead for Beneath {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.tcp).poll_read(context, buffer))?;
        self.has_read |= buffer.filled().len() > before;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Beneath {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.tcp).poll_write(context, bytes))?;
        self.has_written |= written > 0;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}
