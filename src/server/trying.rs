//! Sends a request of the console to this server, once and over one connection, and shows the answer. Unlike a browser it does
//! not follow or repeat, and shows a reset as one.

use super::Shared;
use super::framing::Coming;
use super::within::Within;
use crate::admin::{AdminProblem, Trial, TrialEnd, Tried};
use crate::api::Presenter;
use crate::state::{State, Work, callable_address, run_on_worker};
use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::runtime::Handle;

/// How long to wait for more bytes, or the end, after the last answer of a connection.
const SURPLUS: Duration = Duration::from_secs(1);
/// Bytes that are read at once.
const PIECE: usize = 16 << 10;
const AGENT: HeaderValue = HeaderValue::from_static(concat!("wksmock-console/", env!("CARGO_PKG_VERSION")));

/// Bytes of a body from which on another thread signs it, and shows it without secrets.
const LONG: usize = 64 << 10;

/// Tries a request. `home` is the runtime that serves: the connection belongs to it, and ends with this.
pub(super) async fn carry_out(
    shared: &Shared,
    trial: Box<Trial>,
    home: Handle,
) -> Result<Response<Bytes>, AdminProblem> {
    let state = &shared.state;
    let most = state.limits.tries_max;
    let _place = state.tries.try_acquire().map_err(|_| {
        let full = format!("Limit reached: at most {most} requests can be tried at once.");
        AdminProblem::new(503, format!("{full} Wait until one ends, or raise the limit tries_max."))
    })?;
    let url = state.own_url();
    let address = url.strip_prefix("http://").and_then(|address| address.parse().ok()).map(callable_address);
    let address =
        address.ok_or_else(|| AdminProblem::new(503, format!("The address of this server is invalid: {url}.")))?;
    let trial = Arc::<Trial>::from(trial);
    let is_long = trial.body.as_ref().is_some_and(|body| body.len() > LONG);
    let writing = Arc::clone(&trial);
    let head = worked_out(state, is_long, move |state| head(state, &writing, &address.to_string())).await;
    let mut coming = Coming::new(state.limits.try_bytes_max);
    let began = state.clock.now();
    let body = trial.body.as_deref().unwrap_or("");
    let talk = Within::new(talk(shared, address, (&head, body), trial.time, &mut coming), home);
    let (ended, index) = talk
        .await
        .map_err(|error| AdminProblem::new(503, format!("Cannot connect to this server at {address}: {error}.")))?;
    let took = state.clock.now().saturating_sub(began);
    let is_long = is_long || coming.bytes.len() > LONG;
    Ok(worked_out(state, is_long, move |state| {
        let accounts = trial.running.setup.directory().accounts();
        let tried = Tried {
            account: trial.account.and_then(|index| accounts.at(index)).map(crate::fixture::Account::shown),
            auth: trial.credentials.name(),
            head: &head,
            body: trial.shown_body.as_deref().or(trial.body.as_deref()).unwrap_or(""),
            answer: &coming.bytes,
            head_ends: coming.head_ends,
            status: coming.status,
            bytes: coming.count,
            ended,
            note: coming.note(),
            after_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            index,
        };
        tried.into_response(&trial.running.setup, state.uncounted_id())
    })
    .await)
}

/// Works something out: what takes long beside the threads that serve.
async fn worked_out<T: Send + 'static>(
    state: &Arc<State>,
    is_long: bool,
    work: impl FnOnce(&State) -> T + Send + 'static,
) -> T {
    if is_long { run_on_worker(state, Work::Check, work).await } else { work(state) }
}

