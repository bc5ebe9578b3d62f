use super::*;
use crate::draw::{Label, Password, PasswordKey};
use crate::state::SECRET_BYTES_MAX;
use ::base64::Engine as _;
use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use std::fmt::Write as _;

const TOKEN: &str = "MIIDa-b_cDEF0123456789-_x";

fn password(call: u64) -> Password {
    PasswordKey::new(Label::Password, 1, "o", 10).password(crate::draw::Stream::new(7), call, "")
}

fn needles(secrets: &[&str]) -> Needles<HandedOut> {
    let mut needles = Needles::new(SECRET_BYTES_MAX);
    for (number, secret) in secrets.iter().enumerate() {
        needles.insert(secret.as_bytes(), HandedOut::Otherwise(number.to_string().into()));
    }
    needles
}

/// Number of occurrences of each secret in a text that is read in pieces of these sizes.
fn found(secrets: &[&str], text: &[u8], pieces: &[usize]) -> Vec<u64> {
    let (needles, mut found, mut scanner) = (needles(secrets), SecretCounts::new(), Scanner::default());
    let (mut rest, mut sizes) = (text, pieces.iter().cycle());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at((*sizes.next().unwrap()).clamp(1, rest.len()));
        scanner.read(piece, &needles, &mut found);
        rest = after;
    }
    scanner.end(&needles, &mut found);
    let times = |number: usize| found.get(&HandedOut::Otherwise(number.to_string().into()));
    (0..secrets.len()).map(|number| times(number).copied().unwrap_or(0)).collect()
}

fn escaped(secret: &str, of: impl Fn(char) -> bool, escape: impl Fn(u8) -> String) -> String {
    secret.chars().map(|one| if of(one) { escape(one as u8) } else { one.to_string() }).collect::<Vec<_>>().concat()
}

/// The encodings of a secret, by name. `before` precedes it in encodings of the whole text.
fn written(secret: &str, before: &str) -> Vec<(&'static str, String)> {
    let special = |one: char| !one.is_ascii_alphanumeric();
    let all = |_: char| true;
    let text = format!("{before}{secret}");
    let longer = format!("{before}{secret}\": and more of it, so that lines are broken at 76 characters, as they are");
    let wrapped = STANDARD.encode(&longer).as_bytes().chunks(76).fold(String::new(), |mut text, line| {
        let _ = write!(text, "{}\r\n  ", std::str::from_utf8(line).unwrap());
        text
    });
    let entity = |byte: u8| match byte {
        b'!' => "&excl;".to_owned(),
        b'#' => "&num;".to_owned(),
        b'$' => "&dollar;".to_owned(),
        b'%' => "&percnt;".to_owned(),
        b'*' => "&ast;".to_owned(),
        b'?' => "&quest;".to_owned(),
        b'^' => "&Hat;".to_owned(),
        b'_' => "&lowbar;".to_owned(),
        other => format!("&#{other};"),
    };
    let utf16: String = secret.chars().flat_map(|one| [one, '\0']).collect();
    vec![
        ("as it is", secret.to_owned()),
        ("per cent", escaped(secret, special, |byte| format!("%{byte:02X}"))),
        ("per cent, lower case", escaped(secret, special, |byte| format!("%{byte:02x}"))),
        ("per cent, all", escaped(secret, all, |byte| format!("%{byte:02X}"))),
        ("entities", escaped(secret, special, entity)),
        ("entities, decimal", escaped(secret, all, |byte| format!("&#{byte};"))),
        ("entities, zeros", escaped(secret, special, |byte| format!("&#00{byte};"))),
        ("entities, hex", escaped(secret, special, |byte| format!("&#x{byte:X};"))),
        ("entities, escaped", escaped(secret, special, |byte| format!("&amp;#X{byte:x};"))),
        ("JSON", escaped(secret, special, |byte| format!("\\u{byte:04x}"))),
        ("JSON, all", escaped(secret, all, |byte| format!("\\u{byte:04X}"))),
        ("JSON in JSON", escaped(secret, special, |byte| format!("\\\\u{byte:04x}"))),
        ("shell", escaped(secret, special, |byte| format!("\\{}", char::from(byte)))),
        ("\\x", escaped(secret, special, |byte| format!("\\x{byte:02x}"))),
        ("JSON of per cent", escaped(secret, special, |byte| format!("\\u0025{byte:02X}"))),
        ("colours", format!("\x1b[1;31m{}\x1b[0m{}\x1b[K", &secret[..3], &secret[3..])),
        ("a colour each", escaped(secret, all, |byte| format!("\x1b[38;5;{byte}m{}", char::from(byte)))),
        ("a link", format!("{}\x1b]8;;http://x/\x1b\\{}\x1b]8;;\x07", &secret[..5], &secret[5..])),
        ("UTF-16", utf16),
        ("Base64", STANDARD.encode(&text)),
        ("Base64, URLs", URL_SAFE_NO_PAD.encode(&text)),
        ("Base64, line end", format!("{}\nfoo", URL_SAFE_NO_PAD.encode(&text))),
        ("Base64, longer", STANDARD.encode(&longer)),
        ("Base64, per cent", STANDARD.encode(&longer).replace('+', "%2B").replace('/', "%2f").replace('=', "%3D")),
        ("Base64, JSON", STANDARD.encode(&longer).replace('/', "\\/")),
        ("Base64, broken lines", wrapped.clone()),
        ("Base64, broken lines in JSON", wrapped.replace("\r\n", "\\r\\n")),
        ("Base64 of JSON", STANDARD.encode(format!("{{\"password\":{text:?}}}"))),
    ]
}

