//! `wksmock run`: serves while a command runs, and judges its calls.

use super::ci::harmless;
use super::deliveries::Deliveries;
use super::env::variables;
use super::exit::{self, Failure};
use super::groups::{OUTPUT, VERDICT};
use super::health;
use super::launch::launch;
use super::limit_flags::LimitFlags;
use super::logging::{LevelFilter, Logging};
use super::orphans::reap;
use super::output::Passed;
#[cfg(feature = "http2")]
use super::protocols::Protocols;
use super::report::{CheckedReport, ReportFile, check_step_summary, write_step_summary};
use super::setup::{Behaviour, Time, Users, built};
use super::tls::{Https, RunTls, Trust};
use crate::admin::Access;
use crate::engine::Setup;
use crate::report::{Interference, Required, RunRequirements, Summary, coverage, strikes, text_report, verdict};
use crate::server::{self, Delivering, Entrance, Shared, Timekeeper};
use crate::state::{Options, Running, Secrets, State, Whose};
use clap::Args;
use clap::builder::BoolishValueParser;
use hyper::Uri;
use hyper::http::uri::Authority;
use rustix::process::{Pid, Signal as Number, kill_process};
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::{AddrParseError, Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Serve on a free port while a command runs, then judge its calls
///
/// The command has the variables of `wksmock env` and the stdin and stdout of wksmock, and receives its signals. When it
/// has ended, the expectations of the scenarios are judged, and those that failed are reported on stderr. The exit code is
/// that of the command unless that is 0.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    users: Users,
    #[command(flatten)]
    behaviour: Behaviour,
    #[command(flatten)]
    time: Time,
    #[cfg(feature = "http2")]
    #[command(flatten)]
    protocols: Protocols,
    #[command(flatten)]
    tls: RunTls,

    /// Fail unless these statuses were met
    ///
    /// `all` documented ones, or a list as in 200,400,503.
    #[arg(long, value_name = "STATUSES", env = "WKSMOCK_REQUIRE_COVERAGE", help_heading = VERDICT)]
    require_coverage: Option<Required>,

    /// Fail if something proved nothing
    ///
    /// That is a rule, an override or a `down` window that never applied, or an expectation that had no call or no lost
    /// answer to judge.
    #[arg(long, env = "WKSMOCK_STRICT", value_parser = BoolishValueParser::new(), help_heading = VERDICT)]
    strict: bool,

    /// Fail if the command prints a secret
    ///
    /// Secrets are the passwords and tokens that the server issues, also in common encodings. The command's stdout and
    /// stderr are passed through.
    #[arg(long, env = "WKSMOCK_NO_SECRETS_IN_OUTPUT", value_parser = BoolishValueParser::new(), help_heading = VERDICT)]
    no_secrets_in_output: bool,

    #[command(flatten)]
    limit_flags: LimitFlags,

    /// Report, as in junit=report.xml; repeatable
    ///
    /// FORM is junit, markdown or json. The file - is stdout.
    #[arg(long, value_name = "FORM=FILE", env = "WKSMOCK_REPORT", value_parser = ReportFile::parse,
          help_heading = OUTPUT)]
    report: Vec<ReportFile>,

    #[command(flatten)]
    logging: Logging,
    #[command(flatten)]
    deliveries: Deliveries,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Signals that are forwarded to the command.
const FORWARDED: [Number; 6] = [Number::TERM, Number::INT, Number::HUP, Number::QUIT, Number::USR1, Number::USR2];

