//! HTTP/2: a connection, and the requests on its streams. The requests are answered by the exchange that HTTP/1 has too.
//!
//! - `connection.rs` serves a connection: it accepts streams, keeps limits, and ends it
//! - `requests.rs`: the requests of a connection, finished and waiting
//! - `first_bytes.rs` finds out whether a client speaks HTTP/2
//! - `wire.rs` is the socket as h2 sees it; `frames.rs` follows the frames that arrive; `vitals.rs` has the state of both
//! - `stream.rs`: one request and its answer; `request.rs` gives its head the form that it has in HTTP/1, and its body
//! - `head.rs` writes the head of an answer; `sending.rs` its body, as the client takes it
//! - `shared_values.rs`: values of fields that stay the same from one request to the next
//! - `faults.rs` carries out faults on one stream; `errors.rs` shows errors of the client that end a connection

mod connection;
mod errors;
mod faults;
mod first_bytes;
mod frames;
mod head;
mod request;
mod requests;
mod sending;
mod shared_values;
mod stream;
mod vitals;
mod wire;

pub(super) use first_bytes::{may_be_spoken, serve_if_spoken};
