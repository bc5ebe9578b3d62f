//! A setup: everything that decides outcomes, compiled from files and flags, as a whole or not at all.

use super::embedded;
use super::hiding::secrets_of_accounts;
use super::written::{Compiled, Written, is_embedded};
use crate::contract::{Fidelity, Operation};
use crate::diagnostics::{Document, Location, Needles, Problem, Problems, Source, parse, seed_of};
use crate::draw::{Draw, Key, Label, Password, PasswordKey, Seal, Stream};
use crate::fixture::{self, Among, Directory, Draft, Loaded, Person, User};
use crate::ids::{CallTarget, UserKey};
use crate::limits::Limits;
use crate::scenario::{Control, Down, Expectation, Rule, RuleLabel, Rules, fault_with_id};
use std::sync::{Arc, OnceLock};

named_enum! {
    /// Which credentials a request must show.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Auth {
        /// None are read, and no request is refused for them.
        Off = "off",
        /// None are needed, but those that are shown must be right. The default.
        #[default]
        Permissive = "permissive",
        /// A request without credentials is refused with 401.
        Required = "required",
    }
}

/// Number of bytes that `random_data` and `tls_garbage` send.
const RANDOM_BYTES: usize = 128;

/// How strictly requests are judged, and what answers tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) auth: Auth,
    /// Whether parameters that only the documentation calls mandatory may be missing.
    pub(crate) lenient: bool,
    pub(crate) fidelity: Fidelity,
    /// Whether an answer names the rules that made it.
    pub(crate) explain_header: bool,
    /// How long a token is in force, in milliseconds.
    pub(crate) token_ttl_ms: u64,
}

/// How long the vendor's tokens are.
pub(crate) const TOKEN_TTL_MS: u64 = 24 * 3_600_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            auth: Auth::default(),
            lenient: false,
            fidelity: Fidelity::default(),
            explain_header: false,
            token_ttl_ms: TOKEN_TTL_MS,
        }
    }
}

/// Sources of a setup.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Users files; `None` is the embedded one.
    pub(crate) users: Option<Vec<Arc<Source>>>,
    pub(crate) scenarios: Vec<Arc<Source>>,
    pub(crate) faults: Vec<String>,
    /// An explicit seed, which takes precedence over those of files.
    pub(crate) seed: Option<u64>,
    pub(crate) password_length: usize,
    pub(crate) settings: Settings,
    pub(crate) control: Control,
}

/// Texts that are sealed with the seed.
#[derive(Clone, Debug)]
pub(crate) struct Seals {
    pub(crate) reasons: Seal,
    pub(crate) tokens: Seal,
    pub(crate) security_tokens: Seal,
    /// From which temporary access keys and their secrets follow.
    pub(crate) secrets: Key,
}

impl Seals {
    fn new(seed: u64) -> Self {
        Self {
            reasons: Seal::new(Label::Reason, seed),
            tokens: Seal::new(Label::Token, seed),
            security_tokens: Seal::new(Label::SecurityToken, seed),
            secrets: Key::new(Label::SecretKey, seed, "", ""),
        }
    }
}

/// Everything that decides, immutable.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) settings: Settings,
    pub(crate) seed: u64,
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) rules: Rules,
    pub(crate) expectations: Vec<Arc<Expectation>>,
    /// The rules of the embedded scenario, if it is in force.
    magic: Arc<Rules>,
    /// Windows in which connections are refused.
    pub(crate) down: Down,
    pub(crate) written: Written,
    passwords: PasswordKey,
    pub(crate) seals: Seals,
    /// Those of accounts, once something is shown that may have them in it.
    secrets: OnceLock<Needles<()>>,
}

