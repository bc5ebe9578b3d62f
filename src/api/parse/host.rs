//! The grammar of `Host`: a name or an address, with or without a port (RFC 9110, section 7.2; RFC 3986, section 3.2).

use memchr::{memchr, memchr2};
use percent_encoding::percent_decode;
use std::net::Ipv6Addr;

const NEITHER: &str = "is not a name or an address with an optional port";
const PORT: &str = "has a port that is not a number from 0 to 65535";
const PORTS: &str = "has more than one port; an IPv6 address needs brackets, as in [::1]:7070";
const BRACKETS: &str = "has brackets without an IPv6 address; expected a form like [::1]:7070";
const USER: &str = "has a user name, which is not allowed";
const NO_NAME: &str = "has a port but no name or address";
const ENCODED: &str = "has percent-encoding that is not valid UTF-8";

/// Checks a value of `Host`. It may be empty: a target without a host has that. Gives what is wrong, after "The Host header".
#[inline]
pub(super) fn check(host: &[u8]) -> Result<(), &'static str> {
    let end = host.iter().position(|byte| !is_plain(*byte)).unwrap_or(host.len());
    let (name, rest) = host.split_at(end);
    match rest {
        [] => Ok(()),
        [b':', port @ ..] if !name.is_empty() && is_port(port) => Ok(()),
        _ => check_other(host),
    }
}

/// Whether it may be in a name as it is, but for those that are hardly ever there.
#[inline]
fn is_plain(byte: u8) -> bool {
    PLAIN.get(usize::from(byte)) == Some(&true)
}

static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "the index is less than 128, and this runs at compile time")]
        {
            table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        }
        byte += 1;
    }
    table
};

/// A decimal number of 16 bits. RFC 3986 lets it be empty, and have zeros in front.
#[inline]
fn is_port(port: &[u8]) -> bool {
    let mut number = 0_u32;
    for byte in port {
        let digit = byte.wrapping_sub(b'0');
        number = number * 10 + u32::from(digit);
        if digit > 9 || number > u32::from(u16::MAX) {
            return false;
        }
    }
    true
}

/// Checks a host that is not a plain name with an optional port: an address in brackets, a name with rare characters, or malformed.
#[cold]
fn check_other(host: &[u8]) -> Result<(), &'static str> {
    let (name, port) = match host {
        [b'[', rest @ ..] => {
            let (address, after) = rest.split_at(memchr(b']', rest).ok_or(BRACKETS)?);
            if !is_ipv6(address) {
                return Err(BRACKETS);
            }
            match after {
                [_] => return Ok(()),
                [_, b':', port @ ..] => (address, port),
                _ => return Err(BRACKETS),
            }
        }
        _ if memchr(b'@', host).is_some() => return Err(USER),
        _ if memchr2(b'[', b']', host).is_some() => return Err(BRACKETS),
        _ => {
            let (name, port) = host.split_at(memchr(b':', host).unwrap_or(host.len()));
            check_name(name)?;
            (name, port.get(1..).unwrap_or_default())
        }
    };
    if port.contains(&b':') {
        return Err(PORTS);
    }
    if !is_port(port) {
        return Err(PORT);
    }
    if name.is_empty() { Err(NO_NAME) } else { Ok(()) }
}

/// A registered name: plain characters, sub-delimiters, and percent-encoded UTF-8 without control characters.
fn check_name(name: &[u8]) -> Result<(), &'static str> {
    let is_part = |byte: &u8| is_plain(*byte) || b"!$&'()*+,;=%".contains(byte);
    if !name.iter().all(is_part) {
        return Err(NEITHER);
    }
    if is_encoded_text(name) { Ok(()) } else { Err(ENCODED) }
}

fn is_encoded_text(name: &[u8]) -> bool {
    let mut escapes = name.split(|byte| *byte == b'%').skip(1);
    let well_formed =
        escapes.all(|after| matches!(after, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()));
    let decoded = percent_decode(name).decode_utf8();
    well_formed && decoded.is_ok_and(|text| !text.contains(char::is_control))
}

