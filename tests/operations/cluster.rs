//! A network with every role of the protocol.

use std::collections::BTreeSet;
use std::fmt::Debug;

use natsgen_runtime::{CallError, Connection, Event, Fault, Payload, Request, Server, codec};
use serde_json::Value;
use varpulis_sdk::coordinator::{
    CoordinatorClient, CoordinatorServer, GetWorkerRequest, Heartbeat, HeartbeatFilter,
    HeartbeatParams, ListWorkersRequest, RegisterRequest, RemoveWorkerRequest,
};
use varpulis_sdk::raft::{
    AppendRequest, RaftClient, RaftServer, ReadIndexRequest, SnapshotRequest, StatusRequest,
    VoteRequest, WriteRequest,
};
use varpulis_sdk::worker::{
    CheckpointRequest, DeployRequest, DrainRequest, InjectBatchRequest, InjectRequest,
    PipelineEvent, PipelineEventFilter, PipelineEventParams, Registration, RegistrationFilter,
    RegistrationParams, RestoreRequest, UndeployRequest, WorkerClient, WorkerServer,
};

use super::{group, node};
use crate::canned_service::{CannedService, worker};
use crate::network::Network;
use crate::protocol::{error_codes, examples, full_name, samples, type_name};
use crate::raw_peers::Tap;
use crate::timeouts::next_event;

/// A network with every role of the protocol, and a tap on its messages.
pub(super) struct Cluster {
    canned: CannedService,
    client: Connection,
    tap: Tap,
    pub(super) covered: BTreeSet<String>,
    pub(super) servers: Vec<Server>,
}

impl Cluster {
    pub(super) async fn start(network: &Network) -> Self {
        let canned = CannedService::default();
        let connection = network.connect().await;
        let node = node();
        let servers = vec![
            WorkerServer::new(canned.clone())
                .start(&connection, &worker("w0"))
                .await
                .unwrap(),
            CoordinatorServer::new(canned.clone())
                .start(&connection)
                .await
                .unwrap(),
            RaftServer::new(canned.clone())
                .start(&connection, node)
                .await
                .unwrap(),
        ];
        Self {
            canned,
            client: network.connect().await,
            tap: network.tap("varpulis.>").await,
            covered: BTreeSet::new(),
            servers,
        }
    }

    /// Sends every example of a request. The server returns every example of a reply and every declared fault.
    async fn exchange<R>(
        &mut self,
        subject: &str,
        call: impl AsyncFn(&R) -> Result<R::Reply, CallError<R::Fault>>,
    ) where
        R: Request + PartialEq + Debug,
        R::Reply: Clone + PartialEq + Debug + Sync,
        R::Fault: Clone + PartialEq,
    {
        let operation = R::INFO.name;
        for (request, written) in samples::<R>().iter().zip(encoded_examples::<R>()) {
            for reply in samples::<R::Reply>() {
                self.canned.set_reply::<R>(Ok(reply.clone()));
                assert_eq!(call(request).await.unwrap(), reply, "{operation}");
            }
            let mut codes = Vec::new();
            for fault in faults::<R::Fault>() {
                self.canned.set_reply::<R>(Err(fault.clone()));
                let error = call(request).await.unwrap_err();
                assert_eq!(error.fault(), Some(&fault), "{operation}");
                assert_eq!(
                    (error.operation, error.subject.as_str()),
                    (operation, subject)
                );
                codes.push(fault.kind().code.to_owned());
            }
            let mut declared = error_codes(operation);
            declared.sort();
            codes.sort();
            assert_eq!(codes, declared, "{operation} has the faults of its schema");
            let calls = samples::<R::Reply>().len() + codes.len();
            let asked = self.canned.take_requests::<R>();
            assert_eq!(asked.len(), calls, "{operation} is executed once a call");
            assert!(
                asked.iter().all(|asked| asked == request),
                "{operation}: {asked:?}"
            );
            let seen = self.tap.messages(&self.client).await;
            assert_eq!(seen.len(), calls, "{operation} is sent once a call");
            for message in seen {
                assert_eq!(message.subject, subject);
                let payload: Value = serde_json::from_slice(&message.payload).unwrap();
                assert_eq!(payload, written, "{operation} is written as its example");
            }
        }
        self.covered.insert(full_name(operation));
    }

    /// Publishes every example of an event, and checks that the subscription yields it.
    async fn publish_all<E>(
        &mut self,
        subject: &str,
        filter: &E::Filter,
        params: &E::Params,
        publish: impl AsyncFn(&E),
    ) where
        E: Event + PartialEq + Debug,
        E::Params: PartialEq + Debug,
    {
        let mut subscription = self.client.subscribe::<E>(filter).await.unwrap();
        for (event, written) in samples::<E>().iter().zip(encoded_examples::<E>()) {
            publish(event).await;
            let received = next_event(&mut subscription).await;
            assert_eq!(received.subject, subject);
            assert_eq!((&received.params, &received.event), (params, event));
            let seen = self.tap.messages(&self.client).await;
            assert_eq!(seen.len(), 1, "{} is sent once", E::INFO.name);
            let payload: Value = serde_json::from_slice(&seen[0].payload).unwrap();
            assert_eq!(
                payload,
                written,
                "{} is written as its example",
                E::INFO.name
            );
        }
        self.covered.insert(full_name(E::INFO.name));
    }

