//! A certificate authority, and the certificates that it issues.

use crate::contract;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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

/// A chain of certificates, the server's first, and the key of the first.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Authority {
    /// Makes an authority with a new key.
    pub(crate) fn new(now: SystemTime) -> Result<Self, Error> {
        let key = KeyPair::generate()?;
        let params = authority_params(&key, now);
        let certificate = params.self_signed(&key)?;
        let (pem, certificate) = (certificate.pem(), certificate.into());
        Ok(Self { issuer: Issuer::new(params, key), certificate, pem })
    }

    /// The authority's certificate, as clients trust it.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// Issues a certificate for this machine's names, the vendor's hosts and `names`.
    pub(crate) fn issue(&self, names: &[String], now: SystemTime) -> Result<Identity, Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        (params.not_before, params.not_after) = validity(now, CERTIFICATE_VALID);
        params.distinguished_name = distinguished("wksmock".to_owned());
        params.subject_alt_names = subject_names(names)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok(Identity { chain: vec![certificate.into(), self.certificate.clone()], key: key.into() })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Authority").finish_non_exhaustive()
    }
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

/// The names of a certificate, each once.
fn subject_names(given: &[String]) -> Result<Vec<SanType>, Error> {
    let own = ["localhost".to_owned()];
    let mut names = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()].map(SanType::IpAddress).to_vec();
    for name in own.into_iter().chain(given.iter().cloned()).chain(contract::service_hosts()) {
        let name = match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.try_into()?),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}
