//! The program under test: resets a password, and tries again when the service fails or the connection breaks.

use std::io::{Error, Read as _, Result, Write as _};
use std::net::TcpStream;

/// Returns the status of the last of at most three calls.
pub fn reset(url: &str, project: &str, user: &str) -> Result<u16> {
    let mut last = Err(Error::other("not called"));
    for _ in 0..3 {
        last = call(url, project, user);
        if last.as_ref().is_ok_and(|status| *status < 500) {
            break;
        }
    }
    last
}

fn call(url: &str, project: &str, user: &str) -> Result<u16> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host)?;
    let fields = format!("Host: {host}\r\nContent-Type: application/json\r\nConnection: close");
    write!(stream, "GET /v2/{project}/users/{user}/random-password HTTP/1.1\r\n{fields}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| Error::other("no status"))
}