impl Setup {
    /// Parses and compiles everything. Collects every problem; with any there is no setup.
    pub(crate) fn new(given: &Given, limits: &Limits, problems: &mut Problems) -> Option<Self> {
        let embedded_users = embedded::users();
        let before = problems.count();
        refuse_too_many_files(given, limits, problems);
        let users = match &given.users {
            Some(users) => users.as_slice(),
            None => std::slice::from_ref(&embedded_users),
        };
        let draft = Draft::of(users, limits);
        let parsed = draft.is_none().then(|| documents(users, limits, problems));
        let scenarios = documents(&given.scenarios, limits, problems);
        let drafted = draft.and_then(|draft| finished(draft, given.seed, &scenarios.all, limits));
        let (seed, mut loaded) = drafted.unwrap_or_else(|| {
            let users = parsed.unwrap_or_else(|| documents(users, limits, problems));
            read(&users, given.seed, &scenarios.all, limits, problems)
        });
        // A file that could not be read may have contained any id.
        loaded.complete &= before == 0;
        let among = Among { directory: &loaded.directory, projects: None };
        let written = Written {
            faults: given.faults.iter().map(|text| fault_with_id(text, among)).collect(),
            scenarios: given.scenarios.clone(),
            of_embedded_users: users.iter().any(|source| source.text() == embedded_users.text()),
            control: given.control,
        };
        let Compiled { rules, magic, down, expectations } = written.compile(&scenarios.all, &loaded, limits, problems);
        let operation = Operation::ResetRandomPassword.id;
        problems.is_empty().then(|| Self {
            settings: given.settings,
            seed,
            loaded: Arc::new(loaded),
            rules,
            expectations,
            magic,
            down,
            written,
            passwords: PasswordKey::new(Label::Password, seed, operation, given.password_length),
            seals: Seals::new(seed),
            secrets: OnceLock::new(),
        })
    }

    /// The same with another scenario in place of all scenario files. Users and flags stay; but a flag that is the name of a
    /// rule there is what that rule says.
    pub(crate) fn with_scenario(
        &self,
        scenario: Arc<Source>,
        limits: &Limits,
        problems: &mut Problems,
    ) -> Option<Self> {
        let written = Written { scenarios: vec![scenario], ..self.written.clone() };
        let scenarios = self.documents(&written, limits, problems);
        let written = written.without_flags_in(&scenarios.all);
        let compiled = written.compile(&scenarios.all, &self.loaded, limits, problems);
        drop(scenarios);
        problems.is_empty().then(|| self.with(written, compiled))
    }

    /// The same for a clone with a scenario of its own in place of all scenario files. Of this, which is what was loaded, it
    /// shares all that it can.
    pub(crate) fn of_clone(&self, scenario: Arc<Source>, limits: &Limits, problems: &mut Problems) -> Option<Self> {
        let written = Written { scenarios: vec![scenario], control: Control::OfClone, ..self.written.clone() };
        let scenarios = self.documents(&written, limits, problems);
        let mut flags = self.rules.all().get(..written.faults.len()).unwrap_or_default().to_vec();
        let written = written.without_flags_in(&scenarios.all);
        flags.retain(|flag| written.faults.contains(&flag.label.name));
        let document = scenarios.all.first()?;
        let shared = (&*flags, &self.magic);
        let compiled = written.compile_beside(shared, document, &self.loaded, limits, problems);
        drop(scenarios);
        problems.is_empty().then(|| self.with(written, compiled))
    }

    /// Size of a clone's scenario: the bytes of its text, and the number of its own rules and expectations.
    pub(crate) fn own_size(&self) -> (usize, usize) {
        let bytes = self.written.scenarios.iter().map(|source| source.text().len()).sum();
        let rules = self.rules.all().iter().filter(|rule| self.has_written(&rule.label)).count();
        (bytes, rules + self.expectations.len())
    }

    /// Whether a rule stands in a scenario file, and not in a flag, an override or the embedded scenario.
    pub(crate) fn has_written(&self, label: &RuleLabel) -> bool {
        self.written.scenarios.iter().any(|source| label.is_of(source.name()))
    }

    /// Whether a scenario is the embedded one, which is in force by itself where it is not named.
    pub(crate) fn comes_by_itself(&self, source: &Source) -> bool {
        self.written.of_embedded_users && is_embedded(source)
    }

