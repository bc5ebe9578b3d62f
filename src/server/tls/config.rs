//! The configuration of rustls for connections.

use super::identity::Identity;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::sign::SingleCertAndKey;
use std::sync::Arc;

/// The protocols that a client may choose, preferred ones first.
#[cfg(feature = "http2")]
const PROTOCOLS: &[&[u8]] = &[b"h2", b"http/1.1"];
#[cfg(not(feature = "http2"))]
const PROTOCOLS: &[&[u8]] = &[b"http/1.1"];

/// The configuration of HTTPS, exchanged whole when certificates change. A clone shares it.
#[derive(Clone, Debug)]
pub(crate) struct ServerTls {
    config: Arc<ArcSwap<ServerConfig>>,
}

impl ServerTls {
    /// Serves with an identity, by TLS 1.2 and 1.3.
    ///
    /// # Errors
    ///
    /// If the cryptography offers neither version.
    pub(crate) fn new(identity: Identity) -> Result<Self, rustls::Error> {
        Ok(Self { config: Arc::new(ArcSwap::new(config(identity)?)) })
    }

    /// The configuration for one connection: the newest.
    pub(crate) fn accept_config(&self) -> Arc<ServerConfig> {
        self.config.load_full()
    }

    /// Serves new connections with another identity.
    ///
    /// # Errors
    ///
    /// As for [`ServerTls::new`]; the former identity stays then.
    pub(crate) fn exchange(&self, identity: Identity) -> Result<(), rustls::Error> {
        self.config.store(config(identity)?);
        Ok(())
    }
}

fn config(Identity(identity): Identity) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = versions.with_no_client_auth().with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
    config.alpn_protocols = PROTOCOLS.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::super::{Authority, Pem};
    use super::*;
    use crate::state::Clock;
    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

    /// Whether a client that trusts `authority` accepts the certificate for `name`.
    fn accepts(authority: &Authority, identity: &Identity, name: &str) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let [end, rest @ ..] = &identity.0.cert[..] else { panic!("no certificate") };
        verifier.verify_server_cert(end, rest, &name, &[], UnixTime::now()).is_ok()
    }

    #[test]
    fn certificate_is_valid_for_local_and_vendor_names() {
        let now = Clock::system_time();
        let authority = Authority::new(now).unwrap();
        let names = ["mock.test", "*.many.test", "192.0.2.7"].map(|name| name.parse().unwrap());
        let identity = authority.issue(&names, now).unwrap();
        for name in [
            "localhost",
            "127.0.0.1",
            "::1",
            "mock.test",
            "one.many.test",
            "192.0.2.7",
            "workspace.cn-north-4.myhuaweicloud.com",
            "iam.la-south-2.myhuaweicloud.com",
            "sts.eu-west-101.myhuaweicloud.com",
            "iam.myhuaweicloud.com",
        ] {
            assert!(accepts(&authority, &identity, name), "{name}");
        }
        for name in ["other.test", "192.0.2.8", "obs.cn-north-4.myhuaweicloud.com"] {
            assert!(!accepts(&authority, &identity, name), "{name}");
        }
        assert!(!accepts(&Authority::new(now).unwrap(), &identity, "localhost"), "another authority");
    }

    #[test]
    fn exchanged_identity_serves_new_connections() {
        let now = Clock::system_time();
        let authority = Authority::new(now).unwrap();
        let tls = ServerTls::new(authority.issue(&[], now).unwrap()).unwrap();
        let before = tls.clone().accept_config();
        assert_eq!(before.alpn_protocols, PROTOCOLS);
        tls.clone().exchange(authority.issue(&[], now).unwrap()).unwrap();
        assert!(!Arc::ptr_eq(&before, &tls.accept_config()));
    }

    #[test]
    fn identity_is_read_of_the_users_files() {
        let now = Clock::system_time();
        let authority = Authority::new(now).unwrap();
        let pem = |text: &str| Pem::read("f.pem", text.as_bytes()).unwrap();
        let (certificate, key) = (authority.pem().to_owned(), authority.key_pem());
        let other = Authority::new(now).unwrap();
        let both = pem(&format!("{key}{certificate}"));
        assert!(Identity::read(&both, &both).is_ok(), "both in one file");
        assert!(Identity::read(&pem(&format!("{certificate}{}", other.pem())), &pem(&key)).is_ok(), "a chain");
        let error = |certificates: &str, key: &str| {
            let problem = Identity::read(&pem(certificates), &pem(key)).unwrap_err();
            (problem.place(), problem.what)
        };
        let section = |label: &str| format!("-----BEGIN {label}-----\nAQID\n-----END {label}-----\n");
        let lines = other.pem().lines().count();
        for (certificates, key, place, what) in [
            (certificate.clone(), other.key_pem(), "f.pem:1:1", "belongs to another certificate"),
            (
                format!("{}{certificate}", other.pem()),
                key.clone(),
                &*format!("f.pem:{}:1", lines + 1),
                "of this certificate",
            ),
            (key.clone(), key.clone(), "f.pem:1:1", "a private key, not a certificate"),
            (certificate.clone(), certificate.clone(), "f.pem:1:1", "a certificate, not a private key"),
            (section("CERTIFICATE"), key.clone(), "f.pem:1:1", "cannot be read"),
            (section("CERTIFICATE REQUEST"), key.clone(), "f.pem:1:1", "request"),
            (section("TRUSTED CERTIFICATE"), key.clone(), "f.pem:1:1", "trust settings"),
            (section("X"), key.clone(), "f.pem:1:1", "not a certificate"),
            (certificate.clone(), section("X"), "f.pem:1:1", "not a private key"),
            (certificate.clone(), section("EC PRIVATE KEY"), "f.pem:1:1", "damaged"),
            (certificate.clone(), section("DSA PRIVATE KEY"), "f.pem:1:1", "not supported"),
            (certificate.clone(), section("ENCRYPTED PRIVATE KEY"), "f.pem:1:1", "encrypted"),
            (certificate.clone(), format!("{key}{key}"), &*format!("f.pem:{}:1", key.lines().count() + 1), "second"),
        ] {
            let (at, said) = error(&certificates, &key);
            assert_eq!(at, place, "{said}");
            assert!(said.contains(what), "{said}");
        }
    }
}
