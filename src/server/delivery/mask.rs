//! Replaces secrets in the replies of a mail server by stars: some repeat what they refuse.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

const STARS: &str = "****";

/// The text with stars in place of each secret, and of each word of base64 that has one in it.
pub(super) fn masked(said: &str, secrets: &[&str]) -> String {
    let secrets = || secrets.iter().filter(|secret| !secret.is_empty());
    let encoded: Vec<_> = secrets().flat_map(|secret| in_base64(secret)).filter(|core| !core.is_empty()).collect();
    let is_between = |letter: char| !letter.is_ascii_alphanumeric() && !"+/=".contains(letter);
    let words = said.split_inclusive(is_between).map(|word| {
        if !encoded.iter().any(|core| word.contains(core)) {
            return word.to_owned();
        }
        let (_, between) = word.split_at(word.trim_end_matches(is_between).len());
        format!("{STARS}{between}")
    });
    secrets().fold(words.collect(), |text: String, secret| text.replace(secret, STARS))
}

/// The forms of a secret within a base64 text: three bytes are four characters there, so there are three forms, each without
/// the characters at its ends that it shares with its neighbours.
fn in_base64(secret: &str) -> impl Iterator<Item = String> {
    (0..3).map(|before| {
        let encoded = STANDARD_NO_PAD.encode([&[0].repeat(before), secret.as_bytes()].concat());
        let (first, end) = ((before * 8).div_ceil(6), (before + secret.len()) * 8 / 6);
        encoded.get(first..end).unwrap_or("").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn secret_is_masked_as_text_and_within_base64() {
        for before in 0..5 {
            for behind in 0..5 {
                let text = format!("{}5ec:Ret{}", "n".repeat(before), "b".repeat(behind));
                let told = masked(&format!("535 <{text}>, <{}>?", STANDARD.encode(&text)), &["", "5ec:Ret"]);
                assert_eq!(told, format!("535 <{}>, <****>?", text.replace("5ec:Ret", "****")));
            }
        }
        assert_eq!(masked("550 no such user", &["5ec:Ret"]), "550 no such user");
    }
}
