//! The server as a library.

mod builder;
mod running;

pub use builder::{MockServerBuilder, StartError};
pub use running::{CloneError, MockServer, OverrideError};