/// The head of the request, credentials and all.
fn head(state: &State, trial: &Trial, host: &str) -> String {
    let body = trial.body.as_deref().unwrap_or("");
    let mut parts = Request::new(()).into_parts().0;
    parts.method = invariant!(trial.operation.method.parse().ok(), Method::GET, "operations have methods of HTTP");
    parts.uri = trial.target.clone();
    let mut lines = Vec::new();
    let host = HeaderValue::from_str(host).ok();
    let host = invariant!(host, HeaderValue::from_static("localhost"), "an address can stand in a header");
    add(&mut parts, &mut lines, "Host", HOST, host);
    add(&mut parts, &mut lines, "User-Agent", USER_AGENT, AGENT);
    for (name, value) in &trial.fields {
        if let Ok(bare) = HeaderName::from_bytes(name.as_bytes()) {
            add(&mut parts, &mut lines, name, bare, value.clone());
        }
    }
    let project = trial.project.as_deref().filter(|project| trial.running.template_index(project).is_some());
    let account = trial.account.and_then(|index| trial.running.setup.directory().accounts().at(index));
    let presenter = Presenter { state, running: &trial.running, operation: trial.operation, project, account };
    lines.extend(presenter.present(trial.credentials, &mut parts, body.as_bytes()));
    if trial.body.is_some() || trial.operation.method != "GET" {
        add(&mut parts, &mut lines, "Content-Length", CONTENT_LENGTH, body.len().into());
    }
    let mut head = format!("{} {} HTTP/1.1\r\n", parts.method, parts.uri);
    for (name, value) in &lines {
        head.extend([name, ": ", &String::from_utf8_lossy(value.as_bytes()), "\r\n"]);
    }
    head.push_str("\r\n");
    head
}

/// Adds a header field, by its name as it is written and as it is known.
fn add<'n>(
    parts: &mut Parts,
    lines: &mut Vec<(&'n str, HeaderValue)>,
    name: &'n str,
    known: HeaderName,
    value: HeaderValue,
) {
    // Of one name no more come than a map can hold.
    if parts.headers.try_append(known, value.clone()).is_ok() {
        lines.push((name, value));
    }
}

/// Connects, sends head and body, and receives; gives how it ended, and the index of the journal entry.
async fn talk(
    shared: &Shared,
    address: SocketAddr,
    written: (&str, &str),
    time: Duration,
    coming: &mut Coming,
) -> io::Result<(TrialEnd, Option<u64>)> {
    let attempts = &shared.state.attempts;
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Noted before it connects, so that it is not taken for a client.
    socket.bind(SocketAddr::new(address.ip(), 0))?;
    let noted = attempts.note(socket.local_addr()?);
    let talking = async {
        let mut stream = match socket.connect(address).await {
            Ok(stream) => stream,
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(TrialEnd::Refused),
            Err(error) if is_reset(&error) => return Ok(TrialEnd::Reset),
            Err(error) => return Err(error),
        };
        let _ = stream.set_nodelay(true);
        let (reading, writing) = stream.split();
        tokio::select! {
            ended = receive(shared, reading, coming) => Ok(ended),
            never = async { noted.accepted().await; send(writing, written).await } => never,
        }
    };
    let ended = tokio::select! {
        ended = talking => ended?,
        () = shared.timekeeper.sleep(time) => TrialEnd::TimedOut,
    };
    Ok((ended, noted.index()))
}

/// Sends the request; the answer shows whether it arrived.
async fn send<T>(mut stream: WriteHalf<'_>, (head, body): (&str, &str)) -> T {
    // In one piece, as clients do whose bodies are short.
    let (first, rest) = body.as_bytes().split_at_checked(PIECE).unwrap_or((body.as_bytes(), b""));
    if stream.write_all(&[head.as_bytes(), first].concat()).await.is_ok() {
        let _ = stream.write_all(rest).await;
    }
    pending().await
}

/// Receives the answer until it is whole, or the connection ends.
async fn receive(shared: &Shared, mut stream: ReadHalf<'_>, coming: &mut Coming) -> TrialEnd {
    let mut piece = vec![0; PIECE];
    while !coming.is_whole() {
        match stream.read(&mut piece).await {
            Ok(0) if coming.ends() => return TrialEnd::Answered,
            Ok(0) => return TrialEnd::Closed,
            Ok(count) => coming.take(read_of(&piece, count)),
            Err(error) if is_reset(&error) => return TrialEnd::Reset,
            Err(_) => return TrialEnd::Closed,
        }
    }
    if coming.closes {
        let rest = async {
            while let Ok(count @ 1..) = stream.read(&mut piece).await {
                coming.take(read_of(&piece, count));
            }
        };
        tokio::select! {
            () = rest => {}
            () = shared.timekeeper.sleep(SURPLUS) => {}
        }
    }
    TrialEnd::Answered
}

fn read_of(piece: &[u8], count: usize) -> &[u8] {
    invariant!(piece.get(..count), &[], "a read fills no more than its buffer")
}

fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}
