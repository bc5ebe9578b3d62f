//! Opens the console in a browser, for `serve --open`.

use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

/// Commands that open a URL in the default browser, most common first.
const OPENERS: &[&str] =
    if cfg!(target_os = "macos") { &["open"] } else { &["xdg-open", "gio open", "wslview", "x-www-browser"] };
/// Placeholder of the URL in `BROWSER`; without it the URL is appended.
const PLACE: &str = "%s";

/// Opens a URL. A failure is only a warning, since the server runs anyway.
pub(super) fn open_browser(url: &str) {
    let chosen = env::var("BROWSER").ok().filter(|chosen| !chosen.trim().is_empty());
    let commands: Vec<&str> = match &chosen {
        Some(chosen) => chosen.split(':').filter(|command| !command.trim().is_empty()).collect(),
        None => OPENERS.to_vec(),
    };
    for command in &commands {
        match start(command, url) {
            Ok(child) => return watch(child, (*command).to_owned(), url.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return tracing::warn!(%error, "cannot open a browser with {command}; open {url} in one"),
        }
    }
    let tried = commands.join(", ");
    tracing::warn!("cannot open a browser: found none of {tried}; open {url} in one, or name a command in BROWSER");
}

/// Starts a command with the URL, in a process group of its own so that signals for the server do not end the browser.
fn start(command: &str, url: &str) -> io::Result<Child> {
    let mut words: Vec<String> = command.split_whitespace().map(|word| word.replace(PLACE, url)).collect();
    if !command.contains(PLACE) {
        words.push(url.to_owned());
    }
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::NotFound)?;
    let mut started = Command::new(program);
    started.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    started.env_remove("WKSMOCK_ADMIN_TOKEN").process_group(0).spawn()
}

/// Warns if the command fails. Waits on a thread, since some commands run until the browser is closed.
fn watch(mut child: Child, command: String, url: String) {
    let watched = std::thread::Builder::new().name("browser".to_owned()).spawn(move || {
        if let Ok(status) = child.wait()
            && !status.success()
        {
            tracing::warn!("{command} did not open a browser: {status}; open {url} in one");
        }
    });
    if let Err(error) = watched {
        tracing::warn!(%error, "cannot watch the browser");
    }
}
