//! Every page is true: the README and all of `docs/`, found by walking the folder so that no page can be forgotten.
//!
//! Each page is played from top to bottom in a fresh folder, with links to `fixtures`, `scenarios` and `packaging`. Of its
//! blocks,
//!
//! - `console` has commands, which begin with `$ ` and continue behind a backslash and within quotes, each followed by
//!   its output, where `…` stands for anything and port 7070 for the port of the last `wksmock serve`;
//! - `console TOOL` needs a tool that may be missing, and is run where `WKSMOCK_PAGES_WITH` names the tool; then
//!   only pages with such blocks are played;
//! - `LANGUAGE FILE` is written to that file, for the commands below it;
//! - `LANGUAGE sample` is a part of the output of `wksmock sample` in that language;
//! - `sh` cannot be run here, for example `docker build`: it is well-formed, each `wksmock run` in it starts, and each
//!   `curl` succeeds;
//! - `rust` is a doc test of the crate;
//! - all others belong to a test of that page.
//!
//! `WKSMOCK_PAGE=docs/tour.md` plays one page.

use crate::binary::{READY, Served};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::ops::Range;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const ADDRESS: &str = "127.0.0.1:7070";
const HTTPS_ADDRESS: &str = "127.0.0.1:7443";
const INDEX: &str = "docs/README.md";
/// Tools that `console` blocks may need; `tests/run` names those that it has found.
const TOOLS: [&str; 5] = ["python", "node", "go", "java", "terraform"];
/// Pages whose commands and output another test checks.
const RUN_ELSEWHERE: [&str; 1] = ["docs/errors.md"];
/// Pages whose `json` and `text` blocks another test plays.
const PLAYED_ELSEWHERE: [&str; 3] = ["docs/scenario-file.md", "docs/scenario-errors.md", "docs/users-file.md"];
/// Pages beside the README and `docs/` of which only the links are checked.
const OTHERS: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/// A page: its path in the repository, and its text.
#[derive(Clone)]
struct Page {
    name: String,
    text: String,
}

impl Page {
    fn read(name: &str) -> Self {
        let text = std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
        Self { name: name.to_owned(), text }
    }

    /// Returns the page without blocks and inline code.
    fn prose(&self) -> String {
        let mut is_inside = false;
        let mut prose = String::new();
        for line in self.text.lines() {
            if line.starts_with("```") {
                is_inside = !is_inside;
            } else if !is_inside {
                let parts = line.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "code" });
                prose.extend(parts);
                prose.push('\n');
            }
        }
        prose
    }

    /// Returns the anchors of this page, which GitHub makes from the headings.
    fn anchors(&self) -> BTreeSet<String> {
        let mut times = HashMap::<String, usize>::new();
        let mut is_inside = false;
        let mut anchors = BTreeSet::new();
        for line in self.text.lines() {
            if line.starts_with("```") {
                is_inside = !is_inside;
            } else if !is_inside && line.starts_with('#') {
                let heading = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
                let anchor: String =
                    heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_')).collect();
                let earlier = times.entry(anchor.clone()).or_default();
                anchors.insert(if *earlier == 0 { anchor } else { format!("{anchor}-{earlier}") });
                *earlier += 1;
            }
        }
        anchors
    }
}

/// Reads the README and everything below `docs/`.
fn pages() -> Vec<Page> {
    let mut names = vec!["README.md".to_owned()];
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(Path::new(ROOT).join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                names.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    names.sort();
    names.iter().map(|name| Page::read(name)).collect()
}

/// The text between two fences.
pub(crate) struct Block {
    /// The words after the first fence.
    pub(crate) info: String,
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
    pub(crate) line: usize,
}

/// Returns the blocks of a page's text.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let (mut blocks, mut open, mut at): (_, Option<(&str, usize, usize)>, _) = (Vec::new(), None, 0);
    for (line, text) in (1..).zip(page.split_inclusive('\n')) {
        match (text.strip_prefix("```").map(str::trim), open) {
            (Some(info), None) => open = Some((info, at + text.len(), line)),
            (Some(""), Some((info, start, line))) => {
                blocks.push(Block { info: info.to_owned(), text: page[start..at].to_owned(), span: start..at, line });
                open = None;
            }
            (Some(info), Some(_)) => panic!("line {line}: a block in a block: {info}"),
            (None, _) => {}
        }
        at += text.len();
    }
    assert!(open.is_none(), "a block without an end");
    blocks
}

/// A command with its expected output.
struct Step {
    command: String,
    printed: String,
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command: command.to_owned(), printed: String::new() }),
            (None, Some(step)) if step.command.ends_with('\\') => {
                step.command.pop();
                step.command.push_str(line.trim_start());
            }
            (None, Some(step)) if step.printed.is_empty() && step.command.matches('\'').count() % 2 == 1 => {
                step.command.extend([" ", line.trim_start()]);
            }
            (None, Some(step)) => step.printed.extend([line, "\n"]),
            (None, None) => panic!("output without a command: {line}"),
        }
    }
    steps
}

