//! Scenarios as they are written, word for word.

use crate::diagnostics::Source;
use crate::engine::Setup;
use crate::scenario::{Rule, Window};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;

/// A rule, an expectation or a window of a file with its text.
pub(crate) type Texts<'s, T> = Vec<(&'s T, &'s RawValue)>;

/// The parts of a scenario, word for word.
#[derive(Default, Deserialize)]
pub(super) struct Parts<'t> {
    #[serde(borrow)]
    pub(super) name: Option<&'t RawValue>,
    #[serde(borrow)]
    pub(super) description: Option<&'t RawValue>,
    #[serde(borrow)]
    pub(super) seed: Option<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) rules: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) down: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) expect: Vec<&'t RawValue>,
}

/// The members of an object in their order, word for word.
#[derive(Default)]
pub(super) struct Members<'t>(pub(super) Vec<(String, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Members<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Object).map(Self)
    }
}

impl<'t> Members<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&'t RawValue> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
    }

    /// One text, or several.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let text = self.get(name)?.get();
        let one = || serde_json::from_str::<String>(text).map(|one| vec![one]);
        serde_json::from_str(text).or_else(|_| one()).ok()
    }
}

impl Setup {
    pub(super) fn parts(&self) -> impl Iterator<Item = (&Arc<Source>, Parts<'_>)> {
        self.written.scenarios.iter().map(|source| {
            let parts = serde_json::from_str(source.text()).ok();
            (source, invariant!(parts, Parts::default(), "a scenario that compiled is JSON"))
        })
    }

    /// The rules of the scenario files with their texts, in the order in which they are read.
    pub(crate) fn texts_of_rules(&self) -> Texts<'_, Arc<Rule>> {
        let texts = self.parts().flat_map(|(_, parts)| parts.rules);
        self.rules.all().iter().skip(self.written.faults.len()).zip(texts).collect()
    }

    /// The `down` windows with their texts.
    pub(crate) fn texts_of_windows(&self) -> Texts<'_, Window> {
        self.down.windows().iter().zip(self.parts().flat_map(|(_, parts)| parts.down)).collect()
    }
}
