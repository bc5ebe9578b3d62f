//! The schemas of lists: users, accounts, projects, tokens, samples, error codes.

use super::shape::{any_of, closed, described, flag, list, nullable, number, object, one_of, string, text, to};
use crate::contract::{ACTIVE_TYPES, Operation};
use crate::samples::Language;
use crate::state::UserState;
use serde_json::{Value, json};

const NEXT: &str = "The cursor of the next page; null after the last one.";

pub(super) fn schemas() -> Value {
    json!({
        "UserPage": users(),
        "AccountPage": object("A page of accounts.", json!({
            "accounts": list("In the order of the files.", object("An account, without its secrets.", json!({
                "domain": text("Its domain."),
                "name": text("Its name in the domain."),
                "account": text("Both, as `domain/name`."),
                "access_key": nullable(text("Its access key; null if it cannot sign.")),
                "projects": list("The ids of its projects; empty if it has all.", string()),
                "all_projects": flag("Whether it has all projects."),
                "permissions": nullable(list("The actions that it may do; null for all.", string())),
            }))),
            "next": nullable(number(NEXT)),
        })),
        "ProjectPage": object("A page of projects and clones.", json!({
            "projects": list("Loaded projects, then clones.", object("A project or clone.", json!({
                "id": text("Its id."),
                "name": nullable(text("Its name.")),
                "users": number("How many users it was loaded with."),
                "from": nullable(text("The template of a clone; null for a loaded project.")),
                "account": nullable(text("The account that is bound to a clone.")),
                "own_scenario": flag("Whether a clone has a scenario of its own."),
            }))),
            "next": nullable(number(NEXT)),
        })),
        "CloneRequest": closed("The clone to make.", json!({
            "from": text("The template: the id of a loaded project, or of a clone made from it."),
            "id?": described("The id of the clone. Default: a new one.", to("Id")),
            "account?": text("An account to bind: its calls to the template happen in the clone."),
            "scenario?": described("A scenario of its own, in place of the files'.", to("Scenario")),
        })),
        "Clone": object("The clone that was made.", json!({
            "id": text("Its id: the one that was asked for, or a new one."),
            "from": text("The id of the loaded project that it was made from."),
            "users": number("How many users it has."),
            "account?": text("The account that is bound to it, as `domain/name`."),
        })),
        "TokenList": object("Issued tokens.", json!({
            "tokens": list("The latest tokens that are not revoked, without the tokens themselves.", object("A token.", json!({
                "id": text("An id that says nothing about the token."),
                "account": text("Its account, as `domain/name`."),
                "scope": text("The project or domain that it is for."),
                "issued_at": text("When it was issued."),
                "expires_at": text("When it expires."),
            }))),
            "dropped": number("How many older tokens are not listed any more."),
        })),
        "SampleList": object("Programs for one request.", json!({
            "samples": list("One for each language.", object("A program.", json!({
                "language": one_of("The name to ask for.", &Language::NAMES),
                "title": text("The name to show."),
                "code": text("The whole program."),
                "note": text("What it needs."),
            }))),
        })),
        "ErrorCodeList": error_codes(),
    })
}

fn users() -> Value {
    object(
        "A page of users.",
        json!({
            "users": list("By project, in the order of the files, then created users.", object("A user.", json!({
                "project": text("The id of the project or clone."),
                "project_name": nullable(text("The name of the project.")),
                "id": text("The id."),
                "user_name": nullable(text("The name.")),
                "user_email": nullable(text("The e-mail address.")),
                "user_phone": nullable(text("The phone number.")),
                "description": nullable(text("The description.")),
                "active_type": one_of("The activation mode.", ACTIVE_TYPES),
                "disabled": flag("Whether the user is disabled."),
                "locked": flag("Whether the user is locked."),
                "state": one_of(
                    "`loaded`: as in the users file. `created`: by CreateDesktopUser. `changed`: loaded, and changed since.",
                    &UserState::NAMES,
                ),
                "calls": number("How many resets were counted."),
                "current": nullable(object("The current password; null if it was never set.", json!({
                    "call": nullable(number("The reset that set it; null if it was set otherwise.")),
                }))),
                "magic_status": nullable(number("The status that a built-in user always meets; null for others.")),
            }))),
            "next": nullable(number(NEXT)),
        }),
    )
}

fn error_codes() -> Value {
    let ids: Vec<_> = Operation::all().map(|operation| operation.id).collect();
    object(
        "Errors of the emulated API.",
        json!({
            "error_codes": list("In the order of docs/errors.md.", object("An error.", json!({
                "code": text("The `error_code`."),
                "status": number("The status."),
                "from": one_of("Who answers it: decides the shape of the body.", &["service", "gateway", "keystone"]),
                "message": text("The `error_msg`."),
                "when": text("When it is given."),
                "remedy": text("What to do about it."),
                "operations": list("The operations that document it.", any_of(&ids)),
                "provoke": text("A shell command that provokes it."),
            }))),
        }),
    )
}
