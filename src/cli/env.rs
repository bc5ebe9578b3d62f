//! `wksmock env`: what points a program at the server.

use super::exit::{self, Failure};
use super::listen::Address;
use super::set_up::Users;
use crate::engine::SetUp;
use crate::limits::Limits;
use clap::Args;
use clap::builder::BoolishValueParser;
use std::fmt::Write as _;
use std::io::Write as _;

/// Print the variables that point a program, and the vendor's SDKs, at a server
///
/// WKSMOCK_URL is where it is; WKSMOCK_PROJECT and WKSMOCK_USER are the first project and user that are loaded.
/// WKSMOCK_DOMAIN, WKSMOCK_ACCOUNT and WKSMOCK_PASSWORD log the first account in that has a password. The vendor's SDKs
/// read HUAWEICLOUD_SDK_PROJECT_ID, and _AK, _SK and _DOMAIN_ID of the first account that has an access
/// key; they ask IAM and STS where HUAWEICLOUD_SDK_IAM_ENDPOINT and _STS_ENDPOINT say, and the one for Python finds the
/// endpoint of the project's region in HUAWEICLOUD_SDK_REGION_WORKSPACE_<REGION>. `run` gives its command the same.
#[derive(Debug, Args)]
pub(super) struct Env {
    #[command(flatten)]
    users: Users,

    /// The server's URL. Default: that of the address flags.
    #[arg(long, value_name = "URL", env = "WKSMOCK_URL", conflicts_with_all = ["listen", "host", "port"])]
    url: Option<String>,

    #[command(flatten)]
    address: Address,

    /// Print commands for a shell, as for eval "$(wksmock env --export)".
    #[arg(long, env = "WKSMOCK_EXPORT", value_parser = BoolishValueParser::new())]
    export: bool,
}

/// With which the first account logs in: its domain, its name, its password. No flag reads them.
pub(super) const LOGIN: [&str; 3] = ["WKSMOCK_DOMAIN", "WKSMOCK_ACCOUNT", "WKSMOCK_PASSWORD"];

/// A variable's name and value.
type Variable = (String, String);

impl Env {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let set_up = self.users.alone(&Limits::default())?;
        let url = self.url.clone().unwrap_or_else(|| format!("http://{}", self.address.shown()));
        let mut lines = String::new();
        for (name, value) in variables(url.trim_end_matches('/'), &set_up) {
            let _ = if self.export {
                writeln!(lines, "export {name}={}", quoted(&value))
            } else {
                writeln!(lines, "{name}={value}")
            };
        }
        exit::printed(std::io::stdout().write_all(lines.as_bytes()))
    }
}

/// What points a program at a server.
pub(super) fn variables(url: &str, set_up: &SetUp) -> Vec<Variable> {
    let mut variables = vec![("WKSMOCK_URL".to_owned(), url.to_owned())];
    let Some(project) = set_up.directory().projects().first() else {
        return variables;
    };
    for name in ["WKSMOCK_PROJECT", "HUAWEICLOUD_SDK_PROJECT_ID"] {
        variables.push((name.to_owned(), project.id().to_owned()));
    }
    if let Some(user) = project.user_at(0) {
        variables.push(("WKSMOCK_USER".to_owned(), user.id().into_owned()));
    }
    let accounts = set_up.directory().accounts().all();
    if let Some((account, password)) = accounts.iter().find_map(|account| Some((account, account.password()?))) {
        let values = [account.domain(), account.name(), password];
        variables.extend(LOGIN.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value.to_owned())));
    }
    // The first account that signs is the one to sign with.
    let account = accounts.iter().find_map(|account| Some((account, account.key()?)));
    if let Some((account, key)) = account {
        for (name, value) in [("AK", &*key.access), ("SK", &*key.secret), ("DOMAIN_ID", account.domain_id())] {
            variables.push((format!("HUAWEICLOUD_SDK_{name}"), value.to_owned()));
        }
    }
    for service in ["IAM", "STS"] {
        variables.push((format!("HUAWEICLOUD_SDK_{service}_ENDPOINT"), url.to_owned()));
    }
    // A project is called like its region, if it is the region's own.
    if let Some(region) = project.name().filter(|name| is_region(name)) {
        let region = region.to_ascii_uppercase().replace('-', "_");
        variables.push((format!("HUAWEICLOUD_SDK_REGION_WORKSPACE_{region}"), url.to_owned()));
    }
    variables
}

fn is_region(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A value as a shell reads it back.
fn quoted(value: &str) -> String {
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

    #[test]
    fn values_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(quoted("http://127.0.0.1:7070"), "http://127.0.0.1:7070");
        assert_eq!(quoted("a b'c$d"), r"'a b'\''c$d'");
        assert_eq!(quoted(""), "''");
    }
}
