//! `openapi.json` is what the contract tables say. The Python suite validates it.

use crate::client::Client;
use wksmock::Mock;

#[test]
fn the_checked_in_document_is_what_the_server_says() {
    let mock = Mock::builder().start().unwrap();
    let said = Client::connect(mock.url()).get("/__admin/openapi.json");
    assert_eq!(said.status, 200);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    // A server names itself; the file names the usual place.
    let itself = format!(
        r#""url": "{}",
      "description": "This server""#,
        mock.url()
    );
    assert!(said.body.contains(&itself), "{}", said.body);
    let usual = r#""url": "http://127.0.0.1:7070",
      "description": "wksmock serve""#;
    let said = said.body.replace(&itself, usual);
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(file, &said).unwrap();
    }
    let checked_in = std::fs::read_to_string(file).unwrap();
    assert!(said == checked_in, "openapi.json is stale; UPDATE_OPENAPI=1 cargo test openapi writes it");
}
