//! The files of `--ready-file` and `--env-file`, by which other programs find the server.

use super::env::{ADMIN_URL, variables};
use super::exit::{self, Failure};
use super::groups::LISTENING;
use super::tls::{Https, Trust};
use super::written_file::{CompleteFile, WrittenFile};
use crate::engine::Setup;
use clap::Args;
use std::path::{Path, PathBuf};

/// The flags of these files.
#[derive(Debug, Args)]
pub(super) struct ReadyFlags {
    /// File to write the URL to once the server is ready
    ///
    /// It appears complete when connections are accepted, and is removed when the server ends. Further lines have the URL of a
    /// separate admin API, and that of HTTPS, which is the one with https://. A file left by an earlier server is removed at the
    /// start.
    #[arg(long, value_name = "FILE", env = "WKSMOCK_READY_FILE", help_heading = LISTENING)]
    ready_file: Option<PathBuf>,

    /// File to write the variables of `wksmock env` to once the server is ready
    ///
    /// They lead programs to this server, its users and its certificate. WKSMOCK_ADMIN_TOKEN is added if the admin API requires
    /// a token, and WKSMOCK_ADMIN_URL if it has an address of its own. Only the user of the server can read the file. It appears complete before the ready line, and is removed when
    /// the server ends.
    #[arg(long, value_name = "FILE", env = "WKSMOCK_ENV_FILE", help_heading = LISTENING, hide_short_help = true)]
    env_file: Option<PathBuf>,
}

/// The files to be written once the server is ready.
pub(super) struct ReadyTargets {
    urls: Option<WrittenFile>,
    env: Option<WrittenFile>,
    /// The files that the variables name.
    trust: Option<Trust>,
    /// The token that the admin API requires.
    token: Option<String>,
}

/// The written files, which are removed when this is dropped.
pub(super) struct ReadyFiles {
    _written: Vec<CompleteFile>,
    /// The files that the variables name.
    _trust: Option<Trust>,
}

impl ReadyFlags {
    fn given(&self) -> [Option<(&'static str, &Path)>; 2] {
        let Self { ready_file, env_file } = self;
        [("--ready-file", ready_file), ("--env-file", env_file)].map(|(flag, file)| Some((flag, file.as_deref()?)))
    }

    /// Removes the files of an earlier server. An input file, or another kind of file, stays, and the check reports it.
    pub(super) fn remove_stale(&self, read: &[PathBuf]) {
        for (_, file) in self.given().into_iter().flatten() {
            let is_file = file.symlink_metadata().is_ok_and(|found| found.is_file()) && !file.starts_with("/dev");
            let found = file.canonicalize().ok();
            if is_file && !read.iter().any(|path| path.canonicalize().ok() == found) {
                let _ = std::fs::remove_file(file);
            }
        }
    }

    /// Checks that the files can be written, and that neither is the other or one of the input files `read`.
    pub(super) fn check(&self, read: &[PathBuf]) -> Result<ReadyTargets, Failure> {
        let check = |(flag, file): (&str, &Path)| {
            let checked = WrittenFile::check_output(file, read);
            checked.map_err(|what| Failure::usage(format!("{flag} {}: {what}", file.display())))
        };
        let [urls, env] = self.given().map(|given| given.map(check).transpose());
        let (urls, env) = (urls?, env?);
        if let (Some(urls), Some(env)) = (&urls, &env)
            && urls.is_same(env)
        {
            let path = env.path().display();
            return Err(Failure::usage(format!(
                "--env-file {path}: this is the file of --ready-file; expected another"
            )));
        }
        Ok(ReadyTargets { urls, env: env.map(WrittenFile::private), trust: None, token: None })
    }
}

impl ReadyTargets {
    /// With the token of the admin API, and files by which programs trust the server if variables are to name them.
    pub(super) fn with_access(self, https: Option<&Https>, token: Option<&String>) -> Result<Self, Failure> {
        let trust = https.filter(|_| self.env.is_some()).map(Https::trust).transpose()?;
        Ok(Self { trust, token: token.cloned(), ..self })
    }

    /// Writes the variables that lead programs to `url` and a separate admin API, and the server's URLs, a line each: those of
    /// the API, the admin API, and HTTPS.
    pub(super) fn write(
        self,
        url: &str,
        admin_url: Option<String>,
        setup: &Setup,
        urls: [Option<&String>; 3],
    ) -> Result<ReadyFiles, Failure> {
        let urls = lines(urls.into_iter().flatten().cloned());
        let env = if self.env.is_some() { self.variables(url, admin_url, setup) } else { String::new() };
        // The URLs come last, as the ready line does.
        let texts = [("--env-file", self.env, env), ("--ready-file", self.urls, urls)];
        let mut written = Vec::new();
        for (flag, to, text) in texts {
            let Some(to) = to else { continue };
            let failed = |error| Failure::new(exit::INTERNAL, format!("{flag} {}: {error}", to.path().display()));
            written.push(to.write(text.as_bytes()).map_err(failed)?);
        }
        Ok(ReadyFiles { _written: written, _trust: self.trust })
    }

    fn variables(&self, url: &str, admin_url: Option<String>, setup: &Setup) -> String {
        let admin = admin_url.map(|url| (ADMIN_URL.to_owned(), url));
        let token = self.token.clone().map(|token| ("WKSMOCK_ADMIN_TOKEN".to_owned(), token));
        let trust = self.trust.as_ref().map_or(&[][..], Trust::variables).to_vec();
        let all = variables(url, setup, |name| std::env::var(name).ok());
        lines(all.into_iter().chain(trust).chain(admin).chain(token).map(|(name, value)| format!("{name}={value}")))
    }
}

fn lines(all: impl Iterator<Item = String>) -> String {
    all.map(|line| line + "\n").collect()
}
