//! Python, with the vendor's package for the service.

use super::body::SampleValue;
use super::casing::snake;
use super::language::LanguageFacts;
use super::layout::{CodePiece, Style};
use super::literal::common as literal;
use super::package::Package;
use super::request::{SdkRequest, Shown};

const STYLE: Style = Style { indent: "    ", spaced: false, aligned: false };

const TEMPLATE: &str = r#"# «summary»
import os
import sys

from huaweicloudsdkcore.auth.credentials import «credentials»
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from «package».«version» import «imports»

# Keys come from the environment, never from the code.
access_key = os.environ.get("CLOUD_SDK_AK") or os.environ["HUAWEICLOUD_SDK_AK"]
secret_key = os.environ.get("CLOUD_SDK_SK") or os.environ["HUAWEICLOUD_SDK_SK"]
«owner»
endpoint = os.environ.get("WKSMOCK_URL", «url»)

credentials = «credentials»(access_key, secret_key, «owner_name»)
client = «client».new_builder().with_credentials(credentials).with_endpoint(endpoint).build()
request = «request»
try:
    answer = client.«method»(request)
except ServiceResponseException as refused:
    print(f"{refused.status_code} {refused.error_code}: {refused.error_msg}", file=sys.stderr)
    print(f"request id: {refused.request_id}", file=sys.stderr)
    if refused.encoded_auth_msg:
        print(f"sealed reason: {refused.encoded_auth_msg}", file=sys.stderr)
    sys.exit(1)
«show»
"#;

pub(super) const FACTS: LanguageFacts = LanguageFacts {
    name: "python",
    title: "Python",
    highlighted_as: "Python",
    needs: |package| format!("pip install {}", package.python),
    special: |_| "",
    code,
};

fn code(request: &SdkRequest<'_>) -> String {
    let package = Package::of(request.operation);
    let (id, class) = (request.operation.id, format!("{}Request", request.operation.id));
    let mut imports = vec![format!("{}Client", package.service), class.clone()];
    let mut fields: Vec<_> = request.fields().into_iter().map(|(name, value, _)| (name, value)).collect();
    fields.extend(request.body.clone().map(|body| ("body", body)));
    let parts = fields.iter().map(|(name, value)| (format!("{}=", snake(name)), piece(value, &mut imports))).collect();
    let call = object(&class, parts);
    imports.sort_unstable();
    imports.dedup();
    let (owner, owner_name) = if package.is_global {
        ("domain = os.environ.get(\"HUAWEICLOUD_SDK_DOMAIN_ID\")".to_owned(), "domain")
    } else {
        (format!("project = {}", literal(request.project)), "project")
    };
    let show = match request.shown() {
        Shown::Nothing => format!("print(\"{id}: done\")"),
        Shown::Member(name) | Shown::Header(name) => format!("print(answer.{})", snake(&name)),
        Shown::All => "print(answer)".to_owned(),
    };
    let imports =
        if imports.len() > 3 { format!("(\n    {},\n)", imports.join(",\n    ")) } else { imports.join(", ") };
    request.fill(
        TEMPLATE,
        literal,
        &[
            ("package", package.python.to_owned()),
            ("imports", imports),
            ("owner", owner),
            ("owner_name", owner_name.to_owned()),
            ("request", call.laid_out(STYLE, 0, "request = ".len())),
            ("method", snake(id)),
            ("show", show),
        ],
    )
}

fn piece(value: &SampleValue, imports: &mut Vec<String>) -> CodePiece {
    match value {
        SampleValue::Text(text) | SampleValue::Word(text) => CodePiece::word(literal(text)),
        SampleValue::Whole(number) => CodePiece::word(number.to_string()),
        SampleValue::Flag(true) => CodePiece::word("True"),
        SampleValue::Flag(false) => CodePiece::word("False"),
        SampleValue::Secret(variable) => CodePiece::word(format!("os.environ[\"{variable}\"]")),
        SampleValue::List(items) => {
            let parts = items.iter().map(|item| (String::new(), piece(item, imports))).collect();
            CodePiece::Group { open: "[".to_owned(), parts, close: "]", last_comma: true }
        }
        SampleValue::Object(class, members) => {
            imports.push(class.name.to_owned());
            let members =
                members.iter().map(|(field, value)| (format!("{}=", snake(field.name)), piece(value, imports)));
            let members = members.collect();
            object(class.name, members)
        }
    }
}

fn object(class: &str, parts: Vec<(String, CodePiece)>) -> CodePiece {
    CodePiece::Group { open: format!("{class}("), parts, close: ")", last_comma: true }
}
