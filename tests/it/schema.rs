//! The schemas beside the example files match the binary, and every example names its own and meets it.

use crate::binary::{run, stderr, stdout};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The kinds, with the checked-in schemas.
const CHECKED_IN: [(&str, &str); 2] =
    [("users", "fixtures/users.schema.json"), ("scenario", "scenarios/scenario.schema.json")];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn checked_in_schemas_match_the_binary() {
    for (kind, file) in CHECKED_IN {
        let printed = run(&["schema", kind]);
        assert_eq!((printed.status.code(), stderr(&printed)), (Some(0), String::new()));
        let checked_in = fs::read_to_string(path(file)).unwrap_or_default();
        assert!(stdout(&printed) == checked_in, "the binary prints another {file}");
        assert!(jsonschema::meta::is_valid(&json(&path(file))), "{file} is no schema");
    }
}

#[test]
fn every_example_names_and_meets_its_schema() {
    let mut met = 0;
    for (_, schema) in CHECKED_IN {
        let schema = path(schema);
        let validator = jsonschema::draft202012::new(&json(&schema)).unwrap();
        let folder = schema.parent().unwrap();
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|file| file.extension().is_some_and(|end| end == "json") && *file != schema) {
            let document = json(&file);
            let named = document["$schema"].as_str().unwrap_or_else(|| panic!("{} names no schema", file.display()));
            assert_eq!(folder.join(named).canonicalize().ok(), schema.canonicalize().ok(), "{}", file.display());
            let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", file.display());
            met += 1;
        }
    }
    assert!(met >= 8, "only {met} examples were found");
}

#[test]
fn unknown_schema_kind_is_an_error_with_the_list() {
    let output = run(&["schema", "scenarios"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()));
    assert!(stderr(&output).contains("users, scenario"), "{}", stderr(&output));
}
