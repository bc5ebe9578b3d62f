//! Measures the memory of unfinished bodies against the shared bound and a part for each connection.

use crate::binary::Served;
use crate::client::Client;
use crate::{raw_reset, reset_path, user};

/// Memory of a connection with a request beside the body, in KiB: hyper's buffers, the request, the tasks. A debug
/// build needs more than a release.
const CONNECTION_KIB: u64 = 25;
/// Memory of the server beside that: journal, worker threads, a whole body being assembled.
const OTHER_KIB: u64 = 8 << 10;
/// Descriptors of this process for other purposes.
const OTHER_FILES: u64 = 200;

impl Served {
    /// Returns the peak memory of the process.
    fn peak_kib(&self) -> u64 {
        self.memory_kib("VmHWM:")
    }
}

/// Sends a crowd of bodies without their last byte, three times, and compares the memory with its bound. At most `fit`
/// bodies have room at once.
fn unfinished(head: &str, crowd: usize, body: usize, bound: usize, fit: usize) {
    let held_bytes_max = format!("held_bytes_max={bound}");
    let limits =
        ["journal_entries_max=100", held_bytes_max.as_str(), "admin_body_time_ms=600000", "body_time_ms=600000"];
    let flags: Vec<_> = limits.iter().flat_map(|limit| ["--limit", limit]).chain(["--log-level", "off"]).collect();
    let served = Served::start(&flags);
    let files = rlimit::increase_nofile_limit(crowd as u64 + OTHER_FILES).unwrap();
    let crowd = crowd.min(usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap());
    assert!(crowd > 2 * fit, "a crowd needs more open files than {files}: raise ulimit -n");
    let idle = served.peak_kib();
    let request = format!("{head}Content-Length: {}\r\n\r\n{}", body + 1, "x".repeat(body));
    let mut peaks = Vec::new();
    for round in 1..=3 {
        let mut clients: Vec<Client> = Vec::new();
        for _ in 0..crowd {
            let mut client = served.client();
            client.send_if_open(request.as_bytes());
            clients.push(client);
        }
        while served.client().metric("wksmock_limit_hits_total{limit=\"held_bytes\"}") < round * (crowd - fit) {}
        assert_eq!(served.client().get(&reset_path(&user("0001"))).status, 200, "short requests are served");
        peaks.push(served.peak_kib());
        drop(clients);
        while served.client().metric("wksmock_connections_open") > 1 {}
    }
    let most = idle + bound as u64 / 1_024 + crowd as u64 * CONNECTION_KIB + OTHER_KIB;
    assert!(peaks[2] <= most, "{peaks:?} KiB, {most} at most, {idle} idle");
    assert!(peaks[2] <= peaks[1] + 4 * 1_024, "{peaks:?} KiB: it grows");
    assert_eq!(served.terminate().0, Some(0));
}

#[test]
fn unfinished_api_bodies_stay_within_their_bound() {
    // Each takes 82 KiB of the bound: 56 KB beyond the first 4 KiB, and hyper's two buffers.
    unfinished(&raw_reset("").replace("\r\n\r\n", "\r\n"), 1_500, 60_000, 32 << 20, 416);
}

#[test]
fn unfinished_admin_bodies_stay_within_their_bound() {
    let put = "PUT /__admin/scenario HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    unfinished(put, 40, 7 << 20, 32 << 20, 4);
}
