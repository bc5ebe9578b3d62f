//! The operations: one file each has its own behaviour. `keystone.rs` has what those of IAM share.

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
mod send_email;
mod update_user_info;

use super::admitted::Admitted;
use super::in_project::{FoundUser, InProject};
use super::objection::Refused;
use super::own::Own;
use crate::contract::Operation;
use crate::state::Changing;

#[cfg(test)]
pub(super) use list_users::UserFilter;

type Behaviour<'c> = Result<Own<'c>, Box<Refused>>;

/// Finds an operation's own behaviour, by its subject.
pub(super) enum Handler {
    /// A user's password is reset: the engine draws it.
    Reset,
    /// The users of a project.
    Users(for<'c> fn(InProject<'c>, &Changing<'_>) -> Behaviour<'c>),
    /// One user of a project.
    User(for<'c> fn(InProject<'c>, FoundUser) -> Behaviour<'c>),
    /// The account that calls.
    Account(for<'c> fn(&Admitted<'c>) -> Behaviour<'c>),
}

/// The handler of an operation.
#[inline]
pub(super) fn handler(operation: Operation) -> Handler {
    match operation {
        Operation::ResetRandomPassword => Handler::Reset,
        Operation::ListUsers => Handler::Users(list_users::own),
        Operation::ListUserDetail => Handler::User(|at, user| Ok(list_user_detail::own(at, user))),
        Operation::CreateDesktopUser => Handler::Users(create_desktop_user::own),
        Operation::UpdateUserInfo => Handler::User(update_user_info::own),
        Operation::DeleteUser => Handler::User(|at, user| Ok(delete_user::own(at, user))),
        Operation::ChangeUserStatus => Handler::User(change_user_status::own),
        Operation::SendEmail => Handler::User(send_email::own),
        Operation::KeystoneCreateUserTokenByPassword => Handler::Account(keystone_create_user_token_by_password::own),
        Operation::KeystoneValidateToken => Handler::Account(keystone_validate_token::own),
        Operation::KeystoneListProjects => Handler::Account(|call| Ok(keystone_list_projects::own(call))),
        Operation::KeystoneListAuthProjects => Handler::Account(|call| Ok(keystone_list_auth_projects::own(call))),
        Operation::KeystoneListAuthDomains => Handler::Account(|call| Ok(keystone_list_auth_domains::own(call))),
        Operation::KeystoneListUsers => Handler::Account(|call| Ok(keystone_list_users::own(call))),
        Operation::KeystoneListRegions => Handler::Account(|call| Ok(keystone_list_regions::own(call))),
        Operation::CreateTemporaryAccessKeyByToken => Handler::Account(create_temporary_access_key_by_token::own),
        Operation::GetCallerIdentity => Handler::Account(get_caller_identity::own),
        Operation::DecodeAuthorizationMessage => Handler::Account(decode_authorization_message::own),
    }
}
