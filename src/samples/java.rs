//! Java, with the vendor's package for the service.

use super::body::SampleValue;
use super::casing::{camel, constant, pascal};
use super::language::LanguageFacts;
use super::layout::{CodePiece, Style};
use super::literal::java as literal;
use super::package::Package;
use super::request::{SdkRequest, Shown};
use crate::contract::FieldKind;

const STYLE: Style = Style { indent: "    ", spaced: false, aligned: false };
const SDK: &str = "com.huaweicloud.sdk";

const TEMPLATE: &str = r#"import com.huaweicloud.sdk.core.auth.«credentials»;
import com.huaweicloud.sdk.core.exception.ServiceResponseException;
«imports»

/** «summary» */
public class «id»Sample {
    public static void main(String[] arguments) {
        String endpoint = System.getenv().getOrDefault("WKSMOCK_URL", «url»);
        «credentials» credentials = new «credentials»()
            .withAk(key("AK"))
            .withSk(key("SK"))
            .«owner»;
        «client» client = «client».newBuilder()
            .withCredential(credentials)
            .withEndpoint(endpoint)
            .build();
        «id»Request request = «request»;
        int code = 0;
        try {
            «call»
            «show»
        } catch (ServiceResponseException refused) {
            System.err.println(refused.getHttpStatusCode() + " " + refused.getErrorCode() + ": " + refused.getErrorMsg());
            System.err.println("request id: " + refused.getRequestId());
            if (refused.getEncodedAuthorizationMessage() != null) {
                System.err.println("sealed reason: " + refused.getEncodedAuthorizationMessage());
            }
            code = 1;
        }
        // The threads of the HTTP client would keep the program alive.
        System.exit(code);
    }

    /** Keys come from the environment, never from the code. */
    private static String key(String name) {
        String key = System.getenv("CLOUD_SDK_" + name);
        return key != null ? key : System.getenv("HUAWEICLOUD_SDK_" + name);
    }
}
"#;

pub(super) const FACTS: LanguageFacts = LanguageFacts {
    name: "java",
    title: "Java",
    highlighted_as: "Java",
    needs: |package| format!("com.huaweicloud.sdk:{}", package.java_artifact()),
    special: |_| "",
    code,
};

fn code(request: &SdkRequest<'_>) -> String {
    let package = Package::of(request.operation);
    let id = request.operation.id;
    let shown = request.shown();
    let root = format!("{SDK}.{}.{}", package.lower(), package.version);
    let mut imports = vec![format!("{root}.{}Client", package.service)];
    let mut used = Used { root: format!("{root}.model"), imports: &mut imports };
    used.model(&format!("{id}Request"));
    if shown != Shown::Nothing {
        used.model(&format!("{id}Response"));
    }
    let mut calls = Vec::new();
    for (name, value, _) in request.fields() {
        calls.push((format!("with{}", pascal(name)), used.piece(&value, None)));
    }
    if let Some(body) = &request.body {
        calls.push(("withBody".to_owned(), used.piece(body, None)));
    }
    let made = CodePiece::Chain { object: format!("new {id}Request()"), calls };
    imports.sort_unstable();
    imports.dedup();
    let imports: Vec<_> = imports.iter().map(|class| format!("import {class};")).collect();
    let owner = if package.is_global {
        "withDomainId(System.getenv(\"HUAWEICLOUD_SDK_DOMAIN_ID\"))".to_owned()
    } else {
        format!("withProjectId({})", literal(request.project))
    };
    let call = format!("client.{}(request);", camel(id));
    let show = match &shown {
        Shown::Nothing => format!("System.out.println(\"{id}: done\");"),
        Shown::Member(name) | Shown::Header(name) => format!("System.out.println(answer.get{}());", pascal(name)),
        Shown::All => "System.out.println(answer);".to_owned(),
    };
    let call = if shown == Shown::Nothing { call } else { format!("{id}Response answer = {call}") };
    let before = 2 * STYLE.indent.len() + 2 * id.len() + "Request request = ;".len();
    request.fill(
        TEMPLATE,
        literal,
        &[
            ("imports", imports.join("\n")),
            ("owner", owner),
            ("request", made.laid_out(STYLE, 2, before)),
            ("call", call),
            ("show", show),
        ],
    )
}

/// Collects the classes to import.
struct Used<'u> {
    root: String,
    imports: &'u mut Vec<String>,
}

impl Used<'_> {
    fn model(&mut self, class: &str) {
        self.imports.push(format!("{}.{class}", self.root));
    }

    /// A value; `owner` is its class and field.
    fn piece(&mut self, value: &SampleValue, owner: Option<(&str, &str)>) -> CodePiece {
        match value {
            SampleValue::Text(text) => CodePiece::word(literal(text)),
            SampleValue::Word(word) => {
                let (class, field) = owner.unwrap_or_default();
                CodePiece::word(format!("{class}.{}Enum.{}", pascal(field), constant(word)))
            }
            SampleValue::Whole(number) => CodePiece::word(number.to_string()),
            SampleValue::Flag(flag) => CodePiece::word(flag.to_string()),
            SampleValue::Secret(variable) => CodePiece::word(format!("System.getenv(\"{variable}\")")),
            SampleValue::List(items) => {
                self.imports.push("java.util.Arrays".to_owned());
                let parts = items.iter().map(|item| (String::new(), self.piece(item, owner))).collect();
                CodePiece::Group { open: "Arrays.asList(".to_owned(), parts, close: ")", last_comma: false }
            }
            SampleValue::Object(class, members) => {
                self.model(class.name);
                let mut calls = Vec::new();
                for (field, value) in members {
                    debug_assert!(!matches!(value, SampleValue::Word(_)) || matches!(field.kind, FieldKind::Words(_)));
                    let value = self.piece(value, Some((class.name, field.name)));
                    calls.push((format!("with{}", pascal(field.name)), value));
                }
                CodePiece::Chain { object: format!("new {}()", class.name), calls }
            }
        }
    }
}
