//! Serves on the sockets of all threads, and on those of the admin API.

use super::log_lines::LogWriter;
use crate::server::{self, Entrance, Shared};
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Listening sockets, and what is served on them.
pub(super) struct Server<'s> {
    /// The sockets of each thread, one for each address.
    pub(super) entrances: Vec<Vec<Entrance>>,
    pub(super) shared: Arc<Shared>,
    pub(super) admin: Option<(Vec<TcpListener>, Arc<Shared>)>,
    /// The admin token, if it was generated.
    pub(super) token: Option<String>,
    /// The text after the ready line on a terminal.
    pub(super) greeting: Option<String>,
    pub(super) log: &'s LogWriter,
}

impl Server<'_> {
    /// Serves the first sockets and the admin API on this runtime, and the other sockets each on a thread of its own.
    pub(super) fn start(self) -> io::Result<impl Future<Output = io::Result<()>>> {
        self.shared.state.lifecycle.expect(self.entrances.iter().map(Vec::len).sum());
        let mut entrances = self.entrances.into_iter();
        let first = entrances.next().ok_or_else(|| io::Error::other("no socket"))?;
        let mut threads = Vec::new();
        for entrances in entrances {
            let shared = Arc::clone(&self.shared);
            let runtime = server::runtime()?;
            let (sender, ended) = oneshot::channel();
            std::thread::Builder::new().name("wksmock".to_owned()).spawn(move || {
                let _ = sender.send(runtime.block_on(server::run_all(entrances, shared)));
            })?;
            threads.push(ended);
        }
        let shared = self.shared;
        Ok(async move {
            let tell = CancellationToken::new();
            let api = async {
                let _tell = tell.clone().drop_guard();
                server::run_all(first, shared).await?;
                for thread in threads {
                    thread.await.map_err(|_| io::Error::other("a thread ended early"))??;
                }
                Ok(())
            };
            let (listeners, shared) = self.admin.map_or((Vec::new(), None), |(own, shared)| (own, Some(shared)));
            let serving = listeners.into_iter().zip(shared.into_iter().cycle());
            let admin = server::together(serving.map(|(listener, shared)| {
                let stop = tell.clone();
                async move { server::run_admin(listener, shared, stop.cancelled()).await }
            }));
            tokio::try_join!(api, admin).map(|_| ())
        })
    }
}
