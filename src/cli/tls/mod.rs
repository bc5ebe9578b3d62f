//! The flags of HTTPS, and what makes programs trust its certificates.
//!
//! - `directory.rs` keeps an authority in a directory; `folder.rs` is the folder of running servers
//! - `client.rs` is the connection of `health`
//! - `reload.rs` reads the user's certificates again
//! - `trust.rs` writes what variables of `env` and `run` name; `trust_store.rs` is Java's form of it

mod client;
mod directory;
mod folder;
mod reload;
mod trust;
mod trust_store;

pub(super) use client::{HealthTls, Secure};
pub(super) use trust::Trust;

use super::exit::{Failure, INTERNAL, USAGE};
use super::groups::TLS;
use super::listen::{Address, Listen, bind_all};
use super::written_file::{CompleteFile, WrittenFile};
use crate::diagnostics::Problem;
use crate::files::{WatchedFiles, read_pem};
use crate::limits::Limits;
use crate::server::Entrance;
use crate::server::tls::{
    Authority, CertificateName, Identity, Pem, ServerTls, certificate_pem, certificates, validity_problem,
};
use crate::state::{Clock, State};
use clap::Args;
use clap::builder::BoolishValueParser;
use hyper::Uri;
use reload::{CertificateFiles, Followed};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use trust::{TrustFiles, Variable};

/// The certificates that programs have to trust.
#[derive(Clone, Debug, Args)]
struct Trusted {
    /// HTTPS beside HTTP, with a certificate of the server's own authority
    ///
    /// The certificate is for localhost, 127.0.0.1, ::1, this machine's name, --host, --allow-host, --tls-name, and the hosts of
    /// Workspace, IAM and STS in every region. The other --tls flags switch HTTPS on too.
    #[arg(long, env = "WKSMOCK_TLS", value_parser = BoolishValueParser::new(), help_heading = TLS)]
    tls: bool,

    /// Directory that keeps the certificate authority from one start to the next
    ///
    /// Its files are ca.pem, for clients to trust, and ca-key.pem. The first start makes them. Default: each start makes a new
    /// authority.
    #[arg(long, value_name = "DIR", env = "WKSMOCK_TLS_DIR", help_heading = TLS, hide_short_help = true)]
    tls_dir: Option<PathBuf>,

    /// Certificate of your own, in PEM, followed by those of its issuers
    ///
    /// SIGHUP and --watch reload it.
    #[arg(long, value_name = "FILE", env = "WKSMOCK_TLS_CERT", help_heading = TLS, hide_short_help = true,
          conflicts_with = "tls_dir")]
    tls_cert: Option<PathBuf>,

    /// File for the authority's certificate, for clients to trust
    ///
    /// It is removed when the server ends, unless --tls-dir keeps the authority. Default, but for `run`: a file in
    /// XDG_RUNTIME_DIR, or else in the directory for temporary files; a log line names it.
    #[arg(long, value_name = "FILE", env = "WKSMOCK_TLS_CA_FILE", help_heading = TLS, hide_short_help = true,
          conflicts_with = "tls_cert")]
    tls_ca_file: Option<PathBuf>,
}

/// The flags of HTTPS of `run`.
#[derive(Clone, Debug, Args)]
pub(super) struct RunTls {
    #[command(flatten)]
    trusted: Trusted,

    /// Private key of --tls-cert, in PEM; default: in the same file
    #[arg(long, value_name = "FILE", env = "WKSMOCK_TLS_KEY", help_heading = TLS, hide_short_help = true,
          requires = "tls_cert", conflicts_with_all = ["tls_dir", "tls_ca_file", "tls_name"])]
    tls_key: Option<PathBuf>,

    /// Further name or IP address in the certificate, as in mock.example; repeatable
    #[arg(long, value_name = "NAME", env = "WKSMOCK_TLS_NAME", help_heading = TLS, hide_short_help = true,
          conflicts_with = "tls_cert")]
    tls_name: Vec<CertificateName>,
}

