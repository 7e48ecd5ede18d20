//! Every operation of the protocol, from generated clients to generated servers, over both transports.

mod cluster;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

use natsgen_runtime::generated::Caller;
use natsgen_runtime::{
    CallError, CallOptions, Failure, Fault, NotDelivered, Prefix, Received, Refused, StandardFault,
    Subject, True,
};
use serde_json::{Value, json};
use varpulis_sdk::coordinator::{
    CoordinatorClient, CoordinatorServer, Heartbeat, HeartbeatFilter, RegisterRequest,
};
use varpulis_sdk::raft::RaftClient;
use varpulis_sdk::subject::PREFIX;
use varpulis_sdk::types::{EventFields, GroupId, NodeId, OutputEvent};
use varpulis_sdk::worker::{
    DrainRequest, InjectReply, InjectRequest, PipelineEvent, PipelineEventFilter, WorkerClient,
    WorkerServer,
};

use self::cluster::{Cluster, encoded_examples};
use crate::any_subject::AnySubject;
use crate::canned_service::{CannedService, worker};
use crate::network::{Network, over_both_transports};
use crate::protocol::{operation_names, sample};
use crate::raw_peers::RawCaller;
use crate::timeouts::{immediately, next_event};

over_both_transports! {
    operations_exchange_all_examples_and_faults
    wildcard_subscription_yields_the_parameters
    subject_prefix_separates_clusters
    registration_is_answered_by_one_coordinator
    unknown_command_gets_a_typed_error
    call_without_responder_fails_at_once
    call_passes_deadline_request_id_and_trace
    values_round_trip_unchanged
}

async fn operations_exchange_all_examples_and_faults(network: Network) {
    let mut cluster = Cluster::start(&network).await;
    cluster.commands().await;
    cluster.raft().await;
    cluster.coordinator().await;
    cluster.registrations().await;
    cluster.pipelines().await;
    let all: BTreeSet<String> = operation_names().into_iter().collect();
    assert_eq!(
        cluster.covered, all,
        "each operation of the schema is covered"
    );
    for server in cluster.servers {
        let stats = server.shutdown().await;
        assert_eq!(stats.received, stats.answered, "{stats:?}");
    }
}

/// A subscription with some parameters yields the matching events with all parameters.
async fn wildcard_subscription_yields_the_parameters(network: Network) {
    let (ours, peer) = (network.connect().await, network.connect().await);
    let filter = PipelineEventFilter {
        to_worker: Some(worker("w1")),
        ..PipelineEventFilter::default()
    };
    let mut to_w1 = ours.subscribe::<PipelineEvent>(&filter).await.unwrap();
    let mut all = ours
        .subscribe::<PipelineEvent>(&PipelineEventFilter::default())
        .await
        .unwrap();
    let mut heartbeats = ours
        .subscribe::<Heartbeat>(&HeartbeatFilter {
            worker_id: Some(worker("w2")),
        })
        .await
        .unwrap();
    let client = WorkerClient::new(&peer);
    let routes = [
        ("g1", "w0", "w1"),
        ("g1", "w0", "w2"),
        ("g2", "w3", "w1"),
        ("w1", "w1", "w0"),
    ];
    for (number, (group_id, from, to)) in (0..).zip(routes) {
        let mut event: PipelineEvent = sample();
        event.fields = [("number".to_owned(), json!(number))].into_iter().collect();
        client
            .pipeline_event(&group(group_id), &worker(from), &worker(to), &event)
            .await
            .unwrap();
    }
    let seen = |received: &Received<PipelineEvent>| {
        let params = &received.params;
        let number = &received.event.fields["number"];
        let route = [
            params.group.as_str(),
            params.from_worker.as_str(),
            params.to_worker.as_str(),
        ];
        format!("{number} {}", route.join(" "))
    };
    assert_eq!(seen(&next_event(&mut to_w1).await), "0 g1 w0 w1");
    assert_eq!(seen(&next_event(&mut to_w1).await), "2 g2 w3 w1");
    for expected in ["0 g1 w0 w1", "1 g1 w0 w2", "2 g2 w3 w1", "3 w1 w1 w0"] {
        assert_eq!(seen(&next_event(&mut all).await), expected);
    }
    let client = CoordinatorClient::new(&peer);
    for (id, events_processed) in [("w1", 1), ("w2", 2), ("w3", 3), ("w2", 4)] {
        let mut heartbeat: Heartbeat = sample();
        heartbeat.events_processed = events_processed;
        client.heartbeat(&worker(id), &heartbeat).await.unwrap();
    }
    for events_processed in [2, 4] {
        let heartbeat = next_event(&mut heartbeats).await;
        assert_eq!(heartbeat.params.worker_id, worker("w2"));
        assert_eq!(heartbeat.event.events_processed, events_processed);
    }
    to_w1.unsubscribe().await;
    assert!(to_w1.next().await.is_none(), "no further event");
}