/// Whether a text matches its pattern, in which `…` stands for anything.
pub(crate) fn matches_pattern(text: &str, announced: &str) -> bool {
    let mut pieces = announced.split('…');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap()) else {
        return false;
    };
    let mut last = None;
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
        last = Some(piece);
    }
    rest.is_empty() || last.is_some_and(|last| text.ends_with(last))
}

/// Runs a command and returns its stdout; `wksmock` is the binary.
pub(crate) fn in_shell(command: &str) -> String {
    String::from_utf8(shell(command, Path::new(ROOT)).output().unwrap().stdout).unwrap()
}

fn shell(command: &str, folder: &Path) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_wksmock")).parent().unwrap();
    let path = format!("{}:{ROOT}/tests/tools:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WKSMOCK_")) {
        shell.env_remove(name);
    }
    for name in ["NO_PROXY", "no_proxy", "GITHUB_STEP_SUMMARY", "TF_CLI_CONFIG_FILE"] {
        shell.env_remove(name);
    }
    // pytest finds the plugin as if the wheel were installed.
    shell.env("PYTHONPATH", format!("{ROOT}/packaging/python/src")).env("PYTEST_PLUGINS", "wksmock.pytest_plugin");
    shell.env("PYTHONDONTWRITEBYTECODE", "1");
    shell.args(["-c", command]).current_dir(folder).env("PATH", path).env("NO_COLOR", "1");
    shell
}

