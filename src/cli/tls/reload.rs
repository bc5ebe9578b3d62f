//! Reads the user's certificate and key again when they change, or on request.

use crate::diagnostics::{PlainProblem, Problem};
use crate::files::read_pem;
use crate::limits::Limits;
use crate::server::tls::{Identity, Pem, ServerTls};
use crate::state::State;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// The files of `--tls-cert` and `--tls-key`.
#[derive(Clone, Debug)]
pub(super) struct CertificateFiles {
    pub(super) certificates: PathBuf,
    pub(super) key: PathBuf,
}

/// The state of the files at the last look.
pub(super) struct Followed {
    files: CertificateFiles,
    tls: ServerTls,
    limits: Limits,
    digest: u64,
    /// Whether the files were invalid at the last look, which the next one has to confirm: the two are replaced one after
    /// the other.
    doubted: bool,
}

impl CertificateFiles {
    /// Reads the identity, and the file of certificates.
    pub(super) fn read(&self, limits: &Limits) -> Result<(Identity, Pem), Box<Problem>> {
        let certificates = read_pem(&self.certificates, limits)?;
        let key = read_pem(&self.key, limits)?;
        Ok((Identity::read(&certificates, &key)?, certificates))
    }

    /// Whether they can be read more than once, unlike a pipe.
    pub(super) fn are_files(&self) -> bool {
        [&self.certificates, &self.key].iter().all(|path| path.is_file())
    }

    /// A digest of the files' contents; a file that cannot be read counts as empty.
    fn digest(&self) -> u64 {
        let mut digest = DefaultHasher::new();
        for path in [&self.certificates, &self.key] {
            contents(path).hash(&mut digest);
        }
        digest.finish()
    }
}

fn contents(path: &Path) -> Vec<u8> {
    // Its size was checked when it was read first.
    std::fs::read(path).unwrap_or_default()
}

impl Followed {
    pub(super) fn new(files: CertificateFiles, tls: ServerTls, limits: Limits) -> Self {
        let digest = files.digest();
        Self { files, tls, limits, digest, doubted: false }
    }

    /// Serves with the files if they have changed, or if asked to.
    pub(super) fn follow(&mut self, state: &State, asked: bool) {
        let digest = self.files.digest();
        if digest == self.digest && !asked {
            self.doubted = false;
            return;
        }
        let read = self.files.read(&self.limits);
        if read.is_err() && !asked && !self.doubted {
            self.doubted = true;
            return;
        }
        (self.digest, self.doubted) = (digest, false);
        let problem = match read {
            Ok((identity, _)) => {
                let place = self.files.certificates.display().to_string();
                self.tls.exchange(identity).err().map(|error| PlainProblem::of(place, error.to_string()))
            }
            Err(problem) => Some(problem.told()),
        };
        if let Some(problem) = &problem {
            tracing::warn!(place = problem.place, hint = problem.hint, "{}", problem.message);
            tracing::warn!("the certificates are invalid: the last valid ones stay in force");
        } else {
            tracing::info!("the certificates were reloaded");
        }
        state.note_certificates(problem);
    }
}
