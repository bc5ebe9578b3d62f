//! `--env-file`: the variables that lead programs to a server, as `wksmock env` prints them for its flags.

use crate::binary::{Served, run, stderr, stdout, wksmock};
use crate::client::Client;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const TEAM: &str = "fixtures/accounts.json";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("server.env")
    }

    /// Starts a server that writes the file.
    fn served(&self, flags: &[&str]) -> Served {
        let file = self.file();
        let flags = [&["--env-file", file.to_str().unwrap(), "--log-level", "off"], flags].concat();
        Served::start(&flags)
    }
}

fn variables(text: &str) -> BTreeMap<String, String> {
    text.lines().map(|line| line.split_once('=').unwrap()).map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn env_file_has_the_variables_that_env_prints() {
    for flags in [&[][..], &["--users", TEAM], &["--users", TEAM, "--seed", "7", "--host", "0.0.0.0", "--no-admin"]] {
        let folder = Folder::new();
        let served = folder.served(flags);
        let url = served.url.replace("0.0.0.0", "127.0.0.1");
        let users: &[&str] = if flags.is_empty() { &[] } else { &["--users", TEAM] };
        let printed = run(&[&["env", "--url", &url], users].concat());
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), stdout(&printed), "{flags:?}");
        assert_eq!(folder.file().metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(served.terminate().0, Some(0));
        assert!(!folder.file().exists());
    }
}

#[test]
fn env_file_has_the_admin_token() {
    let folder = Folder::new();
    for (given, expected) in [("secret", Some("secret")), ("generate", None)] {
        let served = folder.served(&["--admin-token", given]);
        let token = variables(&fs::read_to_string(folder.file()).unwrap()).remove("WKSMOCK_ADMIN_TOKEN").unwrap();
        assert_eq!(token, expected.unwrap_or(&token));
        let path = "/__admin/version";
        assert_eq!(Client::connect(&served.url).get(path).status, 401);
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
        let mut client = Client::connect(&served.url);
        client.send(head);
        assert_eq!(client.answer(false).status, 200);
    }
}

#[test]
fn env_file_leads_to_a_separate_admin_api() {
    let folder = Folder::new();
    let served = folder.served(&["--admin-listen", "0.0.0.0:0", "--admin-token", "secret"]);
    let set = variables(&fs::read_to_string(folder.file()).unwrap());
    assert_eq!(set["WKSMOCK_URL"], served.url);
    let admin = &set["WKSMOCK_ADMIN_URL"];
    assert!(admin.starts_with("http://127.0.0.1:"), "{admin}");
    assert_eq!(Client::connect(admin).get("/__admin/health").status, 200);
    assert_eq!(Client::connect(&served.url).get("/__admin/health").status, 404);
    // Programs that get the variable are not warned of a typo.
    let output = wksmock(&["env"]).env("WKSMOCK_ADMIN_URL", admin).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}

#[test]
fn env_file_leads_to_https_and_its_certificate() {
    let folder = Folder::new();
    let mut served = folder.served(&["--tls"]);
    let https = served.line().trim_end().strip_prefix("wksmock listening on ").unwrap().to_owned();
    let set = variables(&fs::read_to_string(folder.file()).unwrap());
    for name in ["WKSMOCK_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4"] {
        assert_eq!(set[name], https);
    }
    let mut curl = Command::new("curl");
    curl.env_clear().envs(&set).env("PATH", std::env::var_os("PATH").unwrap());
    let output = curl.args(["-sS", &format!("{https}/v3/regions")]).output().unwrap();
    assert!(stdout(&output).contains("cn-north-4"), "{output:?}");
    let bundle = Path::new(&set["SSL_CERT_FILE"]).to_owned();
    assert!(bundle.exists() && set["JAVA_TOOL_OPTIONS"].contains("truststore.p12"));
    assert_eq!(served.terminate().0, Some(0));
    assert!(!bundle.exists(), "the files go with the server");
}

#[test]
fn env_file_that_cannot_be_written_opens_no_port() {
    let folder = Folder::new();
    let file = folder.file();
    let file = file.to_str().unwrap();
    for (flags, expected) in [
        (&["--env-file", "/nonexistent/env"][..], "--env-file /nonexistent/env"),
        (&["--env-file", file, "--ready-file", file], "this is the file of --ready-file"),
        (&["--env-file", TEAM, "--users", TEAM], "which is an input"),
    ] {
        let output = wksmock(&["serve", "--port", "0"]).args(flags).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    // One of an earlier server would lead to that.
    fs::write(file, "WKSMOCK_URL=http://127.0.0.1:1\n").unwrap();
    assert!(!run(&["serve", "--port", "0", "--fault", "x", "--env-file", file]).status.success());
    assert!(!Path::new(file).exists());
}
