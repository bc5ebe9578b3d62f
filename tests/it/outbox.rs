//! Messages to users: those that a reset sends, and their records in the outbox.

use crate::binary::{Served, run, stderr, stdout, wksmock};
use crate::client::Client;
use crate::signer::Signing;
use crate::{PROJECT, limited, reset_path, user};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;
use wksmock::{ClockMode, EntryState, Limits, MessageState, MockServer};

fn reset(client: &mut Client, end: &str, types: &str) -> crate::client::Answer {
    client.get(&format!("{}?notification_type={types}", reset_path(&user(end))))
}

fn outbox(client: &mut Client, query: &str) -> Value {
    let answer = client.get(&format!("/__admin/outbox{query}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn reset_sends_a_complete_message_for_each_type() {
    let mock = MockServer::builder().clock(ClockMode::Manual).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    mock.advance(Duration::from_millis(7));
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    assert_eq!(outbox(&mut client, "")["messages"], json!([]), "no message was requested");
    let password = reset(&mut client, "0001", "email,phone").password();
    let found = outbox(&mut client, "");
    let message = |index: u64, kind: &str, to: &str, text: String| {
        json!({
            "index": index, "at_ms": 7, "type": kind, "to": to, "project": PROJECT, "user": user("0001"), "call": 2,
            "request": 2, "password": password, "text": text, "state": "recorded", "attempts": 0,
        })
    };
    let mut expected = json!([
        message(
            1,
            "email",
            "api-test@example.com",
            format!("The password of desktop user api-test was reset. The new password is:\n\n{password}\n")
        ),
        message(2, "phone", "+8613800000001", format!("Desktop user api-test: new password {password}")),
    ]);
    expected[0]["subject"] = json!("Your desktop password was reset");
    assert_eq!(found, json!({ "messages": expected, "next": 2, "truncated": false, "dropped": 0 }));
    assert_eq!(mock.requests()[1].index, 2, "the entry that caused it");
    Signing::default().send(&mut client, "GET", &reset_path(&user("0001")), "notification_type=email", "");
    assert_eq!(outbox(&mut client, "?since=2")["messages"][0]["account"], "wksmock/developer");
}

#[test]
fn outbox_pages_follow_the_cursor_and_recipient() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (end, types) in [("0001", "email"), ("0002", "phone,email"), ("0001", "phone")] {
        reset(&mut client, end, types).password();
    }
    let mut indices = |query: &str| {
        let page = outbox(&mut client, query);
        let messages = page["messages"].as_array().unwrap();
        let indices: Vec<_> = messages.iter().map(|message| message["index"].as_u64().unwrap()).collect();
        (indices, page["next"].as_u64().unwrap())
    };
    assert_eq!(indices(""), (vec![1, 2, 3, 4], 4));
    assert_eq!(indices("?limit=2"), (vec![1, 2], 2));
    assert_eq!(indices("?since=2"), (vec![3, 4], 4));
    assert_eq!(indices("?type=phone"), (vec![3, 4], 4));
    assert_eq!(indices(&format!("?user={}", user("0002"))), (vec![2, 3], 4));
    assert_eq!(indices("?project=nowhere"), (vec![], 4));
    assert_eq!(indices("?order=newest"), (vec![4, 3, 2, 1], 0));
    assert_eq!(indices("?order=newest&limit=2"), (vec![4, 3], 3));
    assert_eq!(indices("?order=newest&limit=2&before=3"), (vec![2, 1], 0));
    assert_eq!(indices("?order=newest&before=4&type=phone"), (vec![3], 0));
    for wrong in ["?type=sms", "?limit=0", "?since=x", "?to=x", "?order=oldest&before=2", "?order=newest&since=2"] {
        assert_eq!(client.get(&format!("/__admin/outbox{wrong}")).status, 400, "{wrong}");
    }
    assert_eq!(client.request("POST", "/__admin/outbox", &[], "").status, 405);
}

#[test]
fn only_completed_resets_send_messages() {
    let scenario = json!({ "rules": [
        { "name": "before", "when": { "calls": "1" }, "status": 500 },
        { "name": "after", "when": { "calls": "2" }, "status": 500, "phase": "after" },
        { "name": "lost", "when": { "calls": "3" }, "fault": "reset", "phase": "after" },
        { "name": "struck", "when": { "calls": "4" }, "fault": "reset" },
    ] });
    let mock = MockServer::builder().scenario_json(scenario.to_string()).start_blocking().unwrap();
    for _ in 1..=4 {
        let mut client = Client::connect(mock.url());
        let path = reset_path(&user("0001"));
        client.send(format!(
            "GET {path}?notification_type=email HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Connection: close\r\n\r\n"
        ));
        client.rest();
    }
    let calls: Vec<_> = mock.outbox().iter().map(|message| (message.call, message.password.clone())).collect();
    let password = |call| (call, mock.password(PROJECT, &user("0001"), call).unwrap());
    assert_eq!(calls, [password(2), password(3)]);
}

#[test]
fn unreachable_user_is_not_reset() {
    let users =
        r#"{"projects": [{"id": "p", "users": [{"id": "mute", "active_type": "USER_ACTIVATE", "user_phone": "1"}]}]}"#;
    let mock = MockServer::builder().users_json(users).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut ask = |types: &str| client.get(&format!("/v2/p/users/mute/random-password?notification_type={types}"));
    for types in ["email", "phone,email"] {
        let refused = ask(types);
        assert_eq!((refused.status, refused.error_code().as_str()), (400, "WKS.00211102"));
        assert!(refused.error_msg().contains("user mute has no user_email"), "{refused:?}");
    }
    assert_eq!(ask("phone").status, 200);
    let sent: Vec<_> = mock.outbox().iter().map(|message| (message.kind(), message.call)).collect();
    assert_eq!(sent, [("phone", 3)]);
}

#[test]
fn rules_lose_messages_by_call_number() {
    let scenario = json!({ "rules": [
        { "name": "lost", "when": { "operation": "notification.email", "user": user("0001"), "calls": "2-" }, "status": 500,
          "error": { "message": "mailbox full" } },
        { "name": "all but one in two", "when": { "operation": "notification.phone", "chance": 0.5 }, "status": 500 },
    ] });
    let start = || MockServer::builder().scenario_json(scenario.to_string()).start_blocking().unwrap();
    let mock = start();
    let mut client = Client::connect(mock.url());
    let clone = mock.clone_project_with(PROJECT, wksmock::CloneOptions::new().id("clone")).unwrap().keep();
    let sent = |mock: &MockServer, client: &mut Client, project: &str| {
        for call in 1..=12 {
            let types = ["email", "phone"][call % 2];
            let path = reset_path(&user("0001")).replace(PROJECT, project);
            assert_eq!(client.get(&format!("{path}?notification_type={types}")).status, 200);
        }
        let messages = mock.outbox().into_iter().filter(|message| message.project == project);
        messages.map(|message| (message.call, format!("{:?} {:?}", message.state, message.why))).collect::<Vec<_>>()
    };
    let own = sent(&mock, &mut client, PROJECT);
    assert_eq!(own[1], (2, "Failed Some(\"mailbox full\")".to_owned()));
    let phones: Vec<_> = own.iter().filter(|(call, _)| call % 2 == 1).map(|(_, state)| state.as_str()).collect();
    assert!(
        phones.contains(&"Recorded None") && phones.iter().any(|state| state.contains("lost by rule")),
        "{phones:?}"
    );
    assert_eq!(sent(&mock, &mut client, &clone), own, "a clone is as its template");
    let again = start();
    assert_eq!(sent(&again, &mut Client::connect(again.url()), PROJECT), own, "and so is another server");
}

#[test]
fn clone_override_loses_only_the_clones_messages() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    mock.clone_project_with(PROJECT, wksmock::CloneOptions::new().id("clone")).unwrap().keep();
    let when = json!({ "operation": "notification.email", "project": "clone" });
    mock.override_json(&json!({ "when": when, "status": 500 }).to_string()).unwrap();
    for project in [PROJECT, "clone"] {
        let path = reset_path(&user("0001")).replace(PROJECT, project);
        client.get(&format!("{path}?notification_type=email")).password();
    }
    let states: Vec<_> = mock.outbox().iter().map(|message| format!("{:?}", message.state)).collect();
    assert_eq!(states, ["Recorded", "Failed"]);
}

