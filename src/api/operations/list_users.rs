//! Lists the users of a project, by the filters of the query.

use crate::api::in_project::InProject;
use crate::api::objection::{Refused, invalid};
use crate::api::own::Own;
use crate::api::request::Whole;
use crate::api::response::{Contents, Says};
use crate::contract::LISTED_MAX;
use crate::fixture::User;
use crate::state::{Changing, Picked};
use std::collections::HashSet;
use std::sync::Arc;

pub(crate) fn own<'c>(at: InProject<'c>, users: &Changing<'_>) -> Result<Own<'c>, Box<Refused>> {
    let whole = at.call.whole;
    let filter = UserFilter::of(whole);
    let number = |field: &str| match whole.value(field) {
        None => Ok(None),
        Some(text) => text
            .parse::<usize>()
            .map(Some)
            .map_err(|_| invalid(format!("{field} is {text:?}. Allowed: a whole number."))),
    };
    let (limit, offset) = (number("limit")?, number("offset")?);
    if let Some(limit) = limit.filter(|limit| *limit > LISTED_MAX) {
        return Err(invalid(format!("limit is {limit}. Allowed: 0 to {LISTED_MAX}; use offset to list more.")));
    }
    let (total, users) = filter.pick(users, offset.unwrap_or(0), limit.unwrap_or(LISTED_MAX));
    let contents = Contents {
        total,
        users,
        loaded: Arc::clone(&at.call.running().setup.loaded),
        project: at.place.index,
        now_ms: at.now_ms(),
        with_desktops: whole.flag("is_query_total_desktops").unwrap_or(true),
    };
    Ok(Own { says: Says::List(contents), ..Own::of(at.call) })
}

/// The filters of a query, all of which must hold. Texts that are compared in whatever case are in lower case.
#[derive(Debug, Default)]
pub(crate) struct UserFilter {
    pub(crate) user_name: Option<String>,
    /// If not empty, a user must have one of these names.
    pub(crate) user_names: HashSet<String>,
    pub(crate) description: Option<String>,
    pub(crate) active_type: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) disabled: Option<bool>,
}

impl UserFilter {
    /// Reads the query, which fits the contract.
    pub(crate) fn of(whole: &Whole<'_>) -> Self {
        let lower = |field: &str| whole.value(field).map(str::to_lowercase);
        let names = whole.values("user_names").flat_map(|list| list.split(',')).filter(|name| !name.is_empty());
        Self {
            user_name: lower("user_name"),
            user_names: names.map(str::to_lowercase).collect(),
            description: lower("description"),
            active_type: whole.value("active_type").map(str::to_owned),
            group: whole.value("group_name").map(str::to_owned),
            disabled: whole.flag("disabled"),
        }
    }

    /// Whether every user passes, so that none needs a look.
    fn is_empty(&self) -> bool {
        let Self { user_name, user_names, description, active_type, group, disabled } = self;
        let texts = [user_name, description, active_type, group];
        texts.iter().all(|text| text.is_none()) && user_names.is_empty() && disabled.is_none()
    }

    /// Counts the matching users, and picks at most `most` of them, beginning with the `first`.
    pub(crate) fn pick(&self, users: &Changing<'_>, first: usize, most: usize) -> (usize, Picked) {
        let mut picked = Picked::default();
        let total = if self.is_empty() {
            users.all().skip(first).take(most).for_each(|each| picked.add(&each));
            users.count()
        } else {
            let (mut total, beyond) = (0, first.saturating_add(most));
            for each in users.all().filter(|each| self.passes(each.user(), each.groups())) {
                if (first..beyond).contains(&total) {
                    picked.add(&each);
                }
                total += 1;
            }
            total
        };
        picked.shrink();
        (total, picked)
    }

    /// Whether a user passes, who is in groups of these ids.
    fn passes(&self, user: User<'_>, groups: &[String]) -> bool {
        self.active_type.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(user.active_type().name()))
            && self.disabled.is_none_or(|wanted| wanted == user.disabled())
            && self.group.as_ref().is_none_or(|group| groups.contains(group))
            && self.description.as_ref().is_none_or(|part| has(user.description(), part))
            && self.user_name.as_ref().is_none_or(|part| has(&user.user_name(), part))
            && (self.user_names.is_empty() || self.user_names.contains(&user.user_name().to_lowercase()))
    }
}

/// Whether a text has a part in it that is in lower case, in whatever case. Nearly all texts are ASCII, and are not copied.
fn has(text: &str, part: &str) -> bool {
    if text.is_ascii() && part.is_ascii() {
        return text.as_bytes().windows(part.len().max(1)).any(|found| found.eq_ignore_ascii_case(part.as_bytes()));
    }
    text.to_lowercase().contains(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_match_in_any_case() {
        for (text, part) in [("API-test", "i-T"), ("\u{c4}rger", "\u{e4}R"), ("x", "x"), ("\u{212a}", "k")] {
            assert!(has(text, &part.to_lowercase()), "{text} {part}");
        }
        for (text, part) in [("", "a"), ("a", "ab"), ("abc", "ac"), ("\u{e4}", "a")] {
            assert!(!has(text, part), "{text} {part}");
        }
    }
}
