//! Creates a user.

use crate::api::in_project::{InProject, reachable};
use crate::api::json_body::{JsonBody, body};
use crate::api::objection::{Refused, invalid};
use crate::api::own::Own;
use crate::contract::{CREATE_FIELDS, ErrorCode, PASSWORD_HAS_NAME, PASSWORD_TOO_SIMPLE, Situation};
use crate::draw::Stream;
use crate::fixture::{ActiveType, Person};
use crate::state::{Changing, NotCreated};
use serde_json::json;

pub(crate) fn own<'c>(at: InProject<'c>, users: &Changing<'_>) -> Result<Own<'c>, Box<Refused>> {
    let (person, given) = new_person(at, users, &body(at.call, CREATE_FIELDS)?)?;
    let own = Own::of(at.call).saying(json!({ "id": person.id }));
    Ok(own.changing(move |users, number| {
        let password = given.unwrap_or_else(|| {
            let password = at.draw_password(&person, number);
            at.welcome(&person, number, &password);
            password
        });
        users.create(person, password);
    }))
}

/// The new user, and the password of the request; without one the user is sent a drawn one.
fn new_person(
    at: InProject<'_>,
    users: &Changing<'_>,
    body: &JsonBody,
) -> Result<(Person, Option<String>), Box<Refused>> {
    let user_name = body.text("user_name").unwrap_or("").to_owned();
    check_user_name(&user_name)?;
    let most = at.call.state().limits.users_created_max;
    let id = users.new_id(&user_name, most).map_err(|why| match why {
        NotCreated::NameTaken => invalid(format!("user_name {user_name:?} is already used in this project.")),
        NotCreated::Full(most) => {
            invalid(format!("User limit reached: at most {most} users can be created in this project."))
        }
    })?;
    let person = body.patch()?.over(Person {
        stream: Stream::of_user(at.place.project.id(), &id),
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
        created_ms: Some(at.now_ms()),
    });
    if person.active_type == ActiveType::UserActivate {
        if reachable(&person).next().is_none() {
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

/// Checks the name of a new user.
fn check_user_name(name: &str) -> Result<(), Box<Refused>> {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let (first, last) = (name.bytes().next(), name.bytes().last());
    let is_right = name.bytes().all(inside)
        && first.is_some_and(|byte| byte.is_ascii_alphanumeric())
        && last.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_right {
        return Ok(());
    }
    Err(invalid(format!(
        "user_name is {name:?}. Allowed: letters, digits, `.`, `_` and `-`; it starts with a letter or digit, and does \
         not end with `.` or `_`."
    )))
}

fn check_password(password: &str, user_name: &str) -> Result<(), Box<Refused>> {
    let refused = |error: &ErrorCode, message: &str| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_check_agrees_with_its_pattern() {
        let field = crate::contract::CREATE_FIELDS.iter().find(|field| field.name == "user_name").unwrap();
        let pattern = jsonschema::draft202012::new(&serde_json::json!({ "pattern": field.pattern.unwrap() })).unwrap();
        let names =
            ["a", "7", "carol", "carol.x_y-z-", "a-", "", "-a", ".a", "a.", "a_", "a b", "a\n", "\u{e4}", "a..b"];
        for name in names {
            assert_eq!(check_user_name(name).is_ok(), pattern.is_valid(&name.into()), "{name:?}");
        }
    }
}
