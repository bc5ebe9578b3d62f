//! The schemas of verdicts and of coverage.

use super::shape::{closed, flag, list, nullable, number, object, one_of, string, text, to};
use serde_json::{Value, json};

pub(super) fn schemas() -> Value {
    json!({
        "VerifyRequest": closed("What to judge. No body judges the expectations in force.", json!({
            "project?": text("The project or clone whose calls are judged. Default: all."),
            "expect?": list("Expectations to judge instead of those in force.", to("Expectation")),
            "also_expect?": list("Expectations to judge beside those.", to("Expectation")),
            "delete?": flag("Whether to delete the clone of `project` after the verdict. Default: false."),
        })),
        "Verdict": verdict(),
        "Coverage": coverage(),
    })
}

fn verdict() -> Value {
    let never = object(
        "A rule, override or `down` window that never struck.",
        json!({
            "rule": text("Its name; for a window, its times."),
            "place": text("Where it is: `FILE:LINE:COLUMN`, `--fault`, or `override ID`."),
            "why": nullable(text("Why it could not strike yet, if time alone tells.")),
        }),
    );
    let cause = object(
        "A cause.",
        json!({
            "status": number("The status that was answered."),
            "problem": text("What was wrong, without the ids in which requests differ."),
            "times": number("How many requests."),
            "first": object("The first of them.", json!({
                "index": number("Its index in the journal."),
                "request": text("Its method and target."),
                "at_ms": number("When it arrived, in milliseconds of virtual time."),
            })),
        }),
    );
    let repeat = object(
        "A repeat.",
        json!({
            "project": text("The project or clone."),
            "user": text("The user."),
            "call": number("The repeated call."),
            "lost": number("The call before it, whose answer was lost."),
            "gap_ms": number("Milliseconds between the two."),
            "note": text("The same as a sentence."),
        }),
    );
    object(
        "Whether the expectations hold, and what the calls prove.",
        json!({
            "passed": flag("Whether every expectation holds. The fields below do not change it."),
            "report": nullable(text("The failed expectations and their calls as `wksmock run` reports them; null if all hold.")),
            "expectations": list("Each expectation.", judged_one()),
            "never_struck": list("Rules, overrides and `down` windows that never struck, the first of them.", never),
            "more_never_struck": number("How many more there are."),
            "rejected": object("Requests that were refused before they were counted.", json!({
                "count": number("How many there were."),
                "by": list("By cause, the most frequent first.", cause),
                "other": number("How many had further causes, for which there was no space."),
            })),
            "recovery": object("Users who met a failure: a status from 400, or a lost answer.", json!({
                "users": number("How many users met one."),
                "recovered": number("How many of them met success with their last call."),
            })),
            "silent_repeats": list(
                "Calls that arrived so soon after a lost answer that an HTTP client probably repeated them by itself, the first of them.",
                repeat,
            ),
            "more_silent_repeats": number("How many more there are."),
        }),
    )
}

fn judged_one() -> Value {
    let seen = object(
        "A call.",
        json!({
            "project": text("The project or clone; empty if calls are counted by account."),
            "user": text("The user, or the account as `domain/name`."),
            "operation": text("The operationId."),
            "call": number("The call number."),
            "at_ms": number("When it arrived, in milliseconds of virtual time."),
            "status": nullable(number("The status that the client met; null if the answer was lost.")),
            "decided": number("The status that was decided."),
            "rule": nullable(text("The rule that decided it.")),
            "fault": nullable(text("The fault on the wire.")),
            "done": nullable(flag("Whether the password was reset; null for an operation that resets none.")),
            "state": one_of("`lost`: no complete, correct answer left.", &["answered", "lost"]),
            "gap_ms": nullable(number("Milliseconds from the end of the answer before to this arrival.")),
            "took_ms": nullable(number("Milliseconds from arrival to the end of the answer.")),
        }),
    );
    object(
        "An expectation.",
        json!({
            "name": text("Its name."),
            "place": text("Where it is: `FILE:LINE:COLUMN`."),
            "passed": flag("Whether it holds for each user that it is about."),
            "expected": list("What was expected, one sentence for each condition.", string()),
            "seen": list("Calls by which it was judged; if it failed, those of the users that failed it.", seen),
            "more_seen": number("How many more calls there were."),
            "nearest": nullable(text("The condition that came nearest to holding, and what was missing; null if all hold.")),
            "misses": list("Every condition that does not hold, one sentence each, the nearest first.", string()),
            "more_misses": number("How many more there are."),
            "judged_nothing": nullable(text("Why it proves nothing although it holds; null if it judged a call.")),
        }),
    )
}

fn coverage() -> Value {
    let user = object(
        "A user.",
        json!({
            "project": text("The project or clone; empty if an account met it."),
            "user": text("The user, or the account as `domain/name`."),
        }),
    );
    let status = object(
        "A status.",
        json!({
            "status": number("The status."),
            "met": flag("Whether a client met it. A lost answer does not count."),
            "count": number("How often, refused requests included."),
            "lost": number("How often it was decided and its answer lost."),
            "users": list("Users that met it, the first of them.", user),
            "more_users": number("How many more there are."),
        }),
    );
    object(
        "Which documented statuses clients have met.",
        json!({
            "documented": number("Documented statuses of the operations that count."),
            "met": number("How many of them were met."),
            "operations": list("Each emulated operation.", object("An operation.", json!({
                "operation": text("The operationId."),
                "counts": flag("Whether it counts in `documented`: it was called, or it is ResetRandomPassword."),
                "statuses": list("Each documented status, the success first.", status),
            }))),
        }),
    )
}
