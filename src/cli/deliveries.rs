//! The flags that set where messages are delivered.

use super::exit::Failure;
use super::groups::OUTPUT;
use crate::server::Post;
use clap::Args;

/// Where messages to users are delivered.
#[derive(Debug, Args)]
pub(super) struct Deliveries {
    /// Mail server that delivers e-mails to users, as in smtp://127.0.0.1:1025
    ///
    /// Put name and password in front of the host: smtp://name:password@host. Without this flag e-mails are only recorded in the
    /// outbox.
    #[arg(long, value_name = "URL", env = "WKSMOCK_SMTP", hide_env_values = true, help_heading = OUTPUT,
          hide_short_help = true)]
    smtp: Option<String>,

    /// URL that receives text messages to users, by POST
    ///
    /// The body is JSON: {"to", "text", "project", "user", "call"}. Without this flag text messages are only recorded in the
    /// outbox.
    #[arg(long, value_name = "URL", env = "WKSMOCK_SMS_WEBHOOK", help_heading = OUTPUT, hide_short_help = true)]
    sms_webhook: Option<String>,
}

impl Deliveries {
    pub(super) fn post(&self) -> Result<Post, Failure> {
        // Parsed here, since an error of the argument parser would quote the value, which may hold a password.
        Post::at(self.smtp.as_deref(), self.sms_webhook.as_deref(), |name, error| {
            Failure::usage(format!("--{}: {error}", name.replace('_', "-")))
        })
    }
}
