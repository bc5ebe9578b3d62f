//! One request of a connection, and its answer.

use super::faults::Struck;
use super::head;
use super::request::{BodyListeners, in_one_form};
use super::sending::{Outgoing, Stopped};
use super::vitals::Vitals;
use crate::api::Content;
use crate::server::Shared;
use crate::server::deadlines::{Progress, Watched};
use crate::server::exchange::exchange;
use crate::server::sending::Sending;
use crate::state::LimitHit;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use hyper::body::Body as _;
use hyper::http::header::EXPECT;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use tokio::sync::oneshot;

/// Answers a request, and gives back what watched it. If this ends early, so does the stream.
pub(super) async fn serve(
    shared: &Shared,
    vitals: &Vitals,
    watched: Watched,
    request: Request<RecvStream>,
    mut respond: SendResponse<Content>,
) -> Watched {
    let progress = &*watched.progress;
    let has_body = !request.body().is_end_stream();
    let waits = has_body && expects_to_be_asked(request.headers());
    let (ask, mut asked) = waits.then(oneshot::channel).unzip();
    let is_head = request.method() == Method::HEAD;
    let (unread, mut rest) = has_body.then(oneshot::channel).unzip();
    let listeners = unread.map(|unread| BodyListeners { unread, ask });
    let mut answering = exchange(shared, progress, in_one_form(request, &vitals.values, listeners));
    let answered = poll_fn(|context| match Pin::new(&mut answering).poll(context) {
        Poll::Ready(answered) => Poll::Ready(Some(answered)),
        Poll::Pending => {
            // A body that is refused by its length alone is never read, and not asked for.
            if asked.take_if(|asked| asked.try_recv().is_ok()).is_some() {
                ask_for_the_body(&mut respond);
            }
            respond.poll_reset(context).map(|_| None)
        }
    })
    .await;
    // A request that its client gave up is cut with it.
    drop(answering);
    match answered {
        None => {}
        Some(Ok(response)) => {
            send(shared, vitals, progress, response, is_head, respond).await;
            let never_asked = asked.is_some();
            if let Some(body) = rest.as_mut().and_then(|rest| rest.try_recv().ok())
                && !never_asked
            {
                drop_the_rest(shared, body).await;
            }
        }
        Some(Err(_)) => match progress.take_strike() {
            None => respond.send_reset(Reason::CANCEL),
            Some(strike) => {
                let struck = Struck { state: &shared.state, progress, vitals };
                shared.timekeeper.with_timers(struck.carry_out(strike, respond)).await;
            }
        },
    }
    watched
}

async fn send(
    shared: &Shared,
    vitals: &Vitals,
    progress: &Progress,
    response: Response<Sending>,
    is_head: bool,
    mut respond: SendResponse<Content>,
) {
    let (parts, body) = response.into_parts();
    let is_empty = is_head || body.is_end_stream();
    let head = head::of(parts, progress.stamp(), &vitals.values, &body.size_hint());
    let Ok(stream) = respond.send_response(head, is_empty) else { return };
    if is_empty {
        return;
    }
    let limits = &shared.state.limits;
    let mut outgoing = Outgoing { stream, progress, vitals, limits };
    if outgoing.pour(body).await == Err(Stopped::Overdue) {
        shared.state.metrics.hit(LimitHit::Stall);
        outgoing.stream.send_reset(Reason::CANCEL);
    }
}

/// Reads on until the client has sent its body: many clients report a reset in place of an answer that comes before.
async fn drop_the_rest(shared: &Shared, mut body: RecvStream) {
    let limits = &shared.state.limits;
    let mut dropped = 0;
    let reading = async {
        while dropped < limits.unread_bytes_max
            && let Some(Ok(data)) = body.data().await
        {
            dropped += data.len();
            let _ = body.flow_control().release_capacity(data.len());
        }
    };
    let _ = shared.timekeeper.with_timers(async { tokio::time::timeout(limits.unread_time, reading).await }).await;
}

fn ask_for_the_body(respond: &mut SendResponse<Content>) {
    let mut interim = Response::new(());
    *interim.status_mut() = StatusCode::CONTINUE;
    let _ = respond.send_informational(interim);
}

/// Whether the client waits for a word before it sends the body.
fn expects_to_be_asked(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|expected| expected.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}
