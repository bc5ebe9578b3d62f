//! Finds files of a room that import one another, from their `use` declarations and the paths in their code, following
//! re-exports to the file that defines the name.

use super::code_of;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Module = Vec<String>;

/// Lists the files of a room by module path.
struct Room {
    files: BTreeMap<Module, File>,
}

#[derive(Default)]
struct File {
    /// The absolute path of each name that a `use` declaration binds.
    bound: BTreeMap<String, Module>,
    /// The absolute paths that the file itself uses.
    used: BTreeSet<Module>,
}

/// The cycles of a room: groups of files each of which imports the next, directly or not, and is imported by it.
pub(super) fn cycles(room: &str) -> Vec<Vec<String>> {
    let room = Room::read(room);
    let imports: BTreeMap<_, _> = room.files.keys().map(|file| (file, room.imports(file))).collect();
    let reached: BTreeMap<_, _> = imports.keys().map(|file| (*file, reached(&imports, file))).collect();
    let group = |file: &Module| {
        let is_in_it = |other: &&Module| reached[other].contains(file);
        reached[file].iter().copied().filter(is_in_it).collect::<BTreeSet<_>>()
    };
    let groups: BTreeSet<_> = imports.keys().map(|file| group(file)).filter(|group| !group.is_empty()).collect();
    groups.into_iter().map(|group| group.into_iter().map(|file| file.join("/")).collect()).collect()
}

/// The files that a file imports, directly or not.
fn reached<'r>(imports: &BTreeMap<&'r Module, BTreeSet<&'r Module>>, from: &'r Module) -> BTreeSet<&'r Module> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        next.extend(imports[file].iter().copied().filter(|file| reached.insert(*file)));
    }
    reached
}

impl Room {
    fn read(room: &str) -> Self {
        let code = code_of(room).into_iter().filter(|(path, _)| !path.to_str().unwrap().ends_with("tests.rs"));
        let code: BTreeMap<_, _> = code.map(|(path, code)| (module_of(&path), code)).collect();
        let children = |module: &Module| {
            let is_child = |other: &&Module| other.len() == module.len() + 1 && other.starts_with(module);
            code.keys().filter(is_child).map(|child| child.last().unwrap().clone()).collect::<Vec<_>>()
        };
        let files = code.iter().map(|(module, code)| (module.clone(), File::read(module, code, &children(module))));
        Self { files: files.collect() }
    }

    /// The other files of the room that a file imports.
    fn imports(&self, file: &Module) -> BTreeSet<&Module> {
        let used = self.files[file].used.iter();
        used.filter_map(|path| self.defining(path)).filter(|other| *other != file).collect()
    }

    /// The file that defines what an absolute path names, if it is one of the room's.
    fn defining(&self, path: &[String]) -> Option<&Module> {
        let (module, file) = (1..=path.len()).rev().find_map(|end| self.files.get_key_value(&path[..end]))?;
        let rest = &path[module.len()..];
        match rest.first().and_then(|name| file.bound.get(name)) {
            Some(bound) if !path.starts_with(bound) => self.defining(&[bound.as_slice(), &rest[1..]].concat()),
            _ => Some(module),
        }
    }
}

impl File {
    fn read(module: &Module, code: &str, children: &[String]) -> Self {
        let mut file = Self::default();
        let mut rest = String::new();
        let mut exported = Vec::new();
        let mut code = code;
        while let Some(at) = next_use(code) {
            let (before, from) = code.split_at(at);
            rest.push_str(before);
            let (declaration, after) = from.split_once(';').unwrap();
            let is_exported = before.trim_end().ends_with(')') || before.trim_end().ends_with("pub");
            for (name, path) in leaves(declaration.trim_start_matches("use ")) {
                let path = absolute(module, &path, children);
                file.bound.insert(name.clone(), path.clone());
                if is_exported {
                    exported.push((name, path));
                } else {
                    file.used.insert(path);
                }
            }
            code = after;
        }
        rest.push_str(code);
        let words: Vec<_> = rest.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).collect();
        for path in words.iter().filter(|word| word.contains("::")).map(|word| word.trim_end_matches(':')) {
            let path: Module = path.split("::").map(str::to_owned).collect();
            let begins = path[0].as_str();
            if ["crate", "self", "super"].contains(&begins) || children.iter().any(|child| child == begins) {
                file.used.insert(absolute(module, &path, children));
            }
        }
        // A re-export alone is not an import.
        let is_used = |name: &str| words.iter().any(|word| word.split("::").next() == Some(name));
        file.used.extend(exported.into_iter().filter(|(name, _)| is_used(name)).map(|(_, path)| path));
        file
    }
}

