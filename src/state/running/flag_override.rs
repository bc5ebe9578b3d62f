//! An override in the form of `--fault`, limited to a project or not.

use crate::diagnostics::{Document, Fields, Problems, Source, Vocabulary, member, parse};
use crate::fixture::Among;
use crate::limits::Limits;
use crate::scenario::{Known, check_flag, fault_as_rule, fault_with_id, is_name};
use std::borrow::Cow;
use std::sync::Arc;

const FLAG: &str = "flag";
const OVERRIDE_FLAG: Vocabulary = Vocabulary {
    what: "an override in the form of a flag",
    known: &[FLAG, "project"],
    examples: &[("", r#"{ "flag": "alice=503:1-2" }"#)],
};

/// The rule that the text of an override means: itself, or that of a flag.
pub(super) fn meant<'t>(
    text: &'t str,
    known: Known<'_>,
    is_taken: impl Fn(&str) -> bool,
    limits: &Limits,
) -> Result<Cow<'t, str>, Problems> {
    let source = Arc::new(Source::new("body", text));
    let mut problems = Problems::new(limits.errors_shown_max);
    let rule = match problems.keep(parse(&source, limits)) {
        Some(document) if member(&document.root, FLAG).is_some() => {
            rule_of(&document, known, is_taken, &mut problems).map(Cow::Owned)
        }
        Some(_) => Some(Cow::Borrowed(text)),
        None => None,
    };
    rule.ok_or(problems)
}

/// The text of the rule that a flag stands for. It is named by the flag and its project, unless another rule has that name.
///
/// Every problem is kept: those of the flag with the place in its text.
fn rule_of(
    document: &Document<'_>,
    known: Known<'_>,
    is_taken: impl Fn(&str) -> bool,
    problems: &mut Problems,
) -> Option<String> {
    let before = problems.count();
    let fields = Fields::open(document.source, &document.root, &OVERRIDE_FLAG, problems)?;
    let project = problems.keep(fields.text("project")).flatten();
    let flag = problems.keep(fields.text(FLAG)).flatten()?.value;
    check_flag(flag, project.as_ref(), known, problems);
    if problems.count() > before {
        return None;
    }
    let project = project.as_ref().map(|project| project.value);
    let searched = project.and_then(|id| known.template(id));
    let projects = searched.as_ref().map(std::slice::from_ref);
    let flag = fault_with_id(flag, Among { directory: &known.loaded.directory, projects });
    let name = project.map_or_else(|| flag.clone(), |project| format!("{flag} in {project}"));
    let name = Some(name.as_str()).filter(|name| is_name(name) && !is_taken(name));
    fault_as_rule(&flag, name, project)
}
