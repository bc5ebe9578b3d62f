//! `wksmock health`: the health check of a container.

use super::exit::{self, Failure};
use super::groups::{ADMIN, LIMITS};
use super::listen::{Address, looked_up};
use super::numbers::whole;
use super::tls::{HealthTls, Secure};
use crate::diagnostics;
use crate::state::callable_address;
use clap::Args;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::http::uri::Authority;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use std::io::Write as _;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Check whether a server is healthy: exit code 0 if so, 1 if not
///
/// Prints the status that the server reports: ok, or stale if a watched file is invalid and its last valid version is in
/// force, which is exit code 0 too. The exit code is 1 while the server starts or drains, and if it does not answer.
///
/// Without a URL, the flags and variables of `serve` lead to the server: the address of the admin API if it has a separate
/// one, else that of the server. For 0.0.0.0 or :: it is looked for on loopback. An https:// URL checks the HTTPS listener, its
/// certificate included.
#[derive(Debug, Args)]
pub(super) struct HealthArgs {
    /// The server's URL
    ///
    /// Takes precedence over variables of addresses. Variable: WKSMOCK_URL.
    #[arg(value_name = "URL", env = "WKSMOCK_URL", conflicts_with_all = ["listen", "host", "port", "admin_listen"])]
    url: Option<Uri>,

    #[command(flatten)]
    address: Address,

    /// The separate address of the admin API
    #[arg(long, value_name = "HOST:PORT", env = "WKSMOCK_ADMIN_LISTEN", help_heading = ADMIN)]
    admin_listen: Option<String>,

    #[command(flatten)]
    tls: HealthTls,

    /// Time limit for the answer, in milliseconds
    #[arg(long, value_name = "MS", env = "WKSMOCK_TIMEOUT_MS", default_value_t = 2_000, help_heading = LIMITS,
          value_parser = whole(0..=u64::MAX))]
    timeout_ms: u64,
}

/// Maximum number of bytes read of an answer.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Maximum number of characters shown of an answer or an error.
const SHOWN_CHARS: usize = 200;

impl HealthArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let urls = self.urls()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Failure::internal)?;
        let time = Duration::from_millis(self.timeout_ms);
        let secure = urls.iter().find(|url| is_https(url)).map(|url| self.tls.secure(port(url))).transpose()?;
        let result = runtime.block_on(async { tokio::time::timeout(time, ask_any(&urls, secure.as_ref())).await });
        let shown: Vec<_> = urls.iter().map(|url| quoted(url.to_string().trim_end_matches('/'))).collect();
        // Another server may answer, with any text.
        let unhealthy =
            |what: String| Failure::new(exit::UNHEALTHY, format!("{}: {}", shown.join(", "), quoted(&what)));
        let status = result
            .map_err(|_| unhealthy(format!("no answer within {} ms", self.timeout_ms)))?
            .map_err(|error| unhealthy(format!("{error:#}")))?;
        if matches!(status.as_str(), "ok" | "stale") {
            let _ = writeln!(std::io::stdout(), "{status}");
            return Ok(exit::FINE);
        }
        Err(unhealthy(status))
    }

    /// The URLs to try, since a name may have several addresses.
    fn urls(&self) -> Result<Vec<Uri>, Failure> {
        if let Some(url) = &self.url {
            let is_place =
                |place: &Authority| place.as_str() == place.host() || place.port_u16().is_some_and(|port| port > 0);
            let is_http = matches!(url.scheme_str(), Some("http" | "https"));
            if is_http && url.authority().is_some_and(is_place) {
                return Ok(vec![url.clone()]);
            }
            let expected = "expected a URL, as in http://127.0.0.1:7070 or https://127.0.0.1:7443";
            return Err(Failure::usage(format!("{}: {expected}", quoted(&url.to_string()))));
        }
        let addresses = match &self.admin_listen {
            Some(own) => looked_up(own, own.as_str()),
            None => self.address.addresses(),
        }?;
        if addresses.iter().any(|address| address.port() == 0) {
            return Err(Failure::usage("the server picks its port: give its URL, or another --port"));
        }
        let url = |address| format!("http://{}", callable_address(address)).parse();
        addresses.into_iter().map(url).collect::<Result<_, _>>().map_err(Failure::internal)
    }
}

fn quoted(text: &str) -> String {
    diagnostics::quoted(text, SHOWN_CHARS)
}

fn is_https(url: &Uri) -> bool {
    url.scheme_str() == Some("https")
}

fn port(url: &Uri) -> u16 {
    url.port_u16().unwrap_or(if is_https(url) { 443 } else { 80 })
}

/// The `status` of the first server that reports one, or else the last error.
async fn ask_any(urls: &[Uri], secure: Option<&Secure>) -> anyhow::Result<String> {
    let mut failed = anyhow::anyhow!("no address");
    for url in urls {
        match ask(url, secure).await {
            Ok(status) => return Ok(status),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// The `status` that the server reports.
async fn ask(url: &Uri, secure: Option<&Secure>) -> anyhow::Result<String> {
    let host = url.host().unwrap_or("").trim_matches(['[', ']']);
    let tcp = TcpStream::connect((host, port(url))).await?;
    match secure.filter(|_| is_https(url)) {
        Some(secure) => ask_on(secure.over(tcp, host).await?, url).await,
        None => ask_on(tcp, url).await,
    }
}

/// [`ask`] on an open connection.
pub(super) async fn ask_on<S>(stream: S, url: &Uri) -> anyhow::Result<String>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let request = Request::get("/__admin/health").header("host", authority).body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let code = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |field| answer.get(field).and_then(serde_json::Value::as_str);
    match (text("status"), text("detail")) {
        (Some(status), _) => Ok(status.to_owned()),
        (None, Some(detail)) => anyhow::bail!("answered {code}: {detail}"),
        (None, None) => anyhow::bail!("answered {code}, not the health of a wksmock server"),
    }
}
