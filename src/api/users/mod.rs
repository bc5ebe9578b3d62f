//! The operations on users other than resets, from step 5 on: is the project there and the user, does the body fit; then the
//! call is counted, decided and, if it happens, carried out, while nobody else changes the project's users.
//!
//! `request_body.rs` reads bodies and queries, `filter.rs` says which users a list has.

mod filter;
mod request_body;

use super::account_call::{Asking, invalid};
use super::notify::{self, Letter, Words};
use super::objection::Refused;
use super::parse::Parameters;
use super::request::AskedBy;
use super::response::{self, Answered, Contents, Text};
use crate::contract::{
    ACTION_FIELDS, CREATE_FIELDS, NotificationType, Operation, PASSWORD_HAS_NAME, PASSWORD_TOO_SIMPLE, SEND_FIELDS,
    Situation, Subject, UPDATE_FIELDS,
};
use crate::draw::Stream;
use crate::engine::{AccountCall, Principal, Whom, decide_of_account};
use crate::fixture::{ActiveType, Missing, Person, User};
use crate::ids::{CallTarget, UserIndex};
use crate::scenario::Phase;
use crate::state::{Changing, FoundPerson, HandedOut, NotCreated, Patch, ProjectPlace, SentPassword, looked_at};
use request_body::{Body, Listed};
use serde_json::{Value, json};
use std::sync::Arc;

#[cfg(test)]
pub(super) use filter::Filter;

/// Bytes of a URL that a message quotes: a host has 255 at most.
const URL_MAX: usize = "http://".len() + 255;

/// What a call does to the users of a project, if it happens.
enum Change {
    Nothing,
    /// With the password that he is given, if he is not sent one.
    Create(Person, Option<String>),
    Update(String, Patch),
    Delete(String),
    /// Has a new password sent to a user.
    Send(FoundPerson, Person),
    /// Has the activation message sent to a user once more.
    Remind(FoundPerson, Person),
}

/// What a call would do, and what its success says.
struct Prepared {
    change: Change,
    body: Said,
}

/// What a success says.
enum Said {
    Nothing,
    One(Value),
    List(Contents),
}

/// Answers a call.
#[cold]
#[inline(never)]
pub(super) fn answer(asking: &Asking<'_>, parameters: &Parameters<'_>) -> Result<Answered, Box<Refused>> {
    let aside = asking.caller.map(|caller| caller.aside(asking.running, parameters.project)).unwrap_or_default();
    let id = aside.clone.as_deref().unwrap_or(parameters.project);
    let place =
        asking.running.project_at(id).ok_or_else(|| Refused::unknown(Missing::Project, id, parameters.user).boxed())?;
    let one = One { asking, place: &place, id, user: parameters.user, name: aside.account.as_deref() };
    // A list may take long, and changes nothing.
    let mut answered = if asking.operation == Operation::ListUsers {
        place.ledger.people.look(place.project, |users| one.answer(users))?
    } else {
        place.ledger.people.change(place.project, |users| one.answer(users))?
    };
    answered.aside = Some(aside);
    Ok(answered)
}

/// One call.
struct One<'c> {
    asking: &'c Asking<'c>,
    place: &'c ProjectPlace<'c>,
    /// The project's id, of a clone its own.
    id: &'c str,
    user: &'c str,
    /// The account that calls, as `domain/name`.
    name: Option<&'c str>,
}

