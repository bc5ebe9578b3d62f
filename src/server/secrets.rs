//! Notes the secrets that answers hand out, so that `wksmock run` finds them in the output of its command.

use super::api_exchange::Exchange;
use crate::api::Answered;
use crate::ids::UserPlace;
use crate::state::{HandedOut, Running, Secrets, password_of_call};

impl Exchange<'_> {
    #[inline]
    pub(super) fn note_secret(&self, answered: &Answered) {
        if let Some(secrets) = self.state.secrets.get() {
            hand_out(secrets, &self.running, answered);
        }
    }
}

#[cold]
fn hand_out(secrets: &Secrets, running: &Running, answered: &Answered) {
    if let Some((what, secret)) = answered.secret.as_deref() {
        secrets.hand_out_other(secret, what);
    }
    if let (Some((call, outcome)), Some(user)) = (&answered.decided, answered.user)
        && let Some(password) = &outcome.password
    {
        let how = if matches!(user.user, UserPlace::Created(_)) {
            let (project, id) = running.ids_of(user);
            HandedOut::Otherwise(password_of_call(*call, &id, &project).into())
        } else {
            HandedOut::Reset(user, *call)
        };
        secrets.hand_out(password, how);
    }
}
