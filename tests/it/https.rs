//! HTTPS of the binary: its certificates, the files of them, and the variables by which programs trust them.

use crate::binary::{READY, Served, stderr, stdout, wksmock};
use crate::client::Client;
use crate::{reset_path, user};
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The variables by which programs trust certificates.
const TRUST: [&str; 5] =
    ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "JAVA_TOOL_OPTIONS"];

/// A command of the binary that sees no certificates of the tests' own environment.
fn command(arguments: &[&str], folder: &Path) -> Command {
    let mut command = wksmock(arguments);
    for name in TRUST {
        command.env_remove(name);
    }
    command.env("XDG_RUNTIME_DIR", folder).env_remove("TMPDIR");
    command
}

/// A server with HTTPS on a free port, and the URL of that.
fn served(flags: &[&str], folder: &Path) -> (Served, String) {
    let flags: Vec<_> = ["serve", "--port", "0"].iter().chain(flags).copied().collect();
    let mut served = Served::spawn(&mut command(&flags, folder));
    let line = served.line();
    let url = line.trim_end().strip_prefix(READY).unwrap().to_owned();
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    (served, url)
}

/// Resets a password with a client that trusts one authority.
fn curl(authority: &Path, url: &str) -> Output {
    let mut command = Command::new("curl");
    command.args(["-sS", "--noproxy", "*", "--cacert"]).arg(authority);
    command.args(["-H", "Content-Type: application/json"]);
    command.arg(format!("{url}{}", reset_path(&user("0001")))).output().unwrap()
}

fn is_trusted(authority: &Path, url: &str) -> bool {
    let output = curl(authority, url);
    match output.status.code() {
        Some(0) => stdout(&output).contains("password"),
        // Curl does not trust the certificate.
        Some(60) => false,
        _ => panic!("{output:?}"),
    }
}

/// A certificate of a user's own, and its key, for localhost.
struct Own {
    certificate: PathBuf,
    key: PathBuf,
}

