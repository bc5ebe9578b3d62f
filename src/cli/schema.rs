//! `wksmock schema`: prints the JSON Schema of a kind of file.

use super::exit::{self, Failure};
use crate::fixture::users_schema;
use crate::scenario::scenario_schema;
use clap::{Args, ValueEnum};

/// Print the JSON Schema of users files or scenario files, for editors
///
/// Write it beside the files, as in `wksmock schema users > users.schema.json`, and name it in each of them: "$schema":
/// "./users.schema.json". The editor then completes and checks the file. `wksmock init` does both.
///
/// wksmock itself ignores "$schema". `wksmock check` finds more than a schema can, such as unknown users and rules that can
/// never match.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// The kind of file
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Projects, users and accounts, for --users
    Users,
    /// Rules and expectations, for --scenario
    Scenario,
}

impl SchemaArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let schema = match self.kind {
            Kind::Users => users_schema(),
            Kind::Scenario => scenario_schema(),
        };
        exit::print(format!("{schema:#}\n"))
    }
}
