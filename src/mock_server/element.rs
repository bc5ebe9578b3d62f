//! Rules and expectations as elements of a scenario file.

use serde_json::{Map, Value, json};

/// A rule or an expectation that is being built: its name, its conditions under `when`, and its other fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    name: Option<String>,
    pub(super) when: Map<String, Value>,
    pub(super) fields: Map<String, Value>,
}

impl Element {
    pub(super) fn named(self, name: String) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Adds a condition.
    pub(super) fn when(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.when.insert(field.to_owned(), value.into());
        self
    }

    /// Adds a member to a condition that is an object.
    pub(super) fn when_in(mut self, field: &str, name: String, value: String) -> Self {
        insert(&mut self.when, &[field], name, value.into());
        self
    }

    /// Sets another field.
    pub(super) fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// Adds a member to the object at a path.
    pub(super) fn set_in(mut self, path: &[&str], name: impl Into<String>, value: impl Into<Value>) -> Self {
        insert(&mut self.fields, path, name.into(), value.into());
        self
    }

    /// The element as a scenario file writes it, with this name if it has none.
    pub(super) fn value(&self, name: Option<&str>) -> Value {
        let mut all = Map::new();
        if let Some(name) = self.name.as_deref().or(name) {
            all.insert("name".to_owned(), json!(name));
        }
        if !self.when.is_empty() {
            all.insert("when".to_owned(), self.when.clone().into());
        }
        all.extend(self.fields.clone());
        all.into()
    }
}

/// Adds a member to the object at a path, whose objects are made where they are missing.
fn insert(mut all: &mut Map<String, Value>, path: &[&str], name: String, value: Value) {
    for field in path {
        let Value::Object(object) = all.entry(*field).or_insert_with(|| Map::new().into()) else { return };
        all = object;
    }
    all.insert(name, value);
}
