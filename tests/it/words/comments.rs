//! Finds wording that CONTRIBUTING.md rules out in comments, in names of tests and in declared names.

use super::{RULED_OUT, files, find, root, ruled_out};
use std::fs;
use std::path::Path;

/// Words that are wrong in comments and in names of tests, beside those of [`RULED_OUT`].
const RULED_OUT_OF_COMMENTS: &[(&str, &str)] = &[
    ("how many-th", "the rank, the number"),
    ("the same again", "what it does"),
    ("as above", "what it does"),
    ("whoever", "a client that, any user"),
    ("nobody", "no client, no user, the passive"),
    ("everybody", "every client, all users"),
    ("what is no", "invalid, malformed"),
    ("what was no", "invalid, malformed"),
    ("is said", "is reported, is given"),
    ("are said", "are reported, are given"),
    ("was said", "was given, was announced"),
    ("says so", "reports that"),
    ("comes again", "returns"),
];
/// Words after which `what` and `who` stand in place of a noun.
const BEFORE_A_NOUN: &[&str] =
    &["of", "from", "for", "in", "to", "with", "than", "beside", "behind", "but", "except", "without", "below"];
/// Words with which no comment begins: it names the thing, or the action.
const BEGINNINGS: &[&str] = &[
    "what",
    "who",
    "whom",
    "whoever",
    "whatever",
    "nobody",
    "everybody",
    "how many",
    "how often",
    "that which",
    "those who",
    "those that",
    "he",
    "of whom",
    "of what",
    "as many",
    "so many",
    "none of",
    "such as",
];
/// Words that no name of a test has.
const NOT_IN_TEST_NAMES: &[&str] = &[
    "what",
    "who",
    "whom",
    "whose",
    "whoever",
    "whatever",
    "nobody",
    "everybody",
    "told",
    "tells",
    "tell",
    "said",
    "says",
    "say",
    "aside",
    "apart",
    "anew",
    "anybody",
    "somebody",
];
/// Words that no declared name has.
const NOT_IN_NAMES: &[&str] = &["aside", "apart", "whom", "whoever", "nobody", "anew"];

/// Returns the paragraphs of a file's comments, with their lines and without code.
fn comments(text: &str, marks: &[&str]) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    let mut is_code = false;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let comment = marks.iter().find_map(|mark| line.strip_prefix(mark)).map(str::trim);
        is_code ^= comment.is_some_and(|comment| comment.starts_with("```"));
        let Some(comment) = comment.filter(|comment| !comment.is_empty() && !is_code) else {
            goes_on = false;
            continue;
        };
        let prose = comment.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let is_item = comment.starts_with("- ");
        match found.last_mut().filter(|_| goes_on && !is_item) {
            Some((_, paragraph)) => paragraph.extend([" ", &prose]),
            None => found.push((at + 1, prose.trim_start_matches("- ").to_owned())),
        }
        goes_on = true;
    }
    found
}

/// Returns the names that code declares after these keywords, with their lines.
fn declared<'t>(text: &'t str, keywords: &[&str]) -> Vec<(usize, &'t str)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut words =
            line.trim_start().split(' ').skip_while(|word| ["pub", "async"].contains(&word.split('(').next().unwrap()));
        if words.next().is_some_and(|word| keywords.contains(&word)) {
            let name = words.find(|word| !["fn", "mut"].contains(word)).unwrap_or("");
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            found.push((at + 1, &name[..end]));
        }
    }
    found
}

/// Returns the names of the tests in a file, with their lines.
fn tests<'t>(text: &'t str, keyword: &str) -> Vec<(usize, &'t str)> {
    let lines: Vec<_> = text.lines().collect();
    let is_test = |at: usize| {
        let before = lines[..at].iter().rev().map(|line| line.trim_start());
        before.take_while(|line| line.starts_with("#[")).any(|line| line == "#[test]")
    };
    declared(text, &[keyword])
        .into_iter()
        .filter(|(line, name)| name.starts_with("test_") || is_test(line - 1))
        .collect()
}

/// Returns the titles of the tests in JavaScript, with their lines.
fn titles(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate();
    let titles = lines.filter_map(|(at, line)| Some((at + 1, line.trim_start().strip_prefix("test(\"")?)));
    titles.filter_map(|(line, rest)| Some((line, rest.split_once('"')?.0))).collect()
}

