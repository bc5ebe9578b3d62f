//! The end of the server by signals.

use crate::binary::Served;
use crate::{reset_path, user};

#[test]
fn signal_drains_and_exits_0() {
    for signal in ["TERM", "INT"] {
        let served = Served::start(&["--log-level", "off"]);
        let mut idle = served.client();
        assert_eq!(idle.get(&reset_path(&user("0001"))).status, 200);
        served.signal(signal);
        assert!(idle.is_closed(), "an idle connection is closed at once");
        assert_eq!(served.end().0, Some(0), "{signal}");
    }
}

/// Starts a request whose body the server waits for.
fn unfinished(served: &Served) -> crate::client::Client {
    let mut client = served.client();
    client.send(format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
        reset_path(&user("0001"))
    ));
    assert_eq!(client.answer(false).status, 100);
    client
}

#[test]
fn drain_finishes_calls_in_flight() {
    let served = Served::start(&["--log-level", "off"]);
    let mut idle = served.client();
    assert_eq!(idle.get(&reset_path(&user("0001"))).status, 200);
    let mut client = unfinished(&served);
    served.signal("TERM");
    assert!(idle.is_closed(), "it drains");
    client.send("{}");
    assert_eq!(client.answer(false).status, 200);
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn unfinished_calls_are_cut_after_the_drain() {
    let served = Served::start(&["--log-level", "off"]);
    let mut client = unfinished(&served);
    served.signal("TERM");
    assert!(client.is_closed());
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn second_signal_ends_at_once_with_its_number() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let served = Served::start(&["--log-level", "off"]);
        let mut idle = served.client();
        assert_eq!(idle.get(&reset_path(&user("0001"))).status, 200);
        let mut client = unfinished(&served);
        served.signal("TERM");
        assert!(idle.is_closed(), "the first signal arrived");
        served.signal(signal);
        assert!(client.is_closed());
        assert_eq!(served.end().0, Some(code));
    }
}