/// The address of HTTPS.
#[derive(Clone, Debug, Args)]
pub(super) struct TlsListen {
    /// Address to listen on for HTTPS; default: the host of the API, port 7443
    ///
    /// Port 0 picks a free port, and is the default with --port 0.
    #[arg(long, value_name = "HOST:PORT", env = "WKSMOCK_TLS_LISTEN", help_heading = TLS, hide_short_help = true)]
    tls_listen: Option<String>,
}

/// The flags of HTTPS of `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeTls {
    #[command(flatten)]
    flags: RunTls,
    #[command(flatten)]
    listen: TlsListen,
}

/// The flags of HTTPS of `env`.
#[derive(Debug, Args)]
pub(super) struct EnvTls {
    #[command(flatten)]
    trusted: Trusted,
    #[command(flatten)]
    listen: TlsListen,
}

/// Addresses and certificates of HTTPS, before its sockets are bound.
pub(super) struct Https {
    addresses: Vec<SocketAddr>,
    identity: ServerIdentity,
}

/// A server's certificates, and how clients come to trust them.
struct ServerIdentity {
    tls: ServerTls,
    /// The certificates that clients have to trust, in PEM.
    trusted: String,
    file: AuthorityFile,
    /// Whether the authority outlives the server.
    is_kept: bool,
    /// The user's files.
    files: Option<CertificateFiles>,
}

/// Where the authority's certificate is written.
enum AuthorityFile {
    /// It is in the user's hands, or in the directory of the authority.
    Elsewhere,
    Given(WrittenFile),
    /// In the folder of running servers.
    InFolder,
}

/// The written certificate of an authority that does not outlive the server.
type PublishedAuthority = Option<CompleteFile>;

impl Trusted {
    fn is_on(&self) -> bool {
        let Self { tls, tls_dir, tls_cert, tls_ca_file } = self;
        *tls || tls_dir.is_some() || tls_cert.is_some() || tls_ca_file.is_some()
    }
}

impl RunTls {
    fn is_on(&self) -> bool {
        self.trusted.is_on() || self.tls_key.is_some() || !self.tls_name.is_empty()
    }

    /// Makes or reads the certificate. `names` are further ones.
    fn identity(&self, names: Vec<CertificateName>, limits: &Limits) -> Result<ServerIdentity, Failure> {
        let Trusted { tls_dir, tls_cert, tls_ca_file, .. } = &self.trusted;
        if let Some(certificates) = tls_cert {
            let key = self.tls_key.clone().unwrap_or_else(|| certificates.clone());
            let files = CertificateFiles { certificates: certificates.clone(), key };
            let (identity, pem) = files.read(limits).map_err(Failure::of_problem)?;
            // A test may need such a certificate.
            if let Some(problem) = validity_problem(&pem, Clock::system_time()) {
                tracing::warn!(place = problem.place(), "{}: clients will refuse it", problem.what);
            }
            let tls = ServerTls::new(identity).map_err(Failure::internal)?;
            let trusted = trusted_of(&pem).map_err(Failure::of_problem)?;
            return Ok(ServerIdentity {
                tls,
                trusted,
                file: AuthorityFile::Elsewhere,
                is_kept: true,
                files: Some(files),
            });
        }
        let file = tls_ca_file.as_deref().map(|path| {
            let wrong = |what| Failure::new(USAGE, format!("--tls-ca-file {}: {what}", path.display()));
            WrittenFile::check(path).map(AuthorityFile::Given).map_err(wrong)
        });
        let now = Clock::system_time();
        let (authority, usual) = match tls_dir {
            Some(directory) => {
                (directory::authority(directory, limits).map_err(Failure::of_problem)?, AuthorityFile::Elsewhere)
            }
            None => (Authority::new(now).map_err(Failure::internal)?, AuthorityFile::InFolder),
        };
        let names: Vec<_> = self.tls_name.iter().cloned().chain(names).collect();
        let identity: Identity = authority.issue(&names, now).map_err(Failure::internal)?;
        let tls = ServerTls::new(identity).map_err(Failure::internal)?;
        let trusted = authority.pem().to_owned();
        let (file, is_kept) = (file.transpose()?.unwrap_or(usual), tls_dir.is_some());
        Ok(ServerIdentity { tls, trusted, file, is_kept, files: None })
    }