impl Own {
    fn new(folder: &Path) -> Self {
        let own = Self { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
        own.renew();
        own
    }

    /// Replaces both. Returns the certificate.
    fn renew(&self) -> String {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        fs::write(&self.key, made.signing_key.serialize_pem()).unwrap();
        fs::write(&self.certificate, made.cert.pem()).unwrap();
        made.cert.pem()
    }

    fn flags(&self) -> [&str; 4] {
        ["--tls-cert", self.certificate.to_str().unwrap(), "--tls-key", self.key.to_str().unwrap()]
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn serve_announces_https_and_writes_the_certificate_to_trust() {
    let folder = tempfile::tempdir().unwrap();
    let [authority, ready] = ["ca.pem", "ready"].map(|name| folder.path().join(name));
    let (served, url) = served(&["--tls-ca-file", text(&authority), "--ready-file", text(&ready)], folder.path());
    assert_eq!(fs::read_to_string(&ready).unwrap(), format!("{}\n{url}\n", served.url));
    assert!(is_trusted(&authority, &url));
    assert!(is_trusted(&authority, &url.replace("127.0.0.1", "localhost")));
    let health = served.client().get("/__admin/health").json();
    assert_eq!(health["https_url"], url.as_str());
    let asked = |path: &str| {
        let mut command = Command::new("curl");
        command.args(["-sS", "--noproxy", "*", "--cacert", text(&authority), &format!("{url}{path}")]);
        serde_json::from_slice::<serde_json::Value>(&command.output().unwrap().stdout).unwrap()
    };
    assert_eq!(asked("/v3/regions")["links"]["self"], format!("{url}/v3/regions"));
    assert_eq!(asked("/__admin/openapi.json")["servers"][0]["url"], url);
    let (_, _, log) = served.terminate();
    assert!(log.contains(text(&authority)), "{log}");
    assert!(!authority.exists(), "its authority ended with it");
}

/// Code and output of `health` at a URL.
fn health(arguments: &[&str], variables: &[(&str, &str)], folder: &Path) -> (Option<i32>, String) {
    let mut command = command(&[&["health"], arguments].concat(), folder);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    (output.status.code(), stdout(&output) + &stderr(&output))
}

#[test]
fn health_over_https_finds_or_is_given_the_authority() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path();
    let ok = (Some(0), "ok\n".to_owned());
    // The authority of each start: this user's folder of running servers leads to it, and a variable or a flag elsewhere.
    let (running, url) = served(&["--tls"], folder.path());
    let port = url.rsplit(':').next().unwrap();
    assert_eq!(health(&[&url], &[], folder.path()), ok);
    assert_eq!(health(&[], &[("WKSMOCK_URL", &url)], folder.path()), ok);
    assert_eq!(health(&[&format!("https://localhost:{port}")], &[], folder.path()), ok);
    let (code, said) = health(&[&url], &[("SSL_CERT_FILE", "/dev/null")], elsewhere);
    assert!(code == Some(1) && said.contains("--tls-ca-file"), "{said}");
    let authority = folder.path().join(format!("wksmock/{port}-ca.pem"));
    assert_eq!(health(&[&url], &[("SSL_CERT_FILE", text(&authority))], elsewhere), ok);
    assert_eq!(health(&[&url, "--tls-ca-file", text(&authority)], &[], elsewhere), ok);
    assert_eq!(health(&[&url], &[("WKSMOCK_TLS_CA_FILE", text(&authority))], elsewhere), ok);
    // Each listener names the other's scheme.
    let (code, said) = health(&[&running.url.replace("http:", "https:")], &[], folder.path());
    assert!(code == Some(1) && said.contains("use an http:// URL"), "{said}");
    let (code, said) = health(&[&url.replace("https:", "http:")], &[], folder.path());
    assert!(code == Some(1) && said.contains("use an https:// URL"), "{said}");
    running.terminate();
    let (code, said) = health(&[&url, "--tls-ca-file", text(&authority)], &[], elsewhere);
    assert!(code == Some(1) && said.contains("no certificate here"), "{said}");
    assert_eq!(health(&[&url], &[], folder.path()).0, Some(1));
}

#[test]
fn health_over_https_trusts_kept_and_own_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let ok = (Some(0), "ok\n".to_owned());
    let directory = folder.path().join("tls");
    let (_served, url) = served(&["--tls-dir", text(&directory)], folder.path());
    assert_eq!(health(&[&url, "--tls-dir", text(&directory)], &[], folder.path()), ok);
    assert_eq!(health(&[&url], &[("WKSMOCK_TLS_DIR", text(&directory))], folder.path()), ok);
    let own = Own::new(folder.path());
    let other = text(&own.certificate);
    let (code, said) = health(&[&url, "--tls-cert", other], &[], folder.path());
    assert!(code == Some(1) && said.contains("certificate"), "{said}");
    let (_served, url) = served(&own.flags(), folder.path());
    assert_eq!(health(&[&url, "--tls-cert", other], &[], folder.path()), ok);
    // A certificate that is its own authority, as OpenSSL makes it.
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    fs::write(&own.certificate, params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(&own.key, key.serialize_pem()).unwrap();
    let (_served, url) = served(&own.flags(), folder.path());
    assert_eq!(health(&[&url.replace("127.0.0.1", "localhost"), "--tls-cert", other], &[], folder.path()), ok);
    let (code, said) = health(&[&url, "--tls-cert", other], &[], folder.path());
    assert!(code == Some(1) && said.contains("name"), "{said}");
    fs::write(&own.certificate, "x").unwrap();
    assert_eq!(health(&[&url, "--tls-cert", other], &[], folder.path()).0, Some(2));
}

#[test]
fn certificate_is_for_the_vendors_hosts_and_given_names() {
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    let flags = ["--tls-ca-file", text(&authority), "--tls-name", "mock.test", "--allow-host", "allowed.test"];
    let (_served, url) = served(&flags, folder.path());
    let port = url.rsplit(':').next().unwrap();
    let reached = |host: &str| {
        let mut command = Command::new("curl");
        command.args(["-s", "-o", "/dev/null", "--noproxy", "*", "--cacert", text(&authority)]);
        command.args(["--resolve", &format!("{host}:{port}:127.0.0.1"), &format!("https://{host}:{port}/")]);
        command.status().unwrap().code()
    };
    for host in ["workspace.cn-north-4.myhuaweicloud.com", "iam.myhuaweicloud.com", "mock.test", "allowed.test"] {
        assert_eq!(reached(host), Some(0), "{host}");
    }
    assert_eq!(reached("other.test"), Some(60));
}

#[test]
fn kept_authority_is_trusted_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("kept");
    let flags = ["--tls-dir", text(&directory)];
    let (first, _) = served(&flags, folder.path());
    first.terminate();
    let authority = directory.join("ca.pem");
    let key = directory.join("ca-key.pem");
    assert_eq!(key.metadata().unwrap().mode() & 0o777, 0o600);
    let (_second, url) = served(&flags, folder.path());
    assert!(is_trusted(&authority, &url));
}

#[test]
fn invalid_certificate_opens_no_port() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::new(folder.path());
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    let other = Own::new(&other);
    let certificate = text(&own.certificate);
    for (flags, said) in [
        (&["--tls-cert", certificate, "--tls-key", text(&other.key)][..], "key.pem:1:1"),
        (&["--tls-cert", certificate], "cert.pem:1:1"),
        (&["--tls-cert", "none.pem"], "none.pem"),
        (&["--tls-key", text(&own.key)], "--tls-cert"),
        (&["--tls-cert", certificate, "--tls-name", "x"], "--tls-name"),
        (&["--tls-name", "no name"], "expected a DNS name"),
        (&["--tls-ca-file", "/none/ca.pem"], "/none does not exist"),
        (&["--tls-listen", "127.0.0.1"], "127.0.0.1"),
    ] {
        for subcommand in [&["serve", "--port", "0"][..], &["run"]] {
            if flags[0] == "--tls-listen" && subcommand == ["run"] {
                continue;
            }
            let command_of_run = if subcommand == ["run"] { &["--", "true"][..] } else { &[] };
            let arguments = [subcommand, flags, command_of_run].concat();
            let output = command(&arguments, folder.path()).output().unwrap();
            assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{arguments:?}");
            assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
        }
    }
}

