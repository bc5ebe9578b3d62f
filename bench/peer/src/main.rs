//! wiremock-rs with one mock that answers every reset with the same password.

use std::io::Write;
use wiremock::matchers::{header, method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

const PATH: &str = "^/v2/[^/]+/users/[^/]+/random-password$";

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    // Requests are not recorded, since the record has no limit.
    let server = MockServer::builder().disable_request_recording().start().await;
    let answer = ResponseTemplate::new(200).set_body_raw(r#"{"password":"xxcsafxxA%"}"#, "application/json");
    let matched = Mock::given(method("GET")).and(path_regex(PATH)).and(header("Content-Type", "application/json"));
    matched.respond_with(answer).mount(&server).await;
    println!("wiremock-rs listening on {}", server.uri());
    std::io::stdout().flush()?;
    std::future::pending().await
}