    /// Makes or reads the certificate, for a free port.
    pub(super) fn begin(&self, limits: &Limits) -> Result<Option<Https>, Failure> {
        if !self.is_on() {
            return Ok(None);
        }
        let mut identity = self.identity(Vec::new(), limits)?;
        if matches!(identity.file, AuthorityFile::InFolder) {
            // The command finds it by its variables.
            identity.file = AuthorityFile::Elsewhere;
        }
        Ok(Some(Https { addresses: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))], identity }))
    }
}

impl ServeTls {
    /// Finds the addresses, and makes or reads the certificate. `None` if no flag switches HTTPS on.
    pub(super) fn begin(&self, listen: &Listen, limits: &Limits) -> Result<Option<Https>, Failure> {
        let Self { flags, listen: TlsListen { tls_listen } } = self;
        if !flags.is_on() && tls_listen.is_none() {
            return Ok(None);
        }
        let addresses = listen.https_addresses(tls_listen.as_deref())?;
        let specified = addresses.iter().map(SocketAddr::ip).filter(|ip| !ip.is_unspecified());
        // Other names cannot be in a certificate, and clients cannot ask for them.
        let named = listen.names().into_iter().filter_map(|name| name.parse::<CertificateName>().ok());
        let named = named.filter(|name| !name.is_unspecified());
        let identity = flags.identity(named.chain(specified.map(CertificateName::from)).collect(), limits)?;
        Ok(Some(Https { addresses, identity }))
    }
}

impl Https {
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Has the user's certificates read again with the other files.
    pub(super) fn watch(&self, watched: &mut WatchedFiles, limits: &Limits) {
        if let Some(files) = self.identity.files.as_ref().filter(|files| files.are_files()) {
            let mut followed = Followed::new(files.clone(), self.identity.tls.clone(), limits.clone());
            watched.also(move |state, asked| followed.follow(state, asked));
        }
    }

    /// Listens, and adds the sockets to those of each thread. Writes the authority's certificate.
    pub(super) fn listen(self, entrances: &mut [Vec<Entrance>], state: &State) -> Result<PublishedAuthority, Failure> {
        let Self { addresses, identity } = self;
        let remedy = "choose another with --tls-listen HOST:PORT; port 0 is a free one";
        let sockets = bind_all(&addresses, entrances.len(), remedy)?;
        let first =
            sockets.first().and_then(|sockets| sockets.first()).ok_or_else(|| Failure::internal("no socket"))?;
        let address = first.local_addr().map_err(Failure::internal)?;
        let _ = state.https_url.set(format!("https://{address}"));
        for (entrances, sockets) in entrances.iter_mut().zip(sockets) {
            entrances.extend(sockets.into_iter().map(|socket| Entrance::tls(socket, identity.tls.clone())));
        }
        identity.publish(address.port())
    }

    /// Writes the files by which programs trust the server.
    pub(super) fn trust(&self) -> Result<Trust, Failure> {
        Trust::in_authority(&self.identity.trusted)
    }
}

impl ServerIdentity {
    /// Writes the authority's certificate where clients find it.
    fn publish(&self, port: u16) -> Result<PublishedAuthority, Failure> {
        let target = match &self.file {
            AuthorityFile::Elsewhere => return Ok(None),
            AuthorityFile::Given(target) => target,
            AuthorityFile::InFolder => &in_folder(port)?,
        };
        let failed = |error| {
            let path = target.path().display();
            Failure::new(INTERNAL, format!("cannot write {path}: {error}; name another file with --tls-ca-file FILE"))
        };
        let file = target.write(self.trusted.as_bytes()).map_err(failed)?;
        tracing::info!(file = %target.path().display(), "clients that trust this authority accept the certificate");
        if self.is_kept {
            file.keep();
            return Ok(None);
        }
        Ok(Some(file))
    }
}