impl One<'_> {
    fn answer(&self, users: &mut Changing<'_>) -> Result<Answered, Box<Refused>> {
        let Asking { state, running, operation, request, .. } = *self.asking;
        let of_user = operation.subject == Subject::Person;
        let found = of_user.then(|| users.find(self.user).ok_or_else(|| self.unknown_user())).transpose()?;
        let user_index = found.as_ref().and_then(|found| found.place().loaded());
        let prepared = self.prepare(users, found)?;
        let who = if of_user { Some(self.user) } else { self.name };
        let number = self.place.ledger.calls.count(operation, who);
        let drawn = Stream::of_calls(operation.id, Some(self.place.project.id()), who.unwrap_or(""));
        let asked = AskedBy { whole: request, account: self.asking.account().map(|(index, _)| index) };
        let call = AccountCall {
            operation,
            number,
            stream: drawn,
            principal: self.asking.account().map(|(_, account)| Principal::of(account)),
            whom: Some(Whom {
                project: self.place.project.id(),
                target: self.target(user_index),
                user: of_user.then_some(self.user),
            }),
            asked: &asked,
        };
        let outcome = decide_of_account(running.set_up_of(self.place.clone), running.override_rules(), &call);
        if outcome.phase != Some(Phase::Before) {
            self.carry_out(users, prepared.change, &call);
        }
        let id = state.counted_id(self.place.ledger, drawn, number);
        let own = match &prepared.body {
            Said::One(value) if outcome.status == operation.success() => Some(value),
            Said::One(_) | Said::Nothing | Said::List(_) => None,
        };
        let mut reply =
            response::of_outcome(state, operation, &outcome, own, running.setup.settings, id, |reply| reply);
        if let Said::List(contents) = prepared.body
            && response::says_its_own(operation, &outcome)
        {
            match contents.text(looked_at(state.limits.entry_body_bytes_max)) {
                Text::Whole(text) => reply.say(text),
                Text::Later(list, beginning) => reply.say_list(list, beginning),
            }
        }
        let decided = Some((number, outcome));
        Ok(Answered { reply, decided, user: None, secret: None, aside: None })
    }

    fn target(&self, user: Option<UserIndex>) -> CallTarget {
        CallTarget { project: self.place.index, user, clone: self.place.clone.map(|clone| clone.index) }
    }

    /// What the call would do. What is wrong with it is told before it is counted.
    fn prepare(&self, users: &Changing<'_>, found: Option<FoundPerson>) -> Result<Prepared, Box<Refused>> {
        let operation = self.asking.operation;
        let now_ms = self.asking.state.clock.moved_unix_ms();
        let known = found.and_then(|found| Some((users.person(&found)?, found)));
        if operation == Operation::ListUsers {
            let listed = request_body::listed(self.asking, users)?;
            let Listed { total, users, with_desktops } = listed;
            let (loaded, project) = (Arc::clone(&self.asking.running.setup.loaded), self.place.index);
            let contents = Contents { total, users, loaded, project, now_ms, with_desktops };
            return Ok(Prepared { change: Change::Nothing, body: Said::List(contents) });
        }
        if operation == Operation::CreateDesktopUser {
            let (person, password) =
                self.new_person(users, &request_body::body(self.asking, CREATE_FIELDS)?, now_ms)?;
            return Ok(Prepared {
                body: Said::One(json!({ "id": person.id })),
                change: Change::Create(person, password),
            });
        }
        let Some((person, found)) = known else { return Err(self.unknown_user()) };
        if operation == Operation::ListUserDetail {
            let body = Said::One(json!({ "user_detail": response::detail(&person, now_ms) }));
            Ok(Prepared { change: Change::Nothing, body })
        } else if operation == Operation::UpdateUserInfo {
            let patch = request_body::body(self.asking, UPDATE_FIELDS)?.patch()?;
            Ok(Prepared { body: Said::One(json!({ "id": person.id })), change: Change::Update(person.id, patch) })
        } else if operation == Operation::DeleteUser {
            Ok(Prepared { change: Change::Delete(person.id), body: Said::Nothing })
        } else if operation == Operation::SendEmail {
            request_body::body(self.asking, SEND_FIELDS)?;
            check_addresses(&person)?;
            Ok(Prepared { change: Change::Remind(found, person), body: Said::Nothing })
        } else {
            debug_assert_eq!(operation, Operation::ChangeUserStatus);
            let change = match request_body::body(self.asking, ACTION_FIELDS)?.text("op_type") {
                Some("RESET_PWD") => {
                    check_addresses(&person)?;
                    Change::Send(found, person)
                }
                action => Change::Update(person.id, Patch { locked: Some(action == Some("LOCK")), ..Patch::default() }),
            };
            Ok(Prepared { change, body: Said::Nothing })
        }
    }

    /// A new user, and the password that he is given, if he is not sent one.
    fn new_person(
        &self,
        users: &Changing<'_>,
        body: &Body,
        now_ms: i64,
    ) -> Result<(Person, Option<String>), Box<Refused>> {
        let user_name = request_body::user_name(body)?.to_owned();
        let most = self.asking.state.limits.users_created_max;
        let id = users.new_id(&user_name, most).map_err(|why| match why {
            NotCreated::NameTaken => invalid(format!("user_name {user_name:?} is already used in this project.")),
            NotCreated::Full(most) => {
                invalid(format!("User limit reached: at most {most} users can be created in this project."))
            }
        })?;
        let person = body.patch()?.over(Person {
            stream: Stream::of_user(self.place.project.id(), &id),
            id,
            user_name,
            user_email: String::new(),
            user_phone: String::new(),
            description: String::new(),
            active_type: ActiveType::UserActivate,
            disabled: false,
            locked: false,
            account_expires: "0".to_owned(),
            enable_change_password: true,
            next_login_change_password: true,
            password_never_expired: false,
            groups: body.ids("group_ids"),
            created_ms: Some(now_ms),
        });
        if person.active_type == ActiveType::UserActivate {
            if addresses(&person).is_empty() {
                return Err(invalid(
                    "A user in user activation mode needs user_email or user_phone: the login credentials are sent \
                     there.",
                ));
            }
            return Ok((person, None));
        }
        let Some(password) = body.text("password") else {
            return Err(invalid("password is missing: a user in administrator activation mode needs one."));
        };
        check_password(password, &person.user_name)?;
        Ok((person, Some(password.to_owned())))
    }

    fn carry_out(&self, users: &mut Changing<'_>, change: Change, call: &AccountCall<'_>) {
        match change {
            Change::Nothing => {}
            Change::Create(person, given) => {
                if let Some(password) = given {
                    users.create(person, password);
                    return;
                }
                let password = self.drawn(&person, call);
                self.welcome(&person, call, &password);
                users.create(person, password);
            }
            Change::Update(id, patch) => users.update(&id, patch, None),
            Change::Delete(id) => users.delete(&id),
            Change::Send(found, person) => {
                let password = self.drawn(&person, call);
                self.send(&person, call, &password, |kind| notify::reset_words(kind, &person.user_name, &password));
                let resets = self.place.highest(&found, User::Changed(&person));
                users.update(&person.id, Patch::default(), Some(SentPassword { password, resets }));
            }
            Change::Remind(found, person) => self.remind(users, &found, &person, call),
        }
    }

    /// Where the server is, as the client names it; what is too long to be quoted is not.
    fn url(&self) -> String {
        let named = self.asking.request.url();
        if named.len() <= URL_MAX { named } else { self.asking.state.own_url().to_owned() }
    }

    /// Sends the activation message once more, with the password that the user has now; one who has none is given one.
    fn remind(&self, users: &mut Changing<'_>, found: &FoundPerson, person: &Person, call: &AccountCall<'_>) {
        let running = self.asking.running;
        let resets = self.place.highest(found, User::Changed(person));
        let sent = match found {
            FoundPerson::Loaded(_) => None,
            FoundPerson::Someone(someone) => someone.sent.as_ref().filter(|sent| resets <= sent.resets),
        };
        let of_reset = || (resets > 0).then(|| running.setup.password(User::Changed(person), resets).to_string());
        if let Some(password) = sent.map(|sent| sent.password.clone()).or_else(of_reset) {
            self.welcome(person, call, &password);
            return;
        }
        let password = self.drawn(person, call);
        self.welcome(person, call, &password);
        users.update(&person.id, Patch::default(), Some(SentPassword { password, resets }));
    }

    /// Sends the activation message.
    fn welcome(&self, person: &Person, call: &AccountCall<'_>, password: &str) {
        let (name, url, tenant) = (&person.user_name, self.url(), self.id);
        let who = if name.is_empty() { &person.id } else { name };
        self.send(person, call, password, |kind| {
            let text =
                format!("Desktop user {who} was created. Log in at {url} to tenant {tenant} with this password:");
            let text = match kind {
                NotificationType::Email => format!("{text}\n\n{password}\n"),
                NotificationType::Phone => format!("{text} {password}"),
            };
            Words { subject: "Your desktop user was created", text }
        });
    }

    /// A password that a user is sent without a reset. It is noted, where somebody looks for such.
    fn drawn(&self, person: &Person, call: &AccountCall<'_>) -> String {
        let password = self.asking.running.setup.sent_password(call.operation, person, call.number);
        if let Some(secrets) = self.asking.state.secrets.get() {
            let (operation, user, project) = (call.operation.id, &person.id, self.id);
            let what = format!("the password that {operation} sent to user {user} of project {project}");
            secrets.hand_out(&password, HandedOut::Otherwise(what.into()));
        }
        password.to_string()
    }

    /// Sends a message with this password to each address that a user has.
    fn send(&self, person: &Person, call: &AccountCall<'_>, password: &str, words: impl Fn(NotificationType) -> Words) {
        for (kind, to) in addresses(person) {
            notify::send(
                self.asking,
                Letter {
                    kind,
                    to: to.to_owned(),
                    project: self.id,
                    user: &person.id,
                    account: self.name,
                    call: call.number,
                    password: password.to_owned(),
                    words: words(kind),
                    target: call.whom.map_or_else(|| self.target(None), |whom| whom.target),
                    stream: person.stream,
                },
            );
        }
    }

    fn unknown_user(&self) -> Box<Refused> {
        Refused::unknown(Missing::User, self.id, self.user).boxed()
    }
}

