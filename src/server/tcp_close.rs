//! The ways to close a connection: by a reset, or by an end that the client is sure to see.

use super::stream::Stream;
use crate::limits::Limits;
use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncWrite as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Closes so that the client sees a failure, not an end.
pub(super) fn reset(stream: Stream) {
    close_by_reset(&stream, true);
    drop(stream);
}

/// Whether the close of a connection is a reset.
pub(super) fn close_by_reset(stream: &Stream, yes: bool) {
    let _ = socket2::SockRef::from(stream.tcp()).set_linger(yes.then_some(Duration::ZERO));
}

/// Ends the sending as TLS does, if the client takes that at once. Plain connections need no word.
pub(super) async fn say_goodbye(stream: &mut Stream) {
    if let Stream::Tls(tls) = stream {
        poll_fn(|context| {
            let _ = Pin::new(&mut *tls).poll_shutdown(context);
            Poll::Ready(())
        })
        .await;
    }
}

/// Ends the sending, and reads on until the client ends too: a close with unread bytes would be a reset, which can overtake
/// the answer.
pub(super) async fn drop_the_rest(stream: &mut Stream, limits: &Limits) {
    end_and_drop(stream, true, limits).await;
}

/// Does the same without a word of TLS, as when a program crashes in the middle of an answer.
pub(super) async fn break_off(stream: &mut Stream, limits: &Limits) {
    end_and_drop(stream, false, limits).await;
}

async fn end_and_drop(stream: &mut Stream, says_goodbye: bool, limits: &Limits) {
    let mut dropped = 0;
    let reading = async {
        let ended = if says_goodbye {
            stream.shutdown().await
        } else {
            socket2::SockRef::from(stream.tcp()).shutdown(Shutdown::Write)
        };
        if ended.is_err() {
            return;
        }
        let tcp = stream.tcp();
        while dropped < limits.unread_bytes_max && tcp.readable().await.is_ok() {
            match drop_some(tcp) {
                Ok(0) => return,
                Ok(count) => dropped += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    };
    let _ = tokio::time::timeout(limits.unread_time, reading).await;
}

/// Waits until the client is gone, or has ended its sending, which looks the same. Bytes that it sends are dropped: the
/// connection ends with this answer.
pub(super) async fn gone(stream: &Stream) {
    let tcp = stream.tcp();
    while tcp.readable().await.is_ok() {
        match drop_some(tcp) {
            Ok(0) => return,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
            Ok(_) | Err(_) => {}
        }
    }
}

/// Drops bytes that have arrived. The buffer exists only during this call, not while the connection waits.
fn drop_some(stream: &TcpStream) -> io::Result<usize> {
    let mut buffer = [0; 16 << 10];
    stream.try_read(&mut buffer)
}