/// An address, with or without a zone as RFC 6874 writes it: `fe80::1%25eth0`.
fn is_ipv6(address: &[u8]) -> bool {
    let text = std::str::from_utf8(address).unwrap_or("");
    let (address, zone) = text.split_once("%25").unwrap_or((text, "0"));
    let is_zone = !zone.is_empty() && zone.bytes().all(|byte| is_plain(byte) || byte == b'%');
    address.parse::<Ipv6Addr>().is_ok() && is_zone && is_encoded_text(zone.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_of_the_grammar_are_taken() {
        for host in [
            "",
            "x",
            "x:",
            "x:0",
            "x:65535",
            "x:00080",
            "127.0.0.1",
            "127.0.0.1:7070",
            "workspace.cn-north-4.myhuaweicloud.com",
            "a_b~c.d-e:1",
            "a!$&'()*+,;=b:80",
            "x%C3%A4:80",
            "[::1]",
            "[::1]:",
            "[::1]:7070",
            "[::ffff:127.0.0.1]:80",
            "[fe80::1%25eth0]:80",
        ] {
            assert_eq!(check(host.as_bytes()), Ok(()), "{host:?}");
        }
    }

    #[test]
    fn malformed_hosts_are_refused_with_the_cause() {
        for (host, wrong) in [
            ("x:y", PORT),
            ("x:65536", PORT),
            ("x:99999999999999999999", PORT),
            ("x:-1", PORT),
            ("x:+1", PORT),
            ("x:8O", PORT),
            ("x:80 ", PORT),
            ("x:80:81", PORTS),
            ("x::80", PORTS),
            ("::1", PORTS),
            ("fe80::1", PORTS),
            ("::1:7070", PORTS),
            (":", NO_NAME),
            (":80", NO_NAME),
            ("[::1", BRACKETS),
            ("[::1:80", BRACKETS),
            ("::1]", BRACKETS),
            ("[]", BRACKETS),
            ("[::1]80", BRACKETS),
            ("[::1]x:80", BRACKETS),
            ("[[::1]]", BRACKETS),
            ("[127.0.0.1]", BRACKETS),
            ("[x]:80", BRACKETS),
            ("[::1%eth0]", BRACKETS),
            ("[::1%25]", BRACKETS),
            ("[::1]:x", PORT),
            ("[::1]:65536", PORT),
            ("[::1]:80:80", PORTS),
            ("x[::1]", BRACKETS),
            ("a@b", USER),
            ("user:pass@b", USER),
            ("a b", NEITHER),
            ("a/b", NEITHER),
            ("http://x", PORT),
            ("a?b", NEITHER),
            ("a#b", NEITHER),
            ("a\\b", NEITHER),
            ("\u{fc}", NEITHER),
            ("x%", ENCODED),
            ("x%4", ENCODED),
            ("x%zz", ENCODED),
            ("x%ff", ENCODED),
            ("x%00", ENCODED),
            ("x%0d%0a:80", ENCODED),
        ] {
            assert_eq!(check(host.as_bytes()), Err(wrong), "{host:?}");
        }
    }

    /// A host, and where its port begins.
    fn hosts() -> impl Strategy<Value = (String, usize)> {
        let name = "[a-z0-9_~.-]{1,20}|[a-z!$&'()*+,;=]{1,9}|(%C3%A4|x){1,4}";
        let address = any::<Ipv6Addr>().prop_map(|address| format!("[{address}]"));
        (prop_oneof![name, address], any::<u16>()).prop_map(|(host, port)| (format!("{host}:{port}"), host.len() + 1))
    }

    proptest! {
        #[test]
        fn a_host_is_taken_and_one_wrong_character_refuses_it(
            (host, port) in hosts(),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            prop_assert_eq!(check(host.as_bytes()), Ok(()));
            let at = at.index(host.len() + 1);
            let mut broken = host.clone().into_bytes();
            broken.insert(at, byte);
            // Outside the grammar wherever it is.
            if byte <= b' ' || byte >= 0x7f || b"\"#/<>?@\\^`{|}".contains(&byte) {
                prop_assert!(check(&broken).is_err(), "{:?}", broken);
            }
            // In a port only digits are.
            if at >= port && !byte.is_ascii_digit() {
                prop_assert!(check(&broken).is_err(), "{:?}", broken);
            }
            // A name has no brackets, and a bracket has its other.
            if matches!(byte, b'[' | b']') {
                prop_assert!(check(&broken).is_err(), "{:?}", broken);
            }
        }
    }
}
