//! Draws problems for a person: place, line, caret, what was expected, and a hint.

use super::{Location, Problem, Problems, is_obeyed};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt::Write as _;
use std::ops::Range;

/// Characters of a long line that are shown on either side of the offending text.
const AROUND: usize = 60;
/// Characters of the offending text that are underlined at most.
const UNDERLINED: usize = 60;

/// All problems, one under the other, with `… and 12 more` where not all were kept.
pub(crate) fn draw(problems: &Problems, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut drawn = String::new();
    for problem in problems.iter() {
        drawn.push_str(&draw_one(&renderer, problem));
        drawn.push_str("\n\n");
    }
    if problems.more() > 0 {
        let _ = write!(drawn, "… and {} more\n\n", problems.more());
    }
    drawn
}

fn draw_one(renderer: &Renderer, problem: &Problem) -> String {
    let mut main = place(
        Group::with_title(Level::ERROR.primary_title(problem.what.as_str())),
        &problem.at,
        AnnotationKind::Primary,
        &problem.expected,
    );
    if let Some(hint) = &problem.hint
        && problem.also.is_none()
    {
        main = main.element(Level::HELP.message(hint.as_str()));
    }
    let mut groups = vec![main];
    if let Some((at, what)) = &problem.also {
        let mut second =
            place(Group::with_title(Level::NOTE.secondary_title(what.as_str())), at, AnnotationKind::Context, "");
        if let Some(hint) = &problem.hint {
            second = second.element(Level::HELP.message(hint.as_str()));
        }
        groups.push(second);
    }
    let mut drawn = renderer.render(&groups).clone();
    for at in std::iter::once(&problem.at).chain(problem.also.iter().map(|(at, _)| at)) {
        name_true_column(&mut drawn, at);
    }
    drawn
}

/// Corrects the column of a long line, of which the renderer sees and counts only a part.
fn name_true_column(drawn: &mut String, at: &Location) {
    if let Some(span) = &at.span {
        let window = Window::around(at, span);
        let column = part!(window.text, ..window.span.start).chars().count() + 1;
        let line = at.source.line_column(span.start).line;
        let shown = format!("{}:{line}:{column}", at.source.name());
        if window.cut {
            *drawn = drawn.replacen(&shown, &at.place(), 1);
        }
    }
}

fn place<'g>(group: Group<'g>, at: &'g Location, kind: AnnotationKind, label: &'g str) -> Group<'g> {
    let Some(span) = &at.span else {
        let group = group.element(Origin::path(at.source.name()));
        return if label.is_empty() { group } else { group.element(Level::NOTE.message(label)) };
    };
    let window = Window::around(at, span);
    let label = (!label.is_empty()).then_some(label);
    group.element(
        Snippet::source(window.text)
            .path(at.source.name())
            .line_start(at.source.line_column(span.start).line)
            .annotation(kind.span(window.span).label(label)),
    )
}

/// The part of a line that is shown: lines of a file can be as long as the file.
struct Window {
    text: String,
    span: Range<usize>,
    /// Whether the line begins before the window.
    cut: bool,
}

impl Window {
    fn around(at: &Location, span: &Range<usize>) -> Self {
        let text = at.source.text();
        let line = at.source.line_around(span.start);
        let start = text.floor_char_boundary(span.start.min(line.end));
        let end = text.floor_char_boundary(span.end.clamp(start, line.end));
        let before = last_characters(part!(text, line.start..start), AROUND);
        let marked = first_characters(part!(text, start..end), UNDERLINED);
        let after = first_characters(part!(text, end..line.end), AROUND);

        let cut = start - before.len() > line.start;
        let shown = |part: Range<usize>| at.source.shown(part).replace(is_obeyed, " ");
        let dots = |is_cut: bool| if is_cut { "…" } else { "" };
        let before_shown = dots(cut).to_owned() + &shown(start - before.len()..start);
        let marked_shown = shown(start..start + marked.len()) + dots(start + marked.len() < end);
        let after_shown = shown(end..end + after.len()) + dots(end + after.len() < line.end);
        let span = before_shown.len()..before_shown.len() + marked_shown.len();
        Self { text: before_shown + &marked_shown + after_shown.trim_end(), span, cut }
    }
}

fn first_characters(text: &str, count: usize) -> &str {
    let end = text.char_indices().nth(count).map_or(text.len(), |(end, _)| end);
    part!(text, ..end)
}

fn last_characters(text: &str, count: usize) -> &str {
    let start = text.char_indices().rev().nth(count.saturating_sub(1)).map_or(0, |(start, _)| start);
    part!(text, start..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::source_of;

    fn drawn(problem: Problem) -> String {
        let mut problems = Problems::new(1);
        problems.push(problem);
        draw(&problems, false)
    }

    #[test]
    fn a_problem_shows_place_line_caret_and_hint() {
        let source = source_of("{\n  \"projekts\": []\n}");
        let problem =
            Problem::new("unknown field `projekts`", Location::new(&source, 4..14), "expected one of: projects")
                .hint("did you mean `projects`?");
        insta::assert_snapshot!(drawn(problem), @r#"
        error: unknown field `projekts`
         --> test.json:2:3
          |
        2 |   "projekts": []
          |   ^^^^^^^^^^ expected one of: projects
          |
          = help: did you mean `projects`?
        "#);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("[{}X{}]", "1,".repeat(5_000), ",2".repeat(5_000));
        let source = source_of(&text);
        let drawn = drawn(Problem::new("bad", Location::new(&source, 10_001..10_002), "here"));
        assert!(drawn.contains("test.json:1:10002"), "{drawn}");
        assert!(drawn.contains("1,X,2"), "{drawn}");
        assert!(drawn.lines().all(|line| line.chars().count() < 160), "{drawn}");
    }

    #[test]
    fn a_secret_beside_or_under_the_caret_is_not_drawn() {
        let source = source_of(r#"{"name": 7, "password": "5ec2e7", "secret_key": "5ec2e7é"}"#);
        let problem = Problem::new("bad", Location::new(&source, 9..10), "here");
        let again = Problem::new("bad", Location::new(&source, 48..57), "here");
        insta::assert_snapshot!(drawn(problem) + &drawn(again), @r#"
        error: bad
         --> test.json:1:10
          |
        1 | {"name": 7, "password": "******", "secret_key": "*******"}
          |          ^ here

        error: bad
         --> test.json:1:49
          |
        1 | {"name": 7, "password": "******", "secret_key": "*******"}
          |                                                 ^^^^^^^^ here
        "#);
    }

    #[test]
    fn a_file_without_text_is_named() {
        let problem = Problem::new("no such file", Location::whole("a.json"), "expected a file");
        insta::assert_snapshot!(drawn(problem), @r"
        error: no such file
        --> a.json
         = note: expected a file
        ");
    }
}