impl RunArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let reports = ReportFile::check_all(&self.report, &self.users.paths(&self.behaviour))?;
        let limits = self.limit_flags.limits()?;
        let post = self.deliveries.post()?;
        let https = self.tls.begin(&limits)?;
        let behaviour = Some((&self.behaviour, self.time.control(false)));
        let setup = built(&limits, |problems| self.users.given(behaviour, &limits, problems))?;
        let runtime = server::runtime().map_err(Failure::internal)?;
        let _written = self.logging.start(&limits, LevelFilter::WARN).map_err(Failure::internal)?;
        let options = Options { time_waits: true, ..self.time.options() };
        #[cfg(feature = "http2")]
        let options = self.protocols.add_to(options);
        let state = Arc::new(State::new(setup, limits, options));
        if self.no_secrets_in_output {
            let _ = state.secrets.set(Secrets::new(state.limits.secrets_max));
        }
        let cannot_listen = |error| Failure::new(exit::CANNOT_LISTEN, format!("cannot listen on a free port: {error}"));
        let listener = server::bind_free().map_err(cannot_listen)?;
        let url = format!("http://{}", listener.local_addr().map_err(Failure::internal)?);
        let _ = state.url.set(url);
        let mut entrances = [vec![Entrance::from(listener)]];
        let trust = https.as_ref().map(Https::trust).transpose()?;
        let _published = https.map(|https| https.listen(&mut entrances, &state)).transpose()?;
        let [entrances] = entrances;
        let delivering = post.start(&state).map_err(Failure::internal)?;
        let ended = runtime.block_on(self.serve(entrances, trust, &state, &reports, delivering));
        runtime.shutdown_background();
        ended
    }

    async fn serve(
        &self,
        entrances: Vec<Entrance>,
        trust: Option<Trust>,
        state: &Arc<State>,
        reports: &[CheckedReport],
        delivering: Option<Delivering>,
    ) -> Result<u8, Failure> {
        let timekeeper = Arc::new(Timekeeper::start().map_err(Failure::internal)?);
        let shared = Arc::new(Shared::new(Arc::clone(state), Access::on_loopback(), true, timekeeper));
        let mut signals = Signals::new()?;
        check_step_summary();
        let serving = tokio::spawn(server::run_all(entrances, Arc::clone(&shared)));
        let begun =
            Begun { setup: Arc::clone(&state.running().setup), unix_ms: state.clock.unix_ms(), at: state.clock.now() };
        let (child, passed) = self.start(trust.as_ref(), state)?;
        let ended = signals.forward_to(&child).await;
        let took = state.clock.now().saturating_sub(begun.at);
        let settled = async {
            settle(&shared).await;
            state.lifecycle.drain();
            serving.await.map_err(Failure::internal)?.map_err(Failure::internal)?;
            if let Some(delivering) = delivering {
                delivering.finish().await;
            }
            Ok(match passed {
                Some(passed) => Some(shared.timekeeper.with_timers(passed.found(state, state.limits.drain)).await),
                None => None,
            })
        };
        // The command has ended, so signals are for this process now.
        let secrets = tokio::select! {
            settled = settled => settled?,
            number = signals.end_signal() => {
                state.outbox.give_up("the server ended at once");
                return Ok(exit::SIGNAL + number);
            }
        };
        let requirements = RunRequirements { coverage: self.require_coverage.as_ref(), strict: self.strict };
        let interference = begun.interference(&state.running(), took);
        let rules = strikes(&state.running(), None, Whose::Clients);
        let summary = Summary::new(
            verdict(state),
            rules,
            coverage(state, None, Whose::Clients),
            &requirements,
            secrets,
            interference,
        );
        let _ = io::stderr().write_all(harmless(&text_report(&summary)).as_bytes());
        let written = write(reports, &summary);
        match code_of(ended) {
            exit::FINE => written.map(|()| if summary.verdict.passed { exit::FINE } else { exit::FAILED }),
            code => {
                if let Err(failure) = written {
                    failure.tell();
                }
                Ok(code)
            }
        }
    }

    fn start(&self, trust: Option<&Trust>, state: &Arc<State>) -> Result<(Child, Option<Passed>), Failure> {
        let (name, arguments) =
            self.command.split_first().ok_or_else(|| Failure::usage("no command; expected one after --"))?;
        let present = |name: &str| std::env::var(name).ok();
        let url = state.https_url.get().or_else(|| state.url.get()).map_or("", String::as_str);
        let variables = variables(url, &state.running().setup, present);
        let trusting = trust.map_or(&[][..], Trust::variables);
        launch(name, arguments, |command| {
            command.envs(variables.iter().chain(trusting).map(|(name, value)| (name, value)));
            let passed = self.no_secrets_in_output.then(|| Passed::of(command, state));
            passed.transpose().map_err(Failure::internal)
        })
    }
}

/// Writes all reports, and returns the first error.
fn write(reports: &[CheckedReport], summary: &Summary) -> Result<(), Failure> {
    write_step_summary(summary);
    let written: Vec<_> = reports.iter().map(|report| report.write(summary)).collect();
    written.into_iter().collect()
}

