//! The first steps of a user: help of one screen, completions, manual pages, built-in scenarios, `init`, and the
//! greeting of `serve` on a terminal.

use crate::binary::{run, stderr, stdout, wksmock};
use crate::client::Client;
use crate::pages::in_shell;
use crate::{PROJECT, user};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Every subcommand.
pub(crate) const COMMANDS: [&str; 13] = [
    "serve",
    "run",
    "check",
    "plan",
    "password",
    "sample",
    "scenario",
    "init",
    "schema",
    "health",
    "env",
    "completions",
    "man",
];

fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{arguments:?}");
    stdout(&output)
}

#[test]
fn short_help_fits_on_a_screen() {
    let commands = COMMANDS.map(|command| vec![command, "-h"]);
    for arguments in [vec!["-h"], vec!["scenario", "show", "-h"]].into_iter().chain(commands) {
        for columns in ["80", "100"] {
            let output = wksmock(&arguments).env("COLUMNS", columns).output().unwrap();
            let help = stdout(&output);
            let widest = help.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(help.lines().count() <= 40 && widest <= columns.parse().unwrap(), "{arguments:?}:\n{help}");
        }
    }
    assert!(!printed(&["serve", "--help"]).contains("[env:"));
}

#[test]
fn completion_scripts_complete_subcommands_and_flags() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(printed(&["completions", shell]).contains("explain-header"), "{shell}");
    }
    let complete = |words: &str, at: usize| {
        let script = format!(
            "eval \"$(wksmock completions bash)\"; COMP_WORDS=({words}); COMP_CWORD={at}; \
             _wksmock wksmock \"${{COMP_WORDS[{at}]}}\" \"${{COMP_WORDS[{at}-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        in_shell(&format!("bash -c '{script}'"))
    };
    assert_eq!(complete("wksmock comp", 1), "completions\n");
    assert_eq!(complete("wksmock serve --pa", 2), "--password-length\n");
    assert_eq!(complete("wksmock serve --auth \"\"", 3), "off permissive required\n");
    assert_eq!(run(&["completions", "tcsh"]).status.code(), Some(2));
}

#[test]
fn manual_pages_match_help() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("man").to_str().unwrap().to_owned();
    assert_eq!(printed(&["man", "--dir", &directory]), "");
    let page = |name: &str| std::fs::read_to_string(Path::new(&directory).join(name)).unwrap();
    let pages = COMMANDS.map(|command| format!("wksmock-{command}.1"));
    let nested = ["wksmock-scenario-list.1", "wksmock-scenario-show.1", "wksmock.1"].map(str::to_owned);
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), pages.len() + nested.len());
    for name in pages.iter().chain(&nested) {
        assert!(page(name).contains(".SH NAME") && !page(name).contains(".SH EXTRA"), "{name}");
    }
    assert_eq!(printed(&["man"]), page("wksmock.1"));
    assert_eq!(printed(&["man", "scenario", "show"]), page("wksmock-scenario-show.1"));
    let serve = printed(&["man", "serve"]);
    assert_eq!(serve, page("wksmock-serve.1"));
    // Long help has the parts that `-h` leaves out.
    for shown in ["WHAT IS SERVED", "Length of passwords, 8 to 20", "WKSMOCK_LOG_LEVEL"] {
        assert!(serve.contains(shown), "{shown}");
    }
    let wrong = run(&["man", "sevre"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("did you mean serve?"), "{}", stderr(&wrong));
}

