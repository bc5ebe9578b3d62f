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

impl Evidence {
    /// The user id, preceded by the project id if several projects are loaded and judged.
    pub(super) fn name(&self, party: Party) -> String {
        let (project, id) = self.ids(party);
        let Some(user) = party.user().filter(|_| self.names_projects) else { return id };
        if let Some(clone) = self.clones.get(&user.project) {
            return format!("{}/{id}", clone.short);
        }
        if self.setup.directory().projects().len() > 1 { format!("{project}/{id}") } else { id }
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