/// The folder in which a page is played.
struct Stage {
    folder: TempDir,
    served: Option<Served>,
    /// Addresses in pages, and the server's own.
    addresses: Vec<(&'static str, String)>,
    commands: usize,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["fixtures", "packaging", "scenarios"] {
            symlink(Path::new(ROOT).join(name), folder.path().join(name)).unwrap();
        }
        std::fs::create_dir(folder.path().join("target")).unwrap();
        link_node_packages(&folder.path().join("node_modules"));
        Self { folder, served: None, addresses: Vec::new(), commands: 0 }
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs a command; fails with its output unless that matches the page.
    fn run(&mut self, step: &Step) -> Result<(), String> {
        let Step { command, printed } = step;
        self.commands += 1;
        // Behave like the installed command.
        let run = command.strip_prefix("cargo run ").and_then(|rest| rest.split_once(" -- "));
        let command = match run {
            Some((flags, arguments)) => can_be_built(flags).map(|()| format!("wksmock {arguments}"))?,
            None => command.clone(),
        };
        let command = command.as_str();
        let found = if is_serving(command) {
            self.served = None;
            let mut served = Served::spawn(&mut shell(&format!("exec env {command} --port 0"), self.folder.path()));
            let (host, port) = served.url.rsplit_once(':').unwrap();
            let mut found = format!("{READY}{host}:{}\n", if port.is_empty() { port } else { "7070" });
            self.addresses = vec![(ADDRESS, served.url.strip_prefix("http://").unwrap().to_owned())];
            if command.contains("--tls") || command.contains("WKSMOCK_TLS") {
                let line = served.line();
                let address = line.trim_end().strip_prefix(READY).unwrap().strip_prefix("https://").unwrap();
                self.addresses.push((HTTPS_ADDRESS, address.to_owned()));
                found.push_str(&line.replace(address, HTTPS_ADDRESS));
            }
            self.served = Some(served);
            found
        } else if let Some(flags) = command.strip_prefix("cargo install ") {
            return can_be_built(flags);
        } else if command == "tests/run" {
            printed_by(shell("tests/run --help", Path::new(ROOT)).output().unwrap())
                .starts_with("Usage: tests/run")
                .then_some(())
                .ok_or("tests/run --help fails")?;
            String::new()
        } else {
            let replaced = |command: String, (shown, own): &(&str, String)| command.replace(shown, own);
            let command = self.addresses.iter().fold(command.to_owned(), replaced);
            let output = shell(&command, self.folder.path()).output().unwrap();
            self.addresses.iter().fold(printed_by(output), |text, (shown, own)| text.replace(own, shown))
        };
        if matches_pattern(found.trim_end(), printed.trim_end()) {
            return Ok(());
        }
        Err(format!("$ {command}\n{found}--- announced:\n{printed}"))
    }
}

/// Links the packages that the programs of pages in Node import: this repository's, and the installed ones of the SDK's tests.
fn link_node_packages(folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    symlink(Path::new(ROOT).join("packaging/node"), folder.join("wksmock")).unwrap();
    let installed = std::fs::read_dir(Path::new(ROOT).join("tests/sdk/node/node_modules"));
    for package in installed.into_iter().flatten().map(Result::unwrap) {
        symlink(package.path(), folder.join(package.file_name())).unwrap();
    }
}

/// Whether a command starts a background server, maybe with variables before it.
fn is_serving(command: &str) -> bool {
    let mut words = command.split_whitespace().skip_while(|word| word.contains('=') && !word.starts_with('-'));
    (words.next(), words.next()) == (Some("wksmock"), Some("serve")) && !command.contains("--help")
}

fn printed_by(output: Output) -> String {
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// Whether cargo knows the target that a command names: building takes minutes, and `tests/run` builds it too.
fn can_be_built(flags: &str) -> Result<(), String> {
    let manifest = std::fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).unwrap();
    let mut words = flags.split_whitespace();
    while let Some(word) = words.next() {
        let is_known = match word {
            "--locked" | "--no-default-features" | "--release" | "--quiet" => true,
            "--path" => words.next() == Some("."),
            "--profile" => words.next().is_some_and(|name| manifest.contains(&format!("\n[profile.{name}]\n"))),
            "--features" => {
                let (_, features) = manifest.split_once("\n[features]\n").unwrap();
                let names = words.next().unwrap_or_default();
                names.split(',').all(|name| features.contains(&format!("\n{name} = ")))
            }
            _ => false,
        };
        if !is_known {
            return Err(format!("cargo does not know {word} of {flags}"));
        }
    }
    Ok(())
}

/// Plays a page; returns its failures or the number of its commands.
fn play(page: &Page, tools: &[&str]) -> Result<usize, String> {
    let mut stage = Stage::new();
    let mut wrong = String::new();
    for block in blocks(&page.text) {
        let (language, rest) = block.info.split_once(' ').unwrap_or((&block.info, ""));
        match (language, rest) {
            ("console", tool) if tool.is_empty() || tools.contains(&tool) => {
                for step in steps(&block.text) {
                    if let Err(found) = stage.run(&step) {
                        let _ = writeln!(wrong, "{}:{}: {found}", page.name, block.line);
                    }
                }
            }
            ("sh", "") => {
                for command in steps(&commands_of(&block.text)) {
                    if let Err(found) = stage.run(&command) {
                        let _ = writeln!(wrong, "{}:{}: {found}", page.name, block.line);
                    }
                }
            }
            (language, "sample") => {
                let printed = in_shell(&format!("wksmock sample {}", sample_language(language)));
                if !printed.contains(&block.text) {
                    let _ = writeln!(wrong, "{}:{}: not in the sample:\n{printed}", page.name, block.line);
                }
            }
            ("console", _) | (_, "") => {}
            (_, file) if is_file(file) => stage.write(file, &block.text),
            _ => {}
        }
    }
    if wrong.is_empty() { Ok(stage.commands) } else { Err(wrong) }
}

/// Returns the runnable parts of a `sh` block: the lines of curl, and `wksmock run` with a command that does nothing.
fn commands_of(block: &str) -> String {
    let mut commands = String::new();
    let quoted = block.replace('\'', "'\\''");
    let _ = writeln!(commands, "$ sh -n -c '{quoted}'");
    for line in block.replace("\\\n", " ").lines() {
        if line.starts_with("curl ") {
            let _ = writeln!(commands, "$ {line} --output /dev/null --fail");
        } else if let Some((run, _)) = line.split_once(" -- ").filter(|(run, _)| run.starts_with("wksmock run")) {
            let _ = writeln!(commands, "$ {run} -- true\n…");
        }
    }
    commands
}

/// Returns the language name in `wksmock sample` for a block's language.
fn sample_language(language: &str) -> &str {
    match language {
        "js" => "node",
        "csharp" => "dotnet",
        language => language,
    }
}

#[test]
fn every_command_prints_the_documented_output() {
    let only = std::env::var("WKSMOCK_PAGE").ok();
    let with = std::env::var("WKSMOCK_PAGES_WITH").unwrap_or_default();
    let tools: Vec<_> = with.split_whitespace().collect();
    assert!(tools.iter().all(|tool| TOOLS.contains(tool)), "WKSMOCK_PAGES_WITH is {with}");
    let pages: Vec<_> = pages()
        .into_iter()
        .filter(|page| !RUN_ELSEWHERE.contains(&page.name.as_str()))
        .filter(|page| only.as_ref().is_none_or(|only| *only == page.name))
        .filter(|page| tools.is_empty() || asks_for(page, &tools))
        .collect();
    let (left, wrong, count) = (Mutex::new(pages.iter()), Mutex::new(String::new()), Mutex::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(page) = left.lock().unwrap().next() else { return };
                    match play(page, &tools) {
                        Ok(commands) => *count.lock().unwrap() += commands,
                        Err(found) => wrong.lock().unwrap().push_str(&found),
                    }
                }
            });
        }
    });
    let (wrong, count) = (wrong.into_inner().unwrap(), count.into_inner().unwrap());
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(
        only.is_some() || count > if tools.is_empty() { 100 } else { 10 },
        "only {count} commands are left in the pages"
    );
}

