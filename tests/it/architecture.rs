//! Holds the rules of ARCHITECTURE.md that no lint holds.

mod cycles;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A room may use those to its right, and the leaves.
const ROOMS: [&[&str]; 15] = [
    &["cli", "mock_server"],
    &["files"],
    &["server"],
    &["api", "admin"],
    &["console"],
    &["report"],
    &["state"],
    &["engine"],
    &["samples"],
    &["scenario"],
    &["fixture"],
    &["draw"],
    &["diagnostics"],
    &["redact"],
    &["contract"],
];
/// Files that every room may use.
const LEAVES: [&str; 3] = ["ids", "limits", "packed"];
/// Rooms that neither wait nor look at the world.
const PURE: [&str; 8] = ["engine", "samples", "scenario", "fixture", "draw", "diagnostics", "redact", "contract"];
const FORBIDDEN: [&str; 8] =
    ["tokio", "hyper", "std::fs", "std::net", "std::time", "std::env", "std::process", "std::thread"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a room's files, without comments, empty lines and tests.
fn code_of(room: &str) -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = src.join(format!("{room}.rs"));
    let files = if file.exists() { vec![file] } else { sources(&src.join(room)) };
    assert!(!files.is_empty(), "no room {room}");
    let code = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let tests = ["", "pub(super) ", "pub(crate) "].map(|seen| format!("\n#[cfg(test)]\n{seen}mod tests"));
        let text = tests.iter().fold(text.as_str(), |text, tests| text.split(tests).next().unwrap()).to_owned();
        let code = |line: &&str| !line.is_empty() && !line.trim_start().starts_with("//");
        let lines = text.lines().filter(code);
        (path, lines.collect::<Vec<_>>().join("\n"))
    };
    files.into_iter().map(code).collect()
}

fn used_rooms(code: &str) -> Vec<String> {
    let after = code.split("crate::").skip(1);
    let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    after.map(name).collect()
}

#[test]
fn arrows_point_one_way() {
    for (at, rooms) in ROOMS.iter().enumerate() {
        for room in *rooms {
            let allowed: Vec<_> = ROOMS[at + 1..].concat();
            for (path, code) in code_of(room) {
                for used in used_rooms(&code) {
                    let fine = used == *room || LEAVES.contains(&used.as_str()) || allowed.contains(&used.as_str());
                    assert!(fine, "{} uses {used}", path.display());
                }
            }
        }
    }
}

/// Rooms in which files still import one another. It shrinks to nothing: take a room out once it has no cycle.
const ROOMS_WITH_CYCLES: &[&str] = &["engine", "draw"];

