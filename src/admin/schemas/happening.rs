//! The schemas of events, and of changes of the setup.

use super::shape::{nullable, number, object, one_of, page, text};
use crate::admin::events::KINDS;
use crate::state::ChangeKind;
use serde_json::{Value, json};

pub(super) fn schemas() -> Value {
    json!({
        "Events": {
            "type": "string",
            "description": "Server-sent events. The name of an event is its kind; its id is for `since` or `Last-Event-ID` when a \
                reader connects again. Its data is an object: for `request` an Entry, for `message` a Message, for `setup` a \
                Change, for `clock` a ClockEvent, for `reset` a ResetEvent, for `truncated` a TruncatedEvent.",
        },
        "EventKind": one_of("The kind of an event.", &KINDS),
        "ClockEvent": object("Virtual time was moved.", json!({
            "now_ms": number("Where it is now."),
            "mode": text("`running` or `manual`."),
        })),
        "ResetEvent": object("A project, or everything, was reset.", json!({
            "epoch": number("The number of resets so far, plus 1."),
            "project": nullable(text("The project or clone; null for everything.")),
        })),
        "TruncatedEvent": object("Events are missing here: entries, messages or changes were dropped before the reader saw them.", json!({
            "missed": number("How many; 0 if `since` is not an id of this server, and the stream starts at its beginning."),
        })),
        "ChangePage": page("A page of changes of the setup.", "changes", "Change"),
        "Change": object("A change of the setup.", json!({
            "number": number("From 1, in order. Resets do not start it again."),
            "at_ms": number("When, in milliseconds of virtual time."),
            "after": number("The index of the last journal entry before it."),
            "kind": one_of("What was changed.", &ChangeKind::NAMES),
            "what": text("The change as a sentence."),
            "project": nullable(text("The project or clone that it concerns; null for all.")),
        })),
    })
}
