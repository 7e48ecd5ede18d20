//! Attempts of users to exceed the permissions that `natsgen acl` writes. The server denies each of them, and the caller
//! gets a typed error within a second.

use std::time::{Duration, Instant};

use natsgen_runtime::generated::{Caller, Listen, Router};
use natsgen_runtime::transport::{Message, SubscribeError, Transport as _, TransportEvent};
use natsgen_runtime::{
    ConnectErrorKind, Connection, Failure, NatsOptions, NotDelivered, Prefix, Request, Role,
    Subject,
};
use tokio::time::timeout;
use varpulis_sdk::coordinator::{CoordinatorServer, Heartbeat, RegisterRequest};
use varpulis_sdk::types::NodeId;
use varpulis_sdk::worker::{DrainRequest, WorkerClient, WorkerServer};

use super::permissions::{Access, Guarded};
use super::{Worker, deploy, next, trivial, within_timeout, worker_id};
use crate::any_subject::AnySubject;
use crate::canned_service::CannedService;

/// The limit within which a denial reaches the caller.
const QUICK: Duration = Duration::from_secs(1);

/// The prefix of the subjects of the protocol, shortened in the tables to `~`.
const PREFIX: &str = "varpulis.cluster";

/// Requests of worker w0 that are denied.
const CALLS_OF_WORKER: &[&str] = &[
    "~.cmd.w0.drain",
    "~.cmd.w1.checkpoint",
    "~.cmd.w1.deploy",
    "~.cmd.w1.drain",
    "~.cmd.w1.inject",
    "~.cmd.w1.inject_batch",
    "~.cmd.w1.restore",
    "~.cmd.w1.undeploy",
    "~.raft.1.append",
    "~.raft.1.read_index",
    "~.raft.1.snapshot",
    "~.raft.1.status",
    "~.raft.1.vote",
    "~.raft.1.write",
    "~.register.more",
    "~.workers.list",
    "~.workers.w0.get",
    "~.workers.w0.remove",
    "~.unknown",
    "varpulis.other",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.ACCOUNT.PING.CONNZ",
    "$JS.API.INFO",
    "$SRV.PING",
];

/// Events of worker w0 that are denied.
const EVENTS_OF_WORKER: &[&str] = &[
    "~.heartbeat.w1",
    "~.heartbeat.w0.more",
    "~.registration.w0",
    "~.registration.w1",
    "~.pipeline.g.w1.w0",
    "~.pipeline.g.w1.w2",
    "~.cmd.w1.drain",
    "~.raft.1.vote",
    "_INBOX.token.1",
    "_INBOX_worker.w1.token.1",
    "_INBOX_coordinator.1.token.1",
    "_INBOX_raft.1.token.1",
    "_R_.token.1",
    "$SYS.ACCOUNT.X.CLAIMS.UPDATE",
];

/// Subscriptions of worker w0 that are denied. A queue group follows after a space.
const SUBSCRIPTIONS_OF_WORKER: &[&str] = &[
    "~.>",
    "~.*.*",
    "~.*.*.*",
    "~.cmd.>",
    "~.cmd.*.deploy",
    "~.cmd.w1.>",
    "~.cmd.w1.deploy",
    "~.heartbeat.*",
    "~.heartbeat.w0",
    "~.heartbeat.w1",
    "~.register",
    "~.register coordinator",
    "~.registration.*",
    "~.registration.w1",
    "~.pipeline.>",
    "~.pipeline.*.*.*",
    "~.pipeline.g.w0.w1",
    "~.raft.>",
    "~.raft.1.>",
    "~.raft.1.vote",
    "_INBOX.>",
    "_INBOX_worker.>",
    "_INBOX_worker.*.>",
    "_INBOX_worker.w1.>",
    "_INBOX_coordinator.1.>",
    "_INBOX_raft.1.>",
    "_R_.>",
    "$SYS.>",
    "$SYS.ACCOUNT.*.CONNECT",
    "$SRV.PING",
];

/// Requests, events and subscriptions of coordinator 1 that are denied.
const CALLS_OF_COORDINATOR: &[&str] = &[
    "~.register",
    "~.workers.w0.remove",
    "~.cmd.w0.unknown",
    "$SYS.REQ.SERVER.PING",
];
const EVENTS_OF_COORDINATOR: &[&str] = &[
    "~.heartbeat.w0",
    "~.pipeline.g.w0.w1",
    "_INBOX_worker.w0.token.1",
    "_INBOX_coordinator.2.token.1",
];
const SUBSCRIPTIONS_OF_COORDINATOR: &[&str] = &[
    "~.cmd.w0.>",
    "~.raft.2.>",
    "~.raft.*.vote",
    "~.registration.w0",
    "~.pipeline.>",
    "_INBOX_coordinator.2.>",
    "_INBOX_coordinator.>",
    "_INBOX_worker.w0.>",
];