#[test]
fn outbox_is_bounded_and_verdicts_on_dropped_messages_fail() {
    let mock = limited(|limits| limits.outbox_messages_max = 2);
    let mut client = Client::connect(mock.url());
    let expect = json!({ "expect": [{ "name": "told", "notified": { "email": { "min": 1 } } }] });
    let verdict = |client: &mut Client| client.request("POST", "/__admin/verify", &[], &expect.to_string()).json();
    for _ in 0..2 {
        reset(&mut client, "0001", "email").password();
    }
    assert_eq!(verdict(&mut client)["passed"], true);
    reset(&mut client, "0001", "email").password();
    let found = outbox(&mut client, "");
    assert_eq!((found["messages"][0]["index"].as_u64(), &found["dropped"]), (Some(2), &json!(1)));
    assert_eq!(client.get("/__admin/health").json()["outbox"]["dropped"], 1);
    assert_eq!((&found["truncated"], &outbox(&mut client, "?since=1")["truncated"]), (&json!(true), &json!(false)));
    let failed = verdict(&mut client);
    assert_eq!(failed["passed"], false);
    assert!(failed["expectations"][0]["nearest"].as_str().unwrap().contains("outbox_messages_max"), "{failed}");
    mock.reset();
    reset(&mut client, "0001", "email").password();
    assert_eq!(verdict(&mut client)["passed"], true, "a reset begins anew");
}

