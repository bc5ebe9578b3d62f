//! Reads PEM files. Errors have their places, and never show a private key.

use crate::diagnostics::{Location, Problem, Source};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::ops::Range;
use std::sync::Arc;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Characters of a line of base64.
const LINE_CHARS: usize = 64;

/// The label of a certificate.
pub(super) const CERTIFICATE: &str = "CERTIFICATE";

/// A file of sections in PEM.
pub(crate) struct Pem {
    /// The file as errors show it, with stars in place of its contents.
    pub(super) shown: Arc<Source>,
    pub(super) sections: Vec<Section>,
}

/// One section of a PEM file.
pub(crate) struct Section {
    pub(super) label: String,
    /// The place of the line that begins it.
    pub(super) begin: Range<usize>,
    pub(super) der: Vec<u8>,
    /// Whether it is encrypted.
    pub(super) is_encrypted: bool,
}

/// A section whose end has not come yet.
struct Open<'t> {
    label: &'t str,
    begin: Range<usize>,
    is_encrypted: bool,
    base64: String,
}

impl Pem {
    /// Reads a file's bytes.
    ///
    /// # Errors
    ///
    /// If they are not PEM.
    pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Self, Box<Problem>> {
        let whole = || Location::whole(name);
        // A DER sequence with a length of two bytes, as certificates and keys have.
        if bytes.starts_with(&[0x30, 0x82]) || bytes.starts_with(&[0x30, 0x81]) {
            let problem = Problem::new("this file is binary (DER or PKCS#12)", whole(), "expected PEM");
            return Err(problem
                .hint(format!(
                    "convert it with `openssl x509 -inform der -in {name} -out cert.pem`, a key with `openssl pkey -inform \
                     der -in {name} -out key.pem`, PKCS#12 with `openssl pkcs12 -in {name} -nodes -out both.pem`"
                ))
                .boxed());
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(Problem::new("this file is not text", whole(), "expected PEM").boxed());
        };
        let shown = Arc::new(Source::new(name, masked(text)));
        let sections = sections(text, &shown)?;
        if sections.is_empty() {
            let expected = format!("expected PEM, which begins with {BEGIN}…{DASHES}");
            return Err(Problem::new("this file has no PEM section", whole(), expected).boxed());
        }
        Ok(Self { shown, sections })
    }

    /// A problem with a section.
    pub(super) fn problem(&self, section: &Section, what: &str, expected: &str) -> Problem {
        Problem::new(what, Location::new(&self.shown, section.begin.clone()), expected)
    }

    /// A problem with the whole file.
    pub(super) fn whole(&self, what: &str, expected: &str) -> Problem {
        Problem::new(what, Location { source: Arc::clone(&self.shown), span: None }, expected)
    }
}

/// A certificate as PEM.
pub(crate) fn certificate_pem(der: &[u8]) -> String {
    let mut text = format!("{BEGIN}{CERTIFICATE}{DASHES}\n");
    for (at, character) in STANDARD.encode(der).chars().enumerate() {
        if at > 0 && at % LINE_CHARS == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.extend(["\n", END, CERTIFICATE, DASHES, "\n"]);
    text
}

/// The text with stars in place of all but the lines that begin and end sections. Places stay.
fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.starts_with(DASHES) {
            masked.push_str(line);
            continue;
        }
        for byte in line.bytes() {
            masked.push(if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { '*' });
        }
    }
    masked
}

fn sections(text: &str, shown: &Arc<Source>) -> Result<Vec<Section>, Box<Problem>> {
    let mut sections = Vec::new();
    let mut open: Option<Open<'_>> = None;
    let mut at = 0;
    for whole_line in text.split_inclusive('\n') {
        let line = whole_line.trim_end();
        let place = at..at + line.len();
        at += whole_line.len();
        let problem =
            |what: &str, expected: &str| Problem::new(what, Location::new(shown, place.clone()), expected).boxed();
        if let Some(label) = label(line, BEGIN) {
            if let Some(open) = open {
                return Err(unended(&open, shown));
            }
            open = Some(Open { label, begin: place, is_encrypted: false, base64: String::new() });
        } else if let Some(label) = label(line, END) {
            match open.take() {
                None => return Err(problem("this ends a section that has not begun", "expected its beginning before")),
                Some(open) if open.label == label => sections.push(closed(open, shown)?),
                Some(open) => {
                    let expected = format!("expected {END}{}{DASHES}", open.label);
                    return Err(problem("this ends another section than the last that began", &expected));
                }
            }
        } else if let Some(open) = &mut open {
            if let Some((name, value)) = line.split_once(':') {
                // A field of the head, as of keys that old versions of OpenSSL encrypted.
                open.is_encrypted |= name == "Proc-Type" && value.contains("ENCRYPTED");
                continue;
            }
            let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
            if !line.bytes().all(is_base64) && !open.is_encrypted {
                return Err(problem("this line is not base64", "expected letters, digits, +, / and = alone"));
            }
            open.base64.push_str(line);
        }
    }
    match open {
        Some(open) => Err(unended(&open, shown)),
        None => Ok(sections),
    }
}

