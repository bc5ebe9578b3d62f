//! Lists the calls of an expectation, with readable user names.

use super::cancel::{Cancel, Cancelled};
use super::evidence::Evidence;
use super::verdict::SeenCall;
use crate::contract::Subject;
use crate::fixture::{Account, Project};
use crate::ids::{Party, UserKey};
use crate::scenario::Expectation;
use crate::scenario::Seen;
use crate::scenario::whole_ms;

/// Characters of a long id that a text shows beside the name.
const END_CHARS: usize = 4;

impl Evidence {
    /// The user as texts show it, preceded by the project id if several projects are loaded and judged.
    pub(super) fn name(&self, party: Party) -> String {
        let (project, id) = self.ids(party);
        let Some(user) = party.user() else { return id };
        let shown = self.loaded_name(user).and_then(|name| with_end(&name, &id)).unwrap_or(id);
        if !self.names_projects {
            return shown;
        }
        if let Some(clone) = self.clones.get(&user.project) {
            return format!("{}/{shown}", clone.short);
        }
        if self.setup.directory().projects().len() > 1 { format!("{project}/{shown}") } else { shown }
    }

    /// The `user_name` that the users files give to a user.
    fn loaded_name(&self, user: UserKey) -> Option<String> {
        let project = self.setup.directory().project_at(self.template(user.project))?;
        Some(project.user_at(user.user.loaded()?)?.user_name().into_owned())
    }

    pub(super) fn ids(&self, party: Party) -> (String, String) {
        let user = match party {
            Party::User(user) => user,
            Party::Account(index) => {
                let account = self.setup.directory().accounts().at(index);
                return (String::new(), account.map_or_else(String::new, Account::shown));
            }
            Party::Unknown => return (String::new(), "nobody".to_owned()),
        };
        let directory = self.setup.directory();
        let (project, id) = directory.ids(UserKey { project: self.template(user.project), ..user });
        let project = if project.is_empty() {
            directory.project_at(user.project).map_or("", Project::id).to_owned()
        } else {
            project
        };
        let id = if id.is_empty() { self.created.get(&user).cloned().unwrap_or_default() } else { id };
        (self.clones.get(&user.project).map_or(project, |clone| clone.id.clone()), id)
    }

    /// The first calls of these users, at most `most`, and the number of further ones.
    pub(super) fn seen_calls(
        &self,
        expectation: &Expectation,
        users: &[Party],
        most: usize,
        cancel: &Cancel<'_>,
    ) -> Result<(Vec<SeenCall>, usize), Cancelled> {
        let (mut shown, mut more) = (Vec::new(), 0);
        for user in users {
            cancel.step()?;
            let room = most - shown.len();
            if room == 0 {
                more += self.each_call_of(expectation, *user).count();
                continue;
            }
            let calls = self.calls_of(expectation, *user);
            more += calls.len().saturating_sub(room);
            if calls.is_empty() {
                continue;
            }
            let (project, id) = self.ids(*user);
            let mut before: Option<&Seen> = None;
            for call in calls.into_iter().take(room) {
                let gap = before.and_then(|before| call.gap_after(before));
                before = Some(call);
                shown.push(SeenCall {
                    project: project.clone(),
                    user: id.clone(),
                    who: self.name(*user),
                    operation: call.operation.clone(),
                    call: call.call,
                    at_ms: call.at_ms,
                    status: call.status,
                    decided: call.decided,
                    rule: call.rule.clone(),
                    fault: call.fault,
                    done: (expectation.operation.subject == Subject::User).then_some(call.done),
                    state: if call.status.is_some() { "answered" } else { "lost" },
                    gap_ms: gap.map(whole_ms),
                    took_ms: call.ended.map(|ended| whole_ms(ended.saturating_sub(call.arrived))),
                });
            }
        }
        Ok((shown, more))
    }
}

/// A name with the end of a long id, as in `alice (…0001)`; `None` if the id says it all.
fn with_end(name: &str, id: &str) -> Option<String> {
    let ending = id.char_indices().rev().nth(END_CHARS - 1).map_or(0, |(at, _)| at);
    let end = id.get(ending..).filter(|_| ending > END_CHARS)?;
    (!name.is_empty() && name != id).then(|| format!("{name} (…{end})"))
}

#[cfg(test)]
mod tests {
    use super::with_end;

    #[test]
    fn name_is_shown_with_the_end_of_a_long_id() {
        assert_eq!(with_end("alice", "8a2c3f9579d240820179d51e6caf0001").as_deref(), Some("alice (…0001)"));
        assert_eq!(with_end("zoë", "ünïcödé-end").as_deref(), Some("zoë (…-end)"));
        for (name, id) in
            [("", "8a2c3f9579d240820179d51e6caf0001"), ("load000001", "load000001"), ("ada", "bob"), ("ada", "")]
        {
            assert_eq!(with_end(name, id), None);
        }
    }
}