#[test]
fn reset_removes_its_messages_and_held_ones_never_appear() {
    let scenario = r#"{"rules": [{"name": "slow", "when": {"calls": "2"}, "delay": {"fixed_ms": 60000}}]}"#;
    let mock = MockServer::builder().scenario_json(scenario).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    mock.clone_project_with(PROJECT, wksmock::CloneOptions::new().id("clone")).unwrap().keep();
    for project in [PROJECT, "clone"] {
        let path = reset_path(&user("0001")).replace(PROJECT, project);
        client.get(&format!("{path}?notification_type=email")).password();
    }
    let mut held = Client::connect(mock.url());
    held.send(crate::raw_reset("").replacen("random-password", "random-password?notification_type=email", 1));
    while mock.requests().iter().filter(|entry| entry.state == EntryState::InFlight && entry.decision.is_some()).count()
        < 1
    {
        std::thread::yield_now();
    }
    assert_eq!(mock.outbox().len(), 3, "it is sent before the delay");
    client.request("POST", "/__admin/reset", &[], r#"{"project": "clone"}"#);
    assert_eq!(mock.outbox().iter().filter(|message| message.project == "clone").count(), 0);
    assert_eq!(mock.outbox().len(), 2);
    mock.reset();
    assert!(mock.outbox().is_empty());
    assert_eq!(reset(&mut client, "0001", "email").status, 200);
    assert_eq!(mock.outbox()[0].index, 4, "indices go on");
}

/// A receiver of messages that handles each connection with a function.
fn receiver(answer: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/sms", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().flatten().for_each(answer));
    url
}

fn delivering(webhook: &str, change: impl FnOnce(&mut Limits)) -> MockServer {
    let mut limits = Limits::default();
    (limits.delivery, limits.delivery_attempts_max) = (Duration::from_millis(100), 2);
    change(&mut limits);
    MockServer::builder().sms_webhook(webhook).limits(limits).start_blocking().unwrap()
}

/// Returns the messages once all deliveries have ended.
fn settled(mock: &MockServer) -> Vec<wksmock::Message> {
    loop {
        let messages = mock.outbox();
        if messages.iter().all(|message| message.state != MessageState::Queued) {
            return messages;
        }
        std::thread::yield_now();
    }
}

#[test]
fn silent_or_invalid_receivers_delay_no_call_and_are_retried() {
    let (keep, kept) = mpsc::channel();
    let silent = receiver(move |stream| keep.send(stream).unwrap());
    let garbled = receiver(|mut stream| {
        let _ = stream.write_all(b"\x00\xffnonsense\r\n\r\n");
    });
    let endless = receiver(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(&b"X: y\r\n".repeat(1_000)).is_ok() {}
    });
    let gone = receiver(drop);
    for webhook in [&silent, &garbled, &endless, &gone] {
        let mock = delivering(webhook, |_| ());
        let mut client = Client::connect(mock.url());
        for _ in 0..4 {
            reset(&mut client, "0001", "phone").password();
        }
        let waits = |message: &wksmock::Message| message.state == MessageState::Queued;
        assert!(mock.outbox().iter().any(waits), "no answer waited until all was tried twice");
        for message in settled(&mock) {
            assert_eq!((message.state, message.attempts), (MessageState::Failed, 2), "{webhook} {message:?}");
            assert!(message.why.is_some());
        }
    }
    drop(kept);
}

