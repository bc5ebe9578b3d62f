//! `wksmock env`: prints the variables that point a program at the server.

use super::exit::{self, Failure};
use super::groups::{LISTENING, OUTPUT};
use super::listen::Address;
use super::setup::Users;
use super::tls::EnvTls;
use crate::diagnostics;
use crate::engine::Setup;
use crate::ids::UserIndex;
use crate::limits::Limits;
use clap::Args;
use clap::builder::BoolishValueParser;
use hyper::Uri;
use std::fmt::Write as _;

/// Print the variables that point programs and SDKs at a server
///
/// `wksmock run` sets the same variables for its command.
///
/// For any program: WKSMOCK_URL is the server. WKSMOCK_PROJECT and WKSMOCK_USER are the first loaded project and user.
/// WKSMOCK_DOMAIN, WKSMOCK_ACCOUNT and WKSMOCK_PASSWORD are the login of the first account that has a password. NO_PROXY and
/// no_proxy keep their values, extended by 127.0.0.1, localhost, ::1 and the server's host, so that requests to it bypass
/// proxies.
///
/// For the vendor's SDKs, with the access key of the first account that has one:
///
/// HUAWEICLOUD_SDK_AK, _SK and _PROJECT_ID: Python, Java, Go, Node, .NET, PHP and C++, in programs that pass no credentials
/// to their client. CLOUD_SDK_AK and CLOUD_SDK_SK: the vendor's sample code in any language.
///
/// HUAWEICLOUD_SDK_DOMAIN_ID: Python; the account's domain, for clients of global services.
///
/// HUAWEICLOUD_SDK_REGION_WORKSPACE_<REGION>: Python, Java, Go and .NET, in programs that name a region. Node, PHP and C++ do
/// not read it; pass the endpoint to their clients.
///
/// HUAWEICLOUD_SDK_IAM_ENDPOINT: Python and Java, and with HTTPS Go and .NET, which accept only https:// there. Node, PHP and
/// C++ do not read it: pass the IAM endpoint to their credentials. HUAWEICLOUD_SDK_STS_ENDPOINT: Python.
///
/// With HTTPS, all URLs are those of HTTPS, and programs trust the certificate by SSL_CERT_FILE (OpenSSL, Go, Ruby, Python without
/// requests), REQUESTS_CA_BUNDLE (Python's requests, so the vendor's SDK), CURL_CA_BUNDLE (curl), NODE_EXTRA_CA_CERTS (Node) and
/// JAVA_TOOL_OPTIONS (Java). The first three name a bundle that also has the certificates that were trusted before.
#[allow(rustdoc::invalid_html_tags, reason = "the help shows the comment as it is")]
#[derive(Debug, Args)]
pub(super) struct EnvArgs {
    #[command(flatten)]
    users: Users,

    /// The server's URL
    ///
    /// Default: the URL of --listen, or of --host and --port.
    #[arg(long, value_name = "URL", env = "WKSMOCK_URL", conflicts_with_all = ["listen", "host", "port"],
          help_heading = LISTENING)]
    url: Option<String>,

    #[command(flatten)]
    address: Address,
    #[command(flatten)]
    tls: EnvTls,

    /// Print shell commands, as for eval "$(wksmock env --export)"
    #[arg(long, env = "WKSMOCK_EXPORT", value_parser = BoolishValueParser::new(), help_heading = OUTPUT)]
    export: bool,
}

/// Variables for the login of the first account: domain, name, password. No flag reads them.
pub(super) const LOGIN: [&str; 3] = ["WKSMOCK_DOMAIN", "WKSMOCK_ACCOUNT", "WKSMOCK_PASSWORD"];

/// The variable that leads helpers for tests to a separate admin API. No flag reads it.
pub(super) const ADMIN_URL: &str = "WKSMOCK_ADMIN_URL";

/// Hosts that bypass proxies.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "::1"];

/// Variables that list hosts that bypass proxies.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Maximum number of characters of an invalid URL that its error quotes.
const URL_SHOWN_CHARS: usize = 200;

/// A variable's name and value.
type Variable = (String, String);

impl EnvArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let limits = Limits::default();
        let setup = self.users.alone(&limits)?;
        let present = |name: &str| std::env::var(name).ok();
        let https = self.tls.reachable(&self.address).map(|address| format!("https://{address}"));
        let url = server_url(self.url.as_deref().or(https.as_deref()), &self.address)?;
        if https.is_some() && !url.starts_with("https:") {
            return Err(Failure::usage("--url is a URL of plain HTTP; with HTTPS it begins with https://"));
        }
        let mut variables = variables(url.trim_end_matches('/'), &setup, present);
        variables.extend(self.tls.trust(&url, &limits, present)?);
        let mut lines = String::new();
        for (name, value) in variables {
            let _ = if self.export {
                writeln!(lines, "export {name}={}", shell_quoted(&value))
            } else {
                writeln!(lines, "{name}={value}")
            };
        }
        exit::print(lines)
    }
}

/// The URL of the server as programs call it: `given`, or that of the address flags.
pub(super) fn server_url(given: Option<&str>, address: &Address) -> Result<String, Failure> {
    let url = given.map_or_else(|| format!("http://{}", address.reachable()), str::to_owned);
    let parsed = url.parse::<Uri>().ok();
    let is_http = parsed.as_ref().is_some_and(|url| matches!(url.scheme_str(), Some("http" | "https")));
    let authority = parsed.as_ref().and_then(Uri::authority).filter(|place| is_http && !place.host().is_empty());
    let wrong = match authority {
        Some(place) if place.port_u16() == Some(0) => {
            "the server picks its port: give its URL with --url, or another --port".to_owned()
        }
        Some(place) if place.as_str().ends_with(place.host()) || place.port_u16().is_some() => return Ok(url),
        _ => format!("{}: expected a URL, as in http://127.0.0.1:7070", diagnostics::quoted(&url, URL_SHOWN_CHARS)),
    };
    Err(Failure::usage(wrong))
}