async fn subject_prefix_separates_clusters(network: Network) {
    let prefix = Prefix::from_static("acme.test");
    let (ours, theirs) = (
        network.connect().await.prefix(prefix.clone()),
        network.connect().await,
    );
    let canned = CannedService::default();
    let _worker = WorkerServer::new(canned.clone())
        .start(&ours, &worker("w0"))
        .await
        .unwrap();
    let _coordinator = CoordinatorServer::new(canned.clone())
        .start(&ours)
        .await
        .unwrap();
    let mut heartbeats = ours
        .subscribe::<Heartbeat>(&HeartbeatFilter::default())
        .await
        .unwrap();

    let client = WorkerClient::new(&network.connect().await.prefix(prefix));
    assert_eq!(client.drain(&worker("w0"), &sample()).await, Ok(sample()));
    let error = WorkerClient::new(&theirs)
        .drain(&worker("w0"), &sample())
        .await
        .unwrap_err();
    assert_eq!(error.subject, "varpulis.cluster.cmd.w0.drain");
    assert_eq!(
        error.failure,
        Failure::NotDelivered(NotDelivered::NoResponders)
    );

    let mut raw = RawCaller::new(network.transport().await).await;
    let answer = raw.call("acme.test.cmd.w0.reboot", b"{}").await;
    let body: Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(body["error"], "unknown command: reboot");

    let heartbeat: Heartbeat = sample();
    CoordinatorClient::new(&theirs)
        .heartbeat(&worker("stranger"), &heartbeat)
        .await
        .unwrap();
    assert!(theirs.flush().await);
    let registered = CoordinatorClient::new(&ours).register(&sample()).await;
    assert_eq!(registered, Ok(sample()));
    CoordinatorClient::new(&ours)
        .heartbeat(&worker("w0"), &heartbeat)
        .await
        .unwrap();
    let received = next_event(&mut heartbeats).await;
    assert_eq!(received.subject, "acme.test.heartbeat.w0");
    assert_eq!(received.params.worker_id, worker("w0"));
}

async fn registration_is_answered_by_one_coordinator(network: Network) {
    const CALLS: usize = 64;
    let (first, second) = (CannedService::default(), CannedService::default());
    let mut servers = Vec::new();
    for canned in [&first, &second] {
        let connection = network.connect().await;
        let server = CoordinatorServer::new(canned.clone());
        servers.push(server.start(&connection).await.unwrap());
    }
    let mut raw = RawCaller::new(network.transport().await).await;
    let request = encoded_examples::<RegisterRequest>().swap_remove(0);
    for _ in 0..CALLS {
        let subject = "varpulis.cluster.register";
        raw.call(subject, request.to_string().as_bytes()).await;
    }
    let mut received = 0;
    for server in servers {
        let stats = server.shutdown().await;
        assert_eq!(stats.received, stats.answered, "{stats:?}");
        received += stats.received;
    }
    assert_eq!(received, CALLS as u64);
    let asked = [&first, &second].map(|canned| canned.take_requests::<RegisterRequest>().len());
    assert_eq!(asked[0] + asked[1], CALLS);
    assert!(
        asked.iter().all(|share| *share > 0),
        "both answer: {asked:?}"
    );
    // All replies have arrived by now, also a second reply to a request.
    raw.expect_no_reply().await;
}

async fn unknown_command_gets_a_typed_error(network: Network) {
    let connection = network.connect().await;
    let canned = CannedService::default();
    let server = WorkerServer::new(canned.clone())
        .start(&connection, &worker("w0"))
        .await
        .unwrap();
    let mut raw = RawCaller::new(network.transport().await).await;
    let mut check = async |tail: &str| {
        let subject = format!("varpulis.cluster.cmd.w0.{tail}");
        let answer = raw.call(&subject, b"{}").await;
        let body: Value = serde_json::from_slice(&answer.payload).unwrap();
        let text = format!("unknown command: {tail}");
        assert_eq!(body, json!({ "error": text, "code": "unknown_command" }));
        assert_eq!(answer.headers.get("Nats-Service-Error-Code"), Some("404"));
        assert_eq!(
            answer.headers.get("Nats-Service-Error"),
            Some(text.as_str())
        );
    };
    check("reboot").await;
    check("a.b.drain").await;
    check("drain.drain").await;
    check("Drain").await;
    check("w0").await;
    // A typed caller gets the same error.
    let caller = Caller::new(&connection, &PREFIX);
    let subject = Subject::parse("varpulis.cluster.cmd.w0.a.b.drain").unwrap();
    let error = caller
        .call(subject, &AnySubject::<DrainRequest>(sample()))
        .await
        .unwrap_err();
    let unknown = StandardFault::UnknownCommand {
        command: "a.b.drain".to_owned(),
    };
    assert_eq!(error.failure, Failure::Refused(Refused::Standard(unknown)));
    assert!(!error.is_retryable());
    let stats = server.shutdown().await;
    assert_eq!((stats.invalid, stats.answered), (6, 0));
    assert!(canned.take_requests::<DrainRequest>().is_empty());
}

