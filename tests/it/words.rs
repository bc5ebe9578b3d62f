//! Finds wording that CONTRIBUTING.md rules out: here in every text that reaches a user, in `words/comments.rs` in comments
//! and names.

mod comments;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Words that are never right, each with its replacement. They match whole words in any case.
const RULED_OUT: &[(&str, &str)] = &[
    ("is no", "is not a, invalid, unknown"),
    ("are no", "are not"),
    ("that is none", "is not a"),
    ("none that", "no … that"),
    ("is none", "is missing, is not a"),
    ("whom", "who, or another sentence"),
    ("he", "the user, they"),
    ("him", "the user, them"),
    ("his", "the user's, their"),
    ("nobody can", "the passive"),
    ("nobody is", "the passive"),
    ("nobody has", "no client has, no user has"),
    ("nobody meets", "never applies"),
    ("nobody called", "no calls"),
    ("that nobody", "the passive"),
    ("to nobody", "only to …"),
    ("set-up", "setup"),
    ("set-ups", "setups"),
    ("is told", "is reported, is sent"),
    ("are told", "are reported, are sent"),
    ("goes before", "takes precedence over"),
    ("go before", "take precedence over"),
    ("comes to", "results in"),
    ("rule says so", "a rule sets it"),
    ("stands there", "is given, is present"),
    ("stand there", "are given, are present"),
    ("and no more may", "limit reached: at most"),
    ("for want of", "because … is full"),
    ("all the same", "anyway"),
    ("is not whole", "is incomplete, is truncated"),
    ("is not there", "does not exist, is missing"),
    ("are not there", "do not exist, are missing"),
    ("is there already", "already exists"),
    ("what stands", "the noun: the text, the content"),
    ("that which", "the noun"),
    ("as above but", "what it does"),
    ("the same of", "what it does"),
    ("begin anew", "restart"),
    ("begins anew", "restarts"),
    ("start anew", "restart"),
    ("would do", "expected at least, expected at most"),
    ("lest", "so that … not"),
];

/// Places that may have such words: the path, the words around it, and why.
const ALLOWED: &[(&str, &str, &str)] = &[];

/// Where words in these phrases are right.
const FINE: &[&str] =
    &["there is no", "there are no", "is no longer", "are no longer", "is told apart", "are told apart"];

struct Found {
    place: String,
    around: String,
    words: &'static str,
    instead: &'static str,
}

/// Finds each of the words that are wrong everywhere.
fn ruled_out(place: &str, text: &str) -> Vec<Found> {
    find(RULED_OUT, place, text)
}

/// Finds each of these words in a text. A line break counts as a space.
fn find(ruled_out: &[(&'static str, &'static str)], place: &str, text: &str) -> Vec<Found> {
    let lower = text.to_lowercase().replace(['\n', '\r', '\t'], " ");
    let is_inside = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    let mut found = Vec::new();
    for (words, instead) in ruled_out {
        for (at, _) in lower.match_indices(words) {
            let end = at + words.len();
            let bounded = !lower[..at].ends_with(is_inside) && !lower[end..].starts_with(is_inside);
            let around = around(&lower, at, end);
            if bounded && !is_fine(&lower, at, end) {
                found.push(Found { place: place.to_owned(), around, words, instead });
            }
        }
    }
    found
}

/// Whether a phrase that is right covers these words.
fn is_fine(lower: &str, at: usize, end: usize) -> bool {
    FINE.iter().any(|fine| lower.match_indices(fine).any(|(start, _)| start <= at && end <= start + fine.len()))
}

