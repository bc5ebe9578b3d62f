//! Decodes escapes of JSON, shells, XML, HTML and URLs.

use super::step::{Decode, Out};
use memchr::memchr;

/// Decodes `\u0025`, `\x25`, `\/` and `\!`, after any number of backslashes.
#[derive(Default)]
pub(super) struct Backslashes {
    state: Backslash,
}

#[derive(Default)]
enum Backslash {
    #[default]
    Idle,
    Begun,
    /// In a hexadecimal number: number of missing digits, and value so far.
    Number(u8, u32),
}

impl Decode for Backslashes {
    fn find(text: &[u8]) -> Option<usize> {
        memchr(b'\\', text)
    }

    fn is_idle(&self) -> bool {
        matches!(self.state, Backslash::Idle)
    }

    fn read(&mut self, byte: u8, out: &mut Out<'_, '_>) {
        if let Backslash::Number(missing, value) = self.state {
            if let Some(digit) = char::from(byte).to_digit(16) {
                let value = value * 16 + digit;
                self.state = Backslash::Number(missing - 1, value);
                if missing == 1 {
                    out.changed(shown(value));
                    self.state = Backslash::Idle;
                }
                return;
            }
            out.changed(shown(value));
            self.state = Backslash::Idle;
        }
        self.state = match (&self.state, byte) {
            (_, b'\\') => Backslash::Begun,
            (Backslash::Begun, b'u') => Backslash::Number(4, 0),
            (Backslash::Begun, b'x') => Backslash::Number(2, 0),
            (Backslash::Begun, b'a' | b'b' | b'e' | b'f' | b'n' | b'r' | b't' | b'v') => {
                out.changed(b'\n');
                Backslash::Idle
            }
            (Backslash::Begun, _) => {
                out.joined(byte);
                Backslash::Idle
            }
            (_, _) => {
                out.same(byte);
                Backslash::Idle
            }
        };
    }
}

/// A character as a byte. Secrets are ASCII, so others may map to any byte that is not.
fn shown(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// Decodes `&percnt;`, `&#37;` and `&#x25;`.
#[derive(Default)]
pub(super) struct Entities {
    /// The text after `&`, and its length; `None` outside an entity.
    name: [u8; Self::NAME_MAX],
    length: Option<usize>,
}

/// Entities for characters of secrets, and for those that XML escapes.
const NAMED: [(&[u8], u8); 17] = [
    (b"amp", b'&'),
    (b"lt", b'<'),
    (b"gt", b'>'),
    (b"quot", b'"'),
    (b"apos", b'\''),
    (b"excl", b'!'),
    (b"num", b'#'),
    (b"dollar", b'$'),
    (b"percnt", b'%'),
    (b"ast", b'*'),
    (b"midast", b'*'),
    (b"quest", b'?'),
    (b"Hat", b'^'),
    (b"lowbar", b'_'),
    (b"UnderBar", b'_'),
    (b"plus", b'+'),
    (b"sol", b'/'),
];

impl Entities {
    /// Maximum length of a name, or of a number with leading zeros.
    const NAME_MAX: usize = 12;

    fn meant(name: &[u8]) -> Option<u8> {
        let Some(number) = name.strip_prefix(b"#") else {
            return NAMED.iter().find(|(one, _)| *one == name).map(|(_, byte)| *byte);
        };
        let (digits, base) = match number.strip_prefix(b"x").or_else(|| number.strip_prefix(b"X")) {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        let value = std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, base).ok());
        value.map(shown)
    }
}

impl Decode for Entities {
    fn find(text: &[u8]) -> Option<usize> {
        memchr(b'&', text)
    }

    fn is_idle(&self) -> bool {
        self.length.is_none()
    }

    fn read(&mut self, byte: u8, out: &mut Out<'_, '_>) {
        let Some(length) = self.length else {
            if byte == b'&' {
                self.length = Some(0);
            } else {
                out.same(byte);
            }
            return;
        };
        if (byte.is_ascii_alphanumeric() || byte == b'#')
            && let Some(place) = self.name.get_mut(length)
        {
            *place = byte;
            self.length = Some(length + 1);
            return;
        }
        let name = self.name;
        let name = invariant!(name.get(..length), &[][..], "the length is that of a name");
        self.length = None;
        match Self::meant(name).filter(|_| byte == b';') {
            // In `&amp;percnt;` the decoded ampersand begins another entity.
            Some(b'&') => self.length = Some(0),
            Some(meant) => out.changed(meant),
            None => {
                out.same(b'&');
                out.all_same(name);
                self.read(byte, out);
            }
        }
    }
}

/// Decodes `%25` once; text that was encoded twice is not found.
#[derive(Default)]
pub(super) struct Percent {
    /// The part of an escape read so far.
    begun: Begun,
}

#[derive(Clone, Copy, Default)]
enum Begun {
    #[default]
    Nothing,
    Sign,
    Digit(u8),
}

impl Decode for Percent {
    fn find(text: &[u8]) -> Option<usize> {
        memchr(b'%', text)
    }

    fn is_idle(&self) -> bool {
        matches!(self.begun, Begun::Nothing)
    }

    fn read(&mut self, byte: u8, out: &mut Out<'_, '_>) {
        let value = |byte: u8| char::from(byte).to_digit(16);
        self.begun = match self.begun {
            Begun::Nothing if byte == b'%' => Begun::Sign,
            Begun::Nothing => {
                out.same(byte);
                Begun::Nothing
            }
            Begun::Sign if value(byte).is_some() => Begun::Digit(byte),
            Begun::Sign => {
                out.same(b'%');
                self.begun = Begun::Nothing;
                return self.read(byte, out);
            }
            Begun::Digit(first) => {
                if let Some((high, low)) = value(first).zip(value(byte)) {
                    out.changed(shown(high * 16 + low));
                    Begun::Nothing
                } else {
                    out.all_same(&[b'%', first]);
                    self.begun = Begun::Nothing;
                    return self.read(byte, out);
                }
            }
        };
    }
}
