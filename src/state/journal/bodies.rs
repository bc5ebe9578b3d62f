//! Bodies as the journal keeps them: their beginnings, without secrets. Most requests have none, and the answer to a reset is
//! derived from its decision when the entry is read.

use super::entry::Body;
use crate::draw::Password;
use crate::engine::Setup;
use crate::scenario::{Fault, WireEffect};
use std::borrow::Cow;

/// Bytes past a cut that are looked at, to see a secret that begins before it: more than an account's secret has, and more
/// than it takes to recognize a token.
const AHEAD: usize = 512;

/// The beginning of a body.
#[derive(Clone, Debug)]
pub(crate) struct KeptBody {
    /// `None` once the journal has dropped it to stay within its limit.
    text: Option<Box<str>>,
    /// Of all of it.
    bytes: u64,
    /// Number of bytes kept, if not all.
    cut_at: Option<usize>,
}

/// Bytes of a body that are looked at to keep `most` of them.
pub(crate) fn looked_at(most: usize) -> usize {
    most.saturating_add(AHEAD)
}

impl KeptBody {
    /// Keeps the beginning of a body of `bytes` bytes; `None` for an empty one.
    pub(crate) fn of(setup: &Setup, beginning: &[u8], bytes: u64, most: usize) -> Option<Box<Self>> {
        let looked_at = beginning.get(..looked_at(most)).unwrap_or(beginning);
        if most == 0 || looked_at.is_empty() {
            return None;
        }
        let is_whole = looked_at.len() as u64 == bytes;
        let cut = cut_before(looked_at, most);
        let (kept, ahead) = looked_at.split_at(cut);
        let kept_text = String::from_utf8_lossy(kept);
        let until = kept_text.len();
        let text: Cow<'_, str> = match ahead {
            [] => kept_text,
            ahead => (kept_text.into_owned() + &String::from_utf8_lossy(ahead)).into(),
        };
        let text = Some(setup.hide_in_body(&text, until, is_whole).into_boxed_str());
        Some(Box::new(Self { text, bytes, cut_at: ((cut as u64) < bytes).then_some(cut) }))
    }

    /// Bytes on the heap.
    pub(in crate::state) fn held(&self) -> usize {
        size_of::<Self>() + self.text.as_deref().map_or(0, str::len)
    }

    pub(in crate::state) fn drop_text(&mut self) {
        self.text = None;
    }

    pub(in crate::state) fn shown(&self) -> Body {
        let note = self.text.is_none().then(|| "Dropped to make room in the journal.".to_owned());
        Body { text: self.text.as_deref().map(str::to_owned), bytes: self.bytes, cut_at: self.cut_at, note }
    }
}

/// The position of a cut, not within a character.
fn cut_before(bytes: &[u8], most: usize) -> usize {
    let is_inside = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let cut = most.min(bytes.len());
    (cut.saturating_sub(3)..=cut).rev().find(|at| !is_inside(*at)).unwrap_or(cut)
}

/// The body of an answer with a password, as the journal shows it.
pub(in crate::state) fn of_password(password: &Password, bytes: u64, most: usize) -> Option<Body> {
    const BEFORE: &str = r#"{"password":""#;
    const AFTER: &str = r#""}"#;
    let whole = BEFORE.len() + password.bytes().len() + AFTER.len();
    // Another length means another body.
    if most == 0 || bytes != whole as u64 {
        return None;
    }
    let hidden = if most > BEFORE.len() { "***" } else { "" };
    let after = most.saturating_sub(whole - AFTER.len()).min(AFTER.len());
    let text = [BEFORE.get(..most).unwrap_or(BEFORE), hidden, part!(AFTER, ..after)].concat();
    Some(Body { text: Some(text), bytes, cut_at: (most < whole).then_some(most), note: None })
}

impl Body {
    /// The body of an answer that was not sent.
    pub(in crate::state) fn unsent(fault: Option<Fault>, over_http_2: bool) -> Self {
        let why = match fault {
            None => "Not sent: the connection ended first.".to_owned(),
            Some(fault) if fault.strikes() => fault.note(0, over_http_2),
            Some(_) => "Not sent completely: the connection ended first.".to_owned(),
        };
        Self { text: None, bytes: 0, cut_at: None, note: Some(why) }
    }

