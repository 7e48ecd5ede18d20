//! A repeated request is executed once, over the in-process transport and over a nats-server.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::transport::{Message, Subscriber, Transport};
use natsgen_runtime::{
    CallOptions, Connection, DedupOptions, Failure, MemoryBroker, NatsOptions, NoAnswer, Refused,
    Retry, ServeOptions, Server, StandardFault,
};
use natsgen_testing::NatsServer;

use crate::fixture::{Fixture, Recorder, TEST_TIMEOUT, Workshop, next, reply, request, shop};
use crate::protocol::{ShopClient, ShopServer, Tool};

/// The transport of a test.
enum Network {
    Memory(MemoryBroker),
    Nats(NatsServer),
}

/// A server with deduplication, and the log of its handler.
struct DedupFixture {
    network: Network,
    server: Server,
    recorder: Arc<Recorder>,
}

/// A raw peer, so that the test determines request ids and reply subjects.
struct RawClient {
    transport: Box<dyn Transport>,
    inbox: Box<dyn Subscriber>,
    name: &'static str,
}

impl Network {
    fn all() -> [Self; 2] {
        [
            Self::Memory(MemoryBroker::new()),
            Self::Nats(NatsServer::start().unwrap()),
        ]
    }

    async fn connect(&self) -> Connection {
        match self {
            Self::Memory(broker) => Connection::over(broker.connect()),
            Self::Nats(server) => Connection::nats(&server.url()).await.unwrap(),
        }
    }

    async fn transport(&self) -> Box<dyn Transport> {
        match self {
            Self::Memory(broker) => Box::new(broker.connect()),
            Self::Nats(server) => {
                let options = NatsOptions::new(&server.url());
                Box::new(options.connect_transport().await.unwrap())
            }
        }
    }
}

impl DedupFixture {
    async fn new(network: Network, dedup: DedupOptions) -> Self {
        Self::with_options(network, ServeOptions::new().deduplicate(dedup)).await
    }

    async fn with_options(network: Network, options: ServeOptions) -> Self {
        let workshop = Workshop::default();
        let recorder = Arc::clone(&workshop.recorder);
        let server = ShopServer::new(workshop)
            .options(options)
            .start(&network.connect().await, &shop())
            .await
            .unwrap();
        Self {
            network,
            server,
            recorder,
        }
    }

    async fn raw_client(&self, name: &'static str) -> RawClient {
        let transport = self.network.transport().await;
        let pattern = format!("_INBOX.{name}.*");
        let inbox = transport.subscribe(&pattern, None).await.unwrap();
        RawClient {
            transport,
            inbox,
            name,
        }
    }

