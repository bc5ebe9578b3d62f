//! Delivers messages: e-mails to a mail server, messages to phones to a webhook.
//!
//! They wait in queues, from which a thread takes them, so that no answer waits for them. A delivery that fails is tried
//! again, with growing pauses; a message that finds no room in the queue, or is refused for good, has failed.

#[cfg(feature = "smtp")]
mod bounded;
#[cfg(feature = "smtp")]
mod mask;
mod receipt;
#[cfg(feature = "smtp")]
mod smtp;
mod webhook;

#[cfg(feature = "smtp")]
use smtp::MailServer;
use webhook::Webhook;

use crate::contract::NotificationType;
use crate::limits::Limits;
use crate::state::{Delivery, Message, State};
use receipt::{NotTaken, Receipt};
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;

/// Messages of one kind that are delivered at once.
const AT_ONCE: usize = 8;
/// The pause before the second try; each one after that is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// How long a good-bye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// The receivers of messages. A message without one is only recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Post(Vec<(NotificationType, Courier)>);

/// A thread that delivers.
#[derive(Debug)]
pub(crate) struct Delivering {
    state: Arc<State>,
    thread: JoinHandle<()>,
    ended: oneshot::Receiver<()>,
}

impl Post {
    /// The receivers at these URLs. `wrong` words the error of the one with this name.
    pub(crate) fn at<E>(
        smtp: Option<&str>,
        sms_webhook: Option<&str>,
        wrong: impl Fn(&'static str, &str) -> E,
    ) -> Result<Self, E> {
        #[cfg(not(feature = "smtp"))]
        if smtp.is_some() {
            return Err(wrong("smtp", "this wksmock was built without its feature `smtp`, which delivers e-mails"));
        }
        let mut couriers = Vec::new();
        #[cfg(feature = "smtp")]
        if let Some(url) = smtp {
            let server = url.parse().map_err(|error: String| wrong("smtp", &error))?;
            couriers.push((NotificationType::Email, Courier::Mail(server)));
        }
        if let Some(url) = sms_webhook {
            let webhook = url.parse().map_err(|error: String| wrong("sms_webhook", &error))?;
            couriers.push((NotificationType::Phone, Courier::Phone(webhook)));
        }
        Ok(Self(couriers))
    }

    /// Begins to deliver, if there is a receiver.
    pub(crate) fn start(self, state: &Arc<State>) -> io::Result<Option<Delivering>> {
        let Self(couriers) = self;
        if couriers.is_empty() {
            return Ok(None);
        }
        for (kind, _) in &couriers {
            state.outbox.deliver(*kind);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let worked = Arc::clone(state);
        let thread = std::thread::Builder::new().name("wksmock-post".to_owned());
        let (end, ended) = oneshot::channel();
        let thread = thread.spawn(move || {
            runtime.block_on(deliver_all(couriers, worked));
            let _ = end.send(());
            // A look-up of a name may still run.
            runtime.shutdown_background();
        })?;
        Ok(Some(Delivering { state: Arc::clone(state), thread, ended }))
    }
}

impl Delivering {
    /// Waits until queued messages are delivered, for as long as a drain may last; then they are given up.
    pub(crate) async fn finish(self) {
        self.state.outbox.close();
        let _ = self.ended.await;
    }

    /// Waits like [`Self::finish`], without a runtime.
    pub(crate) fn finish_blocking(self) {
        self.state.outbox.close();
        let _ = self.thread.join();
    }
}

/// The receiver of messages of one kind.
#[derive(Clone, Debug)]
enum Courier {
    #[cfg(feature = "smtp")]
    Mail(MailServer),
    Phone(Webhook),
}

impl Courier {
    async fn take(&self, message: &Message) -> Result<Receipt, NotTaken> {
        match self {
            #[cfg(feature = "smtp")]
            Self::Mail(server) => server.take(message).await,
            Self::Phone(webhook) => webhook.take(message).await,
        }
    }
}

async fn deliver_all(couriers: Vec<(NotificationType, Courier)>, state: Arc<State>) {
    // Each task has a sender: the receiver learns when all have ended.
    let (open, mut all_ended) = mpsc::channel(1);
    for (kind, courier) in couriers {
        tokio::spawn(deliver(kind, courier, Arc::clone(&state), open.clone()));
    }
    drop(open);
    let closed = state.outbox.closed();
    let late = async {
        closed.await;
        tokio::time::sleep(state.limits.drain).await;
    };
    tokio::select! {
        _ = all_ended.recv() => {}
        () = late => state.outbox.give_up("the server ended before delivery"),
        () = state.lifecycle.was_cut() => state.outbox.give_up("the server was stopped before delivery"),
    }
}

/// Delivers messages of one type until nothing comes any more.
async fn deliver(kind: NotificationType, courier: Courier, state: Arc<State>, open: mpsc::Sender<Infallible>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Some(leaving) = state.outbox.next(kind).await else { return };
        let (courier, state, open) = (courier.clone(), Arc::clone(&state), open.clone());
        tokio::spawn(async move {
            // A message that a reset took away is not delivered.
            leaving.gone.run_until_cancelled(attempts(&courier, &leaving.message, &state)).await;
            drop((place, open));
        });
    }
}

/// Tries until it is delivered, or further tries are useless.
async fn attempts(courier: &Courier, message: &Message, state: &State) {
    let Limits { delivery, delivery_attempts_max: most, .. } = state.limits;
    let mut pause = FIRST_PAUSE;
    for attempt in 1..=most {
        let (taken, goodbye) = match timeout(delivery, courier.take(message)).await {
            Ok(Ok(answered)) => (answered.taken, Some(answered.goodbye)),
            Ok(Err(not_taken)) => (Err(not_taken), None),
            Err(_) => (Err(NotTaken::for_now(format!("no answer within {} ms", delivery.as_millis()))), None),
        };
        let is_last = attempt == most || taken.as_ref().err().is_none_or(|not_taken| not_taken.for_good);
        if let Err(NotTaken { why, .. }) = &taken
            && is_last
        {
            tracing::warn!(index = message.index, attempts = attempt, why, "a message was not delivered");
        }
        state.outbox.settle(
            message.index,
            attempt,
            match taken {
                Ok(()) => Delivery::Done,
                Err(not_taken) if is_last => Delivery::Failed(not_taken.in_full()),
                Err(not_taken) => Delivery::Later(not_taken.in_full()),
            },
        );
        state.journal.changes.tell();
        if let Some(goodbye) = goodbye {
            let _ = timeout(GOODBYE, goodbye).await;
        }
        if is_last {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