    /// Notes the effect of a fault.
    pub(in crate::state) fn spoilt(mut self, fault: Option<Fault>, over_http_2: bool) -> Self {
        let Some(fault) = fault.filter(|fault| !fault.strikes()) else {
            return self;
        };
        if let (WireEffect::NotJson, None, Some(text)) = (fault.wire(), self.cut_at, &mut self.text) {
            text.pop();
            text.push('\\');
        }
        self.add_note(&fault.note(self.bytes, over_http_2));
        self
    }

    /// Adds a sentence.
    pub(in crate::state) fn add_note(&mut self, note: &str) {
        match &mut self.note {
            Some(noted) => noted.extend([" ", note]),
            None => self.note = Some(note.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Problems;
    use crate::draw::{Label, PasswordKey};
    use crate::engine::Given;
    use crate::limits::Limits;

    fn setup() -> Setup {
        Setup::new(&Given::default(), &Limits::default(), &mut Problems::new(9)).unwrap()
    }

    fn kept(setup: &Setup, body: &[u8], most: usize) -> Option<(String, Option<usize>)> {
        let kept = KeptBody::of(setup, body, body.len() as u64, most)?.shown();
        assert_eq!((kept.bytes, &kept.note), (body.len() as u64, &None));
        Some((kept.text.unwrap(), kept.cut_at))
    }

    #[test]
    fn body_is_cut_at_the_bound() {
        let setup = setup();
        let some = |text: &str, cut_at| Some((text.to_owned(), cut_at));
        assert_eq!(kept(&setup, b"[2345678", 8), some("[2345678", None));
        assert_eq!(kept(&setup, b"[23456789", 8), some("[2345678", Some(8)));
        assert_eq!((kept(&setup, b"", 8), kept(&setup, b"[", 0)), (None, None));
        // Not within a character, and what is not UTF-8 is shown so.
        assert_eq!(kept(&setup, "[2345\u{1f600}9".as_bytes(), 8), some("[2345", Some(5)));
        assert_eq!(kept(&setup, b"[\xffbcdefghi", 4), some("[\u{fffd}bc", Some(4)));
        assert_eq!(kept(&setup, b"[\x80\x80\x80\x80\x80", 4), some("[\u{fffd}\u{fffd}\u{fffd}", Some(4)));
    }

    #[test]
    fn secret_is_hidden_wherever_the_body_is_cut() {
        let setup = setup();
        let secret = setup.directory().accounts().all().iter().find_map(crate::fixture::Account::password).unwrap();
        let token = format!("MIID{}", "aB3".repeat(300));
        for body in [
            format!(r#"{{"x":"y","password":"{secret}","z":1}}"#),
            format!(r#"{{"note":"it is {secret}"}}"#),
            format!(r#"{{"x":"{token}"}}"#),
            format!("{secret} and {token}"),
            format!("a={}&b", secret.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat()),
        ] {
            for most in 1..=body.len() {
                let (text, _) = kept(&setup, body.as_bytes(), most).unwrap();
                assert!(!text.contains(&secret[..4]) && !text.contains("aB3aB"), "{most} of {body}: {text}");
            }
        }
    }

    #[test]
    fn password_body_is_shown_like_a_kept_one() {
        let setup = setup();
        let password = PasswordKey::new(Label::Password, 1, "o", 10).password(crate::draw::Stream::new(7), 1, "");
        let body = format!(r#"{{"password":"{password}"}}"#);
        for most in 0..=body.len() + 1 {
            let of_decision = of_password(&password, body.len() as u64, most);
            let kept = KeptBody::of(&setup, body.as_bytes(), body.len() as u64, most).map(|kept| kept.shown());
            assert_eq!(of_decision, kept, "{most}");
        }
        assert_eq!(of_password(&password, body.len() as u64 + 1, 99), None);
    }
}