/// A message needs an address.
fn check_addresses(person: &Person) -> Result<(), Box<Refused>> {
    if addresses(person).is_empty() {
        return Err(invalid(format!(
            "User {} has neither user_email nor user_phone to send a password to.",
            person.id
        )));
    }
    Ok(())
}

/// Where a user can be told something.
fn addresses(person: &Person) -> Vec<(NotificationType, &str)> {
    let [email, phone] = NotificationType::ALL;
    let all = [(email, person.user_email.as_str()), (phone, person.user_phone.as_str())];
    all.into_iter().filter(|(_, address)| !address.is_empty()).collect()
}

fn check_password(password: &str, user_name: &str) -> Result<(), Box<Refused>> {
    let refused = |error: &crate::contract::ErrorCode, message: &str| {
        let mut refused = Refused::new(Situation::InvalidParameter, message);
        refused.code = Some(error.code.to_owned());
        Err(refused.boxed())
    };
    let is_other = |letter: char| !letter.is_ascii_alphanumeric();
    let kinds: [fn(char) -> bool; 3] =
        [|letter| letter.is_ascii_lowercase(), |letter| letter.is_ascii_uppercase(), |letter| letter.is_ascii_digit()];
    let count = kinds.iter().filter(|kind| password.chars().any(**kind)).count();
    if count + usize::from(password.chars().any(is_other)) < 3 {
        return refused(
            &PASSWORD_TOO_SIMPLE,
            "password is too simple: it needs three of lower-case letters, upper-case letters, digits and special \
             characters.",
        );
    }
    let (password, name) = (password.to_ascii_lowercase(), user_name.to_ascii_lowercase());
    let reversed: String = name.chars().rev().collect();
    if password.contains(&name) || password.contains(&reversed) {
        return refused(&PASSWORD_HAS_NAME, "password contains the user name, forwards or backwards.");
    }
    Ok(())
}