#[test]
fn secret_is_found_once_in_every_encoding_and_cut() {
    let password = password(1).to_string();
    for secret in [password.as_str(), TOKEN] {
        for before in ["", "u", "u:", "user", "user:", "ein Wort davor "] {
            for (how, text) in written(secret, before) {
                for around in ["", " ", "x", "xy", "\"", "Basic ", "key=", "&", "\\", "%", "abc&"] {
                    // A percent sign before two digits forms an escape.
                    if around == "%" && how.contains("per cent") {
                        continue;
                    }
                    let text = format!("{around}{text}{around}");
                    for pieces in [1, 2, 3, 7, text.len()] {
                        let times = found(&[secret], text.as_bytes(), &[pieces]);
                        assert_eq!(times, [1], "{how}, {before:?}, {around:?}, pieces of {pieces}: {text:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn token_is_found_at_any_position() {
    for text in ["{}", "x{}", "{}x", "X-Auth-Token: {}\n", "token-{}-", "\"{}\"", "x=_{}_"] {
        let text = text.replace("{}", TOKEN);
        for pieces in 1..=text.len() {
            assert_eq!(found(&[TOKEN], text.as_bytes(), &[pieces]), [1], "{text}");
        }
    }
    assert_eq!(found(&[TOKEN], TOKEN.get(1..).unwrap().as_bytes(), &[9]), [0]);
}

#[test]
fn every_occurrence_of_each_secret_is_counted() {
    let passwords = [1, 2, 3].map(|call| password(call).to_string());
    let [one, two, three] = passwords.each_ref().map(String::as_str);
    let text = format!("start {one}\n{{\"password\":\"{two}\"}} x{one}y {} {}", &three[1..], STANDARD.encode(one));
    for pieces in 1..=text.len() {
        assert_eq!(found(&[one, two, three], text.as_bytes(), &[pieces]), [3, 1, 0], "pieces of {pieces}");
    }
    assert_eq!(found(&[one], format!("{} {}", &one[..5], &one[5..]).as_bytes(), &[3]), [0]);
}

#[test]
fn secrets_are_found_after_an_unterminated_sequence() {
    let password = password(1).to_string();
    let hidden = STANDARD.encode(format!("a:{password}"));
    for code in ["\x1b", "\x1b[", "\x1b]8;;", "\x1bP", "\\u", "&", "&#", "%", "%4"] {
        for between in [0, 1, 100, 3 * SECRET_BYTES_MAX] {
            let text = format!("{code}{}{password}\n{}{hidden}", ".".repeat(between), ".".repeat(between));
            assert_eq!(found(&[&password], text.as_bytes(), &[4_096]), [2], "{code:?} {between}");
        }
    }
}

#[test]
fn memory_is_bounded() {
    let secrets = needles(&[TOKEN]);
    let (mut scanner, mut found) = (Scanner::default(), SecretCounts::new());
    let text = "%25&amp;\\u0025\x1b[1m0123456789abcdef".repeat(100);
    for piece in [text.as_str(), "\x1b]", "plain", &"x".repeat(9 * SECRET_BYTES_MAX)].repeat(50) {
        scanner.read(piece.as_bytes(), &secrets, &mut found);
        let views = [&scanner.plain, &scanner.colours.view, &scanner.backslashes.view, &scanner.entities.view];
        let views = views.into_iter().chain([&scanner.percent.view]).chain(scanner.base64.views());
        assert!(views.into_iter().all(|view| view.kept.capacity() <= 4 * SECRET_BYTES_MAX));
        assert!(scanner.between.iter().all(|text| text.capacity() <= 2 * piece.len() + 100 * SECRET_BYTES_MAX));
    }
    assert!(found.is_empty());
}

proptest! {
    #[test]
    fn any_encoded_secret_is_found_and_a_near_miss_is_not(
        call in 0_u64..1_000_000, length in 8_usize..=20, which in any::<prop::sample::Index>(),
        before in "[ -~]{0,20}", around in "[ -~\\n\\x1b]{0,20}", pieces in prop::collection::vec(1_usize..30, 1..8),
        changed in any::<prop::sample::Index>(), into in prop::sample::select(b"aZ0!".to_vec()),
    ) {
        let secret = PasswordKey::new(Label::Password, 1, "o", length).password(crate::draw::Stream::new(7), call, "").to_string();
        let writings = written(&secret, &before);
        let (how, text) = which.get(&writings);
        // Surrounding text does not affect the secret.
        let text = format!("{around}\x07 \n.{text} \n{around}");
        // A secret that ends with a percent sign is the same plain and encoded.
        let times = found(&[&secret], text.as_bytes(), &pieces);
        prop_assert!(times == [1] || (times == [2] && secret.ends_with('%')), "{} {:?}: {:?}", how, times, text);
        let at = changed.index(secret.len());
        let mut near = secret.clone().into_bytes();
        near[at] = into;
        let near = String::from_utf8(near).unwrap();
        // An escape such as \u002a ends with a letter, so the text may contain the near miss as it is.
        if near != secret && !text.contains(&near) {
            prop_assert_eq!(found(&[&near], text.as_bytes(), &pieces), [0], "{}: {:?} {:?}", how, text, near);
        }
    }

    #[test]
    fn any_bytes_are_read_regardless_of_cuts(
        text in prop::collection::vec(prop::sample::select(b"\\u0&#x;%25ab!\x1b[]m\x07\n \x00QUJD=".to_vec()), 0..300),
        pieces in prop::collection::vec(1_usize..20, 1..8),
    ) {
        let secrets = ["ab!ab!ab!", "aaaaaaaa", "%25%25%25", "QUJDQUJD", "ABCABCABC"];
        prop_assert_eq!(found(&secrets, &text, &pieces), found(&secrets, &text, &[1_000]));
    }
}
