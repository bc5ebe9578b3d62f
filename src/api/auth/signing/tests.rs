use super::*;
use hyper::Request;
use proptest::prelude::*;

const SECRET: &str = "mockSecretKey0123456789abcdefghijklmnopQ";
const PATH: &str = "/v2/0bec5db98280d2d02fd6c00c2de791ce/users/8a2c3f9579d240820179d51e6caf0001/random-password";
const ACTIONS: &str = "/v2/0bec5db98280d2d02fd6c00c2de791ce/users/8a2c3f9579d240820179d51e6caf0001/actions";
/// A signature of nothing.
const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const ALL: &str = "content-type;host;user-agent;x-project-id;x-sdk-date";
/// When the vectors were signed.
const NOW: i64 = 1_795_435_200;

fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn of_python(method: &str, target: &str, more: &[(&str, &str)]) -> Parts {
    let headers = [
        ("Content-Type", "application/json"),
        ("Host", "127.0.0.1:8080"),
        ("User-Agent", "mock-test/1.0"),
        ("X-Project-Id", "0bec5db98280d2d02fd6c00c2de791ce"),
        ("X-Sdk-Date", "20261123T120000Z"),
        ("Accept", "*/*"),
    ];
    request(method, target, &[&headers, more].concat())
}

fn authorization(headers: &str, signature: &str) -> String {
    format!("SDK-HMAC-SHA256 Access=MOCKAK0123456789ABCD, SignedHeaders={headers}, Signature={signature}")
}

fn check(request: &Parts, body: &[u8], headers: &str, signature: &str) -> Result<(), Wrong> {
    Authorization::parse(&authorization(headers, signature))?.check(request, body, SECRET, NOW)
}

fn hash(request: &Parts, headers: &str, body: &[u8]) -> String {
    hash_of(&canonical_request(request, headers, body, Reading::default()))
}

