//! A minimal hyper server of HTTP/2 without TLS, with hyper's own limits.

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use wksmock_bench::{answer, serve};

fn main() -> std::io::Result<()> {
    serve("http", |stream| {
        http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service_fn(answer))
    })
}