#[test]
fn builtin_scenarios_are_listed_shown_and_served() {
    let list = printed(&["scenario", "list"]);
    let names: Vec<_> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 17 && names.contains(&"flapping"), "{list}");
    assert!(list.lines().all(|line| line.len() <= 100), "{list}");
    for name in &names {
        let file = std::fs::read_to_string(format!("scenarios/{name}.json")).unwrap();
        assert_eq!(printed(&["scenario", "show", name]), file);
        let checked = printed(&["check", &format!("builtin:{name}")]);
        assert!(checked.starts_with(&format!("builtin:{name}: scenario")), "{checked}");
    }
    let plan = |scenario: &str| printed(&["plan", "--user", "0001", "--calls", "1-4", "--scenario", scenario]);
    let builtin = plan("builtin:outage");
    assert!(builtin.contains("two outages (builtin:outage:6:5)"), "{builtin}");
    assert_eq!(builtin, plan("scenarios/outage.json").replace("scenarios/outage.json", "builtin:outage"));
    // With a variable, and beside a watched file.
    let served = crate::binary::Served::spawn(
        wksmock(&["serve", "--port", "0", "--watch", "--log-level", "off"]).env("WKSMOCK_SCENARIO", "builtin:outage"),
    );
    let path = crate::reset_path(&user("0001"));
    let mut client = served.client();
    assert_eq!([503, 503, 200].map(|_| client.get(&path).status), [503, 503, 200]);
    // A file of the same name takes the place of the built-in scenario.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("builtin:outage"), "{\"rules\": [{\"name\": \"own\", \"status\": 500}]}")
        .unwrap();
    let plan =
        wksmock(&["plan", "--user", "0001", "--scenario", "./builtin:outage"]).current_dir(folder.path()).output();
    assert!(stdout(&plan.unwrap()).contains("own (./builtin:outage:1:12)"));
}

#[test]
fn unknown_builtin_scenario_is_an_error_with_a_similar_name() {
    for (arguments, said) in [
        (&["check", "builtin:outgae"][..], "did you mean `outage`?"),
        (&["serve", "--port", "0", "--scenario", "builtin:outgae"], "did you mean `outage`?"),
        (&["run", "--scenario", "builtin:x", "--", "true"], "wksmock scenario list"),
        (&["scenario", "show", "outgae"], "did you mean `outage`?"),
        (&["check", "outage"], "did you mean `builtin:outage`?"),
        (&["plan", "--scenario", "no/outage.json"], "did you mean `builtin:outage`?"),
    ] {
        let output = run(arguments);
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{arguments:?}");
        assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
    }
}

/// Lists the names in a directory.
fn files(directory: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let text = |entry: &std::fs::DirEntry| std::fs::read_to_string(entry.path()).unwrap();
    let mut files: Vec<_> = entries.map(|entry| (entry.file_name().into_string().unwrap(), text(&entry))).collect();
    files.sort();
    files
}

const WRITTEN: [&str; 5] = ["ci.yml", "scenario.json", "scenario.schema.json", "users.json", "users.schema.json"];