fn hash_of(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// Signs as the SDKs do.
fn signed(request: &Parts, headers: &str, body: &[u8]) -> String {
    signature(&hash(request, headers, body))
}

/// The signature of a canonical request with this hash.
fn signature(hash: &str) -> String {
    let text = format!("{SUPPORTED}\n20261123T120000Z\n{hash}");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

#[test]
fn the_vectors_of_the_vendors_sdk_hold() {
    let with_token =
        format!("{ALL};x-security-token").replace("x-sdk-date;x-security-token", "x-sdk-date;x-security-token");
    let bare =
        request("GET", PATH, &[("Host", "workspace.cn-north-4.myhuaweicloud.com"), ("X-Sdk-Date", "20261123T120000Z")]);
    let odd = request(
        "GET",
        "/v2/p%20q/users/u~1?b=2&a=x%20y&a=1%2A&A=z&c=",
        &[("Host", "127.0.0.1:8080"), ("X-Sdk-Date", "20261123T120000Z")],
    );
    let email = format!("{PATH}?notification_type=email");
    let both = format!("{PATH}?notification_type=email%2Cphone");
    let vectors: [(Parts, &str, &[u8], &str, &str); 5] = [
        (
            of_python("GET", &both, &[]),
            ALL,
            b"",
            "50c4275f192b378868075d962bc647906e098fb79692ae140664803c028a848e",
            "6779fc230aed1cfa54fe070b645d26f793f57186858aa4e209f7e7b25e2117c3",
        ),
        (
            bare,
            "host;x-sdk-date",
            b"",
            "73b06aa61c122798086e20904bd206d7d3e8bdcc1f7d5a65d327d8d128e25c85",
            "e117c4984fa17ded4e34606c80b428b90c5c7509974236f9e53e961b908c9f2d",
        ),
        (
            of_python("POST", ACTIONS, &[]),
            ALL,
            br#"{"op_type": "RESET_PWD"}"#,
            "81edd9c7b0c9f8ed224b24b11ec41a29f49cd011b2ed2dd109453692be8c997c",
            "3ec32b3a1bca10544d1bca4590fe875c2b93a5f889cd83ae6dd69cc01e3ae791",
        ),
        (
            of_python("GET", &email, &[("X-Security-Token", "mockSecurityToken==")]),
            &with_token,
            b"",
            "87734208ad87c89522e83cf019be86e67011a8be7b1c8a9540c22280a1de5f55",
            "a2465a068e5ee4575fd3b5dd9ed5346e00e7209235a85957936056f34ce900c2",
        ),
        (
            odd,
            "host;x-sdk-date",
            b"",
            "f00c2042838f89b868ed37d7ec06e5afd9068e97baab4cf8768c19bda338e416",
            "3759561df6f185ff0637f43454446e6647c34c4a6242f22e6da3654bfb20c5ed",
        ),
    ];
    for (request, headers, body, canonical, signature) in vectors {
        assert_eq!(hash(&request, headers, body), canonical);
        assert_eq!(check(&request, body, headers, signature), Ok(()));
        assert_eq!(signed(&request, headers, body), signature);
    }
}

#[test]
fn each_sdk_is_taken_with_the_fields_that_it_signs() {
    let request = of_python("GET", PATH, &[]);
    for headers in [
        ALL,
        "content-type;host;x-project-id;x-sdk-date",
        "host;user-agent;x-project-id;x-sdk-date",
        "x-project-id;x-sdk-date",
        "x-sdk-date",
    ] {
        let signature = signed(&request, headers, b"");
        assert_eq!(check(&request, b"", headers, &signature), Ok(()), "{headers}");
    }
    // The SDK for Node sends two bytes with a GET.
    let signature = signed(&request, ALL, b"{}");
    assert_eq!(check(&request, b"{}", ALL, &signature), Ok(()));
    assert!(check(&request, b"", ALL, &signature).is_err());
}

#[test]
fn body_is_signed_unless_declared_unsigned() {
    let headers = format!("{ALL};x-sdk-content-sha256");
    let headers = headers.replace("x-sdk-date;x-sdk-content-sha256", "x-sdk-content-sha256;x-sdk-date");
    let open = of_python("POST", ACTIONS, &[("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")]);
    let signature = signed(&open, &headers, b"one");
    assert_eq!(check(&open, b"another", &headers, &signature), Ok(()));
    let hashed = of_python("POST", ACTIONS, &[("X-Sdk-Content-Sha256", &hex(&Sha256::digest(b"one")))]);
    let signature = signed(&hashed, &headers, b"one");
    assert_eq!(check(&hashed, b"one", &headers, &signature), Ok(()));
    assert!(check(&hashed, b"another", &headers, &signature).is_err(), "the hash is of another body");
}

/// The canonical request of a reset whose query, signed fields and last line are given.
fn written(query: &str, fields: &[(&str, &str)], last: &str) -> String {
    let lines: Vec<_> = fields.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    format!("GET\n{PATH}/\n{query}\n{}\n{}\n{last}", lines.concat(), names.join(";"))
}

#[test]
fn empty_body_verifies_by_its_hash_and_by_the_header() {
    let (date, nothing) = ("20261123T120000Z", hash_of(""));
    for text in ["UNSIGNED-PAYLOAD", "any string", &nothing, &nothing.to_uppercase(), &hash_of("another body")] {
        let request = request("GET", PATH, &[("X-Sdk-Content-Sha256", text), ("X-Sdk-Date", date)]);
        let fields = [("x-sdk-content-sha256", text), ("x-sdk-date", date)];
        let signed = |last: &str| signature(&hash_of(&written("", &fields, last)));
        let names = "x-sdk-content-sha256;x-sdk-date";
        for last in [text, nothing.as_str()] {
            assert_eq!(check(&request, b"", names, &signed(last)), Ok(()), "{text} {last}");
        }
        assert!(check(&request, b"", names, &signed("else")).is_err(), "{text}");
        // With a body there is one right hash.
        assert!(check(&request, b"x", names, &signed(&nothing)).is_err() || text == nothing, "{text}");
    }
    let request = request("GET", PATH, &[("X-Sdk-Date", date)]);
    let signed = |last: &str| signature(&hash_of(&written("", &[("x-sdk-date", date)], last)));
    assert!(check(&request, b"", "x-sdk-date", &signed("UNSIGNED-PAYLOAD")).is_err(), "nobody has sent that text");
}

#[test]
fn repeated_values_and_plus_signs_verify_in_each_reading() {
    let date = "20261123T120000Z";
    let verifies = |query: &str, canonical: &str| {
        let request = request("GET", &format!("{PATH}?{query}"), &[("X-Sdk-Date", date)]);
        let signed = signature(&hash_of(&written(canonical, &[("x-sdk-date", date)], &hash_of(""))));
        check(&request, b"", "x-sdk-date", &signed).is_ok()
    };
    for (query, canonical) in [
        ("b=2&a=z&a=y", "a=y&a=z&b=2"),
        ("b=2&a=z&a=y", "a=z&a=y&b=2"),
        ("a=1+2", "a=1%2B2"),
        ("a=1+2", "a=1%202"),
        ("a=z+&a=y+", "a=z%20&a=y%20"),
        ("a=z+&a=y+", "a=y%2B&a=z%2B"),
        ("notification_type=email&", "notification_type=email"),
        ("notification_type=email,phone", "notification_type=email%2Cphone"),
    ] {
        assert!(verifies(query, canonical), "{query} as {canonical}");
    }
    for (query, canonical) in [
        ("b=2&a=z&a=y", "b=2&a=z&a=y"),
        ("a=z&a=y&a=x", "a=y&a=z&a=x"),
        ("a=1%2B2", "a=1%202"),
        ("a=1+2+3", "a=1%2B2%203"),
        ("a+b=1", "a%20b=1"),
    ] {
        assert!(!verifies(query, canonical), "{query} as {canonical}");
    }
}

#[test]
fn mismatch_names_differing_readings_and_fits_a_message() {
    let told = |target: &str, more: &[(&str, &str)]| {
        let wrong = check(&of_python("GET", target, more), b"", ALL, ZEROS).unwrap_err();
        let (tail, help) = wrong.told(&"A".repeat(32));
        format!("Incorrect IAM authentication information: {tail}. {help}")
    };
    let unsigned = [("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")];
    let all = told(&format!("{PATH}?a=z+&a=y"), &unsigned);
    assert!(all.contains("|UNSIGNED-PAYLOAD. Compare it"), "{all}");
    assert!(
        all.ends_with(
            " Also verified: a plus sign as %20, repeated parameters in the order sent, the SHA-256 of an empty body as \
             last line."
        ),
        "{all}"
    );
    let plain = told(PATH, &[]);
    assert!(plain.ends_with("is wrong."), "{plain}");
    let long = told(&format!("{PATH}?a=z+&a={}", "y".repeat(5_000)), &unsigned);
    assert!(long.chars().count() <= MESSAGE_CHARS_MAX && long.ends_with("last line."), "{long}");
}

#[test]
fn readings_are_few_however_odd_a_request_is() {
    let odd = of_python("GET", &format!("{PATH}?{}", "a=z+&a=y+&".repeat(1_000)), &[("X-Sdk-Content-Sha256", "x")]);
    let all = Reading::others(&odd, b"");
    assert_eq!(all.len(), 7);
    assert!(all.iter().all(|one| all.iter().filter(|other| one == *other).count() == 1 && *one != Reading::default()));
    assert_eq!(Reading::others(&of_python("GET", &format!("{PATH}?a=1&b=2"), &[]), b""), []);
}

#[test]
fn each_wrong_signature_is_explained() {
    let request = of_python("GET", PATH, &[]);
    let wrong = |value: &str| match Authorization::parse(value) {
        Err(wrong) => wrong.told("AK").1,
        Ok(_) => String::new(),
    };
    insta::assert_snapshot!(
        [
            "Bearer",
            "Bearer x",
            "SDK-HMAC-SHA256 Access",
            "SDK-HMAC-SHA256 Access=a, SignedHeaders=b",
            "SDK-HMAC-SHA256 Access=a, Access=b, SignedHeaders=b, Signature=c",
            "SDK-HMAC-SHA256 Access=, SignedHeaders=b, Signature=c",
            "SDK-HMAC-SHA256 Access=a, SignedHeaders=b, Signature=c, More=d",
            "SDK-HMAC-SHA256 Access=a, SignedHeaders=Host;x-sdk-date, Signature=c",
            "SDK-HMAC-SHA256 Access=a, SignedHeaders=host;;x-sdk-date, Signature=c",
            "SDK-HMAC-SHA256 Access=a, SignedHeaders=host;x-sdk-date;host, Signature=c",
            "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=00FF",
            "V11-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=d",
        ]
        .map(wrong)
        .join("\n")
    );
    let told = |request: &Parts, headers: &str, now| {
        let authorization = authorization(headers, ZEROS);
        let checked = Authorization::parse(&authorization).ok().unwrap().check(request, b"", SECRET, now);
        let (tail, help) = checked.unwrap_err().told("AK");
        format!("{tail}\n  {help}")
    };
    let undated = |date: &str| super::tests::request("GET", PATH, &[("X-Sdk-Date", date)]);
    insta::assert_snapshot!(
        [
            told(&super::tests::request("GET", PATH, &[]), "x-sdk-date", NOW),
            told(&undated("2026-11-23T12:00:00Z"), "x-sdk-date", NOW),
            told(&undated("20261323T120000Z"), "x-sdk-date", NOW),
            told(&request, ALL, NOW + 901),
            told(&request, ALL, NOW - 901),
            told(&request, "host", NOW),
            told(&request, "host;x-absent;x-sdk-date", NOW),
            told(&of_python("GET", PATH, &[("X-Security-Token", "t")]), ALL, NOW),
            told(&request, ALL, NOW + 900),
        ]
        .join("\n")
    );
}

proptest! {
    #[test]
    fn a_request_that_was_changed_is_refused(
        at in 0_usize..6, path in "[a-z0-9~/-]{1,8}", query in "[a-z0-9&=*+]{1,8}", body in prop::collection::vec(any::<u8>(), 1..9),
    ) {
        let target = format!("{PATH}/{path}?{query}");
        let signature = signed(&of_python("POST", &target, &[]), ALL, &body);
        prop_assert_eq!(check(&of_python("POST", &target, &[]), &body, ALL, &signature), Ok(()));
        let (mut method, mut changed, mut bytes, mut told, mut more) = ("POST", target.clone(), body.clone(), signature.clone(), "x");
        match at {
            0 => method = "PUT",
            1 => changed = target.replacen("random", "rendom", 1),
            2 => changed.push('1'),
            3 => bytes[0] ^= 1,
            4 => told.replace_range(3..4, if told.as_bytes()[3] == b'0' { "1" } else { "0" }),
            _ => more = "y",
        }
        let mut request = of_python(method, &changed, &[]);
        if more == "y" {
            request.headers.insert("user-agent", "mock-test/1.1".parse().unwrap());
        }
        prop_assert!(check(&request, &bytes, ALL, &told).is_err());
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in ".{0,200}", parts in "SDK-HMAC-SHA256 [A-Za-z=, ;]{0,60}") {
        for text in [text, parts] {
            if let Ok(authorization) = Authorization::parse(&text) {
                let _ = authorization.check(&of_python("GET", PATH, &[]), b"", SECRET, NOW);
            }
        }
    }
}
