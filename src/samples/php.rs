//! PHP, with the generic call of the SDK core.

use super::body::SampleValue;
use super::language::{LanguageFacts, generic_call_note};
use super::layout::{CodePiece, Style};
use super::literal::php as literal;
use super::request::{SdkRequest, Shown};

const STYLE: Style = Style { indent: "    ", spaced: false, aligned: false };

const TEMPLATE: &str = r#"<?php
// «summary»
require 'vendor/autoload.php';

use HuaweiCloud\SDK\Core\Auth\BasicCredentials;
use HuaweiCloud\SDK\Core\Client;
use HuaweiCloud\SDK\Core\ClientBuilder;
use HuaweiCloud\SDK\Core\Exceptions\ServiceResponseException;
use HuaweiCloud\SDK\Core\Http\HttpConfig;
use HuaweiCloud\SDK\Core\SdkResponse;
use HuaweiCloud\SDK\Core\Utils\ModelInterface;

// The raw answer: the SDK core parses into a class.
class Answer implements ModelInterface
{
    use SdkResponse;

    public function getModelName() { return 'Answer'; }
    public static function openAPITypes() { return []; }
    public static function openAPIFormats() { return []; }
    public static function attributeMap() { return []; }
    public static function setters() { return []; }
    public static function getters() { return []; }
    public function listInvalidProperties() { return []; }
    public function valid() { return true; }
}

// Keys come from the environment, never from the code.
function key_of(string $name): string
{
    return getenv("CLOUD_SDK_$name") ?: getenv("HUAWEICLOUD_SDK_$name") ?: '';
}

$client = (new ClientBuilder(new Client()))
    ->withHttpConfig(HttpConfig::getDefaultConfig())
    ->withEndpoint(getenv('WKSMOCK_URL') ?: «url»)
    ->withCredentials(new BasicCredentials(key_of('AK'), key_of('SK'), «project»))
    ->build();
try {
    «answer»$client->doHttpRequest(
        '«method»',
        '«path»',
        «path_parameters»,
        «query»,
        «headers»,
        «body»,
        false,
        [],
        'Answer'
    );
    «show»
} catch (ServiceResponseException $refused) {
    fwrite(STDERR, $refused->getHttpStatusCode() . ' ' . $refused->getErrorCode() . ': ' . $refused->getErrorMsg() . "\n");
    fwrite(STDERR, 'request id: ' . $refused->getRequestId() . "\n");
    exit(1);
}
"#;

pub(super) const FACTS: LanguageFacts = LanguageFacts {
    name: "php",
    title: "PHP",
    highlighted_as: "PHP",
    needs: |_| "composer require huaweicloud/huaweicloud-sdk-php".to_owned(),
    special: generic_call_note,
    code,
};

fn code(request: &SdkRequest<'_>) -> String {
    let id = request.operation.id;
    let shown = request.shown();
    let show = match &shown {
        Shown::Nothing => format!("echo \"{id}: done\\n\";"),
        Shown::Member(name) => format!("echo json_decode($answer->getBody())->{name}, \"\\n\";"),
        Shown::Header(name) => format!("echo $answer->getHeaderParams()['{name}'][0], \"\\n\";"),
        Shown::All => "echo $answer->getBody(), \"\\n\";".to_owned(),
    };
    let text = |text: &str| CodePiece::word(literal(text));
    let user = request.user.map(|user| ("user_id", text(user)));
    let query = request.query.iter().map(|(name, value)| (*name, text(&value.in_query())));
    let token = request.asks_about_token().then(|| ("X-Subject-Token", secret(super::body::TOKEN_VARIABLE)));
    let headers = std::iter::once(("Content-Type", CodePiece::word("'application/json'"))).chain(token);
    let laid_out = |piece: CodePiece| piece.laid_out(STYLE, 2, 9);
    let body = request.body.as_ref().map_or_else(|| CodePiece::word("null"), piece);
    request.fill(
        TEMPLATE,
        literal,
        &[
            ("answer", if shown == Shown::Nothing { "" } else { "$answer = " }.to_owned()),
            ("path_parameters", laid_out(map(user.into_iter().collect()))),
            ("query", laid_out(map(query.collect()))),
            ("headers", laid_out(map(headers.collect()))),
            ("body", laid_out(body)),
            ("show", show),
        ],
    )
}

fn secret(variable: &str) -> CodePiece {
    CodePiece::word(format!("getenv('{variable}')"))
}

fn piece(value: &SampleValue) -> CodePiece {
    match value {
        SampleValue::Text(text) | SampleValue::Word(text) => CodePiece::word(literal(text)),
        SampleValue::Whole(number) => CodePiece::word(number.to_string()),
        SampleValue::Flag(flag) => CodePiece::word(flag.to_string()),
        SampleValue::Secret(variable) => secret(variable),
        SampleValue::List(items) => list(items.iter().map(|item| (String::new(), piece(item))).collect()),
        // An empty array would become a JSON list.
        SampleValue::Object(_, members) if members.is_empty() => CodePiece::word("new stdClass()"),
        SampleValue::Object(_, members) => {
            map(members.iter().map(|(field, value)| (field.name, piece(value))).collect())
        }
    }
}

fn map(parts: Vec<(&str, CodePiece)>) -> CodePiece {
    list(parts.into_iter().map(|(name, piece)| (format!("'{name}' => "), piece)).collect())
}

fn list(parts: Vec<(String, CodePiece)>) -> CodePiece {
    CodePiece::Group { open: "[".to_owned(), parts, close: "]", last_comma: true }
}