/// The label in a line that begins or ends a section.
fn label<'l>(line: &'l str, mark: &str) -> Option<&'l str> {
    line.strip_prefix(mark)?.strip_suffix(DASHES)
}

fn closed(open: Open<'_>, shown: &Arc<Source>) -> Result<Section, Box<Problem>> {
    let Open { label, begin, is_encrypted, base64 } = open;
    let der = if is_encrypted { Vec::new() } else { STANDARD.decode(base64).unwrap_or_default() };
    if der.is_empty() && !is_encrypted {
        let at = Location::new(shown, begin);
        let expected = "expected base64 of a whole number of bytes";
        return Err(Problem::new("the text of this section is cut off or damaged", at, expected).boxed());
    }
    Ok(Section { label: label.to_owned(), begin, der, is_encrypted: is_encrypted || label.starts_with("ENCRYPTED ") })
}

fn unended(open: &Open<'_>, shown: &Arc<Source>) -> Box<Problem> {
    let expected = format!("expected {END}{}{DASHES} after it", open.label);
    Problem::new("this section has no end", Location::new(shown, open.begin.clone()), expected).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (String, String) {
        let problem = Pem::read("f.pem", text.as_bytes()).err().unwrap();
        (problem.place(), problem.what)
    }

    #[test]
    fn sections_are_read_between_other_text() {
        let text = "subject=/CN=x\n-----BEGIN A-----\r\nAQI=\r\n-----END A-----\n\n-----BEGIN B C-----\nAw==\n-----END B C-----";
        let pem = Pem::read("f.pem", text.as_bytes()).unwrap();
        let read: Vec<_> = pem.sections.iter().map(|one| (one.label.as_str(), one.der.as_slice())).collect();
        assert_eq!(read, [("A", &[1, 2][..]), ("B C", &[3][..])]);
    }

    #[test]
    fn errors_have_their_lines() {
        for (text, place, what) in [
            ("", "f.pem", "no PEM section"),
            ("x\n-----BEGIN A-----\nAQI=\n", "f.pem:2:1", "no end"),
            ("-----BEGIN A-----\n-----BEGIN B-----\n", "f.pem:1:1", "no end"),
            ("-----BEGIN A-----\nAQI=\n-----END B-----\n", "f.pem:3:1", "another section"),
            ("-----END A-----\n", "f.pem:1:1", "not begun"),
            ("-----BEGIN A-----\nAQI=\nA I=\n-----END A-----\n", "f.pem:3:1", "not base64"),
            ("\n-----BEGIN A-----\nAQI\n-----END A-----\n", "f.pem:2:1", "cut off"),
        ] {
            let (at, said) = error(text);
            assert_eq!(at, place, "{text}");
            assert!(said.contains(what), "{said}");
        }
        let binary = Pem::read("f.der", &[0x30, 0x82, 1, 2]).err().unwrap();
        assert!(binary.what.contains("binary") && binary.hint.unwrap().contains("openssl x509"));
        assert!(Pem::read("f", &[0xff, 0xfe]).err().unwrap().what.contains("not text"));
    }

    #[test]
    fn shown_text_has_no_contents() {
        let text = "note: é\n-----BEGIN PRIVATE KEY-----\nAQIDBA==\n-----END PRIVATE KEY-----\n";
        let shown = masked(text);
        assert_eq!(shown.len(), text.len());
        assert_eq!(shown.lines().nth(2), Some("********"));
    }

    #[test]
    fn written_certificate_is_read_again() {
        for length in [1, 47, 48, 49, 96, 500] {
            let der: Vec<_> = (0..length).map(|byte| u8::try_from(byte % 251).unwrap()).collect();
            let text = certificate_pem(&der);
            assert!(text.lines().all(|line| line.len() <= LINE_CHARS && !line.is_empty()), "{text}");
            assert_eq!(Pem::read("f.pem", text.as_bytes()).unwrap().sections[0].der, der);
        }
    }

    #[test]
    fn encrypted_keys_are_known() {
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAQI=\n\
                   -----END RSA PRIVATE KEY-----\n";
        let new = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAQI=\n-----END ENCRYPTED PRIVATE KEY-----\n";
        for text in [old, new] {
            assert!(Pem::read("f.pem", text.as_bytes()).unwrap().sections[0].is_encrypted);
        }
    }
}