/// Returns the text with some 40 bytes before and behind.
fn around(text: &str, at: usize, end: usize) -> String {
    let from = text.floor_char_boundary(at.saturating_sub(40));
    let to = text.floor_char_boundary((end + 40).min(text.len()));
    text[from..to].to_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Lists the files below a folder with one of these endings.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && !["vendor", "node_modules"].contains(&name.as_str()) {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The string literals of Rust code, with their lines; not those of comments, attributes' reasons and the tests at its
/// end.
fn literals(code: &str) -> Vec<(usize, String)> {
    let tests = ["\n#[cfg(test)]\nmod ", "\n#[cfg(test)]\npub(super) mod ", "\n#[cfg(test)]\npub(crate) mod "];
    let code = tests.iter().fold(code, |code, tests| match code.find(tests) {
        // The module's own block, and not the declaration of a file.
        Some(at) if code[at..].lines().nth(2).is_some_and(|line| line.ends_with('{')) => &code[..at],
        _ => code,
    });
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(piece) = code.get(at..).filter(|piece| !piece.is_empty()) {
        let line = || code[..at].matches('\n').count() + 1;
        if piece.starts_with("//") {
            at += piece.find('\n').unwrap_or(piece.len());
        } else if piece.starts_with("reason = \"") {
            at += "reason = ".len();
            at += quoted(&code[at..]).len() + 2;
        } else if piece.starts_with("'\"'") || piece.starts_with("'\\\"'") {
            at += piece[1..].find('\'').unwrap() + 2;
        } else if let Some(hashes) = raw(piece) {
            let end = format!("\"{}", &"####"[..hashes]);
            let text = &piece[hashes + 2..];
            let length = text.find(&end).unwrap();
            found.push((line(), text[..length].to_owned()));
            at += hashes + 2 + length + end.len();
        } else if piece.starts_with('"') {
            let text = quoted(piece);
            found.push((line(), unwrapped(text)));
            at += text.len() + 2;
        } else {
            at += piece.chars().next().unwrap().len_utf8();
        }
    }
    found
}

/// Returns the number of `#` of a raw string that begins here.
fn raw(piece: &str) -> Option<usize> {
    let rest = piece.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    rest[hashes..].starts_with('"').then_some(hashes)
}

/// Returns the source text between the quotes that the text begins with.
fn quoted(text: &str) -> &str {
    let mut is_escaped = false;
    let end = text[1..].find(|character| {
        let ends = character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        ends
    });
    &text[1..=end.unwrap()]
}

/// Joins the lines of a literal that end in a backslash.
fn unwrapped(literal: &str) -> String {
    let mut lines = literal.split("\\\n");
    let first = lines.next().unwrap_or("").to_owned();
    lines.fold(first, |text, line| text + line.trim_start()).replace("\\n", "\n")
}

/// The text of a script without its comments.
fn without_comments(code: &str) -> String {
    let is_comment = |line: &str| ["//", "/*", "*"].iter().any(|mark| line.trim_start().starts_with(mark));
    let lines = code.lines().map(|line| if is_comment(line) { "" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every string in a JSON document, with its pointer.
fn strings(value: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((pointer.to_owned(), text.clone())),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| strings(item, &format!("{pointer}/{at}"), found));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| strings(member, &format!("{pointer}/{name}"), found));
        }
        _ => {}
    }
}

/// Every text that reaches a user, with its place.
fn texts() -> Vec<(String, String)> {
    let shown = |path: &Path| path.strip_prefix(root()).unwrap().display().to_string();
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let mut texts = Vec::new();
    for path in files("src", &[".rs"]) {
        let name = shown(&path);
        if name.ends_with("tests.rs") || name.starts_with("src/fuzzing") {
            continue;
        }
        texts.extend(literals(&read(&path)).into_iter().map(|(line, text)| (format!("{name}:{line}"), text)));
    }
    for path in files("src/console", &[".js", ".html"]) {
        texts.push((shown(&path), without_comments(&read(&path))));
    }
    let json = [root().join("openapi.json")].into_iter();
    for path in json.chain(files("scenarios", &[".json"])).chain(files("fixtures", &[".json"])) {
        let mut found = Vec::new();
        strings(&serde_json::from_str(&read(&path)).unwrap(), "", &mut found);
        texts.extend(found.into_iter().map(|(pointer, text)| (format!("{}#{pointer}", shown(&path)), text)));
    }
    for path in files("src", &[".snap"]).into_iter().chain(files("tests/it/snapshots", &[".snap"])) {
        let text = read(&path).splitn(3, "---\n").last().unwrap_or("").to_owned();
        // Lines that name a case are the test's.
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("# ")).collect();
        texts.push((shown(&path), lines.join("\n")));
    }
    let pages = ["CHANGELOG.md", "README.md"].map(|page| root().join(page));
    for path in pages.into_iter().chain(files("docs", &[".md"])) {
        texts.push((shown(&path), read(&path)));
    }
    texts
}

#[test]
fn texts_for_users_are_plain_english() {
    let texts = texts();
    assert!(texts.len() > 5_000, "{} texts", texts.len());
    let found: Vec<_> = texts.iter().flat_map(|(place, text)| ruled_out(place, text)).collect();
    let allows = |allowed: &(&str, &str, &str), one: &Found| {
        one.place.starts_with(allowed.0) && one.around.contains(&allowed.1.to_lowercase())
    };
    for allowed in ALLOWED {
        assert!(found.iter().any(|one| allows(allowed, one)), "no text needs this any more: {allowed:?}");
    }
    let wrong = found.iter().filter(|one| !ALLOWED.iter().any(|allowed| allows(allowed, one)));
    let wrong: Vec<_> = wrong
        .map(|Found { place, around, words, instead }| format!("{place}: “{words}” in “{around}”; write: {instead}"))
        .collect();
    assert!(wrong.is_empty(), "{} places, see CONTRIBUTING.md:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn planted_words_are_found_and_plain_ones_pass() {
    let found = |text: &str| ruled_out("planted", text).into_iter().map(|one| one.words).collect::<Vec<_>>();
    assert_eq!(found("`x` is no status."), ["is no"]);
    assert_eq!(found("Another set-up\nis told him."), ["him", "set-up", "is told"]);
    assert_eq!(found("The rule\ngoes before others"), ["goes before"]);
    assert_eq!(found("Is No Token, and HIS own."), ["is no", "his"]);
    assert_eq!(found("There is no user. It is no longer active. This history, the set-up_x, a chimney."), [""; 0]);
}

#[test]
fn literals_are_found_only_in_code() {
    let code = "//! \"A comment\"\nconst A: &str = \"one \\\"two\\\" \\\n    three\";\n#[expect(x, reason = \"is no text\")]\n\
                fn f() { g('\"', r#\"raw \"four\"\"#, \"five\") } // \"six\"\n#[cfg(test)]\nmod tests {\n    \"seven\"\n}\n";
    let found: Vec<_> = literals(code);
    let expected = [(2, "one \\\"two\\\" three"), (5, "raw \"four\""), (5, "five")];
    assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
}
