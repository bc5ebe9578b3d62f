//! The entries of the journal that a reader asks for, and the page that it gets.

use super::entry::{Entry, EntryState};
use crate::draw::RequestId;
use serde::Serialize;

/// The entries that are asked for.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) order: Order,
    /// Only entries with a higher index; where the oldest come first.
    pub(crate) since: u64,
    /// Only entries with a lower index; where the newest come first.
    pub(crate) before: Option<u64>,
    pub(crate) limit: usize,
    pub(crate) project: Option<String>,
    pub(crate) user: Option<String>,
    /// As `domain/name`, or the name alone.
    pub(crate) account: Option<String>,
    pub(crate) operation: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) state: Option<EntryState>,
    pub(crate) request_id: Option<RequestId>,
    /// The name of the rule that caused a facet.
    pub(crate) rule: Option<String>,
    /// A text that the entry must contain, in any case.
    pub(crate) text: Option<String>,
    /// Whether the console sent it, or a client.
    pub(crate) by_console: Option<bool>,
}

named_enum! {
    /// Which entries come first.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) enum Order {
        #[default]
        Oldest = "oldest",
        Newest = "newest",
    }
}

/// A page of the journal.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "RequestPage"))]
pub(crate) struct Page {
    /// In the order that was asked for.
    #[serde(rename = "requests")]
    pub(crate) entries: Vec<Entry>,
    /// The cursor of the next page: its `since`, or with the newest first its `before`, which is 0 after the last page.
    pub(crate) next: u64,
    /// Whether entries after `since` were dropped before they could be read.
    pub(crate) truncated: bool,
    /// Number of entries that were dropped for lack of space since the server started.
    pub(crate) dropped: u64,
}
