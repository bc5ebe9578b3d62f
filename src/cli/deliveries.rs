//! The flags that have messages delivered.

use super::exit::{self, Failure};
use crate::server::Post;
use clap::Args;

/// To whom messages are given. Without a flag they are recorded in the outbox alone.
#[derive(Debug, Args)]
pub(super) struct Deliveries {
    /// Mail server that e-mails to users are given to, as in smtp://127.0.0.1:1025 or smtp://name:password@host. Without
    /// it they are recorded in the outbox alone.
    #[cfg(feature = "smtp")]
    #[arg(long, value_name = "URL", env = "WKSMOCK_SMTP", hide_env_values = true)]
    smtp: Option<String>,

    /// URL that messages to phones are posted to, as JSON: {"to", "text", "project", "user", "call"}. Without it they are
    /// recorded in the outbox alone.
    #[arg(long, value_name = "URL", env = "WKSMOCK_SMS_WEBHOOK")]
    sms_webhook: Option<String>,
}

impl Deliveries {
    pub(super) fn post(&self) -> Result<Post, Failure> {
        // Parsed here: the argument parser would repeat what is wrong, and that may hold a password.
        let wrong = |flag: &str, told: &str| Failure::new(exit::USAGE, format!("{flag}: {told}"));
        Ok(Post {
            #[cfg(feature = "smtp")]
            mail: self.smtp.as_deref().map(str::parse).transpose().map_err(|told: String| wrong("--smtp", &told))?,
            phone: self
                .sms_webhook
                .as_deref()
                .map(str::parse)
                .transpose()
                .map_err(|told: String| wrong("--sms-webhook", &told))?,
        })
    }
}
