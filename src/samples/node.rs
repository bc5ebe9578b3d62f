//! Node, with the generic call of the SDK core, since the registry has no package for Workspace.

use super::body::SampleValue;
use super::language::{LanguageFacts, generic_call_note};
use super::layout::{CodePiece, Style};
use super::literal::node as literal;
use super::request::{SdkRequest, Shown};

const STYLE: Style = Style { indent: "  ", spaced: true, aligned: false };
const CORE: &str = "@huaweicloud/huaweicloud-sdk-core";

const TEMPLATE: &str = r#"// «summary» Save it as an .mjs file.
import { BasicCredentials } from "«core»/auth/BasicCredentials.js";
import { ClientBuilder } from "«core»/ClientBuilder.js";
import { ServiceResponseException } from "«core»/exception/ServiceResponseException.js";

const { env } = process;
// Keys come from the environment, never from the code.
const credentials = new BasicCredentials()
  .withAk(env.CLOUD_SDK_AK ?? env.HUAWEICLOUD_SDK_AK)
  .withSk(env.CLOUD_SDK_SK ?? env.HUAWEICLOUD_SDK_SK)
  .withProjectId(«project»);
const client = new ClientBuilder((core) => core, "BasicCredentials")
  .withCredential(credentials)
  .withEndpoint(env.WKSMOCK_URL ?? «url»)
  .build();

try {
  «answer»await client.sendRequest({
    method: "«method»",
    url: "«path»",
    contentType: "application/json",
    pathParams: «path_parameters»,
    queryParams: «query»,
    headers: «headers»,
    data: «data»,
    «response_headers»
  });
  «show»
} catch (refused) {
  if (!(refused instanceof ServiceResponseException)) throw refused;
  console.error(`${refused.httpStatusCode} ${refused.errorCode}: ${refused.errorMsg}`);
  console.error(`request id: ${refused.requestId}`);
  if (refused.encodedAuthorizationMessage) {
    console.error(`sealed reason: ${refused.encodedAuthorizationMessage}`);
  }
  process.exitCode = 1;
}
"#;

pub(super) const FACTS: LanguageFacts = LanguageFacts {
    name: "node",
    title: "Node.js",
    highlighted_as: "JavaScript",
    needs: |_| "npm install @huaweicloud/huaweicloud-sdk-core uuid".to_owned(),
    special: generic_call_note,
    code,
};

fn code(request: &SdkRequest<'_>) -> String {
    let id = request.operation.id;
    let shown = request.shown();
    let show = match &shown {
        Shown::Nothing => format!("console.log(\"{id}: done\");"),
        Shown::Member(name) => format!("console.log(answer.{name});"),
        Shown::Header(name) => format!("console.log(answer[\"{name}\"]);"),
        Shown::All => "console.log(JSON.stringify(answer, null, 2));".to_owned(),
    };
    let user = request.user.map(|user| ("user_id".to_owned(), CodePiece::word(literal(user))));
    let query =
        request.query.iter().map(|(name, value)| ((*name).to_owned(), CodePiece::word(literal(&value.in_query()))));
    let token =
        request.asks_about_token().then(|| ("\"X-Subject-Token\"".to_owned(), secret(super::body::TOKEN_VARIABLE)));
    let laid_out = |piece: CodePiece, label: &str| piece.laid_out(STYLE, 2, 4 + label.len() + 3);
    let data = request.body.as_ref().map_or_else(|| object(Vec::new()), piece);
    let headers = match &shown {
        Shown::Header(name) => format!("responseHeaders: [\"{name}\"],"),
        _ => String::new(),
    };
    request.fill(
        TEMPLATE,
        literal,
        &[
            ("core", CORE.to_owned()),
            ("answer", if shown == Shown::Nothing { "" } else { "const answer = " }.to_owned()),
            ("path_parameters", laid_out(object(user.into_iter().collect()), "pathParams")),
            ("query", laid_out(object(query.collect()), "queryParams")),
            ("headers", laid_out(object(token.into_iter().collect()), "headers")),
            ("data", laid_out(data, "data")),
            ("response_headers", headers),
            ("show", show),
        ],
    )
}

fn secret(variable: &str) -> CodePiece {
    CodePiece::word(format!("env.{variable}"))
}

fn piece(value: &SampleValue) -> CodePiece {
    match value {
        SampleValue::Text(text) | SampleValue::Word(text) => CodePiece::word(literal(text)),
        SampleValue::Whole(number) => CodePiece::word(number.to_string()),
        SampleValue::Flag(flag) => CodePiece::word(flag.to_string()),
        SampleValue::Secret(variable) => secret(variable),
        SampleValue::List(items) => {
            let parts = items.iter().map(|item| (String::new(), piece(item))).collect();
            CodePiece::Group { open: "[".to_owned(), parts, close: "]", last_comma: true }
        }
        SampleValue::Object(_, members) => {
            object(members.iter().map(|(field, value)| (field.name.to_owned(), piece(value))).collect())
        }
    }
}

fn object(parts: Vec<(String, CodePiece)>) -> CodePiece {
    let parts = parts.into_iter().map(|(name, piece)| (format!("{name}: "), piece)).collect();
    CodePiece::Group { open: "{".to_owned(), parts, close: "}", last_comma: true }
}
