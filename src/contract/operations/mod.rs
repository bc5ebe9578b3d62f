//! The operations that are emulated, a file each.

mod change_user_status;
mod create_desktop_user;
mod create_temporary_access_key_by_token;
mod decode_authorization_message;
mod delete_user;
mod get_caller_identity;
mod keystone;
mod keystone_create_user_token_by_password;
mod keystone_list_auth_domains;
mod keystone_list_auth_projects;
mod keystone_list_projects;
mod keystone_list_regions;
mod keystone_list_users;
mod keystone_validate_token;
mod list_user_detail;
mod list_users;
mod parameters;
mod reset_random_password;
mod send_email;
mod statuses;
mod update_user_info;
mod workspace;

pub(crate) use change_user_status::ACTION_FIELDS;
pub(crate) use create_desktop_user::CREATE_FIELDS;
pub(crate) use create_temporary_access_key_by_token::KEY_SECONDS;
pub(crate) use keystone::X_SUBJECT_TOKEN;
pub(crate) use list_users::LISTED_MAX;
pub(crate) use send_email::SEND_FIELDS;
pub(super) use statuses::{refused, succeeded};
pub(crate) use update_user_info::UPDATE_FIELDS;
#[cfg(test)]
pub(crate) use workspace::ACTIVE_TYPES;

use super::row::OperationRow;
use std::ops::Deref;

/// Makes the enum of operations, and finds the row of each in the file of that name.
macro_rules! operations {
    ($($variant:ident => $file:ident,)*) => {
        /// One documented API call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Operation {
            $($variant,)*
        }

        impl Operation {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The documented row: path, parameters, statuses.
            #[inline]
            pub(crate) const fn row(self) -> &'static OperationRow {
                match self {
                    $(Self::$variant => &$file::ROW,)*
                }
            }
        }

        $(const _: () = $file::ROW.assert_complete();)*
    };
}

operations! {
    ResetRandomPassword => reset_random_password,
    ListUsers => list_users,
    ListUserDetail => list_user_detail,
    CreateDesktopUser => create_desktop_user,
    UpdateUserInfo => update_user_info,
    DeleteUser => delete_user,
    ChangeUserStatus => change_user_status,
    SendEmail => send_email,
    KeystoneCreateUserTokenByPassword => keystone_create_user_token_by_password,
    KeystoneValidateToken => keystone_validate_token,
    KeystoneListProjects => keystone_list_projects,
    KeystoneListAuthProjects => keystone_list_auth_projects,
    KeystoneListAuthDomains => keystone_list_auth_domains,
    KeystoneListUsers => keystone_list_users,
    KeystoneListRegions => keystone_list_regions,
    CreateTemporaryAccessKeyByToken => create_temporary_access_key_by_token,
    GetCallerIdentity => get_caller_identity,
    DecodeAuthorizationMessage => decode_authorization_message,
}

/// An operation is used as its row is.
impl Deref for Operation {
    type Target = OperationRow;

    #[inline]
    fn deref(&self) -> &OperationRow {
        self.row()
    }
}

impl Operation {
    pub(crate) fn all() -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator + Clone {
        Self::ALL.iter().copied()
    }

    pub(crate) fn named(id: &str) -> Option<Self> {
        Self::all().find(|operation| operation.id == id)
    }

    /// The position in [`Operation::ALL`], for tables with an entry for each operation.
    #[inline]
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// The methods of its path, separated by commas.
    pub(crate) fn methods(self) -> String {
        let same = Self::all().filter(|other| other.path == self.path);
        same.map(|other| other.method).collect::<Vec<_>>().join(", ")
    }
}

/// Every action that an account may be allowed.
pub(crate) fn actions() -> impl Iterator<Item = &'static str> + Clone {
    Operation::all().filter_map(|operation| operation.action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::row::{Piece, Place, Subject};

    #[test]
    fn path_parameters_are_described_and_described_ones_exist() {
        for operation in Operation::all() {
            let in_path = operation.path.iter().filter_map(|piece| match piece {
                Piece::Parameter(name) => Some(*name),
                Piece::Literal(_) => None,
            });
            let described = operation.parameters.iter();
            let described = described.filter(|parameter| parameter.place == Place::Path);
            assert!(in_path.eq(described.map(|parameter| parameter.name)));
        }
    }

    #[test]
    fn statuses_are_unique_and_only_errors_carry_a_code() {
        for operation in Operation::all() {
            for (at, row) in operation.statuses.iter().enumerate() {
                assert_eq!(row.error.is_some(), row.status >= 400);
                assert!(operation.statuses.iter().take(at).all(|other| other.status != row.status));
            }
        }
    }

    #[test]
    fn operations_of_users_have_a_user_in_their_path() {
        for operation in Operation::all() {
            let has = |name| operation.path.contains(&Piece::Parameter(name));
            assert_eq!(matches!(operation.subject, Subject::User | Subject::Person), has("user_id"));
            assert_eq!(operation.is_of_project(), has("project_id"));
        }
    }

    #[test]
    fn operations_on_many_users_are_long() {
        for operation in Operation::all() {
            let schema = operation.answer.map(|answer| (answer.schema)());
            let properties = schema.as_ref().and_then(|schema| schema["properties"].as_object());
            let lists = properties.is_some_and(|all| all.values().any(|property| property["type"] == "array"));
            let must = lists || operation.subject == Subject::Project;
            assert!(operation.takes_long || !must, "{}: takes_long must be true", operation.id);
        }
    }

    #[test]
    fn the_template_is_the_documented_path() {
        assert_eq!(Operation::ResetRandomPassword.template(), "/v2/{project_id}/users/{user_id}/random-password");
    }
}
