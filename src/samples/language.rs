//! The facts of a language, which its file states.

use super::package::Package;
use super::request::SdkRequest;
use crate::contract::Service;

/// Name, texts and code of a language.
pub(super) struct LanguageFacts {
    pub(super) name: &'static str,
    /// The display name.
    pub(super) title: &'static str,
    /// The language name for syntax highlighting in OpenAPI documents.
    pub(super) highlighted_as: &'static str,
    /// The requirements of a program.
    pub(super) needs: fn(&Package) -> String,
    /// Peculiarities of a program for a service, each a sentence after a blank.
    pub(super) special: fn(Service) -> &'static str,
    pub(super) code: fn(&SdkRequest<'_>) -> String,
}

/// Explains the generic call of the SDK core.
pub(super) fn generic_call_note(service: Service) -> &'static str {
    if service == Service::Workspace {
        " The vendor publishes no Workspace package for this language, so it uses the generic request of the SDK core."
    } else {
        " It uses the generic request of the SDK core instead of a service package."
    }
}
