//! x
mod contract;
mod draw;
mod fixture;
pub mod limits;
mod source;