/// The variables that point a program at a server. `present` gives the current value of a variable.
pub(super) fn variables(url: &str, setup: &Setup, present: impl Fn(&str) -> Option<String>) -> Vec<Variable> {
    let mut variables = vec![("WKSMOCK_URL".to_owned(), url.to_owned())];
    variables.extend(without_proxy(url, present));
    let Some(project) = setup.directory().projects().first() else {
        return variables;
    };
    for name in ["WKSMOCK_PROJECT", "HUAWEICLOUD_SDK_PROJECT_ID"] {
        variables.push((name.to_owned(), project.id().to_owned()));
    }
    if let Some(user) = project.user_at(UserIndex::new(0)) {
        variables.push(("WKSMOCK_USER".to_owned(), user.id().into_owned()));
    }
    let accounts = setup.directory().accounts().all();
    if let Some((account, password)) = accounts.iter().find_map(|account| Some((account, account.password()?))) {
        let values = [account.domain(), account.name(), password];
        variables.extend(LOGIN.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value.to_owned())));
    }
    // The first account with a key signs.
    let account = accounts.iter().find_map(|account| Some((account, account.key()?)));
    if let Some((account, key)) = account {
        for (name, value) in [("AK", &*key.access), ("SK", &*key.secret), ("DOMAIN_ID", account.domain_id())] {
            variables.push((format!("HUAWEICLOUD_SDK_{name}"), value.to_owned()));
        }
        // The vendor's sample code reads these names.
        for (name, value) in [("AK", &key.access), ("SK", &key.secret)] {
            variables.push((format!("CLOUD_SDK_{name}"), value.to_string()));
        }
    }
    for service in ["IAM", "STS"] {
        variables.push((format!("HUAWEICLOUD_SDK_{service}_ENDPOINT"), url.to_owned()));
    }
    // The default project of a region has the region's name.
    if let Some(region) = project.name().filter(|name| is_region(name)) {
        let region = region.to_ascii_uppercase().replace('-', "_");
        variables.push((format!("HUAWEICLOUD_SDK_REGION_WORKSPACE_{region}"), url.to_owned()));
    }
    variables
}

/// `NO_PROXY` and `no_proxy`, each with its value, or that of the other, extended by the missing hosts.
fn without_proxy(url: &str, present: impl Fn(&str) -> Option<String>) -> [Variable; 2] {
    let value = |name: &str| present(name).filter(|value| !value.trim().is_empty());
    let authority = url.parse::<Uri>().ok().and_then(|url| url.authority().cloned());
    let host = authority.as_ref().map_or("", |authority| authority.host().trim_matches(['[', ']']));
    let hosts = LOOPBACK.into_iter().chain((!host.is_empty()).then_some(host));
    let extended = |list: Option<String>| {
        let mut list = list.unwrap_or_default().trim().trim_end_matches(',').to_owned();
        for host in hosts.clone() {
            let is_in = |list: &str| list.split([',', ' ']).any(|known| known.eq_ignore_ascii_case(host));
            // A star alone means every host; programs differ on a star among other hosts.
            if list != "*" && !is_in(&list) {
                list.push_str(if list.is_empty() { "" } else { "," });
                list.push_str(host);
            }
        }
        list
    };
    let [upper, lower] = NO_PROXY;
    [(upper, lower), (lower, upper)]
        .map(|(name, other)| (name.to_owned(), extended(value(name).or_else(|| value(other)))))
}

fn is_region(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// `value` quoted for a shell if needed.
pub(super) fn shell_quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,[]".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extended(upper: Option<&str>, lower: Option<&str>, url: &str) -> [String; 2] {
        let present = |name: &str| if name == "NO_PROXY" { upper } else { lower }.map(str::to_owned);
        without_proxy(url, present).map(|(_, value)| value)
    }

    #[test]
    fn no_proxy_is_extended_in_both_spellings() {
        let ours = "127.0.0.1,localhost,::1".to_owned();
        let url = "http://127.0.0.1:1";
        assert_eq!(extended(None, None, url), [ours.clone(), ours.clone()]);
        assert_eq!(extended(Some(""), Some(" "), url), [ours.clone(), ours.clone()]);
        let corp = format!("corp.example,{ours}");
        assert_eq!(extended(Some("corp.example"), None, url), [corp.clone(), corp.clone()]);
        assert_eq!(extended(None, Some("corp.example,"), url), [corp.clone(), corp]);
        assert_eq!(extended(Some("a"), Some("b"), url), [format!("a,{ours}"), format!("b,{ours}")]);
        assert_eq!(extended(Some("*"), Some("::1, LOCALHOST"), url), ["*", "::1, LOCALHOST,127.0.0.1"]);
        assert_eq!(extended(Some("a, *"), Some("*"), url), [format!("a, *,{ours}"), "*".to_owned()]);
        let [named, _] = extended(None, None, "http://mock:7070");
        assert_eq!(named, format!("{ours},mock"));
        assert_eq!(extended(None, None, "http://[fd00::7]:1")[0], format!("{ours},fd00::7"));
        assert_eq!(extended(None, None, "http://[::1]:1")[0], ours);
    }

    #[test]
    fn values_are_quoted_where_a_shell_needs_it() {
        assert_eq!(shell_quoted("http://127.0.0.1:7070"), "http://127.0.0.1:7070");
        assert_eq!(shell_quoted("a b'c$d"), r"'a b'\''c$d'");
        assert_eq!(shell_quoted(""), "''");
    }
}
