//! The place of the handshake in a build without the feature `tls`.

use super::Shared;
use super::deadlines::Progress;
use super::tls::{ServerTls, TlsStream};
use std::future::Ready;
use tokio::net::TcpStream;

type Begun = Result<TlsStream, Option<(TcpStream, Vec<u8>)>>;

pub(super) fn begin(_: TcpStream, tls: &ServerTls, _: &Shared, _: &Progress) -> Ready<Begun> {
    match *tls {}
}
