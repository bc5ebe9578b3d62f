//! x
mod contract;
mod draw;
mod fixture;
pub mod limits;
mod scenario;
mod source;
