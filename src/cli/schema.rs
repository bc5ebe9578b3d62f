//! `wksmock schema`: prints the JSON Schema of a kind of file.

use super::exit::{self, Failure};
use crate::fixture::USERS_SCHEMA;
use crate::scenario::SCENARIO_SCHEMA;
use clap::{Args, ValueEnum};

/// Print the JSON Schema of users files or scenario files
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
            Kind::Users => USERS_SCHEMA,
            Kind::Scenario => SCENARIO_SCHEMA,
        };
        exit::print(schema.text())
    }
}

#[cfg(test)]
mod tests {
    use super::{SCENARIO_SCHEMA, USERS_SCHEMA};
    use crate::fixture::users_schema;
    use crate::scenario::scenario_schema;
    use std::fs;
    use std::path::Path;

    #[test]
    fn checked_in_schemas_are_those_of_the_types() {
        for (file, schema, printed) in [
            ("fixtures/users.schema.json", users_schema(), USERS_SCHEMA),
            ("scenarios/scenario.schema.json", scenario_schema(), SCENARIO_SCHEMA),
        ] {
            let (path, schema) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(file), format!("{schema:#}\n"));
            if std::env::var_os("UPDATE_SCHEMAS").is_some() {
                fs::write(&path, &schema).unwrap();
            }
            let checked_in = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                schema == checked_in,
                "{file} is stale; UPDATE_SCHEMAS=1 cargo nextest run --lib schema:: writes it"
            );
            assert!(printed.text() == schema, "{file} is embedded in another version");
        }
    }
}
