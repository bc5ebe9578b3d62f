//! Whether clients accept a certificate.

use super::identity::certificates;
use super::pem::Pem;
use crate::diagnostics::Problem;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, RootCertStore};
use std::sync::Arc;
use std::time::SystemTime;

/// The problem of a file whose first certificate is not valid at a time.
pub(crate) fn validity_problem(pem: &Pem, now: SystemTime) -> Option<Box<Problem>> {
    let all = certificates(pem).ok()?;
    let (place, first) = all.first()?;
    // The time is checked first, in any certificate but the root; a certificate vouches for itself in no other way.
    let (what, hint) = match verify(first, first, now) {
        Err(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            ("this certificate has expired", "remove it, or give another")
        }
        Err(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            ("this certificate is not valid yet", "set the system's clock")
        }
        Ok(()) | Err(_) => return None,
    };
    Some(pem.problem(place, what, "expected one that is valid now").hint(hint).boxed())
}

/// Verifies a server's certificate for localhost as a client does that trusts `root`.
pub(super) fn verify(
    end: &CertificateDer<'static>,
    root: &CertificateDer<'static>,
    now: SystemTime,
) -> Result<(), CertificateError> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).map_err(|_| CertificateError::BadEncoding)?;
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let verifier = verifier.map_err(|_| CertificateError::UnknownIssuer)?;
    let name = ServerName::try_from("localhost").map_err(|_| CertificateError::NotValidForName)?;
    let time = UnixTime::since_unix_epoch(now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
    match verifier.verify_server_cert(end, &[], &name, &[], time) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InvalidCertificate(error)) => Err(error),
        Err(_) => Err(CertificateError::UnknownIssuer),
    }
}
