//! The real binary, started as a user would.

use crate::client::Client;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

pub(crate) const READY: &str = "wksmock listening on ";

/// Builds a command of the binary without the variables of the tests' own environment.
pub(crate) fn wksmock(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wksmock"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WKSMOCK_") {
            command.env_remove(name);
        }
    }
    command
        .env_remove("GITHUB_STEP_SUMMARY")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env("NO_COLOR", "1")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments);
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    wksmock(arguments).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Returns the address of the admin API from a log of JSON lines.
pub(crate) fn admin_url(log: &std::path::Path) -> String {
    loop {
        let log = std::fs::read_to_string(log).unwrap();
        let line = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let told = line.rev().find(|line| line.to_string().contains("the admin API listens"));
        if let Some(told) = told {
            let text = told.to_string();
            let start = text.find("http://").unwrap();
            return text[start..].split('"').next().unwrap().to_owned();
        }
        std::thread::yield_now();
    }
}

/// A server process that is killed on drop.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) url: String,
    stdout: BufReader<ChildStdout>,
}

impl Served {
    /// Starts a server on a free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let arguments: Vec<_> = ["serve", "--port", "0"].iter().chain(arguments).copied().collect();
        Self::spawn(&mut wksmock(&arguments))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self::spawn_with_stderr(command, Stdio::piped())
    }

    pub(crate) fn spawn_with_stderr(command: &mut Command, stderr: impl Into<Stdio>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let Some(url) = line.strip_prefix(READY) else {
            let mut said = String::new();
            let _ = child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
            panic!("not ready: {line}{said}");
        };
        Self { child, url: url.trim_end().to_owned(), stdout }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.url)
    }

    /// Reads the next line of stdout.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the process; returns the exit code, stdout after the ready line, and stderr.
    pub(crate) fn end(mut self) -> (Option<i32>, String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut err).unwrap();
        }
        self.stdout.read_to_string(&mut out).unwrap();
        (self.child.wait().unwrap().code(), out, err)
    }

    /// Sends SIGTERM and waits.
    pub(crate) fn terminate(self) -> (Option<i32>, String, String) {
        self.signal("TERM");
        self.end()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
