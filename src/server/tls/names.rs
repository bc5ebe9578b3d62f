//! The names in a server's certificate.

use crate::contract;
use rcgen::SanType;
use rustls::pki_types::DnsName;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A name or an address that a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertificateName(SanType);

impl CertificateName {
    /// The names in each certificate: this machine's, `given`, and the vendor's hosts; each once.
    pub(super) fn all(given: &[Self]) -> Vec<SanType> {
        let own = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].map(Self::from);
        let uname = rustix::system::uname();
        let host = uname.nodename().to_str().ok();
        // A host's name may be one that certificates cannot have.
        let fixed = ["localhost"].into_iter().chain(host).filter_map(|name| name.parse().ok());
        let vendor = contract::service_hosts().filter_map(|host| host.parse().ok());
        let mut names = Vec::new();
        for Self(name) in own.into_iter().chain(fixed).chain(given.iter().cloned()).chain(vendor) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl CertificateName {
    /// Whether it is the address of no machine, such as 0.0.0.0.
    pub(crate) fn is_unspecified(&self) -> bool {
        matches!(&self.0, SanType::IpAddress(address) if address.is_unspecified())
    }
}

impl From<IpAddr> for CertificateName {
    fn from(address: IpAddr) -> Self {
        Self(SanType::IpAddress(address))
    }
}

impl FromStr for CertificateName {
    type Err = String;

    /// Reads a DNS name, which may begin with `*.`, or an IP address.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(address.into());
        }
        let host = text.strip_prefix("*.").unwrap_or(text);
        let expected = || "expected a DNS name, as in mock.example or *.mock.example, or an IP address".to_owned();
        DnsName::try_from(host).map_err(|_| expected())?;
        Ok(Self(SanType::DnsName(text.to_ascii_lowercase().try_into().map_err(|_| expected())?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_read_and_others_refused() {
        for text in
            ["mock.test", "Mock.Test", "*.mock.test", "a_b", "192.0.2.1", "::1", "[::1]", "xn--bcher-kva.example"]
        {
            assert!(text.parse::<CertificateName>().is_ok(), "{text}");
        }
        assert_eq!("Mock.Test".parse::<CertificateName>(), "mock.test".parse());
        for text in ["", "*", "*.", "a b", "bücher.example", "a.*.b", "mock.test:7443", "https://mock.test", "-a", ".a"]
        {
            assert!(text.parse::<CertificateName>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_name_is_there_once() {
        let given = ["localhost", "127.0.0.1", "mock.test", "mock.test"].map(|name| name.parse().unwrap());
        let names = CertificateName::all(&given);
        let is = |name: &str| names.iter().filter(|one| **one == name.parse::<CertificateName>().unwrap().0).count();
        for name in ["localhost", "127.0.0.1", "::1", "mock.test", "workspace.cn-north-4.myhuaweicloud.com"] {
            assert_eq!(is(name), 1, "{name}");
        }
        assert!(names.len() >= 4 + contract::service_hosts().count());
    }
}