/// The file of the authority's certificate in the folder of running servers.
fn in_folder(port: u16) -> Result<WrittenFile, Failure> {
    let folder = folder::path(|name| std::env::var(name).ok());
    let remedy = "name another place with --tls-ca-file FILE or --tls-dir DIR";
    let failed = |what: &dyn std::fmt::Display| {
        Failure::usage(format!("{}: cannot keep the authority's certificate here: {what}; {remedy}", folder.display()))
    };
    folder::make(&folder).map_err(|error| failed(&error))?;
    folder::check(&folder)?;
    WrittenFile::check(&authority_file(&folder, port)).map_err(|what| failed(&what))
}

fn authority_file(folder: &Path, port: u16) -> PathBuf {
    folder.join(format!("{port}-ca.pem"))
}

/// The certificates of a file in PEM, without keys.
fn trusted_of(pem: &Pem) -> Result<String, Box<Problem>> {
    Ok(certificates(pem)?.iter().map(|(_, certificate)| certificate_pem(certificate)).collect())
}

/// The certificates in a file.
fn trusted_in(file: &Path, limits: &Limits) -> Result<String, Failure> {
    read_pem(file, limits).and_then(|pem| trusted_of(&pem)).map_err(Failure::of_problem)
}

impl EnvTls {
    /// The server's HTTPS address as called from this machine, if its flags switch HTTPS on.
    pub(super) fn reachable(&self, address: &Address) -> Option<String> {
        self.is_on().then(|| address.https_reachable(self.listen.tls_listen.as_deref()))
    }

    fn is_on(&self) -> bool {
        self.trusted.is_on() || self.listen.tls_listen.is_some()
    }

    /// The variables by which programs trust the server of a URL, if the flags switch HTTPS on.
    pub(super) fn trust(
        &self,
        url: &str,
        limits: &Limits,
        present: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<Variable>, Failure> {
        if !self.is_on() {
            return Ok(Vec::new());
        }
        let port = url.parse::<Uri>().ok().and_then(|url| url.port_u16()).unwrap_or(443);
        let Trusted { tls_dir, tls_cert, tls_ca_file, .. } = &self.trusted;
        if let Some(directory) = tls_dir {
            let authority = directory::authority(directory, limits).map_err(Failure::of_problem)?;
            let directory = directory.canonicalize().map_err(Failure::internal)?;
            let files = TrustFiles::within(&directory, "").with_authority(directory::certificate_file(&directory));
            return files.write(authority.pem(), present);
        }
        let folder = folder::path(|name| std::env::var(name).ok());
        folder::make(&folder)
            .map_err(|error| Failure::usage(format!("{}: {error}; name one with --tls-dir DIR", folder.display())))?;
        folder::check(&folder)?;
        let files = TrustFiles::within(&folder, &format!("{port}-"));
        if let Some(given) = tls_cert {
            let trusted = trusted_in(given, limits)?;
            let files = TrustFiles::within(&folder, &format!("{port}-own-"));
            files.write_authority(&trusted)?;
            return files.write(&trusted, present);
        }
        let authority = tls_ca_file.clone().unwrap_or_else(|| authority_file(&folder, port));
        if !authority.exists() {
            return Err(Failure::usage(format!(
                "{}: no certificate here: start `wksmock serve --tls` first, or name the certificate with --tls-ca-file, or \
                 keep the authority with --tls-dir",
                authority.display()
            )));
        }
        let authority = authority.canonicalize().map_err(Failure::internal)?;
        let trusted = trusted_in(&authority, limits)?;
        files.with_authority(authority).write(&trusted, present)
    }
}
