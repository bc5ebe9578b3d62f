//! The place of `tls` in a build without that feature: there are no flags of HTTPS.
#![expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "the functions have the forms of those with the feature"
)]

use super::exit::Failure;
use super::listen::{Address, Listen};
use crate::files::WatchedFiles;
use crate::limits::Limits;
use crate::server::Entrance;
use crate::state::State;
use clap::Args;
use std::future::Ready;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// The flags of HTTPS of `run`.
#[derive(Debug, Args)]
pub(super) struct RunTls {}

/// The flags of HTTPS of `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeTls {}

/// The flags of HTTPS of `env`.
#[derive(Debug, Args)]
pub(super) struct EnvTls {}

/// The flags of HTTPS of `health`.
#[derive(Debug, Args)]
pub(super) struct HealthTls {}

/// The sockets of HTTPS.
pub(super) enum Https {}

/// Opens connections of TLS.
pub(super) enum Secure {}

/// The files by which programs trust the server.
pub(super) enum Trust {}

impl RunTls {
    pub(super) fn begin(&self, _: &Limits) -> Result<Option<Https>, Failure> {
        Ok(None)
    }
}

impl ServeTls {
    pub(super) fn begin(&self, _: &Listen, _: &Limits) -> Result<Option<Https>, Failure> {
        Ok(None)
    }
}

impl EnvTls {
    pub(super) fn reachable(&self, _: &Address) -> Option<String> {
        None
    }

    pub(super) fn trust(
        &self,
        _: &str,
        _: &Limits,
        _: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<(String, String)>, Failure> {
        Ok(Vec::new())
    }
}

impl HealthTls {
    pub(super) fn secure(&self, _: u16) -> Result<Secure, Failure> {
        Err(Failure::usage("this build has no HTTPS: give the http:// URL of the server"))
    }
}

impl Secure {
    pub(super) fn over(&self, _: TcpStream, _: &str) -> Ready<anyhow::Result<TcpStream>> {
        match *self {}
    }
}

impl Https {
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        match *self {}
    }

    pub(super) fn watch(&self, _: &mut WatchedFiles, _: &Limits) {
        match *self {}
    }

    pub(super) fn trust(&self) -> Result<Trust, Failure> {
        match *self {}
    }

    pub(super) fn listen(self, _: &mut [Vec<Entrance>], _: &State) -> Result<(), Failure> {
        match self {}
    }
}

impl Trust {
    pub(super) fn variables(&self) -> &[(String, String)] {
        match *self {}
    }
}
