//! x
mod admin;
mod api;
mod contract;
mod draw;
mod engine;
mod fixture;
pub mod limits;
mod scenario;
mod server;
mod source;
mod state;