/// Waits until earlier connections are served, since the command may not have waited for its last answer.
///
/// Connections are accepted in order, so an own request is answered last.
async fn settle(shared: &Shared) {
    let state = &shared.state;
    let settled = async {
        let url: Uri = state.url.get().map_or("", String::as_str).parse()?;
        let socket = own_socket(None)?;
        let own = socket.local_addr()?;
        // This connection must not start virtual time.
        let _ = shared.own.set(own);
        health::ask_on(socket.connect(address_of(&url)?).await?, &url).await?;
        if let Some(url) = state.https_url.get() {
            // A connection without a byte is closed when it is served.
            let mut stream = own_socket(Some(own))?.connect(address_of(&url.parse()?)?).await?;
            stream.shutdown().await?;
            stream.read_to_end(&mut Vec::new()).await?;
        }
        anyhow::Ok(())
    };
    tokio::select! {
        _ = settled => {}
        () = shared.timekeeper.sleep(state.limits.drain) => {}
    }
}

/// A socket of this process, with the address that another had.
fn own_socket(address: Option<SocketAddr>) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))?;
    Ok(socket)
}

fn address_of(url: &Uri) -> Result<SocketAddr, AddrParseError> {
    url.authority().map_or("", Authority::as_str).parse()
}

/// The state at the start of the command.
struct Begun {
    setup: Arc<Setup>,
    unix_ms: i64,
    at: Duration,
}

impl Begun {
    /// The events since then that exclude calls from the verdict.
    fn interference(&self, running: &Running, took: Duration) -> Interference {
        let names = |setup: &Setup| setup.expectations.iter().map(|one| one.label.name.clone()).collect::<Vec<_>>();
        let in_force: HashSet<_> = names(&running.setup).into_iter().collect();
        let replaced = names(&self.setup).into_iter().filter(|name| !in_force.contains(name)).collect();
        let resets = running.epoch.number() - 1;
        Interference { resets, scenarios: running.since.times, replaced, began_unix_ms: self.unix_ms, took }
    }
}

fn code_of(ended: ExitStatus) -> u8 {
    let code = ended.code().or_else(|| ended.signal().map(|signal| i32::from(exit::SIGNAL) + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(exit::INTERNAL)
}

/// The forwarded signals, and SIGCHLD.
struct Signals {
    forwarded: Vec<(Number, Signal)>,
    child: Signal,
}

impl Signals {
    /// Starts to catch signals.
    fn new() -> Result<Self, Failure> {
        let caught = |kind| signal(kind).map_err(Failure::internal);
        let forwarded = FORWARDED.into_iter().map(|one| Ok((one, caught(SignalKind::from_raw(one.as_raw()))?)));
        Ok(Self { forwarded: forwarded.collect::<Result<_, _>>()?, child: caught(SignalKind::child())? })
    }

    /// Waits for the command's end, and forwards signals to it.
    ///
    /// Signals of a terminal's keys are not forwarded, since the terminal sends them to the command too.
    async fn forward_to(&mut self, child: &Child) -> ExitStatus {
        let terminal = io::stdin().is_terminal();
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        loop {
            if let Some(ended) = reap(id) {
                return ended;
            }
            let Some(number) = self.next().await else { continue };
            let by_key = [Number::INT, Number::QUIT].contains(&number);
            if let Some(id) = id.filter(|_| !(terminal && by_key)) {
                // The id is not reused before the command is reaped.
                let _ = kill_process(id, number);
            }
        }
    }

    /// Waits for a signal that ends a process, and returns its number.
    async fn end_signal(&mut self) -> u8 {
        loop {
            match self.next().await {
                None => {
                    reap(None);
                }
                Some(Number::USR1 | Number::USR2) => {}
                Some(number) => return u8::try_from(number.as_raw()).unwrap_or(0),
            }
        }
    }

    /// The next signal to forward, or `None` if a child may have ended.
    async fn next(&mut self) -> Option<Number> {
        std::future::poll_fn(|context| {
            if self.child.poll_recv(context).is_ready() {
                return Poll::Ready(None);
            }
            for (one, signal) in &mut self.forwarded {
                if signal.poll_recv(context).is_ready() {
                    return Poll::Ready(Some(*one));
                }
            }
            Poll::Pending
        })
        .await
    }
}