    async fn until_repeated(&self, times: u64) {
        let repeated = async {
            while self.server.stats().repeated < times {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(TEST_TIMEOUT, repeated).await.unwrap();
    }
}

impl RawClient {
    async fn send(&self, operation: &str, id: Option<&str>, payload: &str, number: usize) {
        let mut message = Message {
            subject: format!("test.workshop.shop.s1.{operation}"),
            reply: Some(format!("_INBOX.{}.{number}", self.name)),
            payload: payload.to_owned().into(),
            ..Message::default()
        };
        if let Some(id) = id {
            message.headers.append("Request-Id", id);
        }
        self.transport.publish(message).await.unwrap();
    }

    /// Receives the next reply and returns its request number and its payload.
    async fn answer(&mut self) -> (usize, String) {
        let message = next(&mut *self.inbox).await;
        let number = message.subject.rsplit('.').next().unwrap().parse().unwrap();
        (
            number,
            String::from_utf8_lossy(&message.payload).into_owned(),
        )
    }

    /// Sends a `work` request and waits for the reply.
    async fn work(&mut self, id: Option<&str>, name: &str, tool: &str) -> String {
        let payload = format!(r#"{{"name":"{name}","tool":"{tool}"}}"#);
        self.send("work", id, &payload, 0).await;
        self.answer().await.1
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_get_the_reply_of_the_first_request() {
    const TIMES: usize = 100;
    for network in Network::all() {
        let fixture = DedupFixture::new(network, DedupOptions::new()).await;
        let mut raw_client = fixture.raw_client("a").await;
        let payload = r#"{"name":"x","tool":"never"}"#;
        for number in 0..TIMES {
            raw_client.send("work", Some("id"), payload, number).await;
        }
        fixture.recorder.wait_for("x").await;
        fixture.until_repeated(TIMES as u64 - 1).await;
        assert_eq!(fixture.server.stats().running, 1);
        fixture.recorder.release.notify_one();
        let mut answered = Vec::new();
        let mut check = |(number, body): (usize, String)| {
            assert!(body.starts_with(r#"{"product":"x""#), "{body}");
            answered.push(number);
        };
        for _ in 0..TIMES {
            check(raw_client.answer().await);
        }
        // A delayed duplicate, and an identical message.
        for number in [TIMES, 0] {
            raw_client.send("work", Some("id"), payload, number).await;
            check(raw_client.answer().await);
        }
        assert_eq!(answered.split_off(TIMES), [TIMES, 0]);
        answered.sort_unstable();
        assert!(answered.into_iter().eq(0..TIMES));
        assert_eq!(fixture.recorder.begun(), ["x"]);
        let stats = fixture.server.shutdown().await;
        assert_eq!((stats.answered, stats.repeated), (1, TIMES as u64 + 1));
    }
}

#[tokio::test]
async fn deduplication_distinguishes_callers_and_payloads() {
    for network in Network::all() {
        let fixture = DedupFixture::new(network, DedupOptions::new()).await;
        let (mut a, mut b) = (fixture.raw_client("a").await, fixture.raw_client("b").await);
        for _ in 0..2 {
            a.work(Some("1"), "of a", "reply").await;
            b.work(Some("1"), "of b", "reply").await;
            a.work(Some("1"), "other", "reply").await;
            a.work(None, "unnamed", "reply").await;
            a.work(Some(""), "unnamed", "reply").await;
            // Idempotent operations are not deduplicated.
            a.send("fetch.7", Some("1"), "{}", 0).await;
            a.answer().await;
        }
        let expected = [
            "of a", "of b", "other", "unnamed", "unnamed", "unnamed", "unnamed",
        ];
        assert_eq!(fixture.recorder.begun(), expected);
        let stats = fixture.server.stats();
        assert_eq!((stats.answered, stats.repeated), (9, 3));
    }
}

#[tokio::test]
async fn deduplication_keeps_faults_and_panics_but_not_refusals() {
    for network in Network::all() {
        let options = ServeOptions::new().concurrency(1).queue(1);
        let fixture =
            DedupFixture::with_options(network, options.deduplicate(DedupOptions::new())).await;
        let mut raw_client = fixture.raw_client("a").await;
        for (tool, expected) in [("refuse", "broken_tool"), ("panic", "internal")] {
            for _ in 0..2 {
                let body = raw_client.work(Some(tool), tool, tool).await;
                assert!(body.contains(expected), "{body}");
            }
        }
        assert_eq!(fixture.recorder.begun(), ["refuse", "panic"]);

        let holder = fixture.raw_client("b").await;
        let hold = r#"{"name":"hold","tool":"never"}"#;
        holder.send("work", Some("1"), hold, 0).await;
        fixture.recorder.wait_for("hold").await;
        let next = r#"{"name":"next","tool":"reply"}"#;
        holder.send("work", Some("2"), next, 0).await;
        while fixture.server.stats().waiting == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let body = raw_client.work(Some("late"), "late", "reply").await;
        assert!(body.contains("overloaded"), "{body}");
        fixture.recorder.release.notify_one();
        fixture.recorder.wait_for("next").await;
        let body = raw_client.work(Some("late"), "late", "reply").await;
        assert!(body.contains(r#""product":"late""#), "{body}");
    }
}

#[tokio::test]
async fn duplicates_of_a_refused_request_get_the_refusal() {
    let broker = MemoryBroker::new();
    let options = ServeOptions::new().concurrency(1).drain(Duration::ZERO);
    let network = Network::Memory(broker);
    let fixture =
        DedupFixture::with_options(network, options.deduplicate(DedupOptions::new())).await;
    let mut raw_client = fixture.raw_client("a").await;
    let hold = r#"{"name":"hold","tool":"never"}"#;
    raw_client.send("work", None, hold, 0).await;
    fixture.recorder.wait_for("hold").await;
    for number in 1..4 {
        let payload = r#"{"name":"x","tool":"reply"}"#;
        raw_client.send("work", Some("id"), payload, number).await;
    }
    fixture.until_repeated(2).await;
    fixture.server.shutdown().await;
    for _ in 1..4 {
        let (_, body) = raw_client.answer().await;
        assert!(body.contains("draining"), "{body}");
    }
    assert_eq!(fixture.recorder.begun(), ["hold"]);
}

#[tokio::test]
async fn deduplication_oversized_reply_is_dropped_but_not_its_id() {
    for network in Network::all() {
        let fixture = DedupFixture::new(network, DedupOptions::new().requests(2).bytes(100)).await;
        let client = ShopClient::new(&fixture.network.connect().await);
        let work = async |id: &str, name: &str| {
            let options = CallOptions::new().request_id(id);
            let client = client.clone().options(options);
            let worked = client.work(&shop(), &request(name, Tool::Reply)).await;
            worked.map_err(|error| (error.is_retryable(), error.failure))
        };
        let long = "x".repeat(200);
        assert_eq!(work("1", &long).await, Ok(reply(&long)));
        let forgotten = Refused::Standard(StandardFault::ReplyForgotten);
        let forgotten = Err((false, Failure::Refused(forgotten)));
        assert_eq!(work("1", &long).await, forgotten);
        assert_eq!(work("2", "short").await, Ok(reply("short")));
        assert_eq!(work("2", "short").await, Ok(reply("short")));
        assert_eq!(work("3", "last").await, Ok(reply("last")));
        assert_eq!(fixture.recorder.begun(), [long.as_str(), "short", "last"]);
        // The server keeps only the last two requests.
        assert_eq!(work("2", "short").await, Ok(reply("short")));
        assert_eq!(work("1", &long).await, Ok(reply(&long)));
        assert_eq!(fixture.recorder.begun().len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deduplication_after_server_restart_runs_each_call_once() {
    const CALLS: usize = 500;
    let Network::Nats(server) = Network::all().into_iter().nth(1).unwrap() else {
        unreachable!("the second is NATS");
    };
    let mut fixture = DedupFixture::new(Network::Nats(server), DedupOptions::new()).await;
    let connection = fixture.network.connect().await;
    assert!(connection.flush().await);
    let pauses = Retry::new(u32::MAX)
        .pauses(Duration::from_millis(5), Duration::from_millis(50))
        .deduplicated();
    let options = CallOptions::new().timeout(TEST_TIMEOUT).retry(pauses);
    let client = ShopClient::new(&connection).options(options);
    let calls: Vec<_> = (0..CALLS)
        .map(|number| {
            let client = client.clone();
            let mut request = request(&format!("n{number}"), Tool::Sleep);
            request.effort = Duration::from_millis(number as u64 % 200)
                .try_into()
                .unwrap();
            tokio::spawn(async move { client.work(&shop(), &request).await })
        })
        .collect();
    fixture.recorder.wait_for(&format!("n{}", CALLS - 1)).await;
    if let Network::Nats(server) = &mut fixture.network {
        server.kill();
        server.restart().unwrap();
    }
    for (number, called) in join_all(calls).await.into_iter().enumerate() {
        assert_eq!(called.unwrap(), Ok(reply(&format!("n{number}"))));
    }
    let mut begun = fixture.recorder.begun();
    begun.sort_unstable();
    begun.dedup();
    assert_eq!(
        (begun.len(), fixture.recorder.begun().len()),
        (CALLS, CALLS)
    );
    assert!(fixture.server.stats().repeated > 0);
}

#[tokio::test]
async fn call_possibly_executed_stays_unknown_without_reconnect() {
    let fixture = Fixture::with_options(ServeOptions::new().deduplicate(DedupOptions::new())).await;
    let pauses = Retry::new(3).pauses(Duration::from_millis(1), Duration::from_millis(1));
    for retry in [pauses, pauses.deduplicated()] {
        let options = CallOptions::new().retry(retry);
        let client = fixture.client.clone().options(options);
        let name = format!("{retry:?}");
        let work = request(&name, Tool::Never);
        let call = tokio::spawn(async move { client.work(&shop(), &work).await });
        fixture.recorder.wait_for(&name).await;
        fixture.client_side.disconnect();
        let failure = call.await.unwrap().unwrap_err().failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::Disconnected));
        fixture.client_side.reconnect();
    }
    assert_eq!(fixture.recorder.begun().len(), 2);
}
