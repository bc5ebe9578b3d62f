//! Sample code: a program for one request, in each language of the vendor's SDKs, with curl, and with `wksmock run`.
//!
//! There is one file for each language, and these:
//!
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
mod layout;
mod literal;
mod node;
mod package;
mod php;
mod python;
mod request;
mod run;

pub(crate) use request::SampleRequest;

use crate::contract::{Operation, Service};
use request::SdkRequest;

/// A language of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Java,
    Go,
    Node,
    Dotnet,
    Php,
    Cpp,
    Curl,
    Run,
}

/// A program with notes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) language: Language,
    pub(crate) code: String,
    pub(crate) note: String,
}

impl Language {
    pub(crate) const ALL: [Self; 9] =
        [Self::Python, Self::Java, Self::Go, Self::Node, Self::Dotnet, Self::Php, Self::Cpp, Self::Curl, Self::Run];
    /// The names of all languages, in order.
    pub(crate) const NAMES: [&str; 9] = ["python", "java", "go", "node", "dotnet", "php", "cpp", "curl", "run"];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Java => "java",
            Self::Go => "go",
            Self::Node => "node",
            Self::Dotnet => "dotnet",
            Self::Php => "php",
            Self::Cpp => "cpp",
            Self::Curl => "curl",
            Self::Run => "run",
        }
    }

    /// The display name.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Java => "Java",
            Self::Go => "Go",
            Self::Node => "Node.js",
            Self::Dotnet => ".NET",
            Self::Php => "PHP",
            Self::Cpp => "C++",
            Self::Curl => "curl",
            Self::Run => "wksmock run",
        }
    }

    /// The language name for syntax highlighting in OpenAPI documents.
    pub(crate) const fn highlighted_as(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Java => "Java",
            Self::Go => "Go",
            Self::Node => "JavaScript",
            Self::Dotnet => "C#",
            Self::Php => "PHP",
            Self::Cpp => "C++",
            Self::Curl | Self::Run => "Shell",
        }
    }
}

/// The sample for a request, or why the SDKs cannot send it.
pub(crate) fn sample(language: Language, wanted: &SampleRequest<'_>) -> Result<Sample, String> {
    let request = SdkRequest::of(wanted)?;
    let code = match language {
        Language::Python => python::code(&request),
        Language::Java => java::code(&request),
        Language::Go => go::code(&request),
        Language::Node => node::code(&request),
        Language::Dotnet => dotnet::code(&request),
        Language::Php => php::code(&request),
        Language::Cpp => cpp::code(&request),
        Language::Curl => curl::code(&request),
        Language::Run => run::code(&request),
    };
    Ok(Sample { language, code, note: note(language, &request) })
}

/// Requirements of the program, and its peculiarities.
fn note(language: Language, request: &SdkRequest<'_>) -> String {
    let package = package::Package::of(request.operation);
    let needed = match language {
        Language::Python => format!("pip install {}", package.python),
        Language::Java => format!("com.huaweicloud.sdk:{}", package.java_artifact()),
        Language::Go => format!("go get {}", go::MODULE),
        Language::Dotnet => format!("dotnet add package HuaweiCloud.SDK.{}", package.service),
        Language::Node => "npm install @huaweicloud/huaweicloud-sdk-core uuid".to_owned(),
        Language::Php => "composer require huaweicloud/huaweicloud-sdk-php".to_owned(),
        Language::Cpp => "the core of huaweicloud-sdk-cpp-v3".to_owned(),
        Language::Curl => "curl 7.76 or later".to_owned(),
        Language::Run => "wksmock and curl".to_owned(),
    };
    let has_package = request.operation.service != Service::Workspace;
    let special = match language {
        Language::Python | Language::Java | Language::Go => "",
        Language::Dotnet => " The tests of wksmock do not compile it.",
        Language::Node | Language::Php | Language::Cpp if has_package => {
            " It uses the generic request of the SDK core instead of a service package."
        }
        Language::Node | Language::Php | Language::Cpp => {
            " The vendor publishes no Workspace package for this language, so it uses the generic request of the SDK \
             core."
        }
        Language::Curl => {
            " curl cannot sign like the SDKs: it sends the token from AUTH_TOKEN. Without a token the request has no \
             credentials, which --auth required refuses."
        }
        Language::Run => {
            " It starts a server for the command and judges the command afterwards. Add the --users and --scenario of your \
             tests, and replace the script with your program."
        }
    };
    let secrets = request.secrets();
    let reads = if secrets.is_empty() || language == Language::Run {
        String::new()
    } else {
        format!(" It reads {} from the environment.", secrets.join(" and "))
    };
    format!("Needs {needed}.{special}{reads}")
}

/// The file name for the sample of an operation, without its extension.
fn file_name(operation: Operation) -> String {
    casing::snake(operation.id)
}