#[test]
fn busy_https_port_is_reported_with_its_flag() {
    let folder = tempfile::tempdir().unwrap();
    let (_served, url) = served(&["--tls"], folder.path());
    let address = url.strip_prefix("https://").unwrap();
    let output = command(&["serve", "--port", "0", "--tls-listen", address], folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(69));
    assert!(stderr(&output).contains("choose another with --tls-listen"), "{}", stderr(&output));
}

/// Waits until the server has read its files so often.
fn reloads(client: &mut Client, count: u64) -> serde_json::Value {
    loop {
        let health = client.get("/__admin/health").json();
        if health["reloads"] == count {
            return health;
        }
        std::thread::yield_now();
    }
}

#[test]
fn hangup_reloads_certificates_and_a_bad_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::new(folder.path());
    let trusted = folder.path().join("trusted.pem");
    let (served, url) = served(&[&own.flags()[..], &["--log-level", "error"]].concat(), folder.path());
    let mut client = served.client();
    fs::copy(&own.certificate, &trusted).unwrap();
    assert!(is_trusted(&trusted, &url));
    let renewed = own.renew();
    // A reload of the certificates, and one of the other files.
    served.signal("HUP");
    assert_eq!(reloads(&mut client, 2)["status"], "ok");
    assert!(!is_trusted(&trusted, &url));
    fs::write(&trusted, &renewed).unwrap();
    assert!(is_trusted(&trusted, &url));
    fs::write(&own.certificate, "damaged").unwrap();
    served.signal("HUP");
    let health = reloads(&mut client, 4);
    assert_eq!(health["status"], "stale");
    assert!(health["problems"][0]["place"].as_str().unwrap().ends_with("cert.pem"), "{health}");
    assert!(is_trusted(&trusted, &url));
    fs::write(&own.certificate, &renewed).unwrap();
    served.signal("HUP");
    let health = reloads(&mut client, 6);
    assert_eq!((health["status"].as_str(), health["problems"].as_array().unwrap().len()), (Some("ok"), 0));
}

#[test]
fn watched_certificates_are_reloaded_once_both_files_fit() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::new(folder.path());
    let flags = ["--watch", "--limit", "watch_interval_ms=5", "--log-level", "off"];
    let (served, url) = served(&[&own.flags()[..], &flags].concat(), folder.path());
    let mut client = served.client();
    own.renew();
    reloads(&mut client, 1);
    assert!(is_trusted(&own.certificate, &url));
    // A key alone is replaced before its certificate, and that is reported if it stays so.
    fs::copy(folder.path().join("key.pem"), folder.path().join("key.bak")).unwrap();
    fs::write(&own.key, "-----BEGIN PRIVATE KEY-----\n").unwrap();
    assert_eq!(reloads(&mut client, 2)["status"], "stale");
    fs::rename(folder.path().join("key.bak"), &own.key).unwrap();
    assert_eq!(reloads(&mut client, 3)["status"], "ok");
}

