//! Recorded messages of a real Varpulis cluster: each is decoded, encoded again, and returned to a typed call.

use std::collections::BTreeSet;
use std::fs;

use natsgen_runtime::generated::Caller;
use natsgen_runtime::{
    CallError, DecodeError, Failure, Fault, MemoryBroker, NotDelivered, Payload, Refused, Request,
    Side, Subject, codec,
};
use serde_json::{Value, json};
use varpulis_sdk::Connection;
use varpulis_sdk::coordinator::{Heartbeat, RegisterReply, RegisterRequest};
use varpulis_sdk::raft::{
    AppendReply, AppendRequest, SnapshotReply, SnapshotRequest, VoteReply, VoteRequest,
};
use varpulis_sdk::subject::PREFIX;
use varpulis_sdk::types::{Command, CommandReply, HeartbeatAcknowledged, RestError};
use varpulis_sdk::worker::{
    CheckpointReply, CheckpointRequest, DeployReply, DeployRequest, DrainReply, DrainRequest,
    InjectBatchReply, InjectBatchRequest, InjectReply, InjectRequest, RestoreReply, RestoreRequest,
    UndeployReply, UndeployRequest,
};

use crate::any_subject::AnySubject;
use crate::protocol::sample;
use crate::raw_peers::reply_to_all;

const RECORDINGS: &str = "tests/vectors/varpulis-0.11";

/// Decodes bytes as a type and encodes the result.
type Reread = fn(&[u8], Side) -> Result<Value, DecodeError>;

fn reread<T: Payload>(bytes: &[u8], side: Side) -> Result<Value, DecodeError> {
    let payload: T = codec::decode(bytes, side)?;
    let written = codec::encode(&payload).expect("a decoded value can be encoded");
    Ok(serde_json::from_slice(&written).expect("encoded bytes are JSON"))
}

macro_rules! by_name {
    ($name:expr, $function:ident: $($type:ident)+) => {
        match $name {
            $(stringify!($type) => $function::<$type>,)+
            other => panic!("no type {other}"),
        }
    };
}

fn reread_by_name(name: &str) -> Reread {
    by_name! { name, reread:
        AppendReply AppendRequest CheckpointReply CheckpointRequest Command CommandReply DeployReply DeployRequest
        DrainReply DrainRequest Heartbeat HeartbeatAcknowledged InjectBatchReply InjectBatchRequest InjectReply
        InjectRequest RegisterReply RegisterRequest RestError RestoreReply RestoreRequest SnapshotReply SnapshotRequest
        UndeployReply UndeployRequest VoteReply VoteRequest
    }
}

/// Compares the result for `text` with the expected result: `{"type", "verdict", "reencoded"?}`.
fn check_payload(name: &str, text: &str, side: Side, expected: &Value) {
    let reread = reread_by_name(text_of(expected, "type"))(text.as_bytes(), side);
    let value = serde_json::from_str::<Value>(text);
    let verdict = match (&reread, &value) {
        (Ok(_), _) => "valid",
        (Err(_), Ok(_)) => "invalid",
        (Err(_), Err(_)) => "not_json",
    };
    assert_eq!(
        verdict,
        text_of(expected, "verdict"),
        "{name} ({side:?}): {reread:?}"
    );
    if let Ok(written) = reread {
        let recorded = value.expect("a valid payload is JSON");
        let wanted = expected.get("reencoded").unwrap_or(&recorded);
        assert_eq!(&written, wanted, "{name} ({side:?}) is encoded again");
        let is_changed = expected.get("reencoded").is_some();
        assert_eq!(
            is_changed,
            written != recorded,
            "{name}: `reencoded` is present only if it differs"
        );
    }
}

