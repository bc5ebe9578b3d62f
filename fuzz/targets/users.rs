//! Users files: a directory that finds each user, or problems with places in the text. The input is the file.
#![no_main]

mod model;

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::LazyLock;
use wksmock::Limits;
use wksmock::fuzzing::{Directory, Project, Refused, User, users};

const USERS_MAX: usize = 300;
const SHOWN_MAX: usize = 3;

static LIMITS: LazyLock<Limits> = LazyLock::new(|| {
    let mut limits = Limits::default();
    (limits.users_max, limits.errors_shown_max) = (USERS_MAX, SHOWN_MAX);
    limits
});

fuzz_target!(|bytes: &[u8]| {
    let (loaded, again) = (users(bytes, &LIMITS), users(bytes, &LIMITS));
    let text = String::from_utf8_lossy(bytes);
    match (loaded, again) {
        (Ok(directory), Ok(again)) => {
            assert_eq!(directory.projects(), again.projects());
            let root = serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error} in {text:?}"));
            check_loaded(&directory, &root);
        }
        (Err(refused), again) => {
            assert_eq!(Some(&refused), again.as_ref().err());
            check_refused(&refused, &text);
        }
        (Ok(_), Err(refused)) => panic!("once taken, once refused: {refused:?}"),
    }
});

fn check_loaded(directory: &Directory, root: &Value) {
    assert!(directory.is_complete());
    let projects = directory.projects();
    let written = read(root).unwrap_or_else(|| panic!("taken, but it is wrong: {root}"));
    assert_eq!(projects.len(), written.len());
    for (project, written) in projects.iter().zip(&written) {
        check_project(directory, project, written);
    }
    let count: usize = projects.iter().map(|project| project.users.len()).sum();
    assert!(count <= USERS_MAX);
}

fn check_project(directory: &Directory, project: &Project, written: &Written) {
    assert_eq!((&project.id, &project.name), (&written.id, &written.name));
    let (listed, generated) = project.users.split_at(written.users.len());
    for (user, written) in listed.iter().zip(&written.users) {
        let user = User { stream: 0, ..user.clone() };
        assert_eq!(user, *written);
    }
    let (count, prefix) = written.generate.as_ref().map_or((0, ""), |(count, prefix)| (*count, prefix));
    assert_eq!(generated.len(), count);
    for (at, user) in generated.iter().enumerate() {
        assert_eq!(user.id, format!("{prefix}{at:06}"));
    }
    let mut streams = HashSet::new();
    for user in &project.users {
        assert_eq!(directory.find(&project.id, &user.id).as_ref(), Some(user));
        assert!(streams.insert(user.stream), "two users draw from one stream");
        let longer = format!("{}0", user.id);
        let known = project.users.iter().any(|other| other.id == longer);
        assert_eq!(directory.find(&project.id, &longer).is_some(), known);
    }
}

fn check_refused(refused: &Refused, text: &str) {
    model::check_refused(refused, SHOWN_MAX);
    let places = refused.problems.iter().flat_map(|problem| std::iter::once(&problem.at).chain(&problem.also));
    places.for_each(|place| assert_eq!(place.text, text));
    let root = serde_json::from_str(text).ok();
    let twice = || refused.problems.iter().any(|problem| problem.what.contains("is given twice"));
    let right = root.as_ref().and_then(read);
    // serde_json keeps one of two fields with the same name.
    assert!(right.is_none() || twice() || text.contains('\u{fffd}'), "it is right: {text:?}: {refused:?}");
}

/// A project of the file.
struct Written {
    id: String,
    name: Option<String>,
    users: Vec<User>,
    generate: Option<(usize, String)>,
}

/// Reads a file with serde_json; `None` if it is invalid.
fn read(root: &Value) -> Option<Vec<Written>> {
    let root = object(root, &["$schema", "format", "seed", "projects"])?;
    text(root, "$schema", &(0..=usize::MAX))?;
    let right = root.get("format").is_none_or(|format| *format == 1)
        && root.get("seed").is_none_or(|seed| seed.as_u64().is_some());
    let projects = root.get("projects")?.as_array()?.iter().map(project).collect::<Option<Vec<_>>>()?;
    let counts =
        projects.iter().map(|project| project.users.len() + project.generate.as_ref().map_or(0, |some| some.0));
    let ids: HashSet<_> = projects.iter().map(|project| &project.id).collect();
    (right && ids.len() == projects.len() && counts.sum::<usize>() <= USERS_MAX).then_some(projects)
}

