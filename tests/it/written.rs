//! Generated parts of pages. A part stands between `<!-- NAME -->` and `<!-- end -->`; UPDATE_DOCS=1 writes it
//! anew.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

const END: &str = "<!-- end -->";

/// Whether to write pages anew.
pub(crate) fn is_updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// Changes a page. Tests generate different parts of one page concurrently, so each changes the latest text.
pub(crate) fn change(page: &str, made: impl FnOnce(&str) -> String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock = std::fs::File::create(root.join("target/pages.lock")).unwrap();
    lock.lock().unwrap();
    let file = root.join(page);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, made(&text)).unwrap();
}

/// Compares each part of a page with the result of `part` for its name, and returns the names.
pub(crate) fn check_parts(page: &str, part: impl Fn(&str) -> String) -> BTreeSet<String> {
    if is_updating() {
        change(page, |text| with_parts(page, text, &part).0);
    }
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let (made, names) = with_parts(page, &text, &part);
    assert!(is_updating() || made == text, "{page} is stale: UPDATE_DOCS=1 cargo nextest run writes it");
    names
}

/// Returns a page with its parts generated anew, and their names.
fn with_parts(page: &str, text: &str, part: impl Fn(&str) -> String) -> (String, BTreeSet<String>) {
    let (mut made, mut names, mut rest) = (String::new(), BTreeSet::new(), text);
    while let Some((before, after)) = rest.split_once("<!-- ") {
        let (name, after) = after.split_once(" -->\n").unwrap_or_else(|| panic!("{page}: a mark without an end"));
        let (_, after) = after.split_once(END).unwrap_or_else(|| panic!("{page}: {name} does not end"));
        write!(made, "{before}<!-- {name} -->\n\n{}\n{END}", part(name)).unwrap();
        assert!(names.insert(name.to_owned()), "{page}: {name} is there twice");
        rest = after;
    }
    made.push_str(rest);
    (made, names)
}

/// Builds a Markdown table.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(head.len()));
    for row in rows {
        writeln!(text, "| {} |", row.join(" | ")).unwrap();
    }
    text
}

/// The fields to mark: those that a request requires, or those that an answer may omit.
#[derive(Clone, Copy)]
pub(crate) enum Mark {
    Required,
    Optional,
}

/// Splits a description into the default at its end and the rest.
pub(crate) fn split_default(about: &str) -> (&str, Option<&str>) {
    match about.rsplit_once("Default: ") {
        Some((about, default)) => (about.trim_end(), Some(default.trim_end_matches('.'))),
        None => (about, None),
    }
}

/// Describes schemas of a document in words.
pub(crate) struct Words<'d> {
    pub(crate) document: &'d Value,
    /// Returns the section of a schema that is described elsewhere.
    pub(crate) link: fn(&str) -> Option<&'static str>,
}

