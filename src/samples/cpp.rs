//! C++, with the generic call of the SDK core.

use super::body::{JsonPiece, SampleValue, TOKEN_VARIABLE};
use super::language::{LanguageFacts, generic_call_note};
use super::layout::{CodePiece, Style};
use super::literal::cpp as literal;
use super::request::{SdkRequest, Shown};

const STYLE: Style = Style { indent: "    ", spaced: false, aligned: false };

const TEMPLATE: &str = r#"// «summary»
#include <huaweicloud/core/Client.h>
#include <huaweicloud/core/ClientBuilder.h>
#include <huaweicloud/core/auth/BasicCredentials.h>
#include <huaweicloud/core/exception/Exceptions.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

using namespace HuaweiCloud::Sdk::Core;

// Keys come from the environment, never from the code.
static std::string variable(const std::string &name, const std::string &otherwise = "") {
    const char *value = std::getenv(name.c_str());
    return value ? value : otherwise;
}

«quoting»
int main() {
    auto credentials = std::make_unique<Auth::BasicCredentials>();
    credentials->withAk(variable("CLOUD_SDK_AK", variable("HUAWEICLOUD_SDK_AK")))
        .withSk(variable("CLOUD_SDK_SK", variable("HUAWEICLOUD_SDK_SK")))
        .withProjectId(«project»);
    auto client = ClientBuilder<Client>("BasicCredentials")
                      .withCredentials(std::move(credentials))
                      .withEndPoint(variable("WKSMOCK_URL", «url»))
                      .build();
    try {
        auto answer = client->callApi(
            "«method»",
            "«path»",
            «path_parameters»,
            «query»,
            «headers»,
            «body»,
            Http::HttpRequestDef());
        «show»
    } catch (const Exception::ServiceResponseException &refused) {
        std::cerr << refused.getStatusCode() << " " << refused.getErrorCode() << ": " << refused.getErrorMsg() << "\n";
        std::cerr << "request id: " << refused.getRequestId() << "\n";
        return 1;
    }
    return 0;
}
"#;

const QUOTING: &str = r#"// A JSON string.
static std::string quoted(const std::string &text) {
    std::string json = "\"";
    for (char one : text) {
        if (one == '"' || one == '\\') {
            json += '\\';
        }
        json += one;
    }
    return json + "\"";
}
"#;

pub(super) const FACTS: LanguageFacts = LanguageFacts {
    name: "cpp",
    title: "C++",
    highlighted_as: "C++",
    needs: |_| "the core of huaweicloud-sdk-cpp-v3".to_owned(),
    special: generic_call_note,
    code,
};

fn code(request: &SdkRequest<'_>) -> String {
    let text = |text: &str| CodePiece::word(literal(text));
    let user = request.user.map(|user| ("user_id", text(user)));
    let query = request.query.iter().map(|(name, value)| (*name, text(&value.in_query())));
    let token = request
        .asks_about_token()
        .then(|| ("X-Subject-Token", CodePiece::word(format!("variable(\"{TOKEN_VARIABLE}\")"))));
    let headers = std::iter::once(("Content-Type", text("application/json"))).chain(token);
    let laid_out = |piece: CodePiece| piece.laid_out(STYLE, 3, 13);
    let body = request.body.as_ref().map_or_else(|| "\"\"".to_owned(), body);
    let has_secret = body.contains("quoted(");
    let show = match request.shown() {
        Shown::Nothing => "std::cout << \"done: \" << answer->getStatusCode() << \"\\n\";",
        // The token is in a header of the answer.
        Shown::Header(_) => "std::cout << answer->getHeaderParams() << answer->getHttpBody() << \"\\n\";",
        Shown::Member(_) | Shown::All => "std::cout << answer->getHttpBody() << \"\\n\";",
    };
    request.fill(
        TEMPLATE,
        literal,
        &[
            ("quoting", if has_secret { QUOTING } else { "" }.to_owned()),
            ("path_parameters", laid_out(map(user.into_iter().collect()))),
            ("query", laid_out(map(query.collect()))),
            ("headers", laid_out(map(headers.collect()))),
            ("body", body),
            ("show", show.to_owned()),
        ],
    )
}

/// The body as a concatenation of JSON and secrets.
fn body(body: &SampleValue) -> String {
    let pieces = body.json();
    let is_whole = pieces.len() == 1;
    let pieces = pieces.iter().enumerate().map(|(at, piece)| match piece {
        JsonPiece::Secret(name) => format!("quoted(variable(\"{name}\"))"),
        JsonPiece::Text(text) if at == 0 && !is_whole => format!("std::string({})", literal(text)),
        JsonPiece::Text(text) => literal(text),
    });
    pieces.collect::<Vec<_>>().join("\n                + ")
}

fn map(parts: Vec<(&str, CodePiece)>) -> CodePiece {
    let parts = parts.into_iter().map(|(name, value)| {
        let pair = CodePiece::Group {
            open: "{".to_owned(),
            parts: vec![(format!("\"{name}\", "), value)],
            close: "}",
            last_comma: false,
        };
        (String::new(), pair)
    });
    CodePiece::Group { open: "{".to_owned(), parts: parts.collect(), close: "}", last_comma: false }
}