/// A mail server that sends the given reply to each command, and to the end of a mail, which is `.`. It sends nothing
/// where the reply is empty, and to the lines of a mail.
fn mail_server(reply: impl Fn(&str) -> Option<&str> + Send + Sync + 'static) -> String {
    let reply = std::sync::Arc::new(reply);
    let url = receiver(move |mut stream| {
        let reply = std::sync::Arc::clone(&reply);
        std::thread::spawn(move || {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let _ = stream.write_all(b"220 here\r\n");
            let mut in_mail = false;
            for line in lines.map_while(Result::ok) {
                in_mail &= line != ".";
                if let Some(said) = reply(&line)
                    && !in_mail
                {
                    in_mail = said.starts_with("354");
                    let _ = write!(stream, "{said}\r\n");
                }
            }
        });
    });
    url.replace("http://", "smtp://").replace("/sms", "")
}

/// The replies of a mail server that accepts every mail.
fn takes_all(command: &str) -> &str {
    if command == "DATA" { "354 go on" } else { "250 OK" }
}

fn mailing(server: &str, change: impl FnOnce(&mut Limits)) -> MockServer {
    let mut limits = Limits::default();
    change(&mut limits);
    MockServer::builder().smtp(server).limits(limits).start_blocking().unwrap()
}

#[test]
fn messages_to_one_address_arrive_in_sending_order() {
    let (told, said) = mpsc::channel();
    let first = std::sync::atomic::AtomicBool::new(true);
    let webhook = receiver(move |mut stream| {
        let mut read = Vec::new();
        let mut piece = [0; 4096];
        // The body ends the request, and is an object.
        while !read.ends_with(b"}") {
            let count = stream.read(&mut piece).unwrap();
            read.extend_from_slice(&piece[..count]);
        }
        let text = String::from_utf8(read).unwrap();
        let body: Value = serde_json::from_str(&text[text.find('{').unwrap()..]).unwrap();
        let user = body["user"].as_str().unwrap()[28..].to_owned();
        let is_first = user == "0001" && first.swap(false, std::sync::atomic::Ordering::SeqCst);
        let status = if is_first { "500 Internal Server Error" } else { "204 No Content" };
        let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        told.send((user, body["call"].as_u64().unwrap())).unwrap();
    });
    let mock = delivering(&webhook, |limits| limits.delivery = Duration::from_secs(10));
    let mut client = Client::connect(mock.url());
    for end in ["0001", "0001", "0001", "0002"] {
        reset(&mut client, end, "phone").password();
    }
    assert!(settled(&mock).iter().all(|message| message.state == MessageState::Sent));
    let said: Vec<_> = said.try_iter().collect();
    let of = |end: &str| said.iter().filter(|(user, _)| user == end).map(|(_, call)| *call).collect::<Vec<_>>();
    assert_eq!(of("0001"), [1, 1, 2, 3], "the others wait until the first is tried again");
    let other = said.iter().position(|(user, _)| user == "0002");
    assert!(other <= Some(1), "other receivers do not: {said:?}");
}