/// Subscriptions outside the queue group of the coordinators. The scope of a signing key cannot deny them.
const OTHER_GROUPS: &[&str] = &["~.register", "~.register other", "~.workers.list"];

/// A user that attempts more than its role permits.
struct Attacker {
    connection: Connection,
    options: NatsOptions,
}

impl Attacker {
    async fn new(guarded: &Guarded, user: &str, role: Role) -> Self {
        let options = guarded.options(user);
        let connection = options.clone().connect().await.expect("a connection");
        let connection = match user.parse::<u64>() {
            Ok(number) => connection.identity(role, &node_id(number)),
            Err(_) => connection.identity(role, &worker_id(user)),
        };
        Self {
            connection,
            options,
        }
    }

    async fn attempt_all(&self, calls: &[&str], events: &[&str], subscriptions: &[&str]) -> usize {
        for subject in calls {
            self.call(&subject.replace('~', PREFIX)).await;
        }
        for subject in events {
            self.publish(&subject.replace('~', PREFIX)).await;
        }
        for pattern in subscriptions {
            self.subscribe(&pattern.replace('~', PREFIX)).await;
        }
        calls.len() + events.len() + subscriptions.len()
    }

    async fn call(&self, subject: &str) {
        let caller = Caller::new(&self.connection, &Prefix::from_static(PREFIX));
        let target = Subject::parse(subject).expect("a subject");
        let started = Instant::now();
        let request = AnySubject(DrainRequest::default());
        let result = caller.call(target, &request).await;
        let failure = result.map(drop).expect_err(subject).failure;
        let denied = Failure::NotDelivered(NotDelivered::Denied);
        assert_eq!(failure, denied, "{subject}");
        assert!(
            started.elapsed() < QUICK,
            "{subject}: {:?}",
            started.elapsed()
        );
    }

    /// An event has no reply; the connection reports its denial.
    async fn publish(&self, subject: &str) {
        let mut reports = self.connection.events();
        let caller = Caller::new(&self.connection, &Prefix::from_static(PREFIX));
        let target = Subject::parse(subject).expect("a subject");
        let sent = caller
            .publish(target, &AnySubject(Heartbeat::new(0, 0)))
            .await;
        sent.expect("the connection takes the event");
        let denied = async {
            while reports.recv().await != Some(TransportEvent::PublishDenied(subject.to_owned())) {}
        };
        timeout(QUICK, denied).await.expect(subject);
    }

    async fn subscribe(&self, pattern: &str) {
        let (pattern, queue) = match pattern.split_once(' ') {
            Some((pattern, queue)) => (pattern, Some(leak(queue))),
            None => (pattern, None),
        };
        let (prefix, rest) = pattern.split_once('.').expect("several tokens");
        let prefix = Prefix::parse(prefix).expect("a prefix");
        let listen = Listen {
            pattern: template(rest),
            queue,
        };
        let started = Instant::now();
        let router = Router::new(());
        let denied = router
            .start(&self.connection, &prefix, &[listen], &[])
            .await;
        let error = denied.map(drop).expect_err(pattern).error;
        assert_eq!(error, SubscribeError::Denied(pattern.to_owned()));
        assert!(
            started.elapsed() < QUICK,
            "{pattern}: {:?}",
            started.elapsed()
        );
    }

