//! A nats-server with `JetStream`, and a client.

use std::fmt::Debug;
use std::time::Duration;

use jetstream::protocol::jetstream::{JetstreamClient, MessageGetRequest, StreamCreateRequest};
use jetstream::protocol::types::{ConsumerName, Storage, StreamConfig, StreamName, SubjectFilter};
use natsgen_runtime::transport::Message;
use natsgen_runtime::{CallError, CallOptions, Connection, Failure, Fault, NatsOptions, Refused};
use natsgen_testing::NatsServer;

/// Far more than any step takes: it turns a hang into a failure.
const TEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A server, and a client.
pub(crate) struct Fixture {
    _server: NatsServer,
    connection: Connection,
    pub(crate) client: JetstreamClient,
}

impl Fixture {
    /// Starts a server.
    pub(crate) async fn new() -> Self {
        let server = NatsServer::start_with_streams("").unwrap();
        let connection = NatsOptions::new(&server.url()).connect().await.unwrap();
        let options = CallOptions::new().timeout(TEST_TIMEOUT);
        Self {
            client: JetstreamClient::new(&connection).options(options),
            connection,
            _server: server,
        }
    }

    /// Starts a server with the stream `ORDERS`.
    pub(crate) async fn with_orders() -> Self {
        let fixture = Self::new().await;
        let request = StreamCreateRequest(config("ORDERS", &["orders.>"]));
        fixture
            .client
            .stream_create(&stream("ORDERS"), &request)
            .await
            .unwrap();
        fixture
    }

    /// Stores a message in the stream of its subject.
    pub(crate) async fn store(&self, subject: &str, payload: &'static str) {
        let message = Message {
            subject: subject.to_owned(),
            payload: payload.into(),
            ..Message::default()
        };
        self.connection
            .exchange(message, TEST_TIMEOUT)
            .await
            .unwrap();
    }
}

pub(crate) fn stream(name: &str) -> StreamName {
    name.parse().unwrap()
}

pub(crate) fn consumer(name: &str) -> ConsumerName {
    name.parse().unwrap()
}

pub(crate) fn filter(subject: &str) -> SubjectFilter {
    subject.parse().unwrap()
}

/// The configuration of a stream in memory.
pub(crate) fn config(name: &str, subjects: &[&str]) -> StreamConfig {
    let mut config = StreamConfig::new(stream(name), Storage::Memory);
    let subjects: Vec<SubjectFilter> = subjects.iter().map(|subject| filter(subject)).collect();
    config.subjects = Some(subjects.try_into().unwrap());
    config
}

/// A request for the message with this sequence number.
pub(crate) fn by_sequence(sequence: u64) -> MessageGetRequest {
    let mut request = MessageGetRequest::new();
    request.seq = Some(sequence);
    request
}

/// The declared error of a call.
pub(crate) fn fault<T: Debug, F: Fault + Clone>(called: Result<T, CallError<F>>) -> F {
    let error = called.expect_err("the call fails");
    match error.failure {
        Failure::Refused(Refused::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}