    pub(super) async fn commands(&mut self) {
        let client = WorkerClient::new(&self.client);
        let w0 = worker("w0");
        self.exchange::<CheckpointRequest>("varpulis.cluster.cmd.w0.checkpoint", async |request| {
            client.checkpoint(&w0, request).await
        })
        .await;
        self.exchange::<DeployRequest>("varpulis.cluster.cmd.w0.deploy", async |request| {
            client.deploy(&w0, request).await
        })
        .await;
        self.exchange::<DrainRequest>("varpulis.cluster.cmd.w0.drain", async |request| {
            client.drain(&w0, request).await
        })
        .await;
        self.exchange::<InjectRequest>("varpulis.cluster.cmd.w0.inject", async |request| {
            client.inject(&w0, request).await
        })
        .await;
        self.exchange::<InjectBatchRequest>(
            "varpulis.cluster.cmd.w0.inject_batch",
            async |request| client.inject_batch(&w0, request).await,
        )
        .await;
        self.exchange::<RestoreRequest>("varpulis.cluster.cmd.w0.restore", async |request| {
            client.restore(&w0, request).await
        })
        .await;
        self.exchange::<UndeployRequest>("varpulis.cluster.cmd.w0.undeploy", async |request| {
            client.undeploy(&w0, request).await
        })
        .await;
    }

    pub(super) async fn raft(&mut self) {
        let client = RaftClient::new(&self.client);
        let node = node();
        self.exchange::<VoteRequest>("varpulis.cluster.raft.7.vote", async |request| {
            client.vote(node, request).await
        })
        .await;
        self.exchange::<AppendRequest>("varpulis.cluster.raft.7.append", async |request| {
            client.append(node, request).await
        })
        .await;
        self.exchange::<ReadIndexRequest>("varpulis.cluster.raft.7.read_index", async |request| {
            client.read_index(node, request).await
        })
        .await;
        self.exchange::<StatusRequest>("varpulis.cluster.raft.7.status", async |request| {
            client.status(node, request).await
        })
        .await;
        self.exchange::<SnapshotRequest>("varpulis.cluster.raft.7.snapshot", async |request| {
            client.snapshot(node, request).await
        })
        .await;
        self.exchange::<WriteRequest>("varpulis.cluster.raft.7.write", async |request| {
            client.write(node, request).await
        })
        .await;
    }

    pub(super) async fn coordinator(&mut self) {
        let client = CoordinatorClient::new(&self.client);
        let w0 = worker("w0");
        self.exchange::<RegisterRequest>("varpulis.cluster.register", async |request| {
            client.register(request).await
        })
        .await;
        self.exchange::<ListWorkersRequest>("varpulis.cluster.workers.list", async |request| {
            client.list_workers(request).await
        })
        .await;
        self.exchange::<GetWorkerRequest>("varpulis.cluster.workers.w0.get", async |request| {
            client.get_worker(&w0, request).await
        })
        .await;
        let subject = "varpulis.cluster.workers.w0.remove";
        self.exchange::<RemoveWorkerRequest>(subject, async |request| {
            client.remove_worker(&w0, request).await
        })
        .await;
        self.publish_all::<Heartbeat>(
            "varpulis.cluster.heartbeat.w0",
            &HeartbeatFilter::default(),
            &HeartbeatParams {
                worker_id: w0.clone(),
            },
            async |event| client.heartbeat(&w0, event).await.unwrap(),
        )
        .await;
    }

    pub(super) async fn registrations(&mut self) {
        let client = WorkerClient::new(&self.client);
        let w0 = worker("w0");
        self.publish_all::<Registration>(
            "varpulis.cluster.registration.w0",
            &RegistrationFilter::default(),
            &RegistrationParams {
                worker_id: w0.clone(),
            },
            async |event| client.registration(&w0, event).await.unwrap(),
        )
        .await;
    }

    pub(super) async fn pipelines(&mut self) {
        let client = WorkerClient::new(&self.client);
        let (group, from, to) = (group("g-1"), worker("w0"), worker("w1"));
        self.publish_all::<PipelineEvent>(
            "varpulis.cluster.pipeline.g-1.w0.w1",
            &PipelineEventFilter::default(),
            &PipelineEventParams {
                group: group.clone(),
                from_worker: from.clone(),
                to_worker: to.clone(),
            },
            async |event| {
                client
                    .pipeline_event(&group, &from, &to, event)
                    .await
                    .unwrap();
            },
        )
        .await;
    }
}

/// Every fault of the type, with a detail that contains characters with a meaning in headers and JSON.
fn faults<F: Fault>() -> Vec<F> {
    F::catalogue()
        .iter()
        .filter_map(|kind| {
            F::from_code(kind.code, "p-1: \"ä\"\r\nNats-Service-Error: \0".to_owned())
        })
        .collect()
}

/// The examples of a payload as they are encoded, with their defaults.
pub(super) fn encoded_examples<T: Payload>() -> Vec<Value> {
    let written = samples::<T>()
        .iter()
        .map(|sample| serde_json::from_slice(&codec::encode(sample).unwrap()).unwrap())
        .collect::<Vec<Value>>();
    for (written, example) in written.iter().zip(examples(type_name::<T>())) {
        assert_contains(written, &example);
    }
    written
}

/// Asserts that `written` contains all members of `example`.
fn assert_contains(written: &Value, example: &Value) {
    match (written, example) {
        (Value::Object(written), Value::Object(example)) => {
            for (key, value) in example {
                assert_contains(&written[key], value);
            }
        }
        _ => assert_eq!(written, example),
    }
}
