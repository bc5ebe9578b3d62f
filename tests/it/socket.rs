//! The client's end of a connection, plain or with TLS.

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use std::io::{ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::sync::Arc;

pub(crate) enum Socket {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// How the server ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// TLS announced the end.
    Announced,
    /// The connection ended without a word of TLS.
    Closed,
    Reset,
    /// Bytes came that are not TLS.
    NotTls,
}

/// The wishes of a client of TLS.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) ca_pem: String,
    /// The server's name that it expects.
    pub(crate) name: &'static str,
    pub(crate) versions: &'static [&'static SupportedProtocolVersion],
    pub(crate) protocols: &'static [&'static str],
}

impl Wanted {
    pub(crate) fn trusting(ca_pem: &str) -> Self {
        Self { ca_pem: ca_pem.to_owned(), name: "localhost", versions: rustls::ALL_VERSIONS, protocols: &["http/1.1"] }
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.ca_pem.as_bytes()).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_protocol_versions(self.versions).unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = self.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    }

    pub(crate) fn session(&self) -> ClientConnection {
        ClientConnection::new(self.config(), ServerName::try_from(self.name).unwrap()).unwrap()
    }

    pub(crate) fn over(&self, tcp: TcpStream) -> Socket {
        Socket::Tls(Box::new(StreamOwned::new(self.session(), tcp)))
    }
}

impl Socket {
    pub(crate) fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref(),
        }
    }

    /// Reads to the end.
    pub(crate) fn ending(&mut self, read: &mut Vec<u8>) -> Ending {
        let mut piece = vec![0; 65536];
        loop {
            match self.read(&mut piece) {
                Ok(0) if matches!(self, Self::Tls(_)) => return Ending::Announced,
                Ok(0) => return Ending::Closed,
                Ok(count) => read.extend_from_slice(&piece[..count]),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => {}
                    ErrorKind::UnexpectedEof => return Ending::Closed,
                    ErrorKind::ConnectionReset => return Ending::Reset,
                    ErrorKind::InvalidData => return Ending::NotTls,
                    _ => panic!("{error}"),
                },
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
