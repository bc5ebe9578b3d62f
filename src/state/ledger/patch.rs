//! Changes of a user's fields at run time.

use crate::fixture::{ActiveType, Person};

/// Makes a patch of fields of a user: their names stand here once.
macro_rules! patch {
    ($($field:ident: $type:ty,)*) => {
        /// The fields that were set. The others follow the files, also after a reload.
        #[derive(Clone, Debug, Default)]
        pub(crate) struct Patch {
            $(pub(crate) $field: Option<$type>,)*
        }

        impl Patch {
            /// A user with these fields set.
            #[allow(clippy::clone_on_copy, reason = "some fields are texts")]
            pub(crate) fn over(&self, person: Person) -> Person {
                Person { $($field: self.$field.clone().unwrap_or(person.$field),)* ..person }
            }

            /// Sets the fields of a later patch too.
            pub(in crate::state) fn add(&mut self, later: Self) {
                $(self.$field = later.$field.or(self.$field.take());)*
            }
        }
    };
}

patch! {
    user_email: String,
    user_phone: String,
    description: String,
    active_type: ActiveType,
    disabled: bool,
    locked: bool,
    account_expires: String,
    enable_change_password: bool,
    next_login_change_password: bool,
    password_never_expired: bool,
}

impl Patch {
    /// Bytes of memory.
    pub(in crate::state) fn bytes(&self) -> usize {
        let texts = [&self.user_email, &self.user_phone, &self.description, &self.account_expires];
        size_of::<Self>() + texts.into_iter().flatten().map(String::capacity).sum::<usize>()
    }
}
