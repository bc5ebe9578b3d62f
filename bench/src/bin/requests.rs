//! `requests ADDRESS COUNT PATH [HEADER…]`: sends COUNT requests one after the other, with a new connection every 4,000.

use std::io::{Read, Write};
use std::net::TcpStream;

const HEADERS: &str = include_str!("../headers.txt");

fn main() -> std::io::Result<()> {
    let arguments: Vec<_> = std::env::args().collect();
    let [_, address, count, path, fields @ ..] = arguments.as_slice() else {
        return Err(std::io::Error::other("usage: requests ADDRESS COUNT PATH [FIELD…]"));
    };
    let count: usize = count.parse().map_err(std::io::Error::other)?;
    let fields = HEADERS.lines().chain(fields.iter().map(String::as_str));
    let lines: String = fields.map(|line| format!("{line}\r\n")).collect();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{lines}\r\n");
    let mut stream = TcpStream::connect(address)?;
    for number in 0..count {
        if number % 4_000 == 0 {
            stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
        }
        stream.write_all(request.as_bytes())?;
        let answer = answer(&mut stream)?;
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            return Err(std::io::Error::other(String::from_utf8_lossy(&answer).into_owned()));
        }
    }
    Ok(())
}

/// Both servers send a password of ten characters, and nothing else.
fn answer(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while !answer.ends_with(b"\"}") {
        match stream.read(&mut buffer)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => answer.extend_from_slice(&buffer[..read]),
        }
    }
    Ok(answer)
}
