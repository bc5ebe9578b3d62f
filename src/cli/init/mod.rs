//! `wksmock init`: writes example files.

use super::exit::{self, Failure};
use crate::fixture::USERS_SCHEMA;
use crate::scenario::SCENARIO_SCHEMA;
use clap::Args;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Write examples: a users file, a scenario, schemas and a CI job
///
/// An existing file is never overwritten: if there is one of these names, nothing is written.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Directory to write to, which is created if missing
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
}

const USERS: &str = "users.json";
const SCENARIO: &str = "scenario.json";
const CI: &str = "ci.yml";

/// A file to write: its path and its text.
type NewFile = (PathBuf, String);

impl InitArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let at = |name: &str| if self.directory == Path::new(".") { name.into() } else { self.directory.join(name) };
        let (users, scenario) = (at(USERS), at(SCENARIO));
        let (shown_users, shown_scenario) = (users.display().to_string(), scenario.display().to_string());
        let job = include_str!("ci.yml");
        let job = job.replace("{users}", &json(&shown_users)).replace("{scenario}", &json(&shown_scenario));
        let files = [
            (users, include_str!("users.json").to_owned()),
            (at("users.schema.json"), USERS_SCHEMA.text()),
            (scenario, include_str!("scenario.json").to_owned()),
            (at("scenario.schema.json"), SCENARIO_SCHEMA.text()),
            (at(CI), job),
        ];
        refuse_existing(&files)?;
        fs::create_dir_all(&self.directory).map_err(|error| failed(&self.directory, &error))?;
        write_all(&files)?;
        let mut lines = String::new();
        for (path, _) in &files {
            let _ = writeln!(lines, "wrote {}", path.display());
        }
        let _ = writeln!(lines, "\nnext: wksmock serve --users {shown_users} --scenario {shown_scenario}");
        exit::print(exit::escaped_lines(&lines))
    }
}

/// Fails if one of the files exists.
fn refuse_existing(files: &[NewFile]) -> Result<(), Failure> {
    let existing = files.iter().filter(|(path, _)| path.symlink_metadata().is_ok());
    let names: Vec<_> = existing.map(|(path, _)| path.display().to_string()).collect();
    match names.as_slice() {
        [] => Ok(()),
        [name] => Err(Failure::usage(format!("{name} exists already, so nothing was written"))),
        _ => Err(Failure::usage(format!("{} exist already, so nothing was written", names.join(", ")))),
    }
}

/// Writes all files, or none: on an error the written ones are removed.
fn write_all(files: &[NewFile]) -> Result<(), Failure> {
    for (at, (path, text)) in files.iter().enumerate() {
        let created = OpenOptions::new().write(true).create_new(true).open(path);
        let is_ours = created.is_ok();
        if let Err(error) = created.and_then(|mut file| file.write_all(text.as_bytes())) {
            for (path, _) in files.iter().take(at + usize::from(is_ours)) {
                let _ = fs::remove_file(path);
            }
            return Err(failed(path, &error));
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", path.display()))
}

/// A text as a JSON string, which is valid YAML too.
fn json(text: &str) -> String {
    Value::from(text).to_string()
}