async fn call_without_responder_fails_at_once(network: Network) {
    let connection = network.connect().await;
    let absent = worker("absent");
    let workers = WorkerClient::new(&connection);
    expect_no_responders(workers.deploy(&absent, &sample())).await;
    let coordinators = CoordinatorClient::new(&connection);
    expect_no_responders(coordinators.register(&sample())).await;
    let nodes = RaftClient::new(&connection);
    expect_no_responders(nodes.vote(node(), &sample())).await;
    assert_eq!(connection.pending_requests(), 0);
}

async fn expect_no_responders<T: Debug, F: Fault + PartialEq>(
    call: impl Future<Output = Result<T, CallError<F>>>,
) {
    let error = immediately(call).await.unwrap_err();
    let no_responders = Failure::NotDelivered(NotDelivered::NoResponders);
    assert_eq!(error.failure, no_responders);
    assert!(error.is_retryable(), "the request was not executed");
}

/// A server gets the caller's remaining time, the request id, and the trace.
async fn call_passes_deadline_request_id_and_trace(network: Network) {
    let connection = network.connect().await;
    let canned = CannedService::default();
    let _server = WorkerServer::new(canned)
        .start(&connection, &worker("w0"))
        .await
        .unwrap();
    let mut tap = network.tap("varpulis.>").await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let client = WorkerClient::new(&connection).options(
        CallOptions::new()
            .timeout(Duration::from_secs(7))
            .traceparent(trace),
    );
    let w0 = worker("w0");
    for _ in 0..2 {
        client.drain(&w0, &sample()).await.unwrap();
    }
    WorkerClient::new(&connection)
        .drain(&w0, &sample())
        .await
        .unwrap();
    let seen = tap.messages(&connection).await;
    let header = |index: usize, name: &str| seen[index].headers.get(name);
    let left = |index: usize| header(index, "Request-Timeout").unwrap().parse::<u64>();
    assert!((1..=7_000).contains(&left(0).unwrap()));
    assert!((7_001..=10_000).contains(&left(2).unwrap()), "the schema's");
    assert_eq!(header(0, "traceparent"), Some(trace));
    assert_eq!(header(2, "traceparent"), None);
    assert_ne!(header(0, "Request-Id"), header(1, "Request-Id"));
    assert!(header(0, "Request-Id").is_some_and(|id| !id.is_empty()));
}

/// Varpulis 0.11 turns integers into floats, nested values into strings, and null into `"null"`.
async fn values_round_trip_unchanged(network: Network) {
    let connection = network.connect().await;
    let canned = CannedService::default();
    let _server = WorkerServer::new(canned.clone())
        .start(&connection, &worker("w0"))
        .await
        .unwrap();
    let mut random = Random(0x5eed);
    let numbers: Vec<_> = (0..1_000)
        .map(|_| f64::from_bits(random.next()))
        .filter(|number| number.is_finite())
        .collect();
    assert!(numbers.len() > 900);
    let fields = json!({
        "integers": [0, -1, (1_i64 << 53) + 1, i64::MIN, i64::MAX, u64::MAX, u64::MAX - 1],
        "numbers": numbers,
        "texts": ["", "null", "1", "ä\u{1f600}\0\r\n\"\\"],
        "nested": [null, true, [], {}, [[null]], { "a.b/c~d": { "": null } }],
    });
    let fields: EventFields = serde_json::from_value(fields).unwrap();
    let mut request: InjectRequest = sample();
    request.fields = fields.clone();
    let mut output = OutputEvent::new(request.event_type.clone());
    output.fields = Some(fields);
    let reply = InjectReply::new(True, vec![output]);
    canned.set_reply::<InjectRequest>(Ok(reply.clone()));
    let client = WorkerClient::new(&connection);
    let replied = client.inject(&worker("w0"), &request).await.unwrap();
    assert_eq!(canned.take_requests::<InjectRequest>(), [request]);
    assert_eq!(replied, reply);
}

/// A pseudorandom generator with a fixed seed (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn group(id: &str) -> GroupId {
    GroupId::try_from(id).unwrap()
}

fn node() -> NodeId {
    NodeId::try_from(7).unwrap()
}
