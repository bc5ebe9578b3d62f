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

#[test]
fn drain_finishes_calls_in_flight() {
    let served = Served::start(&["--log-level", "off"]);
    let mut idle = served.client();
    assert_eq!(idle.get(&reset_path(&user("0001"))).status, 200);
    let mut client = served.client().begin_reset(&reset_path(&user("0001")));
    served.signal("TERM");
    assert!(idle.is_closed(), "it drains");
    client.send("{}");
    assert_eq!(client.answer(false).status, 200);
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn unfinished_calls_are_cut_after_the_drain() {
    let served = Served::start(&["--log-level", "off"]);
    let mut client = served.client().begin_reset(&reset_path(&user("0001")));
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
        let mut client = served.client().begin_reset(&reset_path(&user("0001")));
        served.signal("TERM");
        assert!(idle.is_closed(), "the first signal arrived");
        served.signal(signal);
        assert!(client.is_closed());
        assert_eq!(served.end().0, Some(code));
    }
}
