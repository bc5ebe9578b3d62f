//! Hides secrets in texts from clients wherever they are shown: tokens that were sealed with the seed, and the passwords and
//! secret keys of the accounts. So neither journal nor log contains a token in a path, a query or a misspelt header.

use super::Setup;
use crate::diagnostics::{Needles, Tail, secret_values};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::ops::Range;

/// Replacement for a secret.
const HIDDEN: &str = "***";

/// Beginning of every token.
pub(crate) const TOKEN_START: &str = "MIID";

/// Characters from which on a text that begins like a token is taken for one, also where it was cut.
const TOKEN_CHARS: usize = 32;

/// Characters from which on a text that was cut may be a secret.
const CUT_CHARS: usize = 60;

/// The shortest sealed text has as many characters: its nonce and its tag.
const SEALED_CHARS: usize = 38;

/// Maximum number of characters directly in front of a security token.
const STARTS: usize = 16;

/// Of an account's secret its last bytes are compared.
const SECRET_BYTES_MAX: usize = 255;

/// The secrets of the accounts.
pub(super) fn secrets_of_accounts(setup: &Setup) -> Needles<()> {
    let mut needles = Needles::new(SECRET_BYTES_MAX);
    for account in setup.directory().accounts().all() {
        let secrets = [account.password(), account.key().map(|key| key.secret.as_ref())];
        for secret in secrets.into_iter().flatten() {
            needles.insert(secret.as_bytes(), ());
        }
    }
    needles
}

impl Setup {
    /// The text without secrets. Most texts have none, and are not copied.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let found = self.all_secrets_in(text);
        if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(without(text, found, text.len())) }
    }

    /// The beginning of a body without secrets, up to a place. What follows that place helps to see a secret that begins before
    /// it; `is_whole` says that nothing follows the text.
    pub(crate) fn hide_in_body(&self, text: &str, until: usize, is_whole: bool) -> String {
        let found = if is_whole {
            self.all_secrets_in(text)
        } else {
            // The ending says that a secret may have been cut.
            self.all_secrets_in(&format!("{text}…"))
        };
        without(text, found.into_iter().chain(secret_values(text)).collect(), until)
    }

    fn all_secrets_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = self.secrets_in(text);
        if text.contains('%') {
            found.extend(self.encoded_secrets_in(text));
        }
        found
    }

    fn secrets_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let (needles, bytes) = (self.secrets_of_accounts(), text.as_bytes());
        let (mut tail, mut run) = (Tail::default(), 0);
        for (at, byte) in bytes.iter().enumerate() {
            tail = tail.with(*byte);
            if needles.may_end(tail)
                && let Some((length, ())) = needles.ending(tail, bytes.get(..=at).unwrap_or(bytes))
            {
                found.push(at + 1 - length..at + 1);
            }
            if !is_of_base64(*byte) {
                found.extend(self.sealed_in(text, run..at));
                run = at + 1;
            }
        }
        found.extend(self.sealed_in(text, run..bytes.len()));
        found
    }

    /// The secret in a run of characters of Base64, and all behind it: a token may have been cut, and a security token says
    /// of itself what it is.
    fn sealed_in(&self, text: &str, run: Range<usize>) -> Option<Range<usize>> {
        if run.len() < TOKEN_CHARS {
            return None;
        }
        let word = text.get(run.clone())?;
        if let Some(at) = word.find(TOKEN_START).filter(|at| word.len() - at >= TOKEN_CHARS) {
            return Some(run.start + at..run.end);
        }
        // A token that a message quotes in part cannot be opened.
        let behind = part!(text, run.end..).trim_start_matches('"');
        if behind.starts_with('…') && word.len() >= CUT_CHARS {
            return Some(run);
        }
        let opens = |sealed: &[u8]| self.seals.security_tokens.open(sealed).is_some();
        let starts = (0..=word.len().checked_sub(SEALED_CHARS)?).take(STARTS);
        let opens_from = |at: &usize| URL_SAFE_NO_PAD.decode(word.get(*at..)?).ok().filter(|sealed| opens(sealed));
        starts.into_iter().find(|at| opens_from(at).is_some()).map(|at| run.start + at..run.end)
    }

    /// Pieces of a target or a form that are secrets once they are decoded.
    fn encoded_secrets_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut start = 0;
        for piece in text.split(['/', '?', '&', '=', '#', ';', ',', ' ', '"']) {
            let part = start..start + piece.len();
            start = part.end + 1;
            if piece.contains('%') {
                let decoded = percent_decode_str(piece).decode_utf8_lossy();
                if !self.secrets_in(&decoded).is_empty() {
                    found.push(part);
                }
            }
        }
        found
    }
}

/// A text up to a place, without these parts.
fn without(text: &str, mut parts: Vec<Range<usize>>, until: usize) -> String {
    parts.sort_unstable_by_key(|part| part.start);
    let (mut shown, mut at) = (String::with_capacity(until), 0);
    for part in parts.into_iter().filter(|part| part.start < until) {
        if part.start >= at {
            shown.extend([text.get(at..part.start).unwrap_or(""), HIDDEN]);
        }
        at = at.max(part.end);
    }
    shown.push_str(text.get(at..until).unwrap_or(""));
    shown
}

fn is_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Problems;
    use crate::engine::Given;
    use crate::limits::Limits;
    use proptest::prelude::*;

    fn setup() -> Setup {
        Setup::new(&Given::default(), &Limits::default(), &mut Problems::new(9)).unwrap()
    }

    fn security_token(setup: &Setup, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(setup.seals.security_tokens.seal(text.as_bytes()))
    }

    #[test]
    fn text_without_secrets_is_unchanged() {
        let setup = setup();
        for text in [
            "",
            "/v2/0bec5db98280d2d02fd6c00c2de791ce/users/8a2c3f9579d240820179d51e6caf0001/random-password?a=b%20c",
            "MIIDshort",
            &"a".repeat(300),
            "curl/8.5.0 (x86_64-pc-linux-gnu) libcurl/8.5.0",
        ] {
            assert!(matches!(setup.hide(text), Cow::Borrowed(shown) if shown == text), "{text}");
        }
    }

    #[test]
    fn secrets_of_accounts_are_hidden_wherever_they_stand() {
        let setup = setup();
        for account in setup.directory().accounts().all() {
            for secret in [account.password(), account.key().map(|key| key.secret.as_ref())].into_iter().flatten() {
                assert_eq!(setup.hide(&format!("/x{secret}y?{secret}")), "/x***y?***");
                let encoded = secret.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
                assert_eq!(setup.hide(&format!("/v3/{encoded}?a={encoded}&b=c")), "/v3/***?a=***&b=c");
            }
        }
    }

    proptest! {
        #[test]
        fn a_sealed_token_is_hidden_wherever_it_stands(
            claims in "[ -~]{1,300}", before in "([ -~]{0,20}[/=: ,;&])?", after in "([/=: ,;&?%.][ -~]{0,20})?",
        ) {
            let setup = setup();
            let sealed = security_token(&setup, &claims);
            let shown = setup.hide(&format!("{before}{sealed}{after}")).into_owned();
            prop_assert!(!shown.contains(&sealed), "{}", shown);
            let token = format!("{TOKEN_START}{}", URL_SAFE_NO_PAD.encode(setup.seals.tokens.seal(claims.as_bytes())));
            for token in [token.clone(), token[..token.len().min(60)].to_owned(), token.replace('-', "%2D").replace('_', "%5f")] {
                let shown = setup.hide(&format!("{before}x{token}{after}")).into_owned();
                prop_assert!(!shown.contains(&token[..20]), "{}", shown);
            }
        }
    }
}