#[test]
fn mail_has_its_standard_headers_and_the_exact_password() {
    let (told, said) = mpsc::channel();
    let first = std::sync::atomic::AtomicBool::new(true);
    let server = mail_server(move |line| {
        told.send(line.to_owned()).unwrap();
        let is_later = line == "." && first.swap(false, std::sync::atomic::Ordering::SeqCst);
        if is_later { Some("451 later") } else { Some(takes_all(line)) }
    });
    let users = json!({"projects": [{"id": "p", "users": [
        {"id": "z", "user_name": "Zoë".repeat(18), "user_email": "zoe@example.com"},
        {"id": "a", "user_name": "ada", "user_email": "ada@example.com"},
    ]}]});
    let mock = MockServer::builder().users_json(users.to_string()).smtp(server).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut ids = Vec::new();
    for user in ["z", "a"] {
        let password = client.get(&format!("/v2/p/users/{user}/random-password?notification_type=email")).password();
        assert!(settled(&mock).iter().all(|message| message.state == MessageState::Sent));
        let lines: Vec<String> = said.try_iter().collect();
        let of = |name: &str| lines.iter().filter(|line| line.starts_with(name)).cloned().collect::<Vec<_>>();
        let tries = if user == "z" { 2 } else { 1 };
        assert_eq!(of("MIME-Version: 1.0").len(), tries, "{lines:?}");
        let encoding = if user == "z" { "quoted-printable" } else { "7bit" };
        assert_eq!(of("Content-Transfer-Encoding: "), vec![format!("Content-Transfer-Encoding: {encoding}"); tries]);
        assert_eq!(lines.iter().filter(|line| **line == password).count(), tries, "{password}: {lines:?}");
        let mut of_each = of("Message-ID: ");
        assert_eq!(of_each.len(), tries);
        of_each.dedup();
        assert_eq!(of_each.len(), 1, "another try is the same mail");
        ids.extend(of_each);
    }
    assert!(ids[0] != ids[1] && ids[0].ends_with("@wksmock.invalid>"), "{ids:?}");
}

#[test]
fn mail_has_the_exact_caller_chosen_password() {
    let (tell, told) = mpsc::channel();
    let server = mail_server(move |line| {
        tell.send(line.to_owned()).unwrap();
        Some(takes_all(line))
    });
    let mock = mailing(&server, |_| ());
    let mut client = Client::connect(mock.url());
    for (name, password) in [("carol", "Pa=3Dss=x9"), ("dave", "Pa9 ss x=y ")] {
        let user = json!({"user_name": name, "user_email": "a@example.com", "active_type": "ADMIN_ACTIVATE", "password": password});
        let created = client.request("POST", &format!("/v2/{PROJECT}/users"), &[], &user.to_string());
        assert_eq!(created.status, 201, "{}", created.json());
        let id = created.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(client.request("POST", &format!("/v2/{PROJECT}/users/{id}/resend-email"), &[], "").status, 204);
        assert_eq!(settled(&mock).last().unwrap().state, MessageState::Sent);
        let lines: Vec<String> = told.try_iter().collect();
        assert_eq!(lines.iter().filter(|line| *line == password).count(), 1, "{lines:?}");
        assert!(lines.iter().any(|line| line == "Content-Transfer-Encoding: 7bit"), "{lines:?}");
    }
}

