//! A minimal hyper server.

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use wksmock_bench::{answer, serve};

fn main() -> std::io::Result<()> {
    serve("http", |stream| http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)))
}
