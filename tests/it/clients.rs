//! The reports of real clients about each fault, over HTTP and HTTPS, as a page lists them.

use crate::{PROJECT, user};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use wksmock::MockServer;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scenario-file.md");
const HEAD: &str = "| fault | curl | Python, `http.client` | Node, `http` and `https` |";

/// Prints a word for each of the calls.
const CURL: &str = r#"
for call in $(seq "$3"); do
  curl -sS --http1.1 -m 2 --cacert "$2" -o "$4" -H 'Content-Type: application/json' "$1" 2> "$4"; echo $?
done"#;

const PYTHON: &str = r#"
import http.client, ssl, sys
from urllib.parse import urlsplit
url = urlsplit(sys.argv[1])
for call in range(int(sys.argv[3])):
    if url.scheme == "https":
        context = ssl.create_default_context(cafile=sys.argv[2])
        client = http.client.HTTPSConnection(url.netloc, timeout=2, context=context)
    else:
        client = http.client.HTTPConnection(url.netloc, timeout=2)
    try:
        client.request("GET", url.path, headers={"Content-Type": "application/json"})
        response = client.getresponse()
        response.read()
        print(response.status)
    except Exception as error:
        print(type(error).__name__)
"#;

const NODE: &str = r#"
const [url, ca, calls] = process.argv.slice(1);
const { get } = require(url.startsWith("https:") ? "https" : "http");
const options = { agent: false, timeout: 2000, ca: require("fs").readFileSync(ca), headers: { "Content-Type": "application/json" } };
const call = () => new Promise((done) => {
  const request = get(url, options, (response) => {
    response.on("aborted", () => done("aborted"));
    response.on("error", (error) => done(error.code));
    response.on("end", () => done(response.statusCode));
    response.resume();
  });
  request.on("error", (error) => done(error.code));
  request.on("timeout", () => { done("timeout"); request.destroy(); });
});
(async () => { for (let number = 0; number < calls; number += 1) console.log(await call()); })();
"#;

/// The fault of each row, and for each client the words over HTTP and over HTTPS.
fn rows() -> Vec<(String, [[String; 2]; 3])> {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let table = page.split_once(HEAD).unwrap().1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let words = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').skip(1).map(words).collect();
        let both = |cell: &[String]| [cell[0].clone(), cell.last().unwrap().clone()];
        (cells[0][0].clone(), [both(&cells[1]), both(&cells[2]), both(&cells[3])])
    })
    .collect()
}

fn rules(rows: &[(String, [[String; 2]; 3])]) -> String {
    let mut rules = String::new();
    for (at, (fault, _)) in rows.iter().enumerate() {
        let fault = match fault.as_str() {
            "dribble" => r#"{"dribble": {"chunks": 5, "over_ms": 100}}"#.to_owned(),
            fault => format!("\"{fault}\""),
        };
        let comma = if at == 0 { "" } else { ", " };
        write!(rules, r#"{comma}{{"name": "{at}", "when": {{"calls": "{}"}}, "fault": {fault}}}"#, at + 1).unwrap();
    }
    format!(r#"{{"rules": [{rules}]}}"#)
}

/// The words of a client about each call; `None` if it is not installed.
#[expect(clippy::print_stderr, reason = "it says what was not tested")]
fn said(program: [&str; 2], code: &str, url: &str, ca: &Path, calls: usize) -> Option<Vec<String>> {
    let [name, flag] = program;
    if Command::new(if name == "sh" { "curl" } else { name }).arg("--version").output().is_err() {
        eprintln!("{name} is not installed");
        return None;
    }
    let path = format!("/v2/{PROJECT}/users/{}/random-password", user("0001"));
    let mut command = Command::new(name);
    command.args([flag, code]);
    if name == "sh" {
        command.arg("sh");
    }
    command.arg(format!("{url}{path}")).arg(ca).arg(calls.to_string()).arg("/dev/null");
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {error}");
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

#[test]
fn clients_report_faults_as_documented() {
    let rows = rows();
    assert_eq!(rows.len(), 10);
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let scenario = rules(&rows);
    for (at, (program, code)) in
        [(["sh", "-c"], CURL), (["python3", "-c"], PYTHON), (["node", "-e"], NODE)].into_iter().enumerate()
    {
        for (kind, scheme) in ["http", "https"].into_iter().enumerate() {
            let mock = MockServer::builder().tls().scenario_json(scenario.as_str()).start_blocking().unwrap();
            std::fs::write(&ca, mock.ca_pem().unwrap()).unwrap();
            let url = if scheme == "http" { mock.url() } else { mock.https_url().unwrap() };
            let Some(said) = said(program, code, url, &ca, rows.len()) else { continue };
            let expected: Vec<_> = rows.iter().map(|(_, words)| words[at][kind].clone()).collect();
            let faults: Vec<_> = rows.iter().map(|(fault, _)| fault).collect();
            assert_eq!(said, expected, "{program:?} over {scheme}: {faults:?}");
        }
    }
}