/// Describes each finding in the comments and names of a file.
fn wrong_in(name: &str, text: &str) -> Vec<String> {
    let is_python = Path::new(name).extension().is_some_and(|extension| extension == "py");
    let marks: &[&str] = if is_python { &["#"] } else { &["///", "//!", "//", "/*", "* "] };
    let mut wrong = Vec::new();
    for (line, comment) in comments(text, marks) {
        let place = format!("{name}:{line}");
        let found = [RULED_OUT, RULED_OUT_OF_COMMENTS].map(|words| find(words, &place, &comment)).into_iter().flatten();
        wrong.extend(found.map(|one| format!("{place}: “{}” in “{}”; write: {}", one.words, one.around, one.instead)));
        let words: Vec<_> = comment.split_whitespace().map(str::to_lowercase).collect();
        for pair in words.windows(2) {
            if BEFORE_A_NOUN.contains(&pair[0].as_str()) && ["what", "who"].contains(&pair[1].as_str()) {
                wrong.push(format!("{place}: “{} {}”; write the noun", pair[0], pair[1]));
            }
        }
        let begins = |beginning: &&&str| format!("{} ", comment.to_lowercase()).starts_with(&format!("{beginning} "));
        if let Some(beginning) = BEGINNINGS.iter().find(begins) {
            wrong.push(format!("{place}: a comment that begins with “{beginning}”; write the noun or what it does"));
        }
    }
    let has = |name: &str, words: &[&str]| name.to_lowercase().split(['_', ' ']).any(|part| words.contains(&part));
    for (line, title) in titles(text) {
        if has(title, NOT_IN_TEST_NAMES) || !ruled_out("", title).is_empty() {
            wrong.push(format!("{name}:{line}: “{title}”; name subject, condition and result"));
        }
    }
    for (line, test) in tests(text, if is_python { "def" } else { "fn" }) {
        let spoken = test.replace('_', " ");
        if test.len() >= 60 || has(test, NOT_IN_TEST_NAMES) || !ruled_out("", &spoken).is_empty() {
            wrong.push(format!("{name}:{line}: `{test}`; name subject, condition and result in under 60 characters"));
        }
    }
    for (line, declared) in declared(text, &["fn", "struct", "enum", "trait", "mod", "type", "const", "static", "def"])
    {
        if has(declared, NOT_IN_NAMES) {
            wrong.push(format!("{name}:{line}: `{declared}`; name what it holds or does"));
        }
    }
    wrong
}

#[test]
fn comments_and_names_are_plain_english() {
    let folders = ["src", "tests", "bench", "fuzz"];
    let files = folders.iter().flat_map(|folder| files(folder, &[".rs", ".js", ".py"]));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for path in files
        .filter(|path| !path.components().any(|part| ["target", "stubs"].contains(&part.as_os_str().to_str().unwrap())))
    {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        wrong.extend(wrong_in(&name, &fs::read_to_string(&path).unwrap()));
        count += 1;
    }
    assert!(count > 300, "{count} files");
    assert!(wrong.is_empty(), "{} places, see CONTRIBUTING.md:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn planted_comments_and_names_are_found_and_plain_ones_pass() {
    let wrong = [
        "/// What is sent.\nfn f() {}",
        "//! A list\n//! of what was asked.",
        "    // Nobody calls.",
        "/// The how many-th of these calls a call is.",
        "/// Counts calls.\n///\n/// Those that fail are none.",
        "pub(crate) struct A;\nfn put_aside() {}",
        "const fn of_whom() {}",
        "pub static WHOM_MAX: u8 = 1;",
        "#[test]\n#[ignore = \"slow\"]\nfn what_is_sent_arrives() {}",
        "#[test]\nfn a_name_of_sixty_characters_is_one_character_longer_than_may_be() {}",
    ];
    for text in wrong {
        assert!(!wrong_in("planted.rs", text).is_empty(), "{text}");
    }
    let plain = [
        "/// Says what is wrong, in words such as `what is no`.\nfn what_is_sent() {}",
        "// Shows the user\n// what failed.",
        "/// ```text\n/// what was no request\n/// ```",
        "#[test]\nfn reset_returns_the_password() {}",
        "\"// not what is no comment\"",
    ];
    for text in plain {
        assert_eq!(wrong_in("planted.rs", text), [""; 0], "{text}");
    }
    assert_eq!(wrong_in("planted.js", "test(\"what is sent arrives\", f)").len(), 1);
    assert_eq!(wrong_in("planted.py", "# What is sent.\ndef test_what_is_sent():").len(), 2);
}
