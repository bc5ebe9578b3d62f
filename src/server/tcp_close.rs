//! The ways to close a connection: by a reset, or by an end that the client is sure to see.

use super::stream::Stream;
use crate::limits::Limits;
use std::io;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
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

/// Reads on until the client ends too: a close with unread bytes would be a reset, which can overtake the answer.
pub(super) async fn drop_the_rest(stream: &mut Stream, limits: &Limits) {
    let mut dropped = 0;
    let reading = async {
        if stream.shutdown().await.is_err() {
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
