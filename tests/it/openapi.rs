//! `openapi.json` is what the contract tables say. The Python suite validates it.

use crate::client::Client;
use wksmock::Mock;

#[test]
fn the_checked_in_document_is_what_the_server_says() {
    let mock = Mock::builder().start().unwrap();
    let said = Client::connect(mock.url()).get("/__admin/openapi.json");
    assert_eq!(said.status, 200);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(file, &said.body).unwrap();
    }
    let checked_in = std::fs::read_to_string(file).unwrap();
    assert!(said.body == checked_in, "openapi.json is stale; UPDATE_OPENAPI=1 cargo test openapi writes it");
}
