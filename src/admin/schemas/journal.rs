//! The schemas of the journal, the outbox and explanations.

use super::shape::{any_of, described, flag, list, nullable, number, object, one_of, page, string, text, to};
use crate::admin::{outbox, requests};
use crate::scenario::FAULT_KINDS;
use serde_json::{Value, json};

pub(super) fn schemas() -> Value {
    json!({
        "RequestPage": page("A page of the journal.", "requests", "Entry"),
        "Entry": entry(),
        "Body": object("A body, as far as the journal keeps it: `entry_body_bytes_max` bytes.", json!({
            "text": nullable(text("Its beginning, secrets as `***`; null if it was dropped or not sent.")),
            "bytes": number("The length of the whole body."),
            "cut_at": nullable(number("How many bytes `text` shows; null if all.")),
            "note": nullable(text("What a fault did to it, or why there is no text.")),
        })),
        "Outcome": outcome(),
        "MessagePage": page("A page of the outbox.", "messages", "Message"),
        "Message": message(),
        "UserPassword": object("A password of a user.", json!({
            "project": text("The project of the path."),
            "user": text("The user of the path."),
            "current?": nullable(object(
                "The current password; null if the user was never reset. Absent with `call`.",
                json!({
                    "call": number("The call that set it: the highest successful call number."),
                    "password": text("The password."),
                }),
            )),
            "call?": number("The call number that was asked for."),
            "password?": text("The password that this call gives if it succeeds."),
        })),
        "Explanation": explanation(),
    })
}

fn entry() -> Value {
    object(
        "One request: its journal entry.",
        json!({
            "index": number("The position in the journal, from 1 in order of arrival. DELETE and resets do not start it again."),
            "epoch": number("The number of resets before it, plus 1."),
            "request_id": nullable(text("The `X-Request-Id` of the answer; null while in flight.")),
            "state": one_of(
                "`in_flight`: not answered yet. `answered`: counted and answered. `cut`: counted, but no complete answer left. \
                 `rejected`: refused before it was counted; `problem` says why.",
                requests::STATES,
            ),
            "at_ms": number("When it arrived, in milliseconds of virtual time."),
            "arrived_unix_ms": number("When it arrived in real time, in milliseconds since 1970."),
            "operation": nullable(text("The operationId; null if the path is unknown.")),
            "method": text("The method."),
            "target": text("Path and query as they were sent, secrets redacted."),
            "project": nullable(text("The project or clone in which it happened.")),
            "user": nullable(text("The user in the path.")),
            "account": nullable(text("The account that called, as `domain/name`; null without credentials.")),
            "call": nullable(number("The call number; null if the request was not counted.")),
            "notification_type": list("The notifications that it asked for.", any_of(outbox::TYPES)),
            "headers": described(
                "Header fields by lower-case name, secrets redacted. Values of a repeated field are joined with `, `.",
                json!({ "type": "object", "additionalProperties": string() }),
            ),
            "request_body": described(
                "The body of the request; null without one, before it has arrived, and if it was refused unread.",
                nullable(to("Body")),
            ),
            "decision": described(
                "What was decided; null if the request was not counted.",
                nullable(to("Outcome")),
            ),
            "answer": nullable(object("What was answered; null while in flight or if nothing was answered.", json!({
                "status": number("The status that was sent."),
                "bytes": number("The length of the body."),
                "after_ms": number("Milliseconds of real time from arrival to the end of the answer."),
            }))),
            "answer_body": described("The body of the answer; null without one, and while in flight.", nullable(to("Body"))),
            "problem": nullable(text("Why the request was rejected, and what to do.")),
            "tls?": object("What the TLS handshake of its connection agreed on. Absent over plain HTTP.", json!({
                "version": one_of("The version.", &["1.2", "1.3"]),
                "alpn": nullable(text("The protocol, such as `http/1.1`; null if the client offered none.")),
                "sni": nullable(text("The server's name as the client sent it; null for an IP address.")),
            })),
            "by?": one_of("`console` if `POST /__admin/try` sent it. Absent for a client's request.", requests::SHOWN_BY),
        }),
    )
}

fn outcome() -> Value {
    let cause = |facet: &str| {
        object(
            &format!("The rule that set the {facet}. Absent if no rule did."),
            json!({
                "rule": text("The name of the rule."),
                "place": text("Where it is: `FILE:LINE:COLUMN`, `--fault`, or `override ID`."),
            }),
        )
    };
    let faults: Vec<_> = FAULT_KINDS.iter().map(|kind| kind.name).collect();
    object(
        "What was decided about a call.",
        json!({
            "status": number("The status; with a fault that sends no answer, the status that it would have had."),
            "phase": nullable(one_of(
                "Whether the failure or fault struck before or after the side effect; null without one.",
                &["before", "after"],
            )),
            "delay_ms": number("How long the answer is held back."),
            "fault": nullable(one_of("The fault on the wire.", &faults)),
            "password": nullable(text("The new password, if the call sets one.")),
            "error": nullable(object("The error of a status from 400.", json!({
                "code": text("The `error_code` of the body."),
                "message": text("The `error_msg` of the body."),
            }))),
            "causes": object("The rules that decided. A facet that no rule set is the API's own behaviour.", json!({
                "status?": cause("status"), "delay?": cause("delay"), "fault?": cause("fault"),
            })),
        }),
    )
}

fn message() -> Value {
    object(
        "A notification that a user was sent.",
        json!({
            "index": number("The position in the outbox, from 1. Resets do not start it again."),
            "at_ms": number("When it was sent, in milliseconds of virtual time."),
            "type": one_of("The kind of notification.", outbox::TYPES),
            "to": text("The e-mail address or phone number."),
            "project": text("The project or clone of the user."),
            "user": text("The id of the user."),
            "account?": text("The account that asked for it, as `domain/name`. Absent without credentials."),
            "call": number("The number of the call that sent it."),
            "request": number("The index of that call's journal entry."),
            "by?": one_of("`console` if `POST /__admin/try` made that call. Absent for a client's call.", requests::SHOWN_BY),
            "password": text("The password in the message."),
            "subject?": text("The subject of an e-mail."),
            "text": text("The text."),
            "state": one_of(
                "`recorded`: kept here only, since no delivery is configured. `queued`: to be delivered. `sent`: delivered. \
                 `failed`: lost by a rule, or undeliverable.",
                &["recorded", "queued", "sent", "failed"],
            ),
            "attempts": number("How often delivery was tried."),
            "why?": text("Why it failed, or is not delivered yet."),
        }),
    )
}

fn explanation() -> Value {
    let rule = object(
        "A rule that was considered.",
        json!({
            "name": text("The name of the rule."),
            "place": text("Where it is: `FILE:LINE:COLUMN`, `--fault`, or `override ID`."),
            "matched": flag("Whether every condition holds for this call."),
            "failed_on": nullable(text("The first condition that does not hold, as `when` names it.")),
            "left?": number("For an override with `next` and no user: how many calls are left, if nobody else calls."),
        }),
    );
    object(
        "What calls result in, before they are made.",
        json!({
            "at_ms": number("The virtual time for which this holds."),
            "calls": list("The calls in order.", object("A call.", json!({
                "call": number("The call number."),
                "outcome": described("What it results in.", to("Outcome")),
                "rules": list("The rules that were considered, in the order in which they are read.", rule),
                "more": number("How many more rules there are than are listed."),
            }))),
        }),
    )
}
