//! The entries of the journal that a reader asks for, and the page that it gets.

use super::entry::{Entry, EntryState};
use crate::draw::RequestId;

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

/// Which entries come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    #[default]
    Oldest,
    Newest,
}

/// Some entries, and the cursor of the next ones.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// The `since` of the next page, or with the newest first its `before`, 0 on the last page.
    pub(crate) next: u64,
    /// Whether entries that would have been here, or behind the last page, were dropped before they could be read.
    pub(crate) truncated: bool,
    pub(crate) dropped: u64,
}