#[test]
fn init_writes_valid_files_and_a_passing_job() {
    let folder = tempfile::tempdir().unwrap();
    let here = |arguments: &[&str]| wksmock(arguments).current_dir(folder.path()).output().unwrap();
    let output = here(&["init"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    let written = files(folder.path());
    assert_eq!(written.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), WRITTEN);
    let named = stdout(&output);
    assert!(WRITTEN.iter().all(|name| named.contains(&format!("wrote {name}\n"))), "{named}");
    let checked = here(&["check", "users.json", "scenario.json"]);
    assert_eq!((checked.status.code(), stderr(&checked)), (Some(0), String::new()));
    assert!(stdout(&checked).ends_with("ok: 1 project, 2 users, 1 rule, seed 0\n"), "{}", stdout(&checked));
    for kind in ["users", "scenario"] {
        let text = |name: &str| written.iter().find(|(one, _)| one == name).unwrap().1.as_str();
        let [file, schema] = ["json", "schema.json"].map(|end| text(&format!("{kind}.{end}")));
        let [file, schema] = [file, schema].map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
        assert_eq!(file["$schema"], format!("./{kind}.schema.json"));
        assert!(jsonschema::draft202012::new(&schema).unwrap().is_valid(&file), "{kind}");
    }
    // Run the job with a program that retries in place of pytest.
    let job = std::fs::read_to_string(folder.path().join("ci.yml")).unwrap();
    let variables: Vec<_> =
        job.lines().filter_map(|line| line.trim().strip_prefix("WKSMOCK_")?.split_once(": ")).collect();
    assert_eq!(variables.len(), 2, "{job}");
    let program = "curl -sS --fail --retry 3 -o answer.json -H Content-Type:application/json \
                   \"$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password\"";
    let exports: Vec<_> = variables.iter().map(|(name, file)| format!("export WKSMOCK_{name}={file}; ")).collect();
    let exports = exports.concat();
    let steps: Vec<_> = job.lines().filter_map(|line| line.trim().strip_prefix("- run: ")).collect();
    assert_eq!(steps[1..], ["wksmock check", "wksmock run --report junit=wksmock.xml -- pytest"]);
    assert!(steps[0].starts_with("cargo install --locked --path "), "{job}");
    let steps = steps[1..].join(" && ").replace("pytest", &format!("sh -c '{program}'"));
    let said = in_shell(&format!("cd {} && {exports}{steps} 2>&1 && echo passed", folder.path().display()));
    assert!(said.ends_with("passed\n"), "{said}");
    assert!(folder.path().join("wksmock.xml").exists());
}

#[test]
fn init_names_existing_files_and_overwrites_none() {
    let folder = tempfile::tempdir().unwrap();
    let here = |arguments: &[&str]| wksmock(arguments).current_dir(folder.path()).output().unwrap();
    let output = here(&["init", "a b/c"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let below = folder.path().join("a b/c");
    let job = std::fs::read_to_string(below.join("ci.yml")).unwrap();
    assert!(job.contains("WKSMOCK_USERS: \"a b/c/users.json\""), "{job}");
    let before = files(&below);
    let again = here(&["init", "a b/c"]);
    assert_eq!((again.status.code(), stdout(&again)), (Some(2), String::new()));
    assert!(stderr(&again).contains("a b/c/users.json"), "{}", stderr(&again));
    assert_eq!(files(&below), before);
    // Any one of them is enough.
    for name in WRITTEN {
        let other = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/nonexistent", other.path().join(name)).unwrap();
        let refused = run(&["init", other.path().to_str().unwrap()]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(stderr(&refused).contains(&format!("{name} exists already")), "{}", stderr(&refused));
        assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 1);
    }
    std::fs::write(folder.path().join("file"), "").unwrap();
    assert_eq!(here(&["init", "file/x"]).status.code(), Some(2));
}

#[test]
fn check_without_files_reads_the_files_of_serve() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().to_str().unwrap().to_owned();
    assert_eq!(run(&["init", &directory]).status.code(), Some(0));
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (users, scenario) = (at("users.json"), at("scenario.json"));
    let named = printed(&["check", &users, &scenario]);
    assert_eq!(printed(&["check", "--users", &users, "--scenario", &scenario]), named);
    let with = |arguments: &[&str]| {
        let variables = [("WKSMOCK_USERS", &users), ("WKSMOCK_SCENARIO", &scenario)];
        let output = wksmock(arguments).envs(variables).output().unwrap();
        stdout(&output) + &stderr(&output)
    };
    assert_eq!(with(&["check"]), named);
    // Named files take precedence.
    assert_eq!(with(&["check", "builtin:outage"]), printed(&["check", "builtin:outage"]));
    assert!(with(&["check", "--scenario", "builtin:flapping"]).contains("2 users, 1 rule"));
    assert!(with(&["check", "--fault", "bob=503"]).contains("2 users, 2 rules"));
    let nothing =
        "note: no file given; checked only what is built in. Name files, or set WKSMOCK_USERS or WKSMOCK_SCENARIO.\n";
    assert_eq!(printed(&["check"]), format!("{nothing}ok: 1 project, 9 users, 7 built-in rules, seed 0\n"));
    for arguments in [["--users", &users], ["--scenario", &scenario], ["--fault", "0001=503"]] {
        let checked = wksmock(&["check"]).args(arguments).args(["--users", &users]).output().unwrap();
        assert!(!stdout(&checked).contains("note:"), "{arguments:?}: {}", stdout(&checked));
    }
    let outage = printed(&["check", "builtin:outage"]);
    assert!(outage.ends_with("ok: 1 project, 9 users, 1 rule and 7 built in, seed 0\n"), "{outage}");
    std::fs::write(&scenario, "{}").unwrap();
    assert!(with(&["check"]).contains("missing field `rules`"), "{}", with(&["check"]));
    let both = run(&["check", &users, "--scenario", "builtin:outage"]);
    assert_eq!(both.status.code(), Some(2));
}

/// Returns the greeting of `serve` on a terminal up to the command to try, the server's URL, and its process.
fn on_a_terminal(flags: &str, variables: &[(&str, &str)]) -> (String, String, std::process::Child) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let line = format!("exec {} serve --port 0 {flags} >{}", env!("CARGO_BIN_EXE_wksmock"), out.display());
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env_remove("NO_COLOR").envs(variables.iter().copied());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut terminal = BufReader::new(child.stdout.take().unwrap());
    while !said.contains("try ") {
        assert_ne!(terminal.read_line(&mut said).unwrap(), 0, "{said}");
    }
    let ready = std::fs::read_to_string(&out).unwrap();
    let url = ready.strip_prefix(crate::binary::READY).unwrap().trim_end().to_owned();
    assert_eq!(ready.lines().count(), 1, "stdout has the ready line alone: {ready}");
    // Keep reading: the server writes more.
    std::thread::spawn(move || std::io::copy(&mut terminal, &mut std::io::sink()));
    (said.replace('\r', ""), url, child)
}

#[test]
fn serve_on_a_terminal_greets_with_a_command_to_try() {
    let token = [("WKSMOCK_ADMIN_TOKEN", "secret-token"), ("NO_COLOR", "1")];
    for (flags, variables, expected) in [
        ("", &token[1..], "9 users in 1 project (built in)"),
        (
            "--auth off --fault 0001=200:3-4",
            &token[1..],
            "8 rules (--fault 8a2c3f9579d240820179d51e6caf0001=200:3-4, built in)",
        ),
        ("--host 0.0.0.0 --seed 7", &token, "seed    7\n"),
        (
            "--users src/cli/init/users.json --scenario builtin:slow-tail",
            &token[1..],
            "2 users in 1 project (src/cli/init/users.json)",
        ),
        ("--auth required --admin-listen 127.0.0.1:0", &token[1..], "required: "),
        ("--auth required", &token, "(asks for the admin token)"),
    ] {
        let (said, url, mut child) = on_a_terminal(flags, variables);
        assert!(said.contains(expected), "{flags}: {said}");
        assert!(said.contains("/__admin/") && !said.contains('\u{1b}'), "{said:?}");
        assert!(!said.contains("secret-token"), "{said}");
        let command = said.lines().find_map(|line| line.trim().strip_prefix("try")).unwrap().trim();
        let exports: Vec<_> = variables.iter().map(|(name, value)| format!("export {name}={value}; ")).collect();
        let exports = exports.concat();
        let answered = in_shell(&format!("{exports}{command} 2>/dev/null"));
        assert!(answered.contains("200") && answered.contains("password"), "{flags}: {command}: {answered}");
        let port = url.rsplit(':').next().unwrap();
        let mut client = Client::connect(&format!("http://127.0.0.1:{port}"));
        if !flags.contains("--admin-listen") {
            let bearer = ["Authorization: Bearer secret-token"];
            let ended = client.request("POST", "/__admin/shutdown", &bearer, "");
            assert_eq!(ended.status / 100, 2, "{ended:?}");
            assert!(child.wait().unwrap().success());
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

#[test]
fn greeting_without_the_console_does_not_mention_it() {
    let (said, _, mut child) = on_a_terminal("--no-console", &[]);
    assert!(said.contains("\u{1b}[2mtry") && !said.contains("console"), "{said:?}");
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn run_command_without_dashes_is_an_error_with_a_hint() {
    let told = |arguments: &[&str]| {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        stderr(&output)
    };
    assert!(told(&["run", "pytest"]).contains("tip: wksmock run -- pytest\n"));
    let flags = told(&["run", "--seed", "7", "pytest", "-q", "tests"]);
    assert!(flags.contains("tip: wksmock run --seed 7 -- pytest -q tests\n"), "{flags}");
    assert!(!told(&["run", "--sede", "7", "--", "true"]).contains("tip: wksmock run"));
    assert!(!told(&["serve", "pytest"]).contains("tip"), "{}", told(&["serve", "pytest"]));
}

#[test]
fn call_number_that_looks_like_a_percentage_is_a_warning() {
    let warned = |output: std::process::Output| stderr(&output);
    let warning = "warning: --fault *=503:10: this is for call 10; for 10 % of calls write *=503:10%, and *=503:10-10 for call 10 without this warning\n";
    assert_eq!(warned(run(&["plan", "--user", "0001", "--fault", "*=503:10"])), warning);
    assert!(warned(run(&["run", "--fault", "*=503:10", "--", "true"])).starts_with(warning));
    assert!(printed(&["check", "--fault", "*=503:10"]).contains(warning), "check says it where it says all else");
    for meant in ["*=503:10%", "*=503:10-10", "*=503:2"] {
        assert_eq!(warned(run(&["plan", "--user", "0001", "--fault", meant])), "", "{meant}");
    }
}

#[test]
fn users_are_named_by_id_name_or_end_of_id() {
    let password = printed(&["password", "--project", PROJECT, "--user", &user("0001")]);
    for named in ["0001", "api-test", "API-Test", &user("0001")] {
        assert_eq!(printed(&["password", "--user", named]), password, "{named}");
    }
    let by = |user: &str| {
        let fault = format!("{user}=503:30%");
        printed(&["plan", "--user", user, "--fault", &fault, "--calls", "1-50", "--format", "json"])
    };
    assert_eq!(by("0001"), by(&user("0001")));
    assert_eq!(by("api-test"), by("0001"));
    let sample = |user: &str| in_shell(&format!("wksmock sample curl --user {user} 2>/dev/null"));
    assert_eq!(sample("0001"), sample(&user("0001")));
    assert!(sample("nobody-like-this").contains("/nobody-like-this/"), "an unknown user is allowed");
}

#[test]
fn ambiguous_or_unknown_user_is_an_error_with_candidates() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let users = at(
        "users.json",
        r#"{"projects": [{"id": "p", "users": [{"id": "a-0001", "user_name": "ann"}, {"id": "b-0001", "user_name": "bob"}]},
            {"id": "q", "users": [{"id": "c-0009", "user_name": "ann"}, {"id": "a-0001"}]}]}"#,
    );
    let failed = |arguments: &[&str]| {
        let output = run(&[arguments, &["--users", &users]].concat());
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{arguments:?}");
        stderr(&output)
    };
    for (arguments, said) in [
        (&["password", "--user", "0001"][..], "use one of a-0001 (ann, project p), b-0001 (bob, project p)"),
        (&["password", "--user", "a-0001"], "add --project: p, q"),
        (&["password", "--user", "bbo"], "did you mean `bob`?"),
        (&["plan", "--user", "ann"], "use one of a-0001 (ann, project p), c-0009 (ann, project q)"),
        (&["plan", "--fault", "ann=503"], "`ann` matches several users"),
        (&["plan", "--fault", "000l=503"], "did you mean `0001`"),
        (&["sample", "curl", "--user", "ann"], "use one of a-0001"),
    ] {
        assert!(failed(arguments).contains(said), "{arguments:?}: {}", failed(arguments));
    }
    let scenario = at(
        "scenario.json",
        r#"{"rules": [{"name": "one", "when": {"project": "q", "user": "ann"}, "status": 503}],
            "expect": [{"name": "two", "when": {"user": "bob"}, "calls": {"min": 1}}]}"#,
    );
    let plan = printed(&["plan", "--users", &users, "--scenario", &scenario, "--calls", "1", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let hit: Vec<_> =
        plan["calls"].as_array().unwrap().iter().filter(|call| call["outcome"]["status"] == 503).collect();
    assert!(hit.len() == 1 && hit[0]["user"] == "c-0009" && hit[0]["project"] == "q", "{plan:#}");
    let judged = run(&["run", "--users", &users, "--scenario", &scenario, "--", "true"]);
    assert!(judged.status.code() == Some(1) && stderr(&judged).contains("b-0001"), "{}", stderr(&judged));
}
