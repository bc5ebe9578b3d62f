//! Step 4: tokens and signatures.

use crate::client::{Answer, Client};
use crate::{reset_path, user};
use wksmock::{Auth, Mock};

const SIGNATURE: &str = "Authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=00ff";
const DERIVED: &str =
    "Authorization: V11-HMAC-SHA256 Credential=AK/20260101/r/s, SignedHeaders=x-sdk-date, Signature=00ff";

fn asked(auth: Auth, headers: &[&str]) -> Answer {
    let mock = Mock::builder().auth(auth).start().unwrap();
    Client::connect(mock.url()).request("GET", &reset_path(&user("0001")), headers, "")
}

fn check(auth: Auth, headers: &[&str], status: u16) {
    let answer = asked(auth, headers);
    assert_eq!(answer.status, status, "{auth:?} {headers:?} {answer:?}");
    if status == 401 {
        assert_eq!(answer.error_code(), "APIGW.0301");
        assert!(answer.error_msg().starts_with("Incorrect IAM authentication information: "), "{answer:?}");
    }
}

#[test]
fn what_is_shown_must_be_right_and_what_is_not_shown_is_needed_only_where_required() {
    let longest = format!("X-Auth-Token: {}", "t".repeat(40_000));
    for right in ["X-Auth-Token: t", &longest, SIGNATURE, DERIVED] {
        for auth in [Auth::Off, Auth::Permissive, Auth::Required] {
            check(auth, &[right], 200);
        }
    }
    let too_long = format!("X-Auth-Token: {}", "t".repeat(40_001));
    let wrong = [
        "X-Auth-Token:",
        &too_long,
        "Authorization:",
        "Authorization: Basic dTpw",
        "Authorization: SDK-HMAC-SHA256 Access=AK, Signature=00",
        "Authorization: SDK-HMAC-SHA256 Access=, SignedHeaders=host, Signature=00",
        "Authorization: MD5 Access=AK, SignedHeaders=host, Signature=00",
    ];
    for wrong in wrong {
        check(Auth::Off, &[wrong], 200);
        check(Auth::Permissive, &[wrong], 401);
        check(Auth::Required, &[wrong], 401);
    }
    check(Auth::Off, &[], 200);
    check(Auth::Permissive, &[], 200);
    check(Auth::Required, &[], 401);
    check(Auth::Permissive, &["X-Auth-Token: t", "X-Auth-Token: u"], 401);
}

#[test]
fn a_401_says_how_to_do_without() {
    assert!(asked(Auth::Permissive, &["X-Auth-Token:"]).error_msg().contains("--auth off"));
    let none = asked(Auth::Required, &[]).error_msg();
    assert!(none.contains("x-auth-token not found") && none.contains("--auth permissive"), "{none}");
}

#[test]
fn a_rule_can_still_answer_401_and_403_where_no_credentials_are_read() {
    let mock = Mock::builder().auth(Auth::Off).start().unwrap();
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get(&reset_path(&user("0401"))).status, 401);
    assert_eq!(client.get(&reset_path(&user("0403"))).status, 403);
}
