//! `down`: windows of virtual time in which clients cannot connect.

use super::RuleLabel;
use super::conditions::window;
use crate::diagnostics::{Fields, Problem, Problems, Source, Value, Vocabulary};
use std::ops::Range;
use std::sync::Arc;

pub(crate) const WINDOW: Vocabulary = Vocabulary {
    what: "a `down` window",
    known: &["time_ms"],
    examples: &[("a time without connections", r#"{ "time_ms": [10000, 20000] }"#)],
};
/// Windows of a file at most.
const WINDOWS_MAX: usize = 1_000;

/// The times in which clients cannot connect.
#[derive(Debug, Default)]
pub(crate) struct Down {
    /// In order; they do not touch.
    merged: Vec<Range<u64>>,
    /// The windows of the files.
    windows: Vec<Window>,
}

/// One window of a file.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) time_ms: Range<u64>,
    pub(crate) label: Arc<RuleLabel>,
}

/// Whether someone could end a window that does not end by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Control {
    /// The admin API goes down with the rest, and time goes on by itself.
    #[default]
    Shared,
    /// The admin API goes down with the rest, and only it moves time.
    SharedAndManual,
    /// The admin API is there whatever happens.
    Apart,
    /// It is the scenario of a clone, and the others would go down with that.
    OfClone,
}

/// Whether the server is down, and until when; `None` for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reachable {
    pub(crate) is_down: bool,
    pub(crate) until_ms: Option<u64>,
}

impl Down {
    pub(crate) fn new(windows: Vec<Window>) -> Self {
        let mut ranges: Vec<_> = windows.iter().map(|window| window.time_ms.clone()).collect();
        ranges.sort_unstable_by_key(|window| window.start);
        let mut merged: Vec<Range<u64>> = Vec::new();
        for window in ranges {
            match merged.last_mut() {
                Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
                _ => merged.push(window),
            }
        }
        Self { merged, windows }
    }

    /// The windows of the files.
    pub(crate) fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Whether the last window never ends.
    pub(crate) fn never_ends(&self) -> bool {
        self.merged.last().is_some_and(|last| last.end == u64::MAX)
    }

    /// The state at a virtual time.
    pub(crate) fn at(&self, ms: u64) -> Reachable {
        let next = self.merged.iter().find(|window| window.end > ms);
        let until = |end: u64| (end < u64::MAX).then_some(end);
        match next {
            Some(window) if window.start <= ms => Reachable { is_down: true, until_ms: until(window.end) },
            next => Reachable { is_down: false, until_ms: next.map(|window| window.start) },
        }
    }
}

/// Reads the `down` of a scenario, if it is there. Every problem is kept.
pub(super) fn windows(
    source: &Arc<Source>,
    fields: &Fields<'_>,
    control: Control,
    problems: &mut Problems,
) -> Vec<Window> {
    let Some(written) = problems.keep(fields.array("down")).flatten() else {
        return Vec::new();
    };
    let at = fields.location(written.span.start..written.span.start + 1);
    if written.elements.len() > WINDOWS_MAX {
        let what = format!("{} windows", written.elements.len());
        problems.push(Problem::new(what, at, format!("expected at most {WINDOWS_MAX}")));
        return Vec::new();
    }
    if control == Control::OfClone && !written.elements.is_empty() {
        let expected =
            "not allowed: a clone shares the server's address, so this would cut off every other project too";
        let problem = Problem::new("`down` in the scenario of a clone", at, expected);
        problems.push(problem.hint("PUT it to /__admin/scenario, or write a rule with `time_ms` and a `fault`"));
        return Vec::new();
    }
    if control == Control::SharedAndManual && !written.elements.is_empty() {
        let expected = "not allowed with --clock manual: the clock cannot be moved while the server is down";
        problems.push(Problem::new("`down` would never end", at, expected).hint(USE_ADMIN_LISTEN));
        return Vec::new();
    }
    written.elements.iter().filter_map(|value| problems.keep(one(source, value, control))).collect()
}

const USE_ADMIN_LISTEN: &str = "give the admin API its own address: `wksmock serve --admin-listen HOST:PORT`";

fn one(source: &Arc<Source>, value: &Value<'_>, control: Control) -> Result<Window, Box<Problem>> {
    let fields = Fields::of(source, value, &WINDOW)?;
    let time = fields.value("time_ms").ok_or_else(|| fields.missing("time_ms"))?;
    let time_ms = window(&fields, time)?;
    if time_ms.end == u64::MAX && control != Control::Apart {
        let at = fields.location(fields.span("time_ms"));
        let expected = "expected an end: the admin API is unreachable while the server is down";
        return Err(Problem::new("`down` never ends", at, expected).hint(USE_ADMIN_LISTEN).boxed());
    }
    let shown = |ms: u64| if ms == u64::MAX { "null".to_owned() } else { ms.to_string() };
    let name = format!("down [{}, {}]", time_ms.start, shown(time_ms.end));
    let place = fields.location(fields.opening()).place();
    Ok(Window { time_ms, label: Arc::new(RuleLabel { name, place }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_touch_are_one() {
        let new = |windows: &[Range<u64>]| {
            let label = Arc::new(RuleLabel { name: String::new(), place: String::new() });
            let window = |time_ms: &Range<u64>| Window { time_ms: time_ms.clone(), label: Arc::clone(&label) };
            Down::new(windows.iter().map(window).collect())
        };
        let down = new(&[50..60, 10..20, 15..30, 30..40]);
        let at = |ms| {
            let reachable = down.at(ms);
            (reachable.is_down, reachable.until_ms)
        };
        assert_eq!((at(0), at(9)), ((false, Some(10)), (false, Some(10))));
        assert_eq!((at(10), at(29), at(39)), ((true, Some(40)), (true, Some(40)), (true, Some(40))));
        assert_eq!((at(40), at(50), at(60)), ((false, Some(50)), (true, Some(60)), (false, None)));
        assert_eq!(new(std::slice::from_ref(&(5..u64::MAX))).at(7), Reachable { is_down: true, until_ms: None });
        assert_eq!(Down::default().at(0), Reachable { is_down: false, until_ms: None });
    }
}
