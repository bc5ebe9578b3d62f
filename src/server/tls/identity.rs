//! A server's certificates and key, which belong together.

use super::pem::{CERTIFICATE, Pem, Section};
use crate::diagnostics::Problem;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SigningKey};
use std::sync::Arc;

/// A chain of certificates, the server's first, and its key.
#[derive(Clone, Debug)]
pub(crate) struct Identity(pub(super) Arc<CertifiedKey>);

impl Identity {
    /// Reads an identity of PEM files. Both may be one file.
    ///
    /// # Errors
    ///
    /// If a file lacks what it is for, or the key is not that of the first certificate.
    pub(crate) fn read(certificates: &Pem, key: &Pem) -> Result<Self, Box<Problem>> {
        let chain = self::certificates(certificates)?;
        let (section, key_of) = signing_key(key)?;
        let public = key_of.public_key();
        let mut owner = None;
        for (at, (place, certificate)) in chain.iter().enumerate() {
            let parsed = ParsedCertificate::try_from(certificate).map_err(|error| {
                certificates.problem(place, "this certificate cannot be read", &error.to_string()).boxed()
            })?;
            if owner.is_none() && public == Some(parsed.subject_public_key_info()) {
                owner = Some(at);
            }
        }
        match owner {
            Some(0) => {}
            Some(at) => {
                let place = chain.get(at).map_or(section, |(place, _)| *place);
                let problem = certificates.problem(place, "the key is that of this certificate", "expected it first");
                return Err(problem.hint("put the server's own certificate before those of its issuers").boxed());
            }
            None => {
                let expected = "expected the private key of the first certificate";
                let problem = key.problem(section, "this key belongs to another certificate", expected);
                let first = chain.first().map_or(section, |(place, _)| *place);
                let at = certificates.problem(first, "", "").at;
                return Err(problem.also(at, "the first certificate").boxed());
            }
        }
        let chain = chain.into_iter().map(|(_, certificate)| certificate).collect();
        Ok(Self(Arc::new(CertifiedKey::new(chain, key_of))))
    }

    /// The first certificate is `key`'s.
    pub(super) fn new(chain: Vec<CertificateDer<'static>>, key: Arc<dyn SigningKey>) -> Self {
        Self(Arc::new(CertifiedKey::new(chain, key)))
    }
}

/// The certificates of a file, with their places.
pub(crate) fn certificates(pem: &Pem) -> Result<Vec<(&Section, CertificateDer<'static>)>, Box<Problem>> {
    let is_certificate = |section: &&Section| section.label == CERTIFICATE;
    let found = pem.sections.iter().filter(is_certificate);
    let found: Vec<_> = found.map(|section| (section, CertificateDer::from(section.der.clone()))).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let expected = "expected -----BEGIN CERTIFICATE-----";
    Err(match pem.sections.first() {
        Some(first) if first.label.ends_with("PRIVATE KEY") => pem
            .problem(first, "this is a private key, not a certificate", expected)
            .hint("give the key with --tls-key, and its certificate with --tls-cert"),
        Some(first) if first.label == "TRUSTED CERTIFICATE" => pem
            .problem(first, "this certificate has trust settings of OpenSSL", expected)
            .hint("write it without them: openssl x509 -in FILE -out cert.pem"),
        Some(first) if first.label.ends_with("CERTIFICATE REQUEST") => pem
            .problem(first, "this is a request for a certificate", expected)
            .hint("give the certificate that an authority issued for it"),
        Some(first) => pem.problem(first, "this is not a certificate", expected),
        None => pem.whole("this file has no certificate", expected),
    }
    .boxed())
}

/// The one private key of a file, with its place.
fn signing_key(pem: &Pem) -> Result<(&Section, Arc<dyn SigningKey>), Box<Problem>> {
    let section = private_key(pem)?;
    let der = section.der.clone();
    let key: PrivateKeyDer<'static> = match section.label.as_str() {
        "PRIVATE KEY" => PrivatePkcs8KeyDer::from(der).into(),
        "EC PRIVATE KEY" => PrivateSec1KeyDer::from(der).into(),
        _ => PrivatePkcs1KeyDer::from(der).into(),
    };
    let key = any_supported_type(&key).map_err(|_| {
        let expected = "expected RSA of at least 2,048 bits, ECDSA on P-256 or P-384, or Ed25519";
        pem.problem(section, "this key is damaged or of an unsupported kind", expected)
            .hint("a key that works: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem")
            .boxed()
    })?;
    Ok((section, key))
}

/// The section of the one private key of a file.
pub(super) fn private_key(pem: &Pem) -> Result<&Section, Box<Problem>> {
    let expected = "expected -----BEGIN PRIVATE KEY-----";
    let mut keys = pem.sections.iter().filter(|section| section.label.ends_with("PRIVATE KEY"));
    let Some(section) = keys.next() else {
        return Err(match pem.sections.first() {
            Some(first) if first.label == CERTIFICATE => pem
                .problem(first, "this is a certificate, not a private key", expected)
                .hint("give the certificate with --tls-cert, and its key with --tls-key"),
            Some(first) => pem.problem(first, "this is not a private key", expected),
            None => pem.whole("this file has no private key", expected),
        }
        .boxed());
    };
    if let Some(second) = keys.next() {
        return Err(pem.problem(second, "this file has a second private key", "expected one").boxed());
    }
    if section.is_encrypted {
        let problem = pem.problem(section, "this key is encrypted", "expected a key without a password");
        return Err(problem.hint("decrypt it: openssl pkey -in FILE -out key.pem").boxed());
    }
    if !["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"].contains(&section.label.as_str()) {
        let problem = pem.problem(section, "this kind of private key is not supported", expected);
        return Err(problem.hint("convert it: openssl pkey -in FILE -out key.pem").boxed());
    }
    Ok(section)
}
