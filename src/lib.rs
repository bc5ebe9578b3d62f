//! x
mod api;
mod contract;
mod draw;
mod engine;
mod fixture;
pub mod limits;
mod scenario;
mod source;
mod state;
