//! The grammar of the command line.

use super::exit::Failure;
use super::groups::{HELP, VARIABLES};
use super::{check, completions, env, health, init, man, password, plan, run, sample, scenario, schema, serve};
use clap::{Arg, ArgAction, CommandFactory as _, Parser, Subcommand};

/// A mock of Huawei Cloud Workspace's password-reset API, for tests
///
/// It gives every documented answer on cue, and the same on every run.
///
/// Exit codes: 0 success; 1 an unhealthy server, a failed expectation, missing coverage, a finding of --strict, or a secret
/// that --no-secrets-in-output found; 2 wrong usage or an invalid file;
/// 69 cannot listen; 70 internal error; 126 the command of `run` cannot be executed; 127 it was not found; 128 + n ended by
/// signal n.
#[derive(Debug, Parser)]
#[command(name = "wksmock", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Serve(serve::ServeArgs),
    Run(run::RunArgs),
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Plan(plan::Plan),
    Scenario(scenario::ScenarioArgs),
    Env(env::EnvArgs),
    Password(password::PasswordArgs),
    Sample(sample::SampleArgs),
    Schema(schema::SchemaArgs),
    Health(health::HealthArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// The grammar of the command line, with help texts.
pub(super) fn grammar() -> clap::Command {
    let start = "Start: wksmock serve, or wksmock run -- pytest";
    let command = Arguments::command().after_help(start).after_long_help(format!("{start}\n\n{VARIABLES}"));
    command.mut_subcommands(|command| {
        let hidden = command.get_arguments().filter(|argument| argument.is_hide_short_help_set()).count();
        let has_variables = command.get_arguments().any(|argument| argument.get_env().is_some());
        let command = with_help_last(command.mut_args(|argument| argument.hide_env(true)));
        match (has_variables, hidden) {
            (false, _) => command,
            (true, 0) => command.after_help(VARIABLES),
            (true, hidden) => {
                let flags = if hidden == 1 { "flag" } else { "flags" };
                let more =
                    format!("{hidden} more {flags}: see --help. Each has a variable, as --seed has WKSMOCK_SEED.");
                command.after_help(more).after_long_help(VARIABLES)
            }
        }
    })
}

/// Puts `--help` into a group of its own behind all others, where a command has groups.
fn with_help_last(command: clap::Command) -> clap::Command {
    if command.get_arguments().all(|argument| argument.get_help_heading().is_none()) {
        return command;
    }
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help_heading(HELP);
    command
        .disable_help_flag(true)
        .arg(help.help("Print help (see more with '--help')").long_help("Print help (see a summary with '-h')"))
}

impl Command {
    pub(super) fn run(self) -> Result<u8, Failure> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Run(run) => run.run(),
            Self::Check(check) => check.run(),
            Self::Plan(plan) => plan.run(),
            Self::Password(password) => password.run(),
            Self::Sample(sample) => sample.run(),
            Self::Scenario(scenario) => scenario.run(),
            Self::Init(init) => init.run(),
            Self::Schema(schema) => schema.run(),
            Self::Health(health) => health.run(),
            Self::Env(env) => env.run(),
            Self::Completions(completions) => completions.run(grammar()),
            Self::Man(man) => man.run(grammar()),
        }
    }
}