#[test]
fn no_cycle_between_files_of_a_room() {
    let mut failed = Vec::new();
    for room in ROOMS.concat() {
        let cycles = cycles::cycles(room);
        if ROOMS_WITH_CYCLES.contains(&room) {
            assert!(!cycles.is_empty(), "{room} has no cycle left: take it out of ROOMS_WITH_CYCLES");
        } else {
            failed.extend(cycles.iter().map(|files| format!("these files import one another: {}", files.join(", "))));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// An index that means something else from some number on is an enum.
#[test]
fn no_number_stands_for_none_or_other() {
    let sentinels = ["= u32::MAX", "1 << 30", "1 << 31", "1 << 63"];
    for room in ROOMS.concat() {
        for (path, code) in code_of(room) {
            for sentinel in sentinels {
                assert!(!code.contains(sentinel), "{} has a sentinel: {sentinel}", path.display());
            }
        }
    }
}

#[test]
fn every_room_is_on_the_map() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let map: Vec<_> = ROOMS
        .concat()
        .into_iter()
        .chain(["lib", "main", "ids", "invariant", "limits", "named_enum", "packed", "fuzzing"])
        .collect();
    for entry in fs::read_dir(root.join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(map.contains(&name), "{name} is no room");
    }
    let architecture = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    for room in ROOMS.concat() {
        assert!(architecture.contains(&format!("`{room}`")), "ARCHITECTURE.md does not know {room}");
    }
}

#[test]
fn the_core_is_pure() {
    for room in PURE {
        for (path, code) in code_of(room) {
            for forbidden in FORBIDDEN {
                assert!(!code.contains(forbidden), "{} uses {forbidden}", path.display());
            }
        }
    }
}

/// A report is a text; other rooms decide when to make it and where to write it.
#[test]
fn reports_neither_wait_nor_look_at_the_world() {
    for (path, code) in code_of("report") {
        for forbidden in FORBIDDEN.into_iter().filter(|forbidden| *forbidden != "std::time") {
            assert!(!code.contains(forbidden), "{} uses {forbidden}", path.display());
        }
    }
}

#[test]
fn the_core_and_its_files_stay_small() {
    let mut lines = 0;
    for room in ROOMS.concat() {
        for (path, code) in code_of(room) {
            let count = code.lines().count();
            assert!(count <= 400, "{} has {count} lines", path.display());
            // A schema decides nothing: it describes what the core decides; the contract is tables already; and samples
            // are mostly templates.
            let is_schema = path.components().any(|part| part.as_os_str().to_str().unwrap().starts_with("schema"));
            let is_counted = PURE.contains(&room) && !["contract", "samples"].contains(&room) && !is_schema;
            lines += if is_counted { count } else { 0 };
        }
    }
    assert!(lines <= 8_600, "the core has {lines} lines: what could be a table?");
}

#[test]
fn one_file_reads_time_and_one_renders_the_apis_bodies() {
    for room in ROOMS.concat() {
        for (path, code) in code_of(room) {
            let clock = path.ends_with("state/clock.rs");
            assert!(clock || !code.contains("::now("), "{} reads time", path.display());
            let body = path.ends_with("api/response/body.rs");
            let renders = code.contains("to_writer") || code.contains("serde_json::to_string");
            assert!(body || room != "api" || !renders, "{} renders", path.display());
        }
    }
}

/// Public names that several items share, and why.
const SHARED_NAMES: &[&str] = &[
    // The crate's types have the names that its user looks for; each becomes the internal one.
    "Delay",
    "Problem",
    "Rule",
    "Scenario",
    // Functions that are called by the name of their file: the one of an operation, of a step, of a kind of credentials.
    "answer",
    "check",
    "open",
    "own",
    "refuse",
    // Two files stand for one: with the console and without it.
    "lead",
    "leads_to_page",
    // To be told apart yet: `server` and half of `state` use each of them.
    "Fields",
    "Found",
    "Phase",
    "Place",
    "Refused",
];

/// The public types, traits, constants and functions of a room's files, each with its file.
fn public_items(room: &str) -> Vec<(String, PathBuf)> {
    let name = |line: &str| {
        // An enum with names stands in the macro that makes it.
        let line = if line.contains(" enum ") { line.trim_start() } else { line };
        let item = line.strip_prefix("pub ").or_else(|| line.strip_prefix("pub(crate) "))?;
        let words: Vec<_> = item.split_whitespace().skip_while(|word| ["async", "unsafe"].contains(word)).collect();
        let (["const", "fn", name, ..] | ["fn" | "struct" | "enum" | "trait" | "type" | "const" | "static", name, ..]) =
            words[..]
        else {
            return None;
        };
        Some(name.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect::<String>())
    };
    let in_file = |(path, code): (PathBuf, String)| {
        let names: Vec<_> = code.lines().filter_map(name).collect();
        names.into_iter().map(move |name| (name, path.clone()))
    };
    code_of(room).into_iter().flat_map(in_file).collect()
}

/// A grep for a name finds one item.
#[test]
fn no_two_public_items_share_a_name() {
    let mut places = BTreeMap::<_, Vec<_>>::new();
    for (name, path) in ROOMS.concat().into_iter().chain(["limits"]).flat_map(public_items) {
        places.entry(name).or_default().push(path.display().to_string());
    }
    assert!(places.len() > 300, "{} items: is the source read?", places.len());
    places.retain(|_, files| files.len() > 1);
    for (name, files) in &places {
        assert!(SHARED_NAMES.contains(&name.as_str()), "{name} is the name of an item in each of {}", files.join(", "));
    }
    for name in SHARED_NAMES {
        assert!(places.contains_key(*name), "{name} is unique: take it out of SHARED_NAMES");
    }
}

/// Whether a module has a function, a test made by a macro, or a file of this name.
fn has_member(files: &[PathBuf], module: &str, name: &str) -> bool {
    let has = |text: &str| text.contains(&format!("fn {name}(")) || text.contains(&format!("\n    {name}: "));
    files.iter().any(|path| {
        let stem = path.file_stem().unwrap();
        let is_below = path.parent().unwrap().ends_with(module);
        let is_module = stem == module || is_below && (stem == "mod" || stem == "tests");
        is_below && stem == name || is_module && has(&fs::read_to_string(path).unwrap())
    })
}

#[test]
fn tests_named_in_the_architecture_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = [sources(&root.join("tests")), sources(&root.join("src"))].concat();
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let is_path = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c));
    let paths = text.split('`').skip(1).step_by(2).filter(|word| is_path(word));
    let named: Vec<_> = paths.filter_map(|path| path.split_once("::")).collect();
    assert!(named.len() >= 30, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|(module, name)| !has_member(&files, module, name)).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names tests that do not exist: {missing:?}");
}

/// Cargo warns in every build of a name that matches nothing.
#[test]
fn profiles_name_packages_of_the_lock_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [manifest, lock] = ["Cargo.toml", "Cargo.lock"].map(|file| fs::read_to_string(root.join(file)).unwrap());
    let tables = manifest.split("\n[").filter(|table| table.starts_with("profile."));
    let of_packages = tables.filter_map(|table| table.split_once(".package]\n")).flat_map(|(_, lines)| lines.lines());
    let named: Vec<_> = of_packages.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    assert!(named.len() >= 40, "{named:?}");
    let unknown: Vec<_> = named.iter().filter(|name| !lock.contains(&format!("\nname = \"{name}\"\n"))).collect();
    assert!(unknown.is_empty(), "profiles in Cargo.toml name packages that Cargo.lock lacks: {unknown:?}");
}
