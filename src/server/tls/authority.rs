//! A certificate authority, which issues the certificates of servers.

use super::identity::{Identity, certificates, private_key};
use super::names::CertificateName;
use super::pem::{Pem, certificate_pem};
use super::validity::{validity_problem, verify};
use crate::diagnostics::Problem;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::fmt::{self, Write as _};
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_hours(24);
/// How long an authority is valid.
const AUTHORITY_VALID: Duration = Duration::from_hours(24 * 3_650);
/// How long a server's certificate is valid: Apple's clients accept at most 825 days.
const CERTIFICATE_VALID: Duration = Duration::from_hours(24 * 800);
/// The last second that a certificate can name, in seconds since 1970: the end of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// A certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

impl Authority {
    /// Makes an authority with a new key.
    pub(crate) fn new(now: SystemTime) -> Result<Self, Error> {
        Self::of_key(KeyPair::generate()?, now)
    }

    /// Makes a certificate for the key of an authority that was kept.
    pub(crate) fn renewed(key: &Pem, now: SystemTime) -> Result<Self, Box<Problem>> {
        Self::of_key(key_pair(key)?, now).map_err(|error| key.whole("this key cannot sign", &error.to_string()).boxed())
    }

    /// Reads an authority that was kept.
    ///
    /// # Errors
    ///
    /// If a file is damaged, they do not belong together, or the certificate is not valid now.
    pub(crate) fn kept(key: &Pem, certificate: &Pem, now: SystemTime) -> Result<Self, Box<Problem>> {
        let pair = key_pair(key)?;
        let params = authority_params(&pair, now);
        let chain = certificates(certificate)?;
        let (place, der) = invariant!(chain.first(), return Self::renewed(key, now), "there is at least one");
        let pem = certificate_pem(der);
        let authority = Self { issuer: Issuer::new(params, pair), certificate: der.clone(), pem };
        if let Some(problem) = validity_problem(certificate, now) {
            return Err(problem);
        }
        if authority.is_accepted(now) {
            return Ok(authority);
        }
        let problem = certificate.problem(
            place,
            "this is not the certificate of the authority's key",
            "expected one that wksmock made",
        );
        Err(problem
            .hint("remove the certificate and the key: the next start makes others. Give your own with --tls-cert")
            .boxed())
    }

    fn of_key(key: KeyPair, now: SystemTime) -> Result<Self, Error> {
        let params = authority_params(&key, now);
        let certificate = params.self_signed(&key)?;
        let pem = certificate.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate: certificate.into(), pem })
    }

    /// The certificate, as clients trust it.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// The private key.
    pub(crate) fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// Issues a certificate for this machine's names, `names` and the vendor's hosts.
    pub(crate) fn issue(&self, names: &[CertificateName], now: SystemTime) -> Result<Identity, Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        (params.not_before, params.not_after) = validity(now, CERTIFICATE_VALID);
        params.distinguished_name = distinguished("wksmock".to_owned());
        params.subject_alt_names = CertificateName::all(names);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = any_supported_type(&key).map_err(|_| Error::CouldNotParseKeyPair)?;
        Ok(Identity::new(vec![certificate.into(), self.certificate.clone()], key))
    }

    /// Whether clients that trust the certificate accept those that the key signs.
    fn is_accepted(&self, now: SystemTime) -> bool {
        let issued = self.issue(&[], now).ok();
        let end = issued.as_ref().and_then(|Identity(issued)| issued.cert.first());
        end.is_some_and(|end| verify(end, &self.certificate, now).is_ok())
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Authority").finish_non_exhaustive()
    }
}

fn key_pair(pem: &Pem) -> Result<KeyPair, Box<Problem>> {
    let section = private_key(pem)?;
    KeyPair::try_from(section.der.as_slice()).map_err(|error| {
        let problem = pem.problem(section, "this key cannot be read", &error.to_string());
        problem.hint("remove the certificate and the key: the next start makes others").boxed()
    })
}

/// The parameters of an authority. Its name has a part of its key, so that clients tell one authority from another.
fn authority_params(key: &KeyPair, now: SystemTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = "wksmock authority ".to_owned();
    for byte in params.key_identifier(key).iter().take(4) {
        let _ = write!(name, "{byte:02x}");
    }
    (params.not_before, params.not_after) = validity(now, AUTHORITY_VALID);
    params.distinguished_name = distinguished(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn distinguished(name: String) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// From a day ago, since clocks of clients differ, for `valid` from now.
fn validity<T: From<SystemTime>>(now: SystemTime, valid: Duration) -> (T, T) {
    let last = SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_SECOND);
    let from = now.checked_sub(DAY).unwrap_or(now).min(last);
    (from.into(), now.checked_add(valid).unwrap_or(last).min(last).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Clock;

    fn pem(name: &str, text: &str) -> Pem {
        Pem::read(name, text.as_bytes()).unwrap()
    }

    #[test]
    fn kept_authority_issues_trusted_certificates() {
        let now = Clock::system_time();
        let made = Authority::new(now).unwrap();
        let (key, certificate) = (pem("ca-key.pem", &made.key_pem()), pem("ca.pem", made.pem()));
        let kept = Authority::kept(&key, &certificate, now).unwrap();
        assert_eq!(kept.pem(), made.pem());
        let renewed = Authority::renewed(&key, now).unwrap();
        assert!(Authority::kept(&key, &pem("ca.pem", renewed.pem()), now).is_ok(), "of the same key");
    }

    #[test]
    fn authority_that_clients_would_refuse_is_an_error() {
        let now = Clock::system_time();
        let made = Authority::new(now).unwrap();
        let (key, certificate) = (pem("ca-key.pem", &made.key_pem()), pem("ca.pem", made.pem()));
        let error = |key: &Pem, certificate: &Pem, at| Authority::kept(key, certificate, at).unwrap_err();
        let other = Authority::new(now).unwrap();
        let problem = error(&key, &pem("ca.pem", other.pem()), now);
        assert_eq!((problem.place().as_str(), problem.what.contains("not the certificate")), ("ca.pem:1:1", true));
        let issued = made.issue(&[], now).unwrap();
        let leaf = pem("ca.pem", &certificate_pem(issued.0.cert.first().unwrap()));
        assert!(error(&key, &leaf, now).what.contains("not the certificate"));
        assert!(error(&key, &certificate, now + 2 * AUTHORITY_VALID).what.contains("expired"));
        assert!(error(&key, &certificate, now - 3 * DAY).what.contains("not valid yet"));
        assert!(error(&certificate, &certificate, now).what.contains("not a private key"));
        assert!(validity_problem(&certificate, now).is_none());
        let expired = validity_problem(&leaf, now + AUTHORITY_VALID).unwrap();
        assert_eq!((expired.place().as_str(), expired.what.as_str()), ("ca.pem:1:1", "this certificate has expired"));
        let damaged = pem("ca-key.pem", "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n");
        assert!(error(&damaged, &certificate, now).what.contains("cannot be read"));
    }

    #[test]
    fn validity_ends_with_the_last_year_that_certificates_can_name() {
        let last = SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_SECOND);
        assert_eq!(validity::<SystemTime>(last, DAY), (last - DAY, last));
        assert!(Authority::new(last).unwrap().issue(&[], last).is_ok());
        assert!(Authority::new(SystemTime::UNIX_EPOCH).is_ok());
    }
}