    /// The scenarios of something written, which must be of this seed.
    fn documents<'s>(&self, written: &'s Written, limits: &Limits, problems: &mut Problems) -> Documents<'s> {
        let scenarios = documents(&written.scenarios, limits, problems);
        for (_, at) in scenarios.all.iter().filter_map(seed_of).filter(|(seed, _)| *seed != self.seed) {
            let problem =
                Problem::new("the seed differs from that of the server", at, format!("expected {}", self.seed));
            problems.push(problem.hint("omit the seed; a different seed needs a new server"));
        }
        scenarios
    }

    fn with(&self, written: Written, compiled: Compiled) -> Self {
        let Compiled { rules, magic, down, expectations } = compiled;
        Self {
            settings: self.settings,
            seed: self.seed,
            loaded: Arc::clone(&self.loaded),
            rules,
            expectations,
            magic,
            down,
            written,
            passwords: self.passwords.clone(),
            seals: self.seals.clone(),
            secrets: OnceLock::new(),
        }
    }

    /// The passwords and secret keys of accounts.
    pub(super) fn secrets_of_accounts(&self) -> &Needles<()> {
        self.secrets.get_or_init(|| secrets_of_accounts(self))
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.loaded.directory
    }

    /// The password that a call gives, or would give.
    pub(crate) fn password(&self, user: User<'_>, call: u64) -> Password {
        self.passwords.password(user.stream(), call, &user.user_name())
    }

    /// The password that an operation other than a reset has sent to a user.
    pub(crate) fn sent_password(&self, operation: Operation, person: &Person, call: u64) -> Password {
        let key = PasswordKey::new(Label::SentPassword, self.seed, operation.id, self.passwords.length());
        key.password(person.stream, call, &person.user_name)
    }

    /// Bytes that `random_data` and `tls_garbage` send, drawn by the name of its rule.
    pub(super) fn random_data(&self, operation: Operation, rule: &str, stream: Stream, call: u64) -> Vec<u8> {
        let key = Key::new(Label::Data, self.seed, operation.id, rule);
        Draw::new(&key, stream, call).bytes(RANDOM_BYTES)
    }

    /// Whether a rule is one of the embedded scenario, which is in force by itself.
    pub(crate) fn is_embedded(&self, rule: &Arc<Rule>) -> bool {
        self.magic.all().iter().any(|magic| Arc::ptr_eq(magic, rule))
    }

    /// Number of rules of files and flags, without the embedded scenario's.
    pub(crate) fn given_rules_count(&self) -> usize {
        self.rules.all().iter().filter(|rule| !self.is_embedded(rule)).count()
    }

    /// The status that every call of a magic user is answered with.
    pub(crate) fn magic_status(&self, user: UserKey) -> Option<u16> {
        let target = CallTarget { project: user.project, user: user.user.loaded(), clone: None };
        self.magic.of_call(Operation::ResetRandomPassword.into(), Some(target)).find_map(|rule| rule.status_of(1))
    }
}

/// The seed and the users, if nothing is wrong with files and seeds.
fn finished(draft: Draft<'_>, said: Option<u64>, scenarios: &[Document<'_>], limits: &Limits) -> Option<(u64, Loaded)> {
    let mut seeds = draft.seeds().chain(scenarios.iter().filter_map(seed_of).map(|(seed, _)| seed));
    let first = seeds.next();
    let agreed = said.is_some() || seeds.all(|other| Some(other) == first);
    drop(seeds);
    let seed = said.or(first).unwrap_or(0);
    Some((seed, draft.loaded(seed, limits).filter(|_| agreed)?))
}

/// The same, telling everything that is wrong.
fn read(
    users: &Documents<'_>,
    said: Option<u64>,
    scenarios: &[Document<'_>],
    limits: &Limits,
    problems: &mut Problems,
) -> (u64, Loaded) {
    let seed = seed(said, users.all.iter().chain(scenarios), problems);
    let mut loaded = fixture::load_users(&users.all, seed, limits, problems);
    // A file that could not be parsed may have contained any id.
    loaded.complete &= users.complete;
    (seed, loaded)
}

/// Those of the sources that could be parsed, and whether that is all.
struct Documents<'s> {
    all: Vec<Document<'s>>,
    complete: bool,
}

fn documents<'s>(sources: &'s [Arc<Source>], limits: &Limits, problems: &mut Problems) -> Documents<'s> {
    let parsed = sources.iter().map(|source| problems.keep(parse(source, limits)));
    let all: Vec<_> = parsed.flatten().collect();
    let complete = all.len() == sources.len();
    Documents { all, complete }
}

