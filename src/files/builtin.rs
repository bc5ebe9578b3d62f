//! The scenarios that come with wksmock. `builtin:NAME` stands for one wherever a scenario file is named.

use crate::diagnostics::{Location, Problem, Source, nearest};
use std::path::Path;
use std::sync::Arc;

/// Beginning of the names of built-in scenarios.
const PREFIX: &str = "builtin:";

/// A scenario in the binary.
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! builtins {
    ($($name:literal),* $(,)?) => {
        &[$(Builtin { name: $name, text: include_str!(concat!("../../scenarios/", $name, ".json")) }),*]
    };
}

/// Every file of `scenarios/`, by name.
pub(crate) const ALL: &[Builtin] = builtins![
    "broken-wire",
    "denied",
    "done-but-lost",
    "every-status",
    "expired-token",
    "flapping",
    "lost-mail",
    "magic-users",
    "maintenance",
    "no-second-mail",
    "notification",
    "outage",
    "rare-failures",
    "rate-limit",
    "refused",
    "slow-recovery",
    "slow-tail",
];

/// The scenario of a name; an unknown one is an error with a similar name.
pub(crate) fn named(name: &str) -> Result<&'static Builtin, String> {
    ALL.iter().find(|builtin| builtin.name == name).ok_or_else(|| {
        let meant = nearest(name, ALL.iter().map(|builtin| builtin.name));
        meant.map_or_else(
            || "`wksmock scenario list` prints the built-in scenarios".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        )
    })
}

/// The name in `builtin:NAME`; `None` for the path of a file.
pub(super) fn name_in(path: &Path) -> Option<&str> {
    path.to_str()?.strip_prefix(PREFIX)
}

/// The built-in scenario with the name of a missing file, such as `flapping` or `scenarios/flapping.json`.
pub(super) fn like_file(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    named(stem).ok().map(|builtin| format!("{PREFIX}{}", builtin.name))
}

/// Reads the scenario that `path` names as `builtin:NAME`.
pub(super) fn read(path: &Path, name: &str) -> Result<Arc<Source>, Box<Problem>> {
    let shown = path.display().to_string();
    match named(name) {
        Ok(builtin) => Ok(Arc::new(Source::new(shown, builtin.text))),
        Err(hint) => {
            let expected = "expected the name of a scenario that comes with wksmock";
            Err(Problem::new("unknown built-in scenario", Location::whole(shown), expected).hint(hint).boxed())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_is_builtin() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let names = files.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()));
        let mut names: Vec<_> = names.filter(|name| !name.ends_with(".schema")).collect();
        names.sort();
        assert_eq!(ALL.iter().map(|builtin| builtin.name).collect::<Vec<_>>(), names);
    }
}