fn variables(output: &Output) -> HashMap<String, String> {
    assert!(output.status.success(), "{output:?}");
    let lines = stdout(output);
    lines.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn env_names_the_files_by_which_programs_trust_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let (_served, url) = served(&["--tls"], folder.path());
    let address = url.strip_prefix("https://").unwrap();
    let env = |flags: &[&str]| command(&[&["env"], flags].concat(), folder.path()).output().unwrap();
    let set = variables(&env(&["--tls-listen", address]));
    for name in ["WKSMOCK_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4"] {
        assert_eq!(set[name], url);
    }
    let mut curl = Command::new("curl");
    curl.env_clear().envs(&set).env("PATH", std::env::var_os("PATH").unwrap());
    curl.args(["-sS", "-H", "Content-Type: application/json", &format!("{url}{}", reset_path(&user("0001")))]);
    let output = curl.output().unwrap();
    assert!(stdout(&output).contains("password"), "{output:?}");
    let authority = fs::read_to_string(&set["NODE_EXTRA_CA_CERTS"]).unwrap();
    assert!(fs::read_to_string(&set["SSL_CERT_FILE"]).unwrap().contains(&authority));
    assert!(set["JAVA_TOOL_OPTIONS"].contains("truststore.p12"));
    assert_eq!(variables(&env(&["--url", &url, "--tls"])), set, "by URL");
    let plain = variables(&env(&[]));
    assert!(TRUST.iter().all(|name| !plain.contains_key(*name)));
    let refused = env(&["--url", "http://127.0.0.1:7070", "--tls"]);
    assert!(stderr(&refused).contains("begins with https://"), "{}", stderr(&refused));
}

#[test]
fn env_without_a_certificate_to_trust_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let env = |flags: &[&str], runtime: &Path| command(&[&["env"], flags].concat(), runtime).output().unwrap();
    let missing = env(&["--tls"], folder.path());
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("start `wksmock serve --tls` first"), "{}", stderr(&missing));
    // With an authority that is kept, the order does not matter.
    let kept = folder.path().join("kept");
    let set = variables(&env(&["--tls-dir", text(&kept)], folder.path()));
    let (_served, url) = served(&["--tls-dir", text(&kept)], folder.path());
    assert!(is_trusted(Path::new(&set["SSL_CERT_FILE"]), &url));
    assert_eq!(set["WKSMOCK_URL"], "https://127.0.0.1:7443");
    // Of others no certificate is trusted.
    let shared = folder.path().join("shared");
    fs::create_dir_all(shared.join("wksmock")).unwrap();
    fs::set_permissions(shared.join("wksmock"), fs::Permissions::from_mode(0o777)).unwrap();
    let linked = folder.path().join("linked");
    fs::create_dir(&linked).unwrap();
    symlink(folder.path(), linked.join("wksmock")).unwrap();
    for runtime in [&shared, &linked] {
        let refused = env(&["--tls"], runtime);
        assert!(stderr(&refused).contains("others can change this folder"), "{}", stderr(&refused));
        let refused = command(&["serve", "--port", "0", "--tls"], runtime).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
    }
}

#[test]
fn command_of_run_trusts_the_server_and_calls_it_by_https() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("files");
    let call = "curl -sS -H 'Content-Type: application/json' \
                \"$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password\" && \
                echo \"$WKSMOCK_URL\" && echo \"$SSL_CERT_FILE\" > \"$0\"";
    let own = Own::new(folder.path());
    for flags in [&["--tls"][..], &["--tls-dir", text(&folder.path().join("kept"))], &own.flags()] {
        let arguments = [&["run"], flags, &["--", "sh", "-c", call, text(&kept)]].concat();
        let output = command(&arguments, folder.path()).output().unwrap();
        let said = stdout(&output);
        assert!(output.status.success(), "{output:?}");
        assert!(said.contains("password") && said.contains("https://127.0.0.1:"), "{said}");
        let bundle = fs::read_to_string(&kept).unwrap();
        assert!(!Path::new(bundle.trim_end()).exists(), "its files end with it");
        assert!(stderr(&output).contains("0 of 0 expectations") || stderr(&output).contains("1 of 8"), "{output:?}");
    }
}
