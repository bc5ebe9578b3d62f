//! The users that a server has without a users file.

pub use crate::contract::examples::{PROJECT, USER};

/// The second user of [`PROJECT`], who is user-activated: a reset needs a notification type.
pub const USER_ACTIVATED: &str = "8a2c3f9579d240820179d51e6caf0002";

/// The users of [`PROJECT`] whose every call is answered with one status: the status, and the id.
pub const MAGIC_USERS: [(u16, &str); 7] = [
    (400, "8a2c3f9579d240820179d51e6caf0400"),
    (401, "8a2c3f9579d240820179d51e6caf0401"),
    (403, "8a2c3f9579d240820179d51e6caf0403"),
    (404, "8a2c3f9579d240820179d51e6caf0404"),
    (405, "8a2c3f9579d240820179d51e6caf0405"),
    (500, "8a2c3f9579d240820179d51e6caf0500"),
    (503, "8a2c3f9579d240820179d51e6caf0503"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Problems;
    use crate::engine::{Given, Setup};
    use crate::ids::UserIndex;
    use crate::limits::Limits;

    #[test]
    fn constants_name_the_built_in_users() {
        let setup = Setup::new(&Given::default(), &Limits::default(), &mut Problems::new(9)).unwrap();
        let (_, project) = setup.directory().project(PROJECT).unwrap();
        let ids: Vec<_> = UserIndex::all().map_while(|index| Some(project.user_at(index)?.id().into_owned())).collect();
        let named = [USER, USER_ACTIVATED].into_iter().chain(MAGIC_USERS.map(|(_, id)| id));
        assert_eq!(ids, named.collect::<Vec<_>>());
        for (status, id) in MAGIC_USERS {
            let user = setup.directory().users_named(id).next().unwrap();
            assert_eq!(setup.magic_status(user), Some(status));
        }
        let active = |id: &str| setup.directory().user(PROJECT, id).unwrap().1.active_type().name();
        assert_eq!([active(USER), active(USER_ACTIVATED)], ["ADMIN_ACTIVATE", "USER_ACTIVATE"]);
    }
}
