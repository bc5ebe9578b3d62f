//! The reports of real clients about each fault, over HTTP, HTTPS and HTTP/2, as pages list them.

use crate::{PROJECT, user};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use wksmock::MockServer;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
const HEAD: &str = "| fault | curl | Python, `http.client` | Node, `http` and `https` |";
const HEAD_OF_HTTP_2: &str = "| fault | curl, `--http2` | nghttp, `-v` | Go, `net/http` |";

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

const CURL_OVER_HTTP_2: &str = r#"
for call in $(seq "$3"); do
  curl -sS --http2 -m 2 --cacert "$2" -o "$4" -H 'Content-Type: application/json' "$1" 2> "$4"; echo $?
done"#;

/// Prints the status, else the last code of an error. The connection outlives a stream that is reset.
const NGHTTP: &str = r#"
for call in $(seq "$3"); do
  timeout 2 nghttp -nv -H 'content-type: application/json' "$1" > "$4.log" 2> "$4"
  grep -Ev 'NO_ERROR' "$4.log" | sed -n 's/.*error_code=\([A-Z_]*\).*/\1/p; s/.* :status: //p' > "$4.words"
  grep -E '[A-Z]' "$4.words" | tail -n 1 | grep . || grep . "$4.words" || echo 'no answer'
done"#;

const GO: &str = r#"package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

func call(client *http.Client, url string) string {
	request, _ := http.NewRequest("GET", url, nil)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err != nil {
		return err.Error()
	}
	return fmt.Sprint(response.ProtoMajor, " ", response.StatusCode)
}

func main() {
	pem, _ := os.ReadFile(os.Args[2])
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	client := &http.Client{Transport: transport, Timeout: 2 * time.Second}
	calls, _ := strconv.Atoi(os.Args[3])
	for number := 0; number < calls; number++ {
		fmt.Println(call(client, os.Args[1]))
	}
}
"#;

/// The fault of each row, and for each client the first and the last of its words: over HTTP and HTTPS, if they differ.
fn rows(page: &str, head: &str) -> Vec<(String, [[String; 2]; 3])> {
    let page = std::fs::read_to_string(Path::new(FOLDER).join(page)).unwrap();
    let table = page.split_once(head).unwrap().1;
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

/// Whether a program is installed.
#[expect(clippy::print_stderr, reason = "it says what was not tested")]
fn is_here(program: &str, version: &str) -> bool {
    let is_here = Command::new(program).arg(version).output().is_ok();
    if !is_here {
        eprintln!("{program} is not installed");
    }
    is_here
}

/// The lines that a client prints, one for each call.
fn said(command: &mut Command, url: &str, folder: &Path, calls: usize) -> Vec<String> {
    let path = format!("/v2/{PROJECT}/users/{}/random-password", user("0001"));
    command.arg(format!("{url}{path}")).arg(folder.join("ca.pem")).arg(calls.to_string()).arg(folder.join("said"));
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A server of both protocols with these rules, whose certificate is in the folder.
fn server(scenario: &str, folder: &Path) -> MockServer {
    let mock = MockServer::builder().tls().scenario_json(scenario).start_blocking().unwrap();
    std::fs::write(folder.join("ca.pem"), mock.ca_pem().unwrap()).unwrap();
    mock
}

#[test]
fn clients_report_faults_as_documented() {
    let rows = rows("scenario-file.md", HEAD);
    assert_eq!(rows.len(), 11);
    let folder = tempfile::tempdir().unwrap();
    let scenario = rules(&rows);
    let faults: Vec<_> = rows.iter().map(|(fault, _)| fault).collect();
    for (at, (program, [name, flag], code)) in
        [("curl", ["sh", "-c"], CURL), ("python3", ["python3", "-c"], PYTHON), ("node", ["node", "-e"], NODE)]
            .into_iter()
            .enumerate()
            .filter(|(_, (program, ..))| is_here(program, "--version"))
    {
        for (kind, scheme) in ["http", "https"].into_iter().enumerate() {
            let mock = server(&scenario, folder.path());
            let url = if scheme == "http" { mock.url() } else { mock.https_url().unwrap() };
            let mut command = Command::new(name);
            command.args([flag, code]);
            if name == "sh" {
                command.arg("sh");
            }
            let said = said(&mut command, url, folder.path(), rows.len());
            let expected: Vec<_> = rows.iter().map(|(_, words)| words[at][kind].clone()).collect();
            assert_eq!(said, expected, "{program} over {scheme}: {faults:?}");
        }
    }
}

#[test]
fn clients_report_faults_over_http_2_as_documented() {
    let rows = rows("http2.md", HEAD_OF_HTTP_2);
    assert_eq!(rows.len(), 11);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let scenario = rules(&rows);
    let script = |code| {
        let mut command = Command::new("sh");
        command.args(["-c", code, "sh"]);
        command
    };
    let mut go = Command::new("go");
    go.arg("run").arg(folder.join("main.go"));
    std::fs::write(folder.join("main.go"), GO).unwrap();
    let clients = [
        ("curl", "--version", script(CURL_OVER_HTTP_2)),
        ("nghttp", "--version", script(NGHTTP)),
        ("go", "version", go),
    ];
    for (at, (program, version, mut command)) in clients.into_iter().enumerate() {
        if !is_here(program, version) {
            continue;
        }
        let mock = server(&scenario, folder);
        let said = said(&mut command, mock.https_url().unwrap(), folder, rows.len());
        for ((fault, words), said) in rows.iter().zip(&said) {
            assert!(words[at].iter().any(|word| said.contains(word)), "{program}, {fault}: {said}");
        }
        assert_eq!(said.len(), rows.len());
        // None repeated a call, and all were made over HTTP/2.
        let requests = mock.requests();
        assert_eq!(requests.len(), rows.len(), "{program}");
        assert!(requests.iter().all(|entry| entry.tls.as_ref().unwrap().alpn.as_deref() == Some("h2")), "{program}");
    }
}