/// Whether a page has commands for one of these tools.
fn asks_for(page: &Page, tools: &[&str]) -> bool {
    blocks(&page.text).iter().any(|block| block.info.strip_prefix("console ").is_some_and(|tool| tools.contains(&tool)))
}

#[test]
fn every_block_is_run_by_a_test() {
    let library = std::fs::read_to_string(Path::new(ROOT).join("src/lib.rs")).unwrap();
    for page in pages() {
        let all = blocks(&page.text);
        for (at, block) in all.iter().enumerate() {
            let (language, rest) = block.info.split_once(' ').unwrap_or((&block.info, ""));
            let is_run = match (language, rest) {
                ("console", tool) => tool.is_empty() || TOOLS.contains(&tool),
                ("sh", "") | ("python" | "java" | "go" | "js" | "csharp" | "php" | "cpp", "sample") => true,
                ("rust", "") => library.contains(&format!("include_str!(\"../{}\")", page.name)),
                ("json" | "text", _) if PLAYED_ELSEWHERE.contains(&page.name.as_str()) => true,
                (_, file) if is_file(file) => {
                    let mut later =
                        all[at + 1..].iter().filter(|block| block.info.starts_with("console") || block.info == "sh");
                    later.any(|block| uses(&block.text, file))
                }
                _ => false,
            };
            assert!(is_run, "{}:{}: nothing runs a block {:?}", page.name, block.line, block.info);
        }
    }
}

/// Whether the word behind a block's language is a file name.
fn is_file(name: &str) -> bool {
    !name.contains(' ') && (name.contains('.') || name == "Dockerfile")
}

/// Whether commands read a file: by its name, or with a tool that reads the whole folder.
fn uses(commands: &str, file: &str) -> bool {
    let by_folder = ["go test", "mvn ", "terraform ", "node --test", "pytest"];
    commands.contains(file) || by_folder.iter().any(|tool| commands.contains(tool))
}

/// Returns the targets of a page's links, without other sites.
fn links(page: &Page) -> Vec<String> {
    let prose = page.prose();
    let targets = prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned());
    targets.filter(|target| !target.contains("://")).collect()
}

/// Resolves a link of a page to a path in the repository.
fn target(page: &Page, link: &str) -> String {
    let mut path: Vec<_> = page.name.split('/').collect();
    path.pop();
    for part in link.split('/') {
        match part {
            ".." => {
                path.pop().unwrap_or_else(|| panic!("{}: {link} leads out of the repository", page.name));
            }
            "." => {}
            part => path.push(part),
        }
    }
    path.join("/")
}

#[test]
fn pages_stay_within_their_lengths() {
    for (name, most) in [("README.md", 180), ("docs/scenario-file.md", 900)] {
        let path = Path::new(ROOT).join(name);
        let lines = std::fs::read_to_string(path).unwrap_or_default().lines().count();
        assert!(lines <= most, "{name} has {lines} lines, more than {most}");
    }
}

#[test]
fn pages_name_no_package_registry_host() {
    let hosts =
        ["crates.io", "pypi.org", "npmjs", "docker.io", "hub.docker", "terraform.io", "golang.org", "maven.org"];
    for page in pages().into_iter().chain(OTHERS.map(Page::read)) {
        for host in hosts {
            assert!(!page.text.contains(host), "{} names {host}", page.name);
        }
    }
}

#[test]
fn every_link_resolves() {
    let (mut count, mut wrong) = (0, Vec::new());
    for page in pages().into_iter().chain(OTHERS.map(Page::read)) {
        for link in links(&page) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let file = if file.is_empty() { page.name.clone() } else { target(&page, file) };
            let leads = Path::new(ROOT).join(&file).exists()
                && (anchor.is_empty() || Page::read(&file).anchors().contains(anchor));
            if !leads {
                wrong.push(format!("{}: {link}", page.name));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 100, "only {count} links were found");
}

#[test]
fn every_page_is_reachable_from_the_readme() {
    let index = Page::read(INDEX);
    let reached: BTreeSet<_> =
        links(&index).iter().map(|link| target(&index, link.split('#').next().unwrap())).collect();
    for page in pages().iter().filter(|page| page.name.starts_with("docs/")) {
        assert!(page.name == INDEX || reached.contains(&page.name), "{INDEX} does not lead to {}", page.name);
    }
    let readme = Page::read("README.md");
    assert!(links(&readme).iter().any(|link| target(&readme, link) == INDEX));
}