/// Where the next `use` declaration begins: a line of nothing but names, unlike one of a sample's text.
fn next_use(code: &str) -> Option<usize> {
    let is_of_names = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_:{},*".contains(c);
    let begins = |at: &usize| {
        let line = code[..*at].rsplit('\n').next().unwrap().trim();
        let begins_line = line.is_empty() || (line.starts_with("pub") && !line.contains(['{', ';']));
        begins_line && code[*at..].split_once(';').is_some_and(|(declaration, _)| declaration.chars().all(is_of_names))
    };
    code.match_indices("use ").map(|(at, _)| at).find(begins)
}

/// The names that a `use` tree binds, each with its path.
fn leaves(tree: &str) -> Vec<(String, Module)> {
    let tree = tree.trim();
    if let Some((prefix, group)) = tree.split_once('{') {
        let prefix: Module =
            prefix.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let parts = split(group.trim().strip_suffix('}').unwrap());
        let joined = parts.into_iter().flat_map(leaves).map(|(name, path)| match path.as_slice() {
            [only] if only == "self" => (prefix.last().unwrap().clone(), prefix.clone()),
            _ => (name, [prefix.clone(), path].concat()),
        });
        return joined.collect();
    }
    let (path, name) = tree.split_once(" as ").unwrap_or((tree, tree.rsplit("::").next().unwrap()));
    vec![(name.trim().to_owned(), path.split("::").map(|name| name.trim().to_owned()).collect())]
}

/// The parts of a group, which may have groups of their own.
fn split(group: &str) -> Vec<&str> {
    let mut depth = 0;
    let is_between = |character: char| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        character == ',' && depth == 0
    };
    group.split(is_between).filter(|part| !part.trim().is_empty()).collect()
}

/// A path from the root of the crate; that of another crate stays as it is.
fn absolute(module: &Module, path: &[String], children: &[String]) -> Module {
    let (first, rest) = path.split_first().unwrap();
    match first.as_str() {
        "crate" => rest.to_vec(),
        "self" => absolute(module, &[module.as_slice(), rest].concat(), &[]),
        "super" => {
            let parent = &module[..module.len() - 1];
            if rest.first().is_some_and(|next| next == "super") {
                return absolute(&parent.to_vec(), rest, &[]);
            }
            [parent, rest].concat()
        }
        child if children.iter().any(|other| other == child) => [module.as_slice(), path].concat(),
        _ => path.to_vec(),
    }
}

fn module_of(path: &Path) -> Module {
    let path = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().with_extension("");
    let names = path.iter().map(|name| name.to_str().unwrap().to_owned());
    names.filter(|name| name != "mod").collect()
}

#[test]
fn a_cycle_through_a_re_export_is_found() {
    let files = [
        (vec!["room"], "mod a;\nmod b;\npub(crate) use a::A;\npub(crate) use b::{B, C as D};"),
        (vec!["room", "a"], "use super::{\n    D,\n};\npub(crate) struct A(D);"),
        (vec!["room", "b"], "pub(crate) struct B;\nfn f() -> crate::room::A {}"),
        (vec!["room", "c"], "use super::B;\nuse std::fmt;"),
    ];
    let module = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Module>();
    let children = ["a", "b", "c"].map(str::to_owned);
    let file = |(names, code): &(Vec<&str>, &str)| {
        let children: &[String] = if names.len() == 1 { &children } else { &[] };
        (module(names), File::read(&module(names), code, children))
    };
    let room = Room { files: files.iter().map(file).collect() };
    let imports = |name| room.imports(&module(&["room", name])).into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(imports("a"), [module(&["room", "b"])]);
    assert_eq!(imports("b"), [module(&["room", "a"])]);
    assert_eq!(imports("c"), [module(&["room", "b"])]);
    assert!(room.imports(&module(&["room"])).is_empty(), "it hands them on");
}