fn project(value: &Value) -> Option<Written> {
    let fields = object(value, &["id", "name", "users", "generate"])?;
    let users = match fields.get("users") {
        None => Vec::new(),
        Some(users) => users.as_array()?.iter().map(user).collect::<Option<Vec<_>>>()?,
    };
    let generate = match fields.get("generate") {
        None => None,
        Some(generate) => Some(population(generate)?),
    };
    let written =
        Written { id: id(fields, "id", &(1..=255))?, name: text(fields, "name", &(1..=255))?, users, generate };
    let mut ids: HashSet<_> = written.users.iter().map(|user| user.id.clone()).collect();
    let listed = ids.len();
    let (count, prefix) = written.generate.as_ref().map_or((0, ""), |(count, prefix)| (*count, prefix));
    if count > USERS_MAX {
        return None;
    }
    ids.extend((0..count).map(|at| format!("{prefix}{at:06}")));
    (listed == written.users.len() && ids.len() == listed + count).then_some(written)
}

fn user(value: &Value) -> Option<User> {
    let known = ["id", "user_name", "user_email", "user_phone", "description", "active_type", "disabled", "locked"];
    let fields = object(value, &known)?;
    let active_type = match text(fields, "active_type", &(0..=usize::MAX))?.as_deref() {
        None | Some("ADMIN_ACTIVATE") => "ADMIN_ACTIVATE",
        Some("USER_ACTIVATE") => "USER_ACTIVATE",
        Some(_) => return None,
    };
    let flag = |name| fields.get(name).map_or(Some(false), Value::as_bool);
    Some(User {
        id: id(fields, "id", &(1..=255))?,
        user_name: text(fields, "user_name", &(1..=55))?.unwrap_or_default(),
        user_email: address(fields)?.unwrap_or_default(),
        user_phone: text(fields, "user_phone", &(1..=20))?.unwrap_or_default(),
        description: text(fields, "description", &(1..=255))?.unwrap_or_default(),
        active_type,
        disabled: flag("disabled")?,
        locked: flag("locked")?,
        stream: 0,
    })
}

/// An optional address; `None` if it is invalid.
fn address(fields: &Map<String, Value>) -> Option<Option<String>> {
    let Some(address) = text(fields, "user_email", &(1..=255))? else {
        return Some(None);
    };
    let (name, host) = address.split_once('@')?;
    let in_name = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(letter);
    let in_host = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let name_is_right = name.len() <= 64 && name.split('.').all(|part| !part.is_empty() && part.chars().all(in_name));
    let host_is_right = host.split('.').all(|part| {
        (1..=63).contains(&part.len()) && part.chars().all(in_host) && part.trim_matches('-').len() == part.len()
    });
    (name_is_right && host_is_right).then_some(Some(address))
}

fn population(value: &Value) -> Option<(usize, String)> {
    let fields = object(value, &["count", "id_prefix"])?;
    let count = fields.get("count")?.as_u64().filter(|count| (1..=1_000_000).contains(count))?;
    Some((usize::try_from(count).ok()?, id(fields, "id_prefix", &(0..=249))?))
}

fn object<'v>(value: &'v Value, known: &[&str]) -> Option<&'v Map<String, Value>> {
    let fields = value.as_object()?;
    fields.keys().all(|name| known.contains(&name.as_str())).then_some(fields)
}

/// An optional text; `None` if it is invalid.
fn text(fields: &Map<String, Value>, name: &str, chars: &RangeInclusive<usize>) -> Option<Option<String>> {
    let Some(value) = fields.get(name) else {
        return Some(None);
    };
    let value = value.as_str()?;
    let free = ["$schema", "active_type"].contains(&name);
    let right = chars.contains(&value.chars().count()) && (free || !value.contains(char::is_control));
    right.then(|| Some(value.to_owned()))
}

fn id(fields: &Map<String, Value>, name: &str, chars: &RangeInclusive<usize>) -> Option<String> {
    text(fields, name, chars)?.filter(|id| !id.contains('/'))
}
