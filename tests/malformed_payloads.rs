//! A worker answers any bytes with a typed error, and continues to serve.

mod mutations;

use natsgen_runtime::transport::{Message, PublishError};
use natsgen_runtime::{
    Failure, Limited, Map, NotDelivered, Refused, Server, StandardFault, Unpublished, codec,
};
use serde_json::{Value, json};
use varpulis_sdk::Connection;
use varpulis_sdk::coordinator::{CoordinatorClient, Heartbeat};
use varpulis_sdk::types::{ConnectorHealth, PipelineMetrics};
use varpulis_sdk::worker::{
    CheckpointReply, CheckpointRequest, DeployFault, DeployRequest, DrainRequest, InjectRequest,
    WorkerClient, WorkerServer,
};

use self::mutations::{Mutation, mutations_of};
use crate::canned_service::{CannedService, worker};
use crate::network::{Network, over_both_transports};
use crate::protocol::{examples, sample};
use crate::raw_peers::RawCaller;
use crate::timeouts::immediately;

over_both_transports! {
    truncated_request_is_refused
    mutated_request_is_refused_with_its_pointer
    invalid_json_is_refused
    deeply_nested_request_is_refused
    request_above_max_payload_is_not_sent
    request_beyond_its_schema_is_refused
    reply_above_max_payload_is_a_typed_error
}

/// The commands of a worker and the types of their requests.
const COMMANDS: [(&str, &str); 7] = [
    ("checkpoint", "CheckpointRequest"),
    ("deploy", "DeployRequest"),
    ("drain", "DrainRequest"),
    ("inject", "InjectRequest"),
    ("inject_batch", "InjectBatchRequest"),
    ("restore", "RestoreRequest"),
    ("undeploy", "UndeployRequest"),
];

/// The default limit of a server for a message, in bytes.
const LIMIT: usize = 1_048_576;

/// A running worker, and a raw caller that sends it bytes.
struct Target {
    raw: RawCaller,
    client: Connection,
    canned: CannedService,
    server: Server,
    refused: u64,
    executed: u64,
}

impl Target {
    async fn start(network: &Network) -> Self {
        let canned = CannedService::default();
        let server = WorkerServer::new(canned.clone())
            .start(&network.connect().await, &worker("w0"))
            .await
            .unwrap();
        Self {
            raw: RawCaller::new(network.transport().await).await,
            client: network.connect().await,
            canned,
            server,
            refused: 0,
            executed: 0,
        }
    }

    async fn send(&mut self, command: &str, payload: &[u8]) -> Message {
        let subject = format!("varpulis.cluster.cmd.w0.{command}");
        immediately(self.raw.call(&subject, payload)).await
    }

    /// Sends a payload that must be refused. Returns the pointer and the reason.
    async fn expect_refused(&mut self, command: &str, payload: &[u8]) -> (String, String) {
        let answer = self.send(command, payload).await;
        let shown = String::from_utf8_lossy(&payload[..payload.len().min(300)]);
        let body: Value = serde_json::from_slice(&answer.payload).unwrap();
        let error = body["error"].as_str();
        let reason = error.and_then(|error| error.strip_prefix("bad request: "));
        let reason = reason.unwrap_or_else(|| panic!("{command} {shown} → {body}"));
        assert!(!reason.is_empty(), "{command} {shown}");
        assert_eq!(body["code"], "bad_request", "{command} {shown}");
        let members = body.as_object().unwrap().len();
        assert_eq!(members, 3, "error, code and pointer: {body}");
        let header = |name| answer.headers.get(name).unwrap_or_default();
        assert_eq!(header("Nats-Service-Error-Code"), "400");
        let text = header("Nats-Service-Error");
        assert!(
            !text.is_empty() && error.unwrap().starts_with(text),
            "{text}"
        );
        self.refused += 1;
        let pointer = body["pointer"].as_str().unwrap().to_owned();
        (pointer, reason.to_owned())
    }

