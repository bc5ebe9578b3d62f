//! The configuration of rustls for a connection.

use super::authority::Identity;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring;
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
    /// Serves with an identity.
    ///
    /// # Errors
    ///
    /// If the key is not that of the first certificate, or of a kind that is not supported.
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

fn config(identity: Identity) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = versions.with_no_client_auth().with_single_cert(identity.chain, identity.key)?;
    config.alpn_protocols = PROTOCOLS.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::super::Authority;
    use super::*;
    use crate::state::Clock;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{RootCertStore, client::WebPkiServerVerifier};

    /// Whether a client that trusts `authority` accepts the certificate for `name`.
    fn accepts(authority: &Authority, identity: &Identity, name: &str) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let [end, rest @ ..] = &identity.chain[..] else { panic!("no certificate") };
        verifier.verify_server_cert(end, rest, &name, &[], UnixTime::now()).is_ok()
    }

    #[test]
    fn certificate_is_valid_for_local_and_vendor_names() {
        let now = Clock::system_time();
        let authority = Authority::new(now).unwrap();
        let identity = authority.issue(&["mock.test".to_owned(), "192.0.2.7".to_owned()], now).unwrap();
        for name in [
            "localhost",
            "127.0.0.1",
            "::1",
            "mock.test",
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
        let (one, other) = (authority.issue(&[], now).unwrap(), authority.issue(&[], now).unwrap());
        let current = tls.accept_config();
        tls.exchange(Identity { key: other.key, ..one }).unwrap_err();
        assert!(Arc::ptr_eq(&current, &tls.accept_config()), "a bad one changes nothing");
    }
}
