//! The schemas of health, version, time and problems.

use super::shape::{closed, described, list, nullable, number, object, one_of, text, to};
use crate::admin::clock::FARTHEST_MS;
use crate::state::ClockMode;
use serde_json::{Value, json};

pub(super) fn schemas() -> Value {
    json!({
        "Health": health(),
        "Version": object("The version of the server.", json!({
            "name": text("`wksmock`."),
            "version": text("The version, as `wksmock --version` prints it."),
            "commit": nullable(text("The commit that it was built from, if known.")),
            "password_scheme": number("The scheme by which passwords and faults are drawn. Another scheme draws others."),
        })),
        "ClockMove": {
            "type": "object",
            "description": "Where to move virtual time. Exactly one of the two fields.",
            "additionalProperties": false,
            "properties": {
                "advance_ms": milliseconds("Forward by this many milliseconds."),
                "set_ms": milliseconds("To this many milliseconds after the start or the last reset."),
            },
            "oneOf": [{ "required": ["advance_ms"] }, { "required": ["set_ms"] }],
        },
        "Clock": object("Virtual time.", json!({
            "now_ms": number("Milliseconds of virtual time since the start or the last reset of everything."),
            "mode": one_of("`manual` with `--clock manual`: time stands still until it is moved.", &ClockMode::NAMES),
        })),
        "ResetRequest": closed("What to reset. No body resets everything.", json!({
            "project?": text("The project or clone. Default: everything."),
        })),
        "Reset": object("The reset that was done.", json!({
            "epoch": number("The number of resets so far, plus 1. Journal entries carry it."),
        })),
        "Document": {
            "type": "object",
            "description": "An OpenAPI 3.1 document of the emulated API and of the admin API.",
            "required": ["openapi", "info", "paths"],
        },
        "Metrics": { "type": "string", "description": "OpenMetrics text, for Prometheus." },
        "Problem": object("An error of the admin API, as RFC 9457 defines it.", json!({
            "type": text("`about:blank`: the status says what kind of problem it is."),
            "title": text("The reason phrase of the status."),
            "status": number("The status, as in the status line."),
            "detail": text("What is wrong, and what to do."),
            "errors?": list("Each mistake in the body, with its place.", to("Told")),
        })),
        "Told": object("A mistake in a document.", json!({
            "place": text("Where: `body:LINE:COLUMN`, or `FILE:LINE:COLUMN`."),
            "message": text("What is wrong, and what was expected."),
            "hint?": text("What to do."),
            "also?": object("A second place that belongs to the mistake.", json!({
                "place": text("Where."),
                "message": text("What is there."),
            })),
        })),
    })
}

fn health() -> Value {
    let dropped = "How many were dropped for lack of space.";
    object(
        "The state of the server. Without the admin token, where one is needed, `status` alone.",
        json!({
            "status": one_of(
                "`stale`: a watched file has errors, and the setup or the certificates before it are still in force. \
                 `starting` and `draining` come with 503.",
                &["ok", "stale", "starting", "draining"],
            ),
            "version?": text("The version of the server."),
            "url?": nullable(text("The URL of the emulated API.")),
            "https_url?": nullable(text("The URL of the emulated API by HTTPS, if `--tls` is given.")),
            "admin_url?": nullable(text("The URL of the admin API, if `--admin-listen` gives it an address of its own.")),
            "seed?": number("The seed on which all draws depend."),
            "started_unix_ms?": number("When the server started, in milliseconds since 1970."),
            "now_ms?": number("Virtual time in milliseconds."),
            "projects?": number("Loaded projects, without clones."),
            "users?": number("Loaded users, without those of clones."),
            "clones?": number("Clones that exist."),
            "rules?": number("Rules in force, without overrides."),
            "overrides?": number("Overrides in force."),
            "epoch?": number("The number of resets so far, plus 1."),
            "journal?": object("How full the journal is.", json!({
                "entries": number("Entries that are kept."),
                "bytes": number("Memory of their texts."),
                "dropped": number(dropped),
            })),
            "outbox?": object("How full the outbox is.", json!({ "dropped": number(dropped) })),
            "reloads?": number("How often files were read again and put in force."),
            "problems?": list("The errors of the files that were read last, if they were refused.", to("Told")),
        }),
    )
}

fn milliseconds(about: &str) -> Value {
    described(about, json!({ "type": "integer", "minimum": 0, "maximum": FARTHEST_MS }))
}