    /// Sends a payload that must be executed.
    async fn expect_executed(&mut self, command: &str, payload: &[u8]) {
        let answer = self.send(command, payload).await;
        let text = String::from_utf8_lossy(&answer.payload);
        assert!(answer.headers.is_empty(), "{command}: {text}");
        self.executed += 1;
    }

    /// Checks that all commands still work, typed and raw, and that only the expected requests were executed.
    async fn verify_worker(mut self) {
        for (command, request) in COMMANDS {
            let payload = examples(request).swap_remove(0).to_string();
            self.expect_executed(command, payload.as_bytes()).await;
        }
        let drained = WorkerClient::new(&self.client)
            .drain(&worker("w0"), &sample())
            .await;
        assert_eq!(drained, Ok(sample()));
        assert_eq!(self.canned.take_requests::<DrainRequest>().len(), 2);
        let stats = self.server.shutdown().await;
        assert_eq!((stats.invalid, stats.panicked), (self.refused, 0));
        assert_eq!(stats.answered, self.executed + 1);
    }
}

async fn truncated_request_is_refused(network: Network) {
    let mut target = Target::start(&network).await;
    for (command, request) in COMMANDS {
        for example in examples(request) {
            let payload = example.to_string();
            for length in 0..payload.len() {
                let (_, reason) = target
                    .expect_refused(command, &payload.as_bytes()[..length])
                    .await;
                assert!(reason.starts_with("expected JSON, but "), "{reason}");
            }
        }
    }
    assert!(target.refused > 500);
    target.verify_worker().await;
}

async fn mutated_request_is_refused_with_its_pointer(network: Network) {
    let mut target = Target::start(&network).await;
    for (command, request) in COMMANDS {
        for example in examples(request) {
            for Mutation { payload, pointer } in mutations_of(&example) {
                let (found, reason) = target.expect_refused(command, payload.as_bytes()).await;
                assert_eq!(found, pointer, "{command} {payload}");
                assert!(!reason.contains(mutations::SENTINEL), "{command}: {reason}");
            }
        }
    }
    assert!(target.refused > 300, "{}", target.refused);
    target.verify_worker().await;
}

