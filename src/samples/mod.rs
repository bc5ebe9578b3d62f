//! Sample code: a program for one request, in each language of the vendor's SDKs, with curl, and with `wksmock run`.
//!
//! There is one file for each language, and these:
//!
//! - `language.rs` has the facts that each of them states
//! - `request.rs` checks the request by the contract
//! - `body.rs` has values, and the classes of the SDKs for bodies
//! - `package.rs` has the SDKs' packages
//! - `casing.rs` spells names
//! - `literal.rs` writes string literals
//! - `layout.rs` fills templates and breaks lines

mod body;
mod casing;
mod cpp;
mod curl;
mod dotnet;
mod go;
mod java;
mod language;
mod layout;
mod literal;
mod node;
mod package;
mod php;
mod python;
mod request;
mod run;

pub(crate) use request::SampleRequest;

use language::LanguageFacts;
use package::Package;
use request::SdkRequest;

/// Makes [`Language`] of rows: variant and file.
macro_rules! languages {
    ($($language:ident: $file:ident,)+) => {
        /// A language of samples.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Language {
            $($language,)+
        }

        impl Language {
            pub(crate) const ALL: [Self; [$(stringify!($language)),+].len()] = [$(Self::$language),+];
            /// The names of all languages, in order.
            pub(crate) const NAMES: [&str; Self::ALL.len()] = [$($file::FACTS.name),+];

            const fn facts(self) -> &'static LanguageFacts {
                match self {
                    $(Self::$language => &$file::FACTS,)+
                }
            }
        }
    };
}

languages! {
    Python: python,
    Java: java,
    Go: go,
    Node: node,
    Dotnet: dotnet,
    Php: php,
    Cpp: cpp,
    Curl: curl,
    Run: run,
}

/// A program with notes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) language: Language,
    pub(crate) code: String,
    pub(crate) note: String,
}

impl Language {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        self.facts().name
    }

    /// The display name.
    pub(crate) const fn title(self) -> &'static str {
        self.facts().title
    }

    /// The language name for syntax highlighting in OpenAPI documents.
    pub(crate) const fn highlighted_as(self) -> &'static str {
        self.facts().highlighted_as
    }
}

/// The sample for a request, or why the SDKs cannot send it.
pub(crate) fn sample(language: Language, given: &SampleRequest<'_>) -> Result<Sample, String> {
    let request = SdkRequest::of(given)?;
    Ok(Sample { language, code: (language.facts().code)(&request), note: note(language, &request) })
}

/// Requirements of the program, and its peculiarities.
fn note(language: Language, request: &SdkRequest<'_>) -> String {
    let facts = language.facts();
    let needed = (facts.needs)(Package::of(request.operation));
    let special = (facts.special)(request.operation.service);
    let secrets = request.secrets();
    let reads = if secrets.is_empty() || language == Language::Run {
        String::new()
    } else {
        format!(" It reads {} from the environment.", secrets.join(" and "))
    };
    format!("Needs {needed}.{special}{reads}")
}
