//! `users`: the users with their calls, changes and magic statuses.

use super::query::Query;
use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::fixture::{Project, User};
use crate::ids::UserKey;
use crate::state::{Cloned, Current, Found, Running, State, UserState, lower_case};
use serde::Serialize;
use std::sync::Arc;

/// Users that are looked at for a page at most, so that no page of a search among a million takes long.
pub(super) const LOOKED_AT_MAX: usize = 100_000;

/// A page of users.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UserPage {
    /// By project, in the order of the files, then created users.
    users: Vec<ListedUser>,
    /// The cursor of the next page; `None` after the last one.
    next: Option<usize>,
}

/// A user.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ListedUser {
    /// The id of the project or clone.
    project: String,
    /// The name of the project.
    project_name: Option<String>,
    /// The id.
    id: String,
    /// The name.
    user_name: Option<String>,
    /// The e-mail address.
    user_email: Option<String>,
    /// The phone number.
    user_phone: Option<String>,
    /// The description.
    description: Option<String>,
    /// The activation mode.
    #[cfg_attr(test, schemars(extend("enum" = crate::contract::ACTIVE_TYPES)))]
    active_type: &'static str,
    /// Whether the user is disabled.
    disabled: bool,
    /// Whether the user is locked.
    locked: bool,
    /// `loaded`: as in the users file. `created`: by CreateDesktopUser. `changed`: loaded, and changed since.
    #[cfg_attr(test, schemars(extend("enum" = UserState::NAMES)))]
    state: &'static str,
    /// Number of resets that were counted.
    calls: u64,
    /// The current password; `None` if it was never set.
    current: Option<SetBy>,
    /// The status that a built-in user always meets; `None` for others.
    magic_status: Option<u16>,
}

/// The origin of a password.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SetBy {
    /// The reset that set it; `None` if it was set otherwise.
    call: Option<u64>,
}

pub(super) fn list(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let query = &request.query;
    let cursor: usize = query.cursor()?;
    let limit = query.limit(state.limits.page_max)?;
    let sought = Sought::of(query)?;
    let running = state.running();
    let directory = running.setup.directory();
    let asked = query.text("project");
    let clone = asked.and_then(|id| running.clones.get(id));
    let only = match asked {
        None => None,
        Some(id) => match directory.project(clone.map_or(id, |clone| clone.template())) {
            Some((index, _)) => Some(index),
            None => return Err(AdminProblem::unknown_project(id)),
        },
    };
    // Created users come after the loaded ones.
    let created: Vec<_> = running
        .places(None)
        .filter(|place| asked.map_or(place.clone.is_none(), |asked| asked == place.id()))
        .flat_map(|place| place.ledger.people.created().into_iter().map(move |(_, id)| (place.id(), id)))
        .collect();
    let loaded = directory.keys().filter(|key| only.is_none_or(|only| only == key.project)).map(Listed::Loaded);
    let mut rest = loaded.chain(created.iter().map(|(project, id)| Listed::Created(project, id))).skip(cursor);
    let (mut passed, mut looked_at, mut users) = (0, 0, Vec::new());
    for listed in rest.by_ref() {
        passed += 1;
        if !sought.may_be(&running, clone, &listed) {
            continue;
        }
        looked_at += 1;
        users.extend(listed.shown(&running, clone, &sought));
        if users.len() >= limit || looked_at >= LOOKED_AT_MAX {
            break;
        }
    }
    let next = rest.next().map(|_| cursor + passed);
    Ok(AdminReply::json(200, &UserPage { users, next }))
}

/// The users that a list is for.
struct Sought {
    /// A part of id or name, in lower case.
    text: Option<String>,
    state: Option<UserState>,
}

impl Sought {
    fn of(query: &Query) -> Result<Self, AdminProblem> {
        let text = query.text("search").filter(|text| !text.is_empty()).map(lower_case);
        let expected = format!("one of {}", UserState::NAMES.join(", "));
        Ok(Self { text, state: query.named("state", UserState::named, &expected)? })
    }

    /// Whether the user can be sought: in most projects no user has changed.
    fn may_be(&self, running: &Running, clone: Option<&Arc<Cloned>>, listed: &Listed<'_>) -> bool {
        match (self.state, listed) {
            (None, _)
            | (Some(UserState::Loaded), Listed::Loaded(_))
            | (Some(UserState::Created), Listed::Created(..)) => true,
            (Some(UserState::Changed), Listed::Loaded(key)) => running.is_changed(key.project, clone),
            (Some(_), _) => false,
        }
    }

    /// Names never change, so the loaded ones are right.
    fn has(&self, user: User<'_>) -> bool {
        let Some(text) = &self.text else { return true };
        lower_case(&user.id()).contains(text) || lower_case(&user.user_name()).contains(text)
    }

    fn is(&self, found: &Found<'_>) -> bool {
        self.state.is_none_or(|state| found.state() == state)
    }
}

/// The place of a user in the list.
enum Listed<'r> {
    Loaded(UserKey),
    /// The ids of project and user.
    Created(&'r str, &'r str),
}

impl Listed<'_> {
    /// The user as of now, unless deleted.
    fn shown(&self, running: &Running, clone: Option<&Arc<Cloned>>, sought: &Sought) -> Option<ListedUser> {
        let directory = running.setup.directory();
        match self {
            Self::Loaded(key) => {
                let project = directory.project_at(key.project)?;
                let id = Some(project.user_at(key.user.loaded()?)?).filter(|user| sought.has(*user))?.id().into_owned();
                let found = running.find(clone.map_or(project.id(), |clone| clone.id()), &id).ok();
                let found = found.filter(|found| sought.is(found))?;
                Some(shown(running, &found, project))
            }
            Self::Created(place, id) => {
                // A loaded user of that id takes precedence.
                let found = running.find(place, id).ok().filter(|found| found.state() == UserState::Created)?;
                if !sought.has(found.user()) {
                    return None;
                }
                Some(shown(running, &found, directory.project_at(found.key.project)?))
            }
        }
    }
}

fn shown(running: &Running, found: &Found<'_>, project: &Project) -> ListedUser {
    let user = found.user();
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let current = found.current().map(|current| match current {
        Current::Reset(call) => SetBy { call: Some(call) },
        Current::Sent => SetBy { call: None },
    });
    ListedUser {
        project: found.clone.map_or(project.id(), |clone| clone.id()).to_owned(),
        project_name: project.name().map(str::to_owned),
        id: user.id().into_owned(),
        user_name: text(&user.user_name()),
        user_email: text(&user.user_email()),
        user_phone: text(&user.user_phone()),
        description: text(user.description()),
        active_type: user.active_type().name(),
        disabled: user.disabled(),
        locked: user.locked(),
        state: found.state().name(),
        calls: found.calls(),
        current,
        magic_status: running.setup.magic_status(found.key),
    }
}
