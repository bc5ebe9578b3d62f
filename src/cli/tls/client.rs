//! The connection of `health` to a server of HTTPS.

use super::{authority_file, directory, folder, trust, trusted_in};
use crate::cli::exit::{Failure, UNHEALTHY};
use crate::cli::groups::TLS;
use crate::limits::Limits;
use anyhow::Context as _;
use clap::Args;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, InvalidMessage, RootCertStore, SignatureScheme,
};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The certificates that `health` trusts.
#[derive(Debug, Args)]
pub(crate) struct HealthTls {
    /// Certificate of the authority that an https:// URL has to trust
    ///
    /// Default: that of --tls-dir, or --tls-cert itself; else those of SSL_CERT_FILE or of the system, and that of a server
    /// which this user runs on this machine.
    #[arg(long, value_name = "FILE", env = "WKSMOCK_TLS_CA_FILE", help_heading = TLS)]
    tls_ca_file: Option<PathBuf>,

    /// Directory that keeps the server's certificate authority
    #[arg(long, value_name = "DIR", env = "WKSMOCK_TLS_DIR", help_heading = TLS, hide_short_help = true)]
    tls_dir: Option<PathBuf>,

    /// The server's own certificate, in PEM
    #[arg(long, value_name = "FILE", env = "WKSMOCK_TLS_CERT", help_heading = TLS, hide_short_help = true)]
    tls_cert: Option<PathBuf>,
}

impl HealthTls {
    /// The means to connect to a server whose HTTPS is on this port.
    pub(crate) fn secure(&self, port: u16) -> Result<Secure, Failure> {
        let Self { tls_ca_file, tls_dir, tls_cert } = self;
        let given = tls_ca_file.clone().or_else(|| tls_dir.as_deref().map(directory::certificate_file));
        let Some(file) = given.or_else(|| tls_cert.clone()) else {
            return Secure::trusting(trust::ders(&[&*of_running_server(port), &*trust::usually_trusted(env)]));
        };
        // A server that starts has yet to write it.
        if !file.exists() {
            let what = "no certificate here; the server writes it when it starts";
            return Err(Failure::new(UNHEALTHY, format!("{}: {what}", file.display())));
        }
        let trusted = trusted_in(&file, &Limits::default())?;
        Secure::trusting(trust::ders(&[&trusted]))
    }
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The certificate of the authority of a server that runs on this machine.
fn of_running_server(port: u16) -> String {
    let folder = folder::path(env);
    let is_own = folder.exists() && folder::check(&folder).is_ok();
    let written = is_own.then(|| std::fs::read_to_string(authority_file(&folder, port)).ok());
    written.flatten().unwrap_or_default()
}

/// Opens connections of TLS.
pub(crate) struct Secure(TlsConnector);

impl Secure {
    fn trusting(trusted: Vec<Vec<u8>>) -> Result<Self, Failure> {
        let trusted: Vec<_> = trusted.into_iter().map(CertificateDer::from).collect();
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trusted.iter().cloned());
        // Without any root there is no verifier.
        let by_authority =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().ok();
        let verifier = Verifier { by_authority, trusted, provider: Arc::clone(&provider) };
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(Failure::internal)?.dangerous();
        let config = builder.with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Agrees on TLS with the server of this name.
    pub(crate) async fn over(&self, tcp: TcpStream, host: &str) -> anyhow::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).context("a certificate cannot have this name")?;
        self.0.connect(name, tcp).await.map_err(|error| {
            match error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
                Some(Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
                    anyhow::anyhow!("the server does not speak TLS here: use an http:// URL")
                }
                Some(wrong @ Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                    anyhow::anyhow!(
                        "{wrong}: name the certificate of its authority with --tls-ca-file or SSL_CERT_FILE"
                    )
                }
                _ => error.into(),
            }
        })
    }
}

/// Verifies a server's certificate by an authority; one that is itself trusted need not be one of an authority.
#[derive(Debug)]
struct Verifier {
    by_authority: Option<Arc<WebPkiServerVerifier>>,
    trusted: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        issuers: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = match &self.by_authority {
            Some(verifier) => verifier.verify_server_cert(certificate, issuers, name, ocsp, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        // OpenSSL made certificates that are their own authority, which other clients accept.
        if let Err(Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_))) = verified
            && self.trusted.contains(certificate)
        {
            verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