#[test]
fn accepted_mail_is_sent_without_a_reply_to_quit() {
    let (count, counted) = mpsc::channel();
    let server = mail_server(move |command| {
        if command == "." {
            count.send(()).unwrap();
        }
        (command != "QUIT").then(|| takes_all(command))
    });
    let streams = receiver(|mut stream| {
        let mut head = [0; 4096];
        let _ = stream.read(&mut head);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
        // Until the peer closes.
        let _ = stream.read(&mut head);
    });
    let few = |limits: &mut Limits| limits.delivery = Duration::from_millis(500);
    for (mock, kind) in [(mailing(&server, few), "email"), (delivering(&streams, few), "phone")] {
        reset(&mut Client::connect(mock.url()), "0001", kind).password();
        let [message] = &settled(&mock)[..] else { panic!() };
        assert_eq!((message.state, message.attempts, &message.why), (MessageState::Sent, 1, &None), "{kind}");
    }
    assert_eq!(counted.try_iter().count(), 1);
}

#[test]
fn refused_mail_is_tried_once() {
    let refusing = mail_server(|command| match command.split(' ').next() {
        Some("RCPT") => Some("550 no such user"),
        Some("QUIT") => None,
        _ => Some(takes_all(command)),
    });
    let mock = mailing(&refusing, |_| ());
    reset(&mut Client::connect(mock.url()), "0001", "email").password();
    let [message] = &settled(&mock)[..] else { panic!() };
    assert_eq!((message.state, message.attempts), (MessageState::Failed, 1), "{message:?}");
    assert!(message.why.as_ref().unwrap().contains("550: no such user"), "{:?}", message.why);
}

#[test]
fn new_user_mail_has_its_own_subject() {
    let (tell, told) = mpsc::channel();
    let server = mail_server(move |line| {
        tell.send(line.to_owned()).unwrap();
        Some(takes_all(line))
    });
    let mock = mailing(&server, |_| ());
    let mut client = Client::connect(mock.url());
    let body = r#"{"user_name": "carol", "user_email": "carol@example.com"}"#;
    assert_eq!(client.request("POST", &format!("/v2/{PROJECT}/users"), &[], body).status, 201);
    assert_eq!(settled(&mock)[0].subject, Some("Your desktop user was created"));
    assert!(told.try_iter().any(|line| line == "Subject: Your desktop user was created"));
}

#[test]
fn too_long_mail_server_reply_is_cut_off() {
    for endless in [&b"x".repeat(1 << 16), &b"220-a\r\n".repeat(1 << 10)] {
        let endless = endless.clone();
        let server = receiver(move |mut stream| {
            let _ = stream.write_all(b"220-");
            while stream.write_all(&endless).is_ok() {}
        });
        let server = server.replace("http://", "smtp://").replace("/sms", "");
        let mock = mailing(&server, |limits| limits.delivery_attempts_max = 1);
        reset(&mut Client::connect(mock.url()), "0001", "email").password();
        let [message] = &settled(&mock)[..] else { panic!() };
        assert_eq!(message.state, MessageState::Failed);
        assert!(message.why.as_ref().unwrap().contains("more than 8192 bytes"), "{:?}", message.why);
    }
}

