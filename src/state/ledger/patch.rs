//! Changes of a user's fields at run time.

use crate::fixture::{ActiveType, Person};

/// The fields that were set. The others follow the files, also after a reload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patch {
    pub(crate) user_email: Option<String>,
    pub(crate) user_phone: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) active_type: Option<ActiveType>,
    pub(crate) disabled: Option<bool>,
    pub(crate) locked: Option<bool>,
    pub(crate) account_expires: Option<String>,
    pub(crate) enable_change_password: Option<bool>,
    pub(crate) next_login_change_password: Option<bool>,
    pub(crate) password_never_expired: Option<bool>,
}

impl Patch {
    /// A user with these fields set.
    pub(crate) fn over(&self, person: Person) -> Person {
        let text = |set: &Option<String>, before| set.clone().unwrap_or(before);
        Person {
            user_email: text(&self.user_email, person.user_email),
            user_phone: text(&self.user_phone, person.user_phone),
            description: text(&self.description, person.description),
            active_type: self.active_type.unwrap_or(person.active_type),
            disabled: self.disabled.unwrap_or(person.disabled),
            locked: self.locked.unwrap_or(person.locked),
            account_expires: text(&self.account_expires, person.account_expires),
            enable_change_password: self.enable_change_password.unwrap_or(person.enable_change_password),
            next_login_change_password: self.next_login_change_password.unwrap_or(person.next_login_change_password),
            password_never_expired: self.password_never_expired.unwrap_or(person.password_never_expired),
            ..person
        }
    }

    /// Bytes of memory.
    pub(in crate::state) fn bytes(&self) -> usize {
        let texts = [&self.user_email, &self.user_phone, &self.description, &self.account_expires];
        size_of::<Self>() + texts.into_iter().flatten().map(String::capacity).sum::<usize>()
    }

    /// Sets the fields of a later patch too.
    pub(in crate::state) fn add(&mut self, later: Self) {
        fn set<T>(field: &mut Option<T>, later: Option<T>) {
            if later.is_some() {
                *field = later;
            }
        }
        set(&mut self.user_email, later.user_email);
        set(&mut self.user_phone, later.user_phone);
        set(&mut self.description, later.description);
        set(&mut self.active_type, later.active_type);
        set(&mut self.disabled, later.disabled);
        set(&mut self.locked, later.locked);
        set(&mut self.account_expires, later.account_expires);
        set(&mut self.enable_change_password, later.enable_change_password);
        set(&mut self.next_login_change_password, later.next_login_change_password);
        set(&mut self.password_never_expired, later.password_never_expired);
    }
}
