//! The place of TLS in a build without the feature `tls`: there is no connection over it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

pub(crate) use NoServerTls as ServerTls;
pub(super) use NoTlsStream as TlsStream;

/// The configuration of HTTPS.
#[derive(Clone, Debug)]
pub(crate) enum NoServerTls {}

/// A connection over TLS.
#[derive(Debug)]
pub(super) enum NoTlsStream {}

impl NoTlsStream {
    pub(super) fn tcp(&self) -> &TcpStream {
        match *self {}
    }

    pub(super) fn beneath(&mut self) -> &mut TcpStream {
        match *self {}
    }

    pub(super) fn take_written(&mut self) -> bool {
        match *self {}
    }

    pub(super) fn has_begun_record(&self) -> bool {
        match *self {}
    }
}

impl AsyncRead for NoTlsStream {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}

impl AsyncWrite for NoTlsStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match *self {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}