#[test]
fn secrets_in_mail_server_replies_are_masked_and_unlogged() {
    let repeating = mail_server(|command| match command.split(' ').next() {
        Some("EHLO") => Some("250 AUTH PLAIN"),
        // User name and password: me, 5ec2e7.
        Some("AUTH") => Some("535 not with AUTH PLAIN AG1lADVlYzJlNw== alias 5ec2e7"),
        _ => Some(takes_all(command)),
    });
    let repeating = repeating.replace("smtp://", "smtp://me:5ec2e7@");
    let served = Served::start(&["--smtp", &repeating, "--log", "json"]);
    let mut client = served.client();
    reset(&mut client, "0001", "email").password();
    let message = loop {
        let message = outbox(&mut client, "")["messages"][0].clone();
        if message["state"] != "queued" {
            break message;
        }
    };
    let why = message["why"].as_str().unwrap();
    assert_eq!(why, "the mail server answered 535: not with AUTH PLAIN **** alias ****");
    let (_, _, log) = served.terminate();
    let line = log.lines().find(|line| line.contains("a message was not delivered")).unwrap();
    assert!(line.contains(r#""index":1"#) && line.contains(r#""why":"the mail server answered 535""#), "{line}");
    assert_eq!(line.matches(r#""message":"#).count(), 1, "{line}");
}

#[test]
fn delivery_past_the_queue_limit_fails_at_once() {
    let (keep, kept) = mpsc::channel();
    let silent = receiver(move |stream| keep.send(stream).unwrap());
    let mock = delivering(&silent, |limits| {
        (limits.deliveries_max, limits.delivery) = (1, Duration::from_mins(1));
    });
    let mut client = Client::connect(mock.url());
    for _ in 0..50 {
        reset(&mut client, "0001", "phone").password();
    }
    let full =
        |message: &wksmock::Message| message.why.as_deref() == Some("too many messages are waiting for delivery");
    let messages = mock.outbox();
    assert!(messages.iter().any(full), "{messages:?}");
    assert!(messages.iter().filter(|message| message.state == MessageState::Queued).count() <= 10);
    // A reset removes the same messages from the queue and from deliveries as from the outbox.
    mock.reset();
    assert!(mock.outbox().is_empty());
    reset(&mut client, "0002", "phone").password();
    assert_eq!(mock.outbox()[0].state, MessageState::Queued);
    while !received(&mut kept.recv().unwrap(), &user("0002")) {}
    // A dropped mock does not wait for deliveries.
    drop(mock);
    drop(kept);
}

/// Whether this text arrives before the peer falls silent for good.
fn received(stream: &mut TcpStream, part: &str) -> bool {
    let (mut said, mut bytes) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        said.extend_from_slice(&bytes[..count]);
        if String::from_utf8_lossy(&said).contains(part) {
            return true;
        }
    }
    false
}

#[test]
fn pending_messages_are_dropped_last_and_reported() {
    let (keep, kept) = mpsc::channel();
    let silent = receiver(move |stream| keep.send(stream).unwrap());
    // Each has its own address: messages to one address are sent in sequence.
    let folder = tempfile::tempdir().unwrap();
    let users: Vec<_> = (1..=12)
        .map(|at| json!({"id": at.to_string(), "user_phone": format!("+86138{at:08}"), "user_email": "a@example.com"}))
        .collect();
    let file = folder.path().join("users.json");
    std::fs::write(&file, json!({"projects": [{"id": "p", "users": users}]}).to_string()).unwrap();
    let limits = ["outbox_messages_max=2", "delivery_ms=60000", "drain_ms=100"];
    let limits = limits.iter().flat_map(|limit| ["--limit", limit]);
    let flags = ["--users", file.to_str().unwrap(), "--sms-webhook", &silent];
    let served = Served::start(&flags.into_iter().chain(limits).collect::<Vec<_>>());
    let mut client = served.client();
    let mut users = 1..=12;
    let mut left = |kind: &str, leaves: bool| {
        let path = format!("/v2/p/users/{}/random-password?notification_type={kind}", users.next().unwrap());
        client.get(&path).password();
        let on_its_way = leaves.then(|| kept.recv().unwrap());
        let found = outbox(&mut client, "");
        let indices = found["messages"].as_array().unwrap().iter().map(|one| one["index"].as_u64().unwrap());
        (indices.collect::<Vec<_>>(), found["dropped"].as_u64().unwrap(), on_its_way)
    };
    // E-mails are only recorded.
    let mut on_their_way = vec![left("phone", true).2, left("email", false).2];
    for (indices, dropped) in [(vec![1, 3], 1), (vec![3, 4], 2)] {
        let left = left("phone", true);
        assert_eq!((left.0, left.1), (indices, dropped));
        on_their_way.push(left.2);
    }
    on_their_way.extend((5..=9).map(|_| left("phone", true).2));
    // Eight are in delivery; these wait.
    let waiting = [10, 11, 12].map(|_| left("phone", false).0);
    assert_eq!(waiting.last(), Some(&vec![11, 12]));
    let (_, _, log) = served.terminate();
    let lost: Vec<_> = log.lines().filter(|line| line.contains("a message was not delivered")).collect();
    assert!(lost.len() == 1 && lost[0].contains("index=10"), "{log}");
    let given_up = log.lines().find(|line| line.contains("messages were not delivered")).unwrap();
    assert!(given_up.contains("messages=10") && given_up.contains("the server ended"), "{log}");
}

#[test]
fn second_signal_skips_pending_deliveries() {
    let (keep, kept) = mpsc::channel();
    let silent = receiver(move |stream| keep.send(stream).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready");
    let limits = ["--limit", "delivery_ms=20000", "--limit", "drain_ms=20000"];
    let flags = [&["--sms-webhook", &silent, "--ready-file", ready.to_str().unwrap()], &limits[..]].concat();
    let served = Served::start(&flags);
    reset(&mut served.client(), "0001", "phone").password();
    served.signal("TERM");
    // From now on nothing is served, and the server waits for the message.
    while ready.exists() {
        std::thread::yield_now();
    }
    served.signal("TERM");
    let (code, _, log) = served.end();
    assert_eq!(code, Some(143), "{log}");
    assert!(log.contains("messages were not delivered") && log.contains("the server ended at once"), "{log}");
    drop(kept);
}

#[test]
fn verdict_waits_for_pending_deliveries() {
    let refusing = receiver(|mut stream| {
        let mut head = [0; 4096];
        let _ = stream.read(&mut head);
        let _ = stream.write_all(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n");
    });
    let mock = delivering(&refusing, |_| ());
    let mut client = Client::connect(mock.url());
    reset(&mut client, "0001", "phone").password();
    let expect = json!({ "expect": [{ "name": "none", "notified": { "phone": { "max": 0 } } }] });
    let verdict = client.request("POST", "/__admin/verify?wait_ms=10000", &[], &expect.to_string()).json();
    assert_eq!(verdict["passed"], true, "queued messages counted until they failed: {verdict}");
    let [message] = &mock.outbox()[..] else { panic!() };
    assert_eq!((message.state, message.attempts), (MessageState::Failed, 1), "410 is for good");
    assert!(message.why.as_ref().unwrap().contains("410"), "{message:?}");
}

#[test]
fn invalid_url_error_repeats_no_password() {
    for (flag, url) in [
        ("--smtp", "smtp://me:5ec2e7@mail/box"),
        ("--smtp", "smtp://me:5ec2e7@mail:99999"),
        ("--sms-webhook", "https://example.com/"),
        ("--sms-webhook", "http://example.com:0/"),
    ] {
        let output = run(&["serve", "--port", "0", flag, url]);
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(flag) && told.contains("expected") && !told.contains("5ec2e7"), "{told}");
    }
    let help = wksmock(&["serve", "--help"]).env("WKSMOCK_SMTP", "smtp://me:5ec2e7@mail").output().unwrap();
    assert!(!stdout(&help).contains("5ec2e7"));
    let refused = MockServer::builder().smtp("smtp://me:5ec2e7@mail/box").start_blocking().unwrap_err();
    let problem = refused.problems()[0].to_string();
    assert!(problem.starts_with("smtp: invalid value of `smtp`; expected") && !problem.contains("5ec2e7"), "{problem}");
    assert!(!format!("{:?}", MockServer::builder().smtp("smtp://me:5ec2e7@mail")).contains("5ec2e7"));
}