/// The explicit seed, else the files', which must agree, else 0.
fn seed<'d, 's: 'd>(
    said: Option<u64>,
    documents: impl Iterator<Item = &'d Document<'s>>,
    problems: &mut Problems,
) -> u64 {
    if let Some(said) = said {
        return said;
    }
    let mut found: Option<(u64, Location)> = None;
    for (seed, at) in documents.filter_map(seed_of) {
        match &found {
            None => found = Some((seed, at)),
            Some((first, _)) if *first == seed => {}
            Some((first, first_at)) => problems.push(
                Problem::new("two files have different seeds", at, format!("expected {first}, or no seed"))
                    .also(first_at.clone(), "the first seed")
                    .hint("choose one with --seed"),
            ),
        }
    }
    found.map_or(0, |(seed, _)| seed)
}

fn refuse_too_many_files(given: &Given, limits: &Limits, problems: &mut Problems) {
    let files = given.users.as_ref().map_or(0, Vec::len) + given.scenarios.len();
    if files > limits.files_max {
        problems.push(Problem::new(
            format!("{files} files"),
            Location::whole("all users and scenario files"),
            format!("expected at most {} files together", limits.files_max),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Arc<Source> {
        Arc::new(Source::new(name, text))
    }

    fn said(given: &Given) -> Vec<String> {
        let mut problems = Problems::new(50);
        let setup = Setup::new(given, &Limits::default(), &mut problems);
        assert_eq!(setup.is_none(), !problems.is_empty());
        problems.iter().map(|problem| format!("{} {}", problem.place(), problem.what)).collect()
    }

    #[test]
    fn the_embedded_files_are_good_and_every_magic_user_is_magic() {
        let mut problems = Problems::new(50);
        let setup = Setup::new(&Given::default(), &Limits::default(), &mut problems).unwrap();
        for row in Operation::ResetRandomPassword.statuses.iter().filter(|row| row.error.is_some()) {
            let id = format!("8a2c3f9579d240820179d51e6caf0{}", row.status);
            let user = setup.directory().users_named(&id).next().unwrap();
            assert_eq!(setup.magic_status(user), Some(row.status));
        }
    }

    #[test]
    fn two_seeds_need_a_third_that_decides() {
        let users = r#"{"seed": 1, "projects": []}"#;
        let mut given = Given {
            users: Some(vec![source("a.json", users)]),
            scenarios: vec![source("b.json", r#"{"seed": 2, "rules": []}"#)],
            ..Given::default()
        };
        assert_eq!(said(&given), ["b.json:1:10 two files have different seeds"]);
        given.seed = Some(3);
        assert_eq!(said(&given), [""; 0]);
    }

    #[test]
    fn all_errors_are_reported_and_unread_ids_are_not_unknown() {
        let given = Given {
            users: Some(vec![source("a.json", r#"{"projects": [{"id": ""}]}"#), source("b.json", "{")]),
            scenarios: vec![source("c.json", r#"{"rules": [{"name": "r", "when": {"user": "u"}, "status": 418}]}"#)],
            faults: vec!["u=x".to_owned()],
            ..Given::default()
        };
        assert_eq!(
            said(&given),
            [
                "b.json:1:1 unexpected end of JSON",
                "a.json:1:22 empty id",
                "--fault:1:3 `x` is neither a status nor a fault",
                "c.json:1:59 ResetRandomPassword does not document status 418",
            ]
        );
    }

    #[test]
    fn rules_are_bounded_over_all_files() {
        let rules = |name: &str| format!(r#"{{"rules": [{{"name": "{name}", "status": 503}}]}}"#);
        let given = Given {
            users: Some(vec![source("u.json", r#"{"projects": []}"#)]),
            scenarios: vec![source("a.json", &rules("a")), source("b.json", &rules("b"))],
            ..Given::default()
        };
        let mut limits = Limits { rules_max: 2, ..Limits::default() };
        assert!(Setup::new(&given, &limits, &mut Problems::new(9)).is_some());
        limits.rules_max = 1;
        assert!(Setup::new(&given, &limits, &mut Problems::new(9)).is_none());
    }
}
