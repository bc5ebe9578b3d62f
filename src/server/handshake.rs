//! The beginning of a connection to the HTTPS listener, until its handshake is finished.
//!
//! A connection that sends nothing takes none of the places for handshakes: a place is taken with the first byte.

use super::Shared;
use super::deadlines::{ConnectionOrder, ConnectionPhase, Progress};
use super::tls::{Beneath, ServerTls, TlsStream};
use crate::limits::Limits;
use crate::state::LimitHit;
use rustls::AlertDescription;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// Bytes of a plain request that are read to show its first line.
const LINE_BYTES_MAX: usize = 2_048;

/// Waits until the client has finished the handshake. Otherwise the connection is over; for a client that speaks plain HTTP
/// it comes back, with the first line.
pub(super) async fn begin(
    tcp: TcpStream,
    tls: &ServerTls,
    shared: &Shared,
    progress: &Progress,
) -> Result<TlsStream, Option<(TcpStream, Vec<u8>)>> {
    let limits = &shared.state.limits;
    let mut first = [0];
    match until_order(tcp.peek(&mut first), progress, limits).await {
        Ok(Ok(1)) => progress.enter(ConnectionPhase::Head),
        Ok(_) => return Err(None),
        Err(order) => {
            give_up(order, &tcp, shared);
            return Err(None);
        }
    }
    // A method begins with a capital letter, and a handshake with the byte 22.
    if first[0].is_ascii_uppercase() {
        let line = first_line(&tcp, progress, limits).await;
        return Err(Some((tcp, line)));
    }
    let place = until_order(place(shared), progress, limits).await;
    let mut accepting = TlsAcceptor::from(tls.accept_config()).accept(Beneath::new(tcp));
    let accepted = match place {
        Ok(_place) => until_order(&mut accepting, progress, limits).await,
        Err(order) => Err(order),
    };
    let metrics = &shared.state.metrics;
    match accepted {
        Ok(Ok(session)) => {
            metrics.handshakes_finished.fetch_add(1, Ordering::Relaxed);
            let stream = TlsStream::new(session);
            progress.agree_on(stream.agreed());
            progress.enter(ConnectionPhase::New);
            return Ok(stream);
        }
        Ok(Err(error)) => tell(&error),
        Err(order) => {
            if let Some(beneath) = accepting.get_ref() {
                give_up(order, beneath.tcp(), shared);
            }
        }
    }
    metrics.handshakes_failed.fetch_add(1, Ordering::Relaxed);
    Err(None)
}

/// A place among the handshakes that may be under way at once; free again once it is dropped.
async fn place(shared: &Shared) -> Option<tokio::sync::SemaphorePermit<'_>> {
    if let Ok(place) = shared.handshakes.try_acquire() {
        return Some(place);
    }
    shared.state.metrics.hit(LimitHit::Handshakes);
    shared.handshakes.acquire().await.ok()
}

/// Waits, unless an order or a drain comes first.
async fn until_order<T>(
    waiting: impl Future<Output = T>,
    progress: &Progress,
    limits: &Limits,
) -> Result<T, ConnectionOrder> {
    let mut waiting = pin!(waiting);
    poll_fn(|context| {
        progress.wake(context);
        if progress.take_drain() {
            return Poll::Ready(Err(ConnectionOrder::Cut));
        }
        if let Poll::Ready(done) = waiting.as_mut().poll(context) {
            return Poll::Ready(Ok(done));
        }
        progress.take_order(limits).map_or(Poll::Pending, |order| Poll::Ready(Err(order)))
    })
    .await
}

/// Ends a connection by an order.
fn give_up(order: ConnectionOrder, tcp: &TcpStream, shared: &Shared) {
    match order {
        ConnectionOrder::Overdue(_) => shared.state.metrics.hit(LimitHit::Head),
        ConnectionOrder::Reset => drop(socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO))),
        ConnectionOrder::Cut => {}
    }
}

/// The first line of a plain request, as far as it arrives in time.
async fn first_line(tcp: &TcpStream, progress: &Progress, limits: &Limits) -> Vec<u8> {
    let mut line = Vec::new();
    while line.len() < LINE_BYTES_MAX && !line.contains(&b'\n') {
        if !matches!(until_order(tcp.readable(), progress, limits).await, Ok(Ok(()))) {
            break;
        }
        match read_some(tcp, &mut line) {
            Ok(0) => break,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => break,
            Ok(_) | Err(_) => {}
        }
    }
    line
}

/// Reads bytes that have arrived. The buffer exists only during this call, not while the connection waits.
fn read_some(tcp: &TcpStream, line: &mut Vec<u8>) -> io::Result<usize> {
    let mut buffer = [0; LINE_BYTES_MAX];
    let count = tcp.try_read(&mut buffer)?;
    line.extend_from_slice(buffer.get(..count).unwrap_or(&[]));
    Ok(count)
}

/// Logs why a handshake failed: this is what users have the most trouble with.
fn tell(error: &io::Error) {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::AlertReceived(AlertDescription::CertificateExpired)) => tracing::warn!(
            "TLS handshake failed: the certificate has expired by the client's clock; give another with --tls-cert, or set the clock"
        ),
        Some(rustls::Error::AlertReceived(alert)) if is_distrust(*alert) => tracing::warn!(
            ?alert,
            "TLS handshake failed: the client does not trust the certificate; make it trust the certificate authority"
        ),
        Some(error) => tracing::warn!(%error, "TLS handshake failed"),
        // The client left.
        None => tracing::debug!(%error, "TLS handshake not finished"),
    }
}

/// Whether a client sends this because it does not accept the certificate.
fn is_distrust(alert: AlertDescription) -> bool {
    use AlertDescription::{BadCertificate, CertificateUnknown, UnknownCA, UnsupportedCertificate};
    matches!(alert, UnknownCA | BadCertificate | CertificateUnknown | UnsupportedCertificate)
}
