//! The routes that look something up: users, accounts, passwords, what calls result in, programs that make them.

use super::{CURSOR, LIMIT};
use crate::admin::route::{Kind, Route, get, list, query};
use crate::admin::{accounts, explain, passwords, samples, users};
use crate::contract::NOTIFICATION_TYPE;
use crate::state::UserState;

pub(super) static ROUTES: &[Route] = &[
    list("users", "AdminListUsers", "Lists the users of the loaded projects, or of one project or clone", |call| users::list(call.state, call.query()))
        .takes(&[
            query("project", Kind::Text, "Only this project or clone. Default: all projects, without clones."),
            query("search", Kind::Text, "Users with this text, in either case, in `id` or `user_name`."),
            query("state", Kind::OneOf(&UserState::NAMES), "Users that are as loaded, created, or changed since."),
            query("cursor", Kind::Whole(0, u64::MAX), CURSOR),
            LIMIT,
        ])
        .gives(&[(200, Some("UserPage"))])
        .refuses(&[(404, "The project is unknown.")]),
    list("accounts", "AdminListAccounts", "Lists the accounts that can call the API, without their secrets", |call| {
        accounts::list(call.state, call.query())
    })
    .takes(&[
        query("search", Kind::Text, "Accounts with this text, in either case, in `domain/name` or `access_key`."),
        query("cursor", Kind::Whole(0, u64::MAX), CURSOR),
        LIMIT,
    ])
    .gives(&[(200, Some("AccountPage"))]),
    get("passwords/{project}/{user}", "AdminGetPassword", "Returns a user's current password, or that of a call", |call| {
        passwords::show(call.state, call.piece(1), call.piece(2), call.query())
    })
    .says("With `call`, the password is computed from the seed, whether or not the call was made.")
    .takes(&[query("call", Kind::Whole(1, passwords::CALL_MAX - 1), "A call number. Default: the current password.")])
    .gives(&[(200, Some("UserPassword"))])
    .refuses(&[(404, "The project or the user is unknown.")]),
    list("explain", "AdminExplain", "Explains what calls result in, and which rules decide", |call| {
        explain::show(call.state, call.query())
    })
    .says(
        "Makes no call. Rules with `header`, or with a `query` other than `notification_type`, count as not matching, since \
         there is no request yet.",
    )
    .takes(&[
        query("project", Kind::Text, "The project or clone. Required, except for operations of IAM and STS."),
        query("user", Kind::Text, "The user: id, `user_name`, or the end of the id. Required if the operation names one."),
        query("account", Kind::Text, "The account that calls, as `domain/name` or by its name. Default: none."),
        query("operation", Kind::Operation, "The operation. Default: ResetRandomPassword."),
        query("call", Kind::Whole(1, explain::FIRST_MAX), "The first call number. Default: the next call."),
        query("next", Kind::Whole(1, explain::CALLS_MAX), "How many calls. Default: 1."),
        query(NOTIFICATION_TYPE, Kind::NotificationTypes, "The notifications that the calls ask for. Default: none."),
    ])
    .gives(&[(200, Some("Explanation"))])
    .refuses(&[(404, "The project, user or account is unknown.")]),
    list("samples", "AdminListSamples", "Returns a program for a request, in each language", |call| {
        samples::show(call.state, call.request)
    })
    .takes(samples::QUERY)
    .gives(&[(200, Some("SampleList"))]),
];
