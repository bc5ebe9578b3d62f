//! The server as a library.

mod builder;
mod mock;

pub use builder::{MockBuilder, StartError};
pub use mock::{CloneError, Mock, OverrideError};
