//! The schemas of events, and of changes of the setup.

use super::super::events::KINDS;
use super::{flag, list, nullable, number, object, one_of, text, to};
use crate::state::ChangeKind;
use serde_json::{Value, json};

pub(super) fn schemas() -> Value {
    json!({
        "Events": {
            "type": "string",
            "description": "Server-sent events. The name of each is a kind, its id is to be sent as `since` or `Last-Event-ID` \
                by a reader that comes back, and its data is an object: of a `request` an Entry, of a `message` a Message, of \
                `setup` a Change, of `clock` a ClockEvent, of `reset` a ResetEvent, of `truncated` a TruncatedEvent.",
        },
        "EventKind": one_of(&KINDS),
        "ClockEvent": object(json!({ "now_ms": number(), "mode": text() })),
        "ResetEvent": object(json!({ "epoch": number(), "project": nullable(text()) })),
        "TruncatedEvent": object(json!({ "missed": number() })),
        "ChangePage": object(json!({
            "changes": list(to("Change")), "next": number(), "truncated": flag(), "dropped": number(),
        })),
        "Change": object(json!({
            "number": number(),
            "at_ms": number(),
            "after": number(),
            "kind": one_of(&ChangeKind::NAMES),
            "what": text(),
            "project": nullable(text()),
        })),
    })
}