impl Words<'_> {
    /// Resolves a schema, and the name by which it was referred to.
    pub(crate) fn resolved<'s>(&'s self, schema: &'s Value) -> (&'s Value, Option<&'s str>) {
        let Some(reference) = schema["$ref"].as_str() else { return (schema, None) };
        let found = self.document.pointer(reference.trim_start_matches('#'));
        (found.unwrap_or_else(|| panic!("{reference} is not there")), reference.rsplit('/').next())
    }

    /// Builds a row for each field of an object, inner objects included: name, type, description. Required fields, or
    /// those that may be absent, are marked.
    pub(crate) fn fields(&self, schema: &Value, mark: Mark) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        self.add_fields(&mut rows, "", schema, mark);
        rows
    }

    fn add_fields(&self, rows: &mut Vec<Vec<String>>, before: &str, schema: &Value, mark: Mark) {
        let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
        for (name, field) in schema["properties"].as_object().unwrap_or_else(|| panic!("{before}: {schema}")) {
            let mut kind = self.kind(field);
            match (mark, required.contains(&&Value::from(name.as_str()))) {
                (Mark::Required, true) => kind.push_str(", required"),
                (Mark::Optional, false) => kind.push_str(", optional"),
                (Mark::Required, false) | (Mark::Optional, true) => {}
            }
            let path = format!("{before}{name}");
            rows.push(vec![format!("`{path}`"), kind, self.about(field, &path)]);
            if let Some((inner, brackets)) = self.inner(field) {
                self.add_fields(rows, &format!("{path}{brackets}."), inner, mark);
            }
        }
    }

    /// Returns the object whose fields follow those of a field, and the continuation of its path.
    fn inner<'s>(&'s self, field: &'s Value) -> Option<(&'s Value, &'static str)> {
        let (plain, name) = self.resolved(not_null(field));
        if name.is_some_and(|name| (self.link)(name).is_some()) {
            return None;
        }
        if plain["type"] == "array" {
            let (element, name) = self.resolved(&plain["items"]);
            let is_described = name.is_none_or(|name| (self.link)(name).is_none()) && element["properties"].is_object();
            return is_described.then_some((element, "[]"));
        }
        plain["properties"].is_object().then_some((plain, ""))
    }

    /// Returns the description of a field, with those of the names that it can have.
    pub(crate) fn about(&self, field: &Value, path: &str) -> String {
        let (resolved, _) = self.resolved(not_null(field));
        let about = [field, resolved].into_iter().find_map(|schema| schema["description"].as_str());
        let mut about = about.unwrap_or_else(|| panic!("{path} has no description")).to_owned();
        for name in names(resolved) {
            if let (Some(name), Some(meaning)) = (name["const"].as_str(), name["description"].as_str()) {
                write!(about, " `{name}`: {meaning}").unwrap();
            }
        }
        about
    }

    /// Describes the values of a schema in words.
    pub(crate) fn kind(&self, schema: &Value) -> String {
        let plain = not_null(schema);
        let kind = self.kind_of_value(plain);
        if std::ptr::eq(plain, schema) { kind } else { format!("{kind} or null") }
    }

    fn kind_of_value(&self, schema: &Value) -> String {
        if let (_, Some(name)) = self.resolved(schema)
            && let Some(link) = (self.link)(name)
        {
            return link.to_owned();
        }
        let (schema, _) = self.resolved(schema);
        let named = names(schema).iter().map(|name| &name["const"]);
        let values: Vec<_> = schema["enum"].as_array().into_iter().flatten().chain(named).collect();
        match values.len() {
            0 => {}
            1..=8 => {
                return values
                    .iter()
                    .map(|value| format!("`{}`", value.as_str().unwrap()))
                    .collect::<Vec<_>>()
                    .join(", ");
            }
            _ => return "name".to_owned(),
        }
        if !schema["const"].is_null() {
            return format!("`{}`", schema["const"].to_string().trim_matches('"'));
        }
        match schema["type"].as_str() {
            Some("array") if schema["prefixItems"].is_array() => "`[from, to]`".to_owned(),
            Some("array") => format!("list of {}{}", self.plural(&schema["items"]), count(schema)),
            Some("integer") => format!("integer{}", range(schema)),
            Some("number") => format!("number{}", range(schema)),
            Some("string") => format!("string{}", length(schema)),
            Some("object") if schema["additionalProperties"]["type"].is_string() => {
                format!("object of {}", self.plural(&schema["additionalProperties"]))
            }
            Some(kind) => kind.to_owned(),
            None if schema["anyOf"].is_array() => {
                let kinds = schema["anyOf"].as_array().unwrap().iter().map(|one| self.kind_of_value(one));
                kinds.collect::<Vec<_>>().join(" or ")
            }
            None => "any".to_owned(),
        }
    }
}

impl Words<'_> {
    /// Returns the plural of a kind.
    fn plural(&self, schema: &Value) -> String {
        let kind = self.kind_of_value(schema);
        match kind.strip_prefix('[').and_then(|link| link.split_once(']')) {
            Some((name, rest)) => match name.strip_suffix('y') {
                Some(stem) => format!("[{stem}ies]{rest}"),
                None => format!("[{name}s]{rest}"),
            },
            None if kind.contains([' ', '`']) => kind,
            None => format!("{kind}s"),
        }
    }
}

/// Returns the names of a type that has nothing else, each with its description.
fn names(schema: &Value) -> &[Value] {
    schema["oneOf"]
        .as_array()
        .filter(|_| schema["type"].is_null() && schema["properties"].is_null())
        .map_or(&[], |all| all)
}

/// Removes null from the types of a schema.
fn not_null(schema: &Value) -> &Value {
    let either = schema["anyOf"].as_array().filter(|either| either.len() == 2);
    either.filter(|either| either[1]["type"] == "null").map_or(schema, |either| &either[0])
}

fn range(schema: &Value) -> String {
    let bound = |name: &str| schema[name].as_u64().filter(|bound| *bound < 1 << 60);
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (Some(1..), None) => format!(" from {}", bound("minimum").unwrap()),
        _ => String::new(),
    }
}

fn length(schema: &Value) -> String {
    match (schema["minLength"].as_u64(), schema["maxLength"].as_u64()) {
        (least, Some(most)) => format!(", {} to {most} characters", least.unwrap_or(0)),
        _ => String::new(),
    }
}

fn count(schema: &Value) -> String {
    match schema["maxItems"].as_u64() {
        Some(most) => format!(", at most {most}"),
        None => String::new(),
    }
}
