//! The wire format of errors, and their decoding on the client.

use natsgen_runtime::transport::{Message, Transport};
use natsgen_runtime::{Connection, Failure, MemoryBroker, Refused, StandardFault};

use crate::fixture::{Fixture, next, request, shop};
use crate::protocol::{ShopClient, Tool, WorkFault};

async fn refused(body: &str) -> Refused<WorkFault> {
    let broker = MemoryBroker::new();
    let peer = broker.connect();
    let mut requests = peer
        .subscribe("test.workshop.shop.s1.work", None)
        .await
        .unwrap();
    let connection = Connection::over(broker.connect());
    let client = ShopClient::new(&connection);
    let (shop, request) = (shop(), request("x", Tool::Reply));
    let serve = async {
        let asked = next(&mut *requests).await;
        let message = Message {
            subject: asked.reply.unwrap(),
            payload: body.to_owned().into(),
            ..Message::default()
        };
        peer.publish(message).await.unwrap();
    };
    let (called, ()) = futures_util::future::join(client.work(&shop, &request), serve).await;
    match called.unwrap_err().failure {
        Failure::Refused(refused) => refused,
        other => panic!("{body}: {other:?}"),
    }
}

#[tokio::test]
async fn error_replies_of_any_peer_are_typed() {
    let broken = |detail: &str| Refused::Fault(WorkFault::BrokenTool(detail.to_owned()));
    let unknown = |code: Option<&str>, text: &str| Refused::Unknown {
        code: code.map(str::to_owned),
        text: text.to_owned(),
    };
    let bad = |pointer: &str, reason: &str| {
        Refused::Standard(StandardFault::BadRequest {
            pointer: pointer.to_owned(),
            reason: reason.to_owned(),
        })
    };
    let command = StandardFault::UnknownCommand {
        command: "x.y".to_owned(),
    };
    let cases = [
        (
            r#"{"error":"broken tool: saw","code":"broken_tool"}"#,
            broken("saw"),
        ),
        (
            r#"{"error":"other words","code":"broken_tool"}"#,
            broken("other words"),
        ),
        (r#"{"error":"broken tool: saw"}"#, broken("saw")),
        (
            r#"{"error":"closed today"}"#,
            Refused::Fault(WorkFault::ClosedToday),
        ),
        (
            r#"{"error":"closed today, sorry"}"#,
            unknown(None, "closed today, sorry"),
        ),
        (
            r#"{"error":"no such shelf: 7"}"#,
            unknown(Some("no_such_shelf"), "no such shelf: 7"),
        ),
        (
            r#"{"error":"new","code":"brand_new"}"#,
            unknown(Some("brand_new"), "new"),
        ),
        (r#"{"error":"anything"}"#, unknown(None, "anything")),
        (
            r#"{"error":"bad request: expected y"}"#,
            bad("", "expected y"),
        ),
        (
            r#"{"error":"bad request: expected y","code":"bad_request","pointer":"/a"}"#,
            bad("/a", "expected y"),
        ),
        (
            r#"{"error":"unknown command: x.y"}"#,
            Refused::Standard(command),
        ),
        (
            r#"{"error":"overloaded","code":"overloaded"}"#,
            Refused::Standard(StandardFault::Overloaded),
        ),
        (
            r#"{"error":"draining"}"#,
            Refused::Standard(StandardFault::Draining),
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(refused(body).await, expected, "{body}");
    }
}

#[tokio::test]
async fn error_reply_has_the_fields_for_all_kinds_of_peers() {
    let fixture = Fixture::new().await;
    let check = async |payload: &str, status: &str, text: &str, body: &str| {
        let answer = fixture.ask("shop.s1.work", payload.as_bytes()).await;
        assert_eq!(answer.payload, body, "{payload}");
        assert_eq!(
            answer.headers.get("Nats-Service-Error-Code"),
            Some(status),
            "{payload}"
        );
        assert_eq!(
            answer.headers.get("Nats-Service-Error"),
            Some(text),
            "{payload}"
        );
    };
    check(
        r#"{"name":"saw","tool":"refuse"}"#,
        "422",
        "broken tool: saw",
        r#"{"error":"broken tool: saw","code":"broken_tool"}"#,
    )
    .await;
    check(
        r#"{"name":"two\r\nlines","tool":"refuse"}"#,
        "422",
        "broken tool: two  lines",
        r#"{"error":"broken tool: two\r\nlines","code":"broken_tool"}"#,
    )
    .await;
    check(
        r#"{"name":"x","tool":"close"}"#,
        "409",
        "closed today",
        r#"{"error":"closed today","code":"closed_today"}"#,
    )
    .await;
    check(
        r#"{"name":"x","tool":7}"#,
        "400",
        "bad request: expected a string",
        r#"{"error":"bad request: expected a string","code":"bad_request","pointer":"/tool"}"#,
    )
    .await;
    let answer = fixture
        .ask("shop.s1.work", br#"{"name":"x","tool":"reply"}"#)
        .await;
    assert!(answer.headers.is_empty());
    assert_eq!(answer.payload, r#"{"product":"x","mood":"good"}"#);
}

/// Invalid requests, with the pointer and the reason in the reply.
const WRONG: &[(&[u8], &str, &str)] = &[
    (
        b"",
        "",
        "expected JSON, but EOF while parsing a value at line 1 column 0",
    ),
    (
        b"{",
        "",
        "expected JSON, but EOF while parsing an object at line 1 column 1",
    ),
    (
        br#"{"name":"x","#,
        "",
        "expected JSON, but EOF while parsing a value at line 1 column 12",
    ),
    (b"\xff\xfe", "", "expected UTF-8 at byte 1"),
    (
        b"{\"name\":\"\xff\",\"tool\":\"reply\"}",
        "",
        "expected UTF-8 at byte 10",
    ),
    (b"[]", "", "expected an object"),
    (b"null", "", "expected an object"),
    (
        br#"{"name":"x","tool":"reply"} x"#,
        "",
        "expected JSON, but trailing characters at line 1 column 29",
    ),
    (br#"{"name":"x"}"#, "", "expected a member `tool`"),
    (
        br#"{"name":"x","name":"y","tool":"reply"}"#,
        "",
        "expected one member `name`",
    ),
    (
        br#"{"name":null,"tool":"reply"}"#,
        "/name",
        "expected a string",
    ),
    (
        br#"{"name":"x","tool":"reply","bench":null}"#,
        "/bench",
        "expected a string",
    ),
    (
        br#"{"name":"","tool":"reply"}"#,
        "/name",
        "expected at least 1 characters",
    ),
];

#[tokio::test]
async fn server_answers_invalid_requests_and_continues() {
    let fixture = Fixture::new().await;
    let long = format!(r#"{{"name":"{}","tool":"reply"}}"#, "x".repeat(200_001));
    let part = |shelf: &str| {
        format!(
            r#"{{"name":"x","tool":"reply","parts":[{{"shelf":1,"note":0}},{{"shelf":{shelf},"note":0}}]}}"#
        )
    };
    let (range, sign, word) = (part("100"), part("-1"), part(r#""secret""#));
    let cases = [
        (
            long.as_bytes(),
            "/name",
            "expected at most 200000 characters",
        ),
        (
            range.as_bytes(),
            "/parts/1/shelf",
            "expected an integer from 0 to 99",
        ),
        (
            sign.as_bytes(),
            "/parts/1/shelf",
            "expected an integer from 0 to 99",
        ),
        (
            word.as_bytes(),
            "/parts/1/shelf",
            "expected an integer from 0 to 99",
        ),
    ];
    let cases = WRONG.iter().copied().chain(cases).collect::<Vec<_>>();
    for (payload, pointer, reason) in cases.iter().copied() {
        let answer = fixture.ask("shop.s1.work", payload).await;
        let shown = String::from_utf8_lossy(&payload[..payload.len().min(80)]);
        let body: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(body["code"], "bad_request", "{shown}");
        assert_eq!(body["pointer"], pointer, "{shown} {body}");
        let error = body["error"].as_str().unwrap();
        assert!(error.contains(reason), "{shown}: {error}");
        assert!(!error.contains("secret"), "{shown}: {error}");
    }
    let stats = fixture.server.stats();
    assert_eq!(stats.invalid, u64::try_from(cases.len()).unwrap());
    assert_eq!(stats.answered, 0);
    let answer = fixture
        .ask("shop.s1.work", br#"{"name":"x","tool":"reply"}"#)
        .await;
    assert!(answer.headers.is_empty());
}

#[tokio::test]
async fn server_refuses_payloads_above_the_depth_limit() {
    let fixture = Fixture::new().await;
    let deep = format!(
        r#"{{"name":"x","tool":"reply","parts":[{{"shelf":1,"note":{}1{}}}]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let answer = fixture.ask("shop.s1.work", deep.as_bytes()).await;
    let body: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(body["error"], "bad request: expected at most 127 levels");
    assert!(
        body["pointer"]
            .as_str()
            .unwrap()
            .starts_with("/parts/0/note/0/0/0")
    );
}

#[tokio::test]
async fn server_answers_subjects_without_an_operation() {
    let fixture = Fixture::new().await;
    let cases = [
        ("shop.s1.play", "unknown command: play"),
        ("shop.s1.a.b.work", "unknown command: a.b.work"),
        ("shop.s1.work.now", "unknown command: work.now"),
        (
            "shop.s1.fetch.100",
            "bad request: expected an integer from 0 to 99",
        ),
        (
            "shop.s1.fetch.007",
            "bad request: expected an integer without leading zeros",
        ),
    ];
    for (tail, expected) in cases {
        let answer = fixture.ask(tail, b"{}").await;
        let body: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(body["error"], expected, "{tail}");
    }
}
