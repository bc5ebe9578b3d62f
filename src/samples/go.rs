//! Go, with the vendor's package for the service.

use super::body::SampleValue;
use super::casing::{camel, constant, pascal};
use super::language::LanguageFacts;
use super::layout::{CodePiece, Style};
use super::literal::common as literal;
use super::package::Package;
use super::request::{SdkRequest, Shown};
use std::fmt::Write as _;

const STYLE: Style = Style { indent: "\t", spaced: false, aligned: true };
/// The vendor's module.
const MODULE: &str = "github.com/huaweicloud/huaweicloud-sdk-go-v3";
/// Names that the template uses.
const TAKEN: [&str; 11] =
    ["answer", "client", "credentials", "endpoint", "err", "request", "model", "basic", "global", "key", "fail"];

const TEMPLATE: &str = r#"// «summary»
package main

import (
	"errors"
	"fmt"
	"os"

	"«module»/core/auth/«credentials»"
	"«module»/core/sdkerr"
	«service» "«module»/services/«service»/«version»"
	"«module»/services/«service»/«version»/model"
)

func main() {
	endpoint := os.Getenv("WKSMOCK_URL")
	if endpoint == "" {
		endpoint = «url»
	}
	credentials, err := «credentials».NewCredentialsBuilder().
		WithAk(key("AK")).
		WithSk(key("SK")).
		«owner».
		SafeBuild()
	if err != nil {
		fail(err)
	}
	client, err := «service».«Service»ClientBuilder().
		WithCredential(credentials).
		WithEndpoints([]string{endpoint}).
		SafeBuild()
	if err != nil {
		fail(err)
	}
«before»
	request := «request»
	«answer» «service».New«Service»Client(client).«id»(request)
	if err != nil {
		fail(err)
	}
	«show»
}

// Keys come from the environment, never from the code.
func key(name string) string {
	if key := os.Getenv("CLOUD_SDK_" + name); key != "" {
		return key
	}
	return os.Getenv("HUAWEICLOUD_SDK_" + name)
}

func fail(err error) {
	var refused *sdkerr.ServiceResponseError
	if !errors.As(err, &refused) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stderr, "%d %s: %s\n", refused.StatusCode, refused.ErrorCode, refused.ErrorMessage)
	fmt.Fprintf(os.Stderr, "request id: %s\n", refused.RequestId)
	if refused.EncodedAuthorizationMessage != "" {
		fmt.Fprintf(os.Stderr, "sealed reason: %s\n", refused.EncodedAuthorizationMessage)
	}
	os.Exit(1)
}
"#;

pub(super) const FACTS: LanguageFacts = LanguageFacts {
    name: "go",
    title: "Go",
    highlighted_as: "Go",
    needs: |_| format!("go get {MODULE}"),
    special: |_| "",
    code,
};

fn code(request: &SdkRequest<'_>) -> String {
    let package = Package::of(request.operation);
    let id = request.operation.id;
    let mut made = Made::default();
    let mut parts = Vec::new();
    for (name, value, mandatory) in request.fields() {
        parts.push((pascal(name), made.field(name, &value, mandatory, "")));
    }
    if let Some(body) = &request.body {
        parts.push(("Body".to_owned(), made.piece(body, "", "")));
    }
    let call = object(&format!("&model.{id}Request"), parts);
    let owner = if package.is_global {
        "WithDomainId(os.Getenv(\"HUAWEICLOUD_SDK_DOMAIN_ID\"))".to_owned()
    } else {
        format!("WithProjectId({})", literal(request.project))
    };
    let shown = request.shown();
    let show = match &shown {
        Shown::Nothing => format!("fmt.Println(\"{id}: done\")"),
        Shown::Member(name) | Shown::Header(name) => format!("fmt.Println(*answer.{})", pascal(name)),
        Shown::All => "fmt.Println(answer)".to_owned(),
    };
    request.fill(
        TEMPLATE,
        literal,
        &[
            ("module", MODULE.to_owned()),
            ("credentials", if package.is_global { "global" } else { "basic" }.to_owned()),
            ("service", package.lower()),
            ("Service", package.service.to_owned()),
            ("owner", owner),
            ("before", made.before.trim_end().to_owned()),
            ("request", call.laid_out(STYLE, 1, "\trequest := ".len())),
            ("answer", if shown == Shown::Nothing { "_, err =" } else { "answer, err :=" }.to_owned()),
            ("show", show),
        ],
    )
}

/// Collects named values, since optional fields are pointers.
#[derive(Default)]
struct Made {
    before: String,
    names: Vec<String>,
}

impl Made {
    fn field(&mut self, name: &str, value: &SampleValue, mandatory: bool, class: &str) -> CodePiece {
        let piece = self.piece(value, class, name);
        if mandatory || matches!(value, SampleValue::Object(..)) {
            return piece;
        }
        let name = self.free(&camel(name));
        // The SDK uses 32-bit numbers.
        let value = if matches!(value, SampleValue::Whole(_)) {
            format!("int32({})", piece.laid_out(STYLE, 1, 0))
        } else {
            piece.laid_out(STYLE, 1, name.len() + 8)
        };
        let _ = writeln!(self.before, "\t{name} := {value}");
        CodePiece::word(format!("&{name}"))
    }

    /// A unique name like `name`.
    fn free(&mut self, name: &str) -> String {
        let is_free = |name: &String| !TAKEN.contains(&name.as_str()) && !self.names.contains(name);
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(is_free);
        let free = invariant!(free, String::new(), "numbers do not end");
        self.names.push(free.clone());
        free
    }

    /// The value of a field of `class`.
    fn piece(&mut self, value: &SampleValue, class: &str, field: &str) -> CodePiece {
        let kind = format!("{class}{}", pascal(field));
        match value {
            SampleValue::Text(text) => CodePiece::word(literal(text)),
            SampleValue::Word(word) => CodePiece::word(format!("model.Get{kind}Enum().{}", constant(word))),
            SampleValue::Whole(number) => CodePiece::word(number.to_string()),
            SampleValue::Flag(flag) => CodePiece::word(flag.to_string()),
            SampleValue::Secret(variable) => CodePiece::word(format!("os.Getenv(\"{variable}\")")),
            SampleValue::List(items) => {
                let of = match items.first() {
                    Some(SampleValue::Word(_)) => format!("model.{kind}"),
                    Some(SampleValue::Object(class, _)) => format!("model.{}", class.name),
                    _ => "string".to_owned(),
                };
                let parts = items.iter().map(|item| (String::new(), self.item(item, class, field))).collect();
                CodePiece::Group { open: format!("[]{of}{{"), parts, close: "}", last_comma: true }
            }
            SampleValue::Object(class, members) => {
                let members = members.iter().map(|(field, value)| {
                    (pascal(field.name), self.field(field.name, value, field.mandatory, class.name))
                });
                let members = members.collect();
                object(&format!("&model.{}", class.name), members)
            }
        }
    }

    /// An item of a list, where objects are not pointers and need no type.
    fn item(&mut self, value: &SampleValue, class: &str, field: &str) -> CodePiece {
        match self.piece(value, class, field) {
            CodePiece::Group { parts, close, last_comma, .. } => {
                CodePiece::Group { open: "{".to_owned(), parts, close, last_comma }
            }
            word => word,
        }
    }
}

/// A composite literal.
fn object(kind: &str, parts: Vec<(String, CodePiece)>) -> CodePiece {
    let parts = parts.into_iter().map(|(name, piece)| (format!("{name}: "), piece)).collect();
    CodePiece::Group { open: format!("{kind}{{"), parts, close: "}", last_comma: true }
}