    /// Subscribes to all subjects, which needs a bare transport.
    async fn subscribe_to_all(&self) {
        let options = self.options.clone();
        let transport = options.connect_transport().await.expect("a transport");
        let mut reports = transport.events();
        for pattern in [">", "*", "*.>"] {
            let _subscriber = transport.subscribe(pattern, None).await.expect("taken");
            let denied = async {
                let expected = TransportEvent::SubscribeDenied(pattern.to_owned());
                while reports.recv().await.as_ref() != Some(&expected) {}
            };
            timeout(QUICK, denied).await.expect(pattern);
        }
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// The template of a pattern: a parameter without a value is a wildcard.
fn template(pattern: &str) -> &'static str {
    let tokens = pattern
        .split('.')
        .enumerate()
        .map(|(index, token)| match token {
            "*" => format!("{{p{index}}}"),
            token => token.to_owned(),
        });
    leak(&tokens.collect::<Vec<_>>().join("."))
}

fn node_id(number: u64) -> NodeId {
    NodeId::try_from(number).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn escape_attempts_are_denied_quickly() {
    for access in [Access::Password, Access::Jwt] {
        let guarded = Guarded::start(access);
        let worker = Attacker::new(&guarded, "w0", RegisterRequest::INFO.from).await;
        let coordinator = Attacker::new(&guarded, "1", DrainRequest::INFO.from).await;
        let service = Worker::default();
        let serving = WorkerServer::new(service.clone());
        let serving = serving.start(&worker.connection, &worker_id("w0")).await;
        let serving = serving.expect("a server");
        let of_worker = (CALLS_OF_WORKER, EVENTS_OF_WORKER, SUBSCRIPTIONS_OF_WORKER);
        let mut attempts = worker
            .attempt_all(of_worker.0, of_worker.1, of_worker.2)
            .await;
        worker.subscribe_to_all().await;
        attempts += coordinator
            .attempt_all(
                CALLS_OF_COORDINATOR,
                EVENTS_OF_COORDINATOR,
                SUBSCRIPTIONS_OF_COORDINATOR,
            )
            .await;
        if access == Access::Password {
            attempts += coordinator.attempt_all(&[], &[], OTHER_GROUPS).await;
        }
        assert!(attempts >= 30, "{attempts}");
        let anonymous = NatsOptions::new(&guarded.server.url()).connect().await;
        let kind = anonymous.map(drop).expect_err("denied").kind();
        assert_eq!(kind, ConnectErrorKind::Denied);

        // The roles work as before.
        let client = WorkerClient::new(&coordinator.connection);
        let w0 = worker_id("w0");
        client.drain(&w0, &trivial()).await.expect("an answer");
        client.deploy(&w0, &deploy("")).await.expect("an answer");
        assert_eq!(service.begun(), 2);
        within_timeout("shutdown", serving.shutdown()).await;
    }
}

/// A reply to another role would let the caller answer the requests of that role. The server of the role ignores it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn escape_by_reply_subject_is_ignored() {
    for access in [Access::Password, Access::Jwt] {
        let guarded = Guarded::start(access);
        let connection = guarded.connect("1").await;
        let connection = connection.identity(DrainRequest::INFO.from, &node_id(1));
        let service = CannedService::default();
        let serving = CoordinatorServer::new(service.clone())
            .start(&connection)
            .await;
        let serving = serving.expect("a server");
        let attacker = guarded.options("w0").connect_transport().await;
        let attacker = attacker.expect("a transport");
        let stolen = [
            "_INBOX_coordinator.1.token.1",
            "_INBOX_coordinator.2.token.1",
            "_INBOX_raft.2.token.1",
            "varpulis.cluster.cmd.w1.drain",
            "varpulis.cluster.raft.2.vote",
            "$SYS.REQ.SERVER.PING",
        ];
        for reply in stolen {
            let message = Message {
                subject: "varpulis.cluster.register".to_owned(),
                reply: Some(reply.to_owned()),
                payload: "{}".into(),
                ..Message::default()
            };
            attacker.publish(message).await.expect("published");
        }
        let ignored = async {
            while serving.stats().ignored < stolen.len() as u64 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        within_timeout("requests", ignored).await;
        assert_eq!(serving.stats().received, stolen.len() as u64);
        assert!(service.take_requests::<RegisterRequest>().is_empty());
        within_timeout("shutdown", serving.shutdown()).await;
    }
}

/// A server may answer a request once, not twice, and not to another inbox.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn escape_by_second_response_is_denied() {
    let guarded = Guarded::start(Access::Password);
    let worker = guarded.options("w0").connect_transport().await;
    let worker = worker.expect("a transport");
    let mut reports = worker.events();
    let mut commands = worker
        .subscribe("varpulis.cluster.cmd.w0.>", None)
        .await
        .expect("taken");
    let connection = guarded.connect("1").await;
    let connection = connection.identity(DrainRequest::INFO.from, &node_id(1));
    assert!(connection.flush().await);
    let client = WorkerClient::new(&connection);
    let call = tokio::spawn(async move { client.drain(&worker_id("w0"), &trivial()).await });
    let reply = next(&mut *commands).await.reply.expect("a reply subject");
    assert!(reply.starts_with("_INBOX_coordinator.1."), "{reply}");
    let answer = |subject: &str| Message {
        subject: subject.to_owned(),
        payload: r#"{"ok":true}"#.into(),
        ..Message::default()
    };
    worker.publish(answer(&reply)).await.expect("published");
    for subject in [reply.as_str(), "_INBOX_coordinator.1.other.1"] {
        worker.publish(answer(subject)).await.expect("published");
        let expected = TransportEvent::PublishDenied(subject.to_owned());
        let denied = async { while reports.recv().await.as_ref() != Some(&expected) {} };
        timeout(QUICK, denied).await.expect(subject);
    }
    let _ = within_timeout("answer", call).await;
}