async fn invalid_json_is_refused(network: Network) {
    let mut target = Target::start(&network).await;
    let in_name = |bytes: &[u8]| [br#"{"name":""#, bytes, br#"","source":""}"#].concat();
    let mut check = async |payload: &[u8]| {
        for (command, _) in COMMANDS {
            let (pointer, _) = target.expect_refused(command, payload).await;
            assert_eq!(pointer, "");
        }
    };
    check(b" \t\r\n").await;
    check(b"nope").await;
    check(b"{}{}").await;
    check(b"{} x").await;
    check(b"{},").await;
    check(b"{}\0").await;
    check(b"\0").await;
    check(b"\xef\xbb\xbf{}").await;
    check(b"// comment\n{}").await;
    check(b"{'name':'a'}").await;
    check(b"{name:1}").await;
    check(br#"{"a":1,}"#).await;
    check(br#"{"a":NaN}"#).await;
    check(br#"{"a":01}"#).await;
    check(br#"{"a":+1}"#).await;
    check(b"\xff\xfe{\0}\0").await;
    check(b"{\"a\":\"\xff\"}").await;
    check(b"{\"a\":\"\xc0\xaf\"}").await;
    check(b"{\"a\":\"\xed\xa0\x80\"}").await;
    check(b"{\"\xc3\":1}").await;
    // Invalid text inside a required string.
    for bytes in [
        &b"\xff"[..],
        b"\xc3",
        b"\xed\xa0\x80",
        b"\n",
        b"\0",
        br"\ud800",
        br"\udc00",
        br"\x",
        br"\u12",
    ] {
        target.expect_refused("deploy", &in_name(bytes)).await;
    }
    target
        .expect_executed("deploy", &in_name(r"\u00e4ä\ud83d\ude00\u0000".as_bytes()))
        .await;
    target.verify_worker().await;
}

async fn deeply_nested_request_is_refused(network: Network) {
    const DEPTH: usize = 100_000;
    let mut target = Target::start(&network).await;
    let lists = "[".repeat(DEPTH);
    let closed = format!("{lists}{}", "]".repeat(DEPTH));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(DEPTH), "}".repeat(DEPTH));
    for (command, _) in COMMANDS {
        target.expect_refused(command, lists.as_bytes()).await;
        target.expect_refused(command, closed.as_bytes()).await;
        let unknown = format!(r#"{{"unknown":{lists}"#);
        target.expect_refused(command, unknown.as_bytes()).await;
        target.expect_refused(command, objects.as_bytes()).await;
    }
    for deep in [&closed, &objects] {
        let fields = format!(r#"{{"pipeline_id":"p","event_type":"A","fields":{{"x":{deep}}}}}"#);
        let (pointer, _) = target.expect_refused("inject", fields.as_bytes()).await;
        assert!(pointer.starts_with("/fields"), "{pointer}");
        let beside = format!(r#"{{"name":"a","unknown":{deep},"source":""}}"#);
        let (pointer, reason) = target.expect_refused("deploy", beside.as_bytes()).await;
        assert!(pointer.starts_with("/unknown/"), "{pointer}");
        assert_eq!(reason, "expected at most 127 levels");
    }
    // An unknown member may have the full depth.
    let deep = format!("{}{}", "[".repeat(126), "]".repeat(126));
    let beside = format!(r#"{{"name":"a","unknown":{deep},"source":""}}"#);
    target.expect_executed("deploy", beside.as_bytes()).await;
    target.verify_worker().await;
}

async fn request_above_max_payload_is_not_sent(network: Network) {
    let mut target = Target::start(&network).await;
    let mut tap = network.tap("varpulis.>").await;
    let beyond = vec![b' '; LIMIT + 1];
    let sent = target
        .raw
        .send("varpulis.cluster.cmd.w0.drain", &beyond)
        .await;
    let (size, limit) = (LIMIT + 1, LIMIT);
    assert_eq!(sent, Err(PublishError::TooLarge { size, limit }));

    // Within its schema, but each quote takes two bytes when encoded.
    let mut request: DeployRequest = sample();
    request.source = "\"".repeat(1_000_000).try_into().unwrap();
    let client = WorkerClient::new(&target.client);
    let error = immediately(client.deploy(&worker("w0"), &request))
        .await
        .unwrap_err();
    let Failure::NotDelivered(NotDelivered::TooLarge { size, limit }) = error.failure else {
        panic!("{error:?}");
    };
    assert!(size > 2_000_000 && limit == LIMIT, "{size} {limit}");
    assert!(!error.is_retryable(), "the request will never fit");

    let mut health: ConnectorHealth = sample();
    health.last_error = Some("x".repeat(16_384).try_into().expect("not too long"));
    let mut metrics: PipelineMetrics = sample();
    metrics.connector_health = vec![health; 100].try_into().unwrap();
    let mut heartbeat: Heartbeat = sample();
    heartbeat.pipeline_metrics = Limited::new(vec![metrics]).unwrap();
    let client = CoordinatorClient::new(&target.client);
    let error = client
        .heartbeat(&worker("w0"), &heartbeat)
        .await
        .unwrap_err();
    let is_too_large = matches!(
        error.reason,
        Unpublished::NotDelivered(NotDelivered::TooLarge { limit: LIMIT, .. })
    );
    assert!(is_too_large, "{error:?}");
    assert_eq!(tap.messages(&target.client).await, []);

    // A request of exactly the limit is executed.
    let mut payload = b"{}".to_vec();
    payload.resize(LIMIT, b' ');
    target.expect_executed("drain", &payload).await;
    assert_eq!(target.canned.take_requests::<DrainRequest>().len(), 1);
    target.verify_worker().await;
}

async fn request_beyond_its_schema_is_refused(network: Network) {
    let mut target = Target::start(&network).await;
    let client = WorkerClient::new(&target.client);
    let mut request: DeployRequest = sample();
    request.source = "x".repeat(1_000_000).try_into().unwrap();
    immediately(client.deploy(&worker("w0"), &request))
        .await
        .unwrap();
    target.executed += 1;
    let mut source = request.source.into_inner();
    source.push('x');
    let violation = Limited::<String, 0, 1_000_000>::new(source.clone()).unwrap_err();
    assert_eq!(violation.reason(), "expected at most 1000000 characters");
    let mut check = async |command: &str, payload: Value, expected: &str| {
        let (pointer, _) = target
            .expect_refused(command, payload.to_string().as_bytes())
            .await;
        assert_eq!(pointer, expected, "{command}");
    };
    check(
        "deploy",
        json!({ "name": "a", "source": source }),
        "/source",
    )
    .await;
    check(
        "deploy",
        json!({ "name": "a".repeat(257), "source": "" }),
        "/name",
    )
    .await;
    check("deploy", json!({ "name": "", "source": "" }), "/name").await;
    check(
        "undeploy",
        json!({ "pipeline_id": "a".repeat(129) }),
        "/pipeline_id",
    )
    .await;
    check("undeploy", json!({ "pipeline_id": "a.b" }), "/pipeline_id").await;
    let fields: Value = (0..1_025)
        .map(|key| (key.to_string(), json!(key)))
        .collect();
    let event = json!({ "pipeline_id": "p", "event_type": "A", "fields": fields });
    check("inject", event.clone(), "/fields").await;
    let batch = json!({ "pipeline_id": "p", "events": [sample_event(), event] });
    check("inject_batch", batch, "/events/1/fields").await;
    let batch = json!({ "pipeline_id": "p", "events": vec![sample_event(); 10_001] });
    check("inject_batch", batch, "/events").await;
    let mut restore = examples("RestoreRequest").swap_remove(0);
    for (version, is_right) in [
        (json!(4_294_967_295_u64), true),
        (json!(4_294_967_296_u64), false),
    ] {
        restore["checkpoint"]["version"] = version;
        let payload = restore.to_string();
        if is_right {
            target.expect_executed("restore", payload.as_bytes()).await;
        } else {
            let (pointer, _) = target.expect_refused("restore", payload.as_bytes()).await;
            assert_eq!(pointer, "/checkpoint/version");
        }
    }
    target.verify_worker().await;
}

async fn reply_above_max_payload_is_a_typed_error(network: Network) {
    let mut target = Target::start(&network).await;
    let client = WorkerClient::new(&target.client);
    let too_large = |failure: &str| {
        assert!(failure.contains("ReplyTooLarge"), "{failure}");
        assert!(failure.contains("the limit is 1048576"), "{failure}");
    };
    let mut reply: CheckpointReply = sample();
    let variables = Map::from_iter([("x", "y".repeat(LIMIT))]);
    reply.0.variables = variables.try_into().unwrap();
    let size = codec::encode(&reply).unwrap().len();
    target.canned.set_reply::<CheckpointRequest>(Ok(reply));
    let error = immediately(client.checkpoint(&worker("w0"), &sample()))
        .await
        .unwrap_err();
    let detail = format!("{size} bytes, the limit is {LIMIT}");
    let expected = StandardFault::ReplyTooLarge { detail };
    assert_eq!(error.failure, Failure::Refused(Refused::Standard(expected)));
    assert!(!error.is_retryable(), "the request was executed");

    let payload = examples("CheckpointRequest").swap_remove(0).to_string();
    let answer = target.send("checkpoint", payload.as_bytes()).await;
    assert_eq!(answer.headers.get("Nats-Service-Error-Code"), Some("413"));
    let body: Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(body["code"], "reply_too_large");

    // A fault may be too large as well.
    target
        .canned
        .set_reply::<DeployRequest>(Err(DeployFault::Engine("x".repeat(LIMIT))));
    let error = immediately(client.deploy(&worker("w0"), &sample()))
        .await
        .unwrap_err();
    too_large(&format!("{:?}", error.failure));

    target.canned.set_reply::<CheckpointRequest>(Ok(sample()));
    target.canned.set_reply::<DeployRequest>(Ok(sample()));
    target.executed += 3;
    target.verify_worker().await;
}

fn sample_event() -> Value {
    let request: InjectRequest = sample();
    json!({ "event_type": request.event_type, "fields": request.fields })
}
