//! `wksmock scenario`: lists and shows the built-in scenarios.

use super::exit::{self, Failure};
use crate::files::builtin;
use clap::{Args, Subcommand};
use serde::Deserialize;
use std::fmt::Write as _;

/// List or show the built-in scenarios, for --scenario builtin:NAME
#[derive(Debug, Args)]
pub(super) struct ScenarioArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the name of each built-in scenario, and what it is about
    List,
    /// Print a built-in scenario, to use it or to write one's own
    ///
    /// `wksmock scenario show outage > mine.json` is a beginning. Its "$schema" is the file that
    /// `wksmock schema scenario > scenario.schema.json` writes.
    Show {
        /// The name, as in flapping
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// The fields of a scenario that the list shows.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    description: String,
}

impl ScenarioArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        match self.action {
            Action::List => exit::print(list()),
            Action::Show { name } => {
                let unknown = |hint| Failure::usage(format!("unknown built-in scenario {name:?}; {hint}"));
                let bare = name.strip_prefix("builtin:").unwrap_or(&name);
                let builtin = builtin::named(bare).map_err(unknown)?;
                exit::print(builtin.text)
            }
        }
    }
}

fn list() -> String {
    let width = builtin::ALL.iter().map(|builtin| builtin.name.len()).max().unwrap_or(0);
    let mut lines = String::new();
    for builtin in builtin::ALL {
        let head = serde_json::from_str::<Head>(builtin.text);
        let description = head.map_or(String::new(), |head| head.description);
        let sentence = description.split_inclusive(". ").next().unwrap_or("").trim_end().trim_end_matches('.');
        // The other scenarios apply to any users.
        let note = if builtin.text.contains("\"user\"") { " (built-in users)" } else { "" };
        let _ = writeln!(lines, "{:<width$}  {sentence}{note}", builtin.name);
    }
    lines
}