#[test]
fn recorded_payloads_round_trip() {
    let expected = expected("payloads");
    let mentioned: BTreeSet<_> = expected.iter().map(|case| text_of(case, "file")).collect();
    let files = fs::read_dir(format!("{RECORDINGS}/payloads")).unwrap();
    let recorded: BTreeSet<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(mentioned.iter().eq(&recorded), "each file is listed");
    assert_eq!(mentioned.len(), expected.len(), "each file is listed once");
    for case in &expected {
        let file = text_of(case, "file");
        let text = fs::read_to_string(format!("{RECORDINGS}/payloads/{file}")).unwrap();
        let is_request = text_of(case, "type").ends_with("Request");
        let side = if is_request {
            Side::Request
        } else {
            Side::Reply
        };
        check_payload(file, &text, side, case);
    }
    assert_eq!(expected.len(), 38);
}

#[test]
fn recorded_rest_calls_round_trip() {
    let recorded: Vec<_> = lines("rest.jsonl")
        .into_iter()
        .filter(|call| {
            let name = text_of(call, "name");
            name.starts_with("register.") || name.starts_with("heartbeat.")
        })
        .collect();
    let expected = expected("rest");
    assert_eq!(names(&recorded), names(&expected));
    for (call, case) in recorded.iter().zip(&expected) {
        let name = text_of(call, "name");
        let request = call["request"].to_string();
        check_payload(name, &request, Side::Request, &case["request"]);
        check_payload(name, text_of(call, "response"), Side::Reply, &case["reply"]);
    }
    assert_eq!(expected.len(), 5);
}

