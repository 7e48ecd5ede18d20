//! Foreign peers: they send no headers, and their errors have no code.

use natsgen_runtime::transport::{Message, Transport as _};
use natsgen_runtime::{Failure, Refused, StandardFault};
use natsgen_testing::NatsServer;
use serde_json::{Value, json};
use varpulis_sdk::worker::{InjectFault, WorkerClient};

use super::{connect, connect_raw, inject, next, raw_request, w1, worker_and_client};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_client_gets_plain_replies_and_errors() {
    let server = NatsServer::start().expect("a server");
    let (worker, serving, _client) = worker_and_client(&server).await;
    let raw = connect_raw(&server).await;
    let event = r#"{"pipeline_id":"p","event_type":"E"}"#;
    let check = async |command: &str, payload: &str, expected: Value| {
        let answer = raw_request(
            &raw,
            &format!("varpulis.cluster.cmd.w1.{command}"),
            &[],
            payload,
        )
        .await;
        let body: Value = serde_json::from_slice(&answer.payload).expect("JSON");
        assert_eq!(body, expected, "{command} {payload}");
        let is_error = answer.headers.get("Nats-Service-Error-Code").is_some();
        assert_eq!(is_error, body.get("error").is_some(), "{command} {payload}");
        assert_eq!(answer.headers.is_empty(), !is_error, "{command} {payload}");
    };
    check("drain", "{}", json!({"ok": true})).await;
    check("inject", event, json!({"ok": true, "output_events": []})).await;
    let missing = json!({"error": "pipeline not found: p", "code": "pipeline_not_found"});
    check("undeploy", r#"{"pipeline_id":"p"}"#, missing).await;
    let unknown = json!({"error": "unknown command: a.b.drain", "code": "unknown_command"});
    check("a.b.drain", "{}", unknown).await;
    // An unknown member of a foreign request is ignored, and so is a header that is not a number.
    check("drain", r#"{"force":true}"#, json!({"ok": true})).await;
    let headers = [("Request-Timeout", "soon"), ("Request-Id", "")];
    let answer = raw_request(&raw, "varpulis.cluster.cmd.w1.drain", &headers, "{}").await;
    assert_eq!(&*answer.payload, br#"{"ok":true}"#);

    for payload in [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "\u{feff}{}",
        r#"{"pipeline_id":"p"}"#,
    ] {
        let answer = raw_request(&raw, "varpulis.cluster.cmd.w1.inject", &[], payload).await;
        let body: Value = serde_json::from_slice(&answer.payload).expect("JSON");
        assert_eq!(body["code"], "bad_request", "{payload}");
        let text = body["error"].as_str().expect("a text");
        assert!(text.starts_with("bad request: "), "{payload}: {text}");
    }
    assert_eq!(worker.begun(), 4);
    assert_eq!(serving.shutdown().await.ignored, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_server_replies_are_decoded() {
    let server = NatsServer::start().expect("a server");
    let raw = connect_raw(&server).await;
    let mut requests = raw
        .subscribe("varpulis.cluster.cmd.w1.>", None)
        .await
        .expect("a subscription");
    // A flush, after which the subscription is active.
    raw.subscribe("_INBOX.none", None)
        .await
        .expect("a subscription")
        .unsubscribe()
        .await;
    let client = WorkerClient::new(&connect(&server).await);
    let mut check = async |answer: &str, expected: Result<usize, Failure<InjectFault>>| {
        let (event, w1) = (inject("p", "E", 1), w1());
        let answering = async {
            let request = next(&mut *requests).await;
            let body: Value = serde_json::from_slice(&request.payload).expect("JSON");
            assert_eq!(
                body,
                json!({"pipeline_id": "p", "event_type": "E", "fields": {"number": 1}})
            );
            let message = Message {
                subject: request.reply.expect("a reply subject"),
                payload: answer.to_owned().into(),
                ..Message::default()
            };
            raw.publish(message).await.expect("a publish");
        };
        let (called, ()) = tokio::join!(client.inject(&w1, &event), answering);
        let outputs = called
            .map(|reply| reply.output_events.len())
            .map_err(|error| error.failure);
        assert_eq!(outputs, expected, "{answer}");
    };
    for (answer, expected) in foreign_replies() {
        check(answer, expected).await;
    }
}

/// Replies of foreign servers, and their results for a client: the number of outputs, or a failure.
fn foreign_replies() -> Vec<(&'static str, Result<usize, Failure<InjectFault>>)> {
    let fault = |fault| Err(Failure::Refused(Refused::Fault(fault)));
    let standard = |fault| Err(Failure::Refused(Refused::Standard(fault)));
    let unknown = |code: Option<&str>, text: &str| {
        let (code, text) = (code.map(str::to_owned), text.to_owned());
        Err(Failure::Refused(Refused::Unknown { code, text }))
    };
    let missing = InjectFault::PipelineNotFound("p".to_owned());
    let engine = InjectFault::Engine("boom: x".to_owned());
    let (pointer, reason) = (String::new(), "missing field `event_type`".to_owned());
    let bad = StandardFault::BadRequest { pointer, reason };
    let command = "inject".to_owned();
    vec![
        (
            r#"{"ok":true,"output_events":[{"event_type":"Out"}],"since":"a newer version"}"#,
            Ok(1),
        ),
        (r#"{"error":"pipeline not found: p"}"#, fault(missing)),
        (r#"{"error":"engine error: boom: x"}"#, fault(engine)),
        (
            r#"{"error":"rate limit exceeded"}"#,
            fault(InjectFault::RateLimited),
        ),
        (
            r#"{"error":"invalid API key"}"#,
            fault(InjectFault::InvalidApiKey),
        ),
        (
            r#"{"error":"bad request: missing field `event_type`"}"#,
            standard(bad),
        ),
        (
            r#"{"error":"unknown command: inject"}"#,
            standard(StandardFault::UnknownCommand { command }),
        ),
        // A documented error that this command does not declare.
        (
            r#"{"error":"parse error: line 1"}"#,
            unknown(Some("pipeline_parse"), "parse error: line 1"),
        ),
        (
            r#"{"error":"out of cheese"}"#,
            unknown(None, "out of cheese"),
        ),
    ]
}