#[test]
fn recorded_exchanges_round_trip() {
    let mut counts = [0, 0, 0];
    for (exchange, case) in exchanges() {
        let name = text_of(&exchange, "name");
        if let Some(request) = case.get("request") {
            check_payload(name, text_of(&exchange, "request"), Side::Request, request);
            counts[0] += 1;
        }
        let response = exchange["response"].as_str();
        if let Some(reply) = case.get("reply") {
            check_payload(name, response.unwrap(), Side::Reply, reply);
            counts[1] += 1;
        }
        let is_error = response.is_some_and(|text| text.starts_with(r#"{"error":"#));
        assert_eq!(
            is_error,
            case.get("fault").is_some(),
            "{name}: each error is expected"
        );
        counts[2] += usize::from(is_error);
        let is_read = case.get("reply").is_some() || is_error;
        let is_foreign = name.ends_with(".feature_off");
        assert_eq!(
            response.is_some(),
            is_read || is_foreign,
            "{name}: each reply is checked"
        );
    }
    let [requests, replies, faults] = counts;
    assert_eq!((requests, replies, faults), (72, 29, 34));
}

/// The result of a call without its types.
type Outcome = Result<Value, String>;

/// Calls a peer that sends `response` as each reply. Without a response no peer exists.
async fn call<R: Request>(subject: &str, request: &str, response: Option<&str>) -> Outcome {
    let broker = MemoryBroker::new();
    let peer = match response {
        Some(response) => Some(reply_to_all(Box::new(broker.connect()), subject, response).await),
        None => None,
    };
    // Some recorded requests violate the schema. Their reply then belongs to any request of the type.
    let request: R = codec::decode(request.as_bytes(), Side::Request).unwrap_or_else(|_| sample());
    let caller = Caller::new(&Connection::over(broker.connect()), &PREFIX);
    let outcome = caller
        .call(Subject::parse(subject).unwrap(), &AnySubject(request))
        .await;
    if let Some(peer) = peer {
        peer.abort();
    }
    match outcome {
        Ok(reply) => Ok(serde_json::from_slice(&codec::encode(&reply).unwrap()).unwrap()),
        Err(error) => Err(describe(&error)),
    }
}

/// The code and detail of a typed fault; a description of any other failure.
fn describe<F: Fault>(error: &CallError<F>) -> String {
    let (kind, detail) = match &error.failure {
        Failure::Refused(Refused::Fault(fault)) => (fault.kind(), fault.detail()),
        Failure::Refused(Refused::Standard(fault)) => (fault.kind(), fault.detail()),
        Failure::NotDelivered(NotDelivered::NoResponders) => return "no responders".to_owned(),
        other => return format!("{other:?}"),
    };
    format!("{} {detail}", kind.code)
}

macro_rules! call_by_name {
    ($name:expr, $arguments:tt: $($type:ident)+) => {
        match $name {
            $(stringify!($type) => call::<$type> $arguments.await,)+
            other => panic!("no request {other}"),
        }
    };
}

#[tokio::test]
async fn recorded_replies_equal_typed_call_results() {
    let mut calls = 0;
    for (exchange, case) in exchanges() {
        let name = text_of(&exchange, "name");
        let response = exchange["response"].as_str();
        let is_silent = text_of(&exchange, "subject").contains(".heartbeat.");
        if is_silent || name.ends_with(".feature_off") || name == "cmd.no_token" {
            continue;
        }
        let request_type = match case.get("request") {
            Some(request) => text_of(request, "type"),
            // The subject has no operation, so any request type works; the reply must still be typed.
            None => "DrainRequest",
        };
        let (subject, request) = (text_of(&exchange, "subject"), text_of(&exchange, "request"));
        let outcome = call_by_name! { request_type, (subject, request, response):
            AppendRequest CheckpointRequest DeployRequest DrainRequest InjectBatchRequest InjectRequest RegisterRequest
            RestoreRequest SnapshotRequest UndeployRequest VoteRequest
        };
        let wanted = match (case.get("fault"), response) {
            (Some(fault), _) => Err(format!(
                "{} {}",
                text_of(fault, "code"),
                text_of(fault, "detail")
            )),
            (None, Some(reply)) => Ok(serde_json::from_str(reply).unwrap()),
            (None, None) => Err("no responders".to_owned()),
        };
        assert_eq!(outcome, wanted, "{name}");
        calls += 1;
    }
    assert_eq!(calls, 67);
}

/// The documented errors that were never recorded, in the wording of the protocol page.
#[tokio::test]
async fn documented_error_texts_are_typed_faults() {
    let check = async |text: &str, expected: &str| {
        let answer = json!({ "error": text }).to_string();
        let subject = "varpulis.cluster.cmd.w0.inject";
        let outcome = call::<InjectRequest>(subject, "", Some(&answer)).await;
        assert_eq!(outcome, Err(expected.to_owned()), "{text}");
    };
    check("invalid API key", "invalid_api_key ").await;
    check("rate limit exceeded", "rate_limited ").await;
    check("engine error: ", "engine ").await;
    check("pipeline not found: a: b", "pipeline_not_found a: b").await;
    check("bad request: x", "bad_request x").await;
    check("unknown command: a.b", "unknown_command a.b").await;
    // A catalogued error that this operation does not declare, and an error in no catalogue.
    check(
        "quota exceeded: streams",
        r#"Refused(Unknown { code: Some("quota_exceeded"), text: "quota exceeded: streams" })"#,
    )
    .await;
    check(
        "rate limit exceeded, twice",
        r#"Refused(Unknown { code: None, text: "rate limit exceeded, twice" })"#,
    )
    .await;
}

/// The recorded exchanges, each with its expected results.
fn exchanges() -> Vec<(Value, Value)> {
    let recorded = lines("exchanges.jsonl");
    let expected = expected("exchanges");
    assert_eq!(names(&recorded), names(&expected));
    recorded.into_iter().zip(expected).collect()
}

fn lines(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(format!("{RECORDINGS}/{file}")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn expected(part: &str) -> Vec<Value> {
    let text = fs::read_to_string("tests/vectors/expected.json").unwrap();
    let mut expected: Value = serde_json::from_str(&text).unwrap();
    match expected[part].take() {
        Value::Array(list) => list,
        other => panic!("{part}: {other}"),
    }
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter().map(|case| text_of(case, "name")).collect()
}

fn text_of<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member]
        .as_str()
        .unwrap_or_else(|| panic!("{value} has a text `{member}`"))
}
