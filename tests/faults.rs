//! Fault tests: slow, blocking and panicking handlers; a server that dies, hangs or denies; callers that give up; peers
//! that stop; and foreign messages.

mod coordinators;
mod deadlines;
mod denials;
mod escapes;
mod fake_coordinator;
mod foreign_peers;
mod lame_duck;
mod malformed_messages;
mod membership;
mod memory;
mod overload;
mod payload_sizes;
mod permissions;
mod privileges;
mod register_replies;
mod replacement;
mod reply_subjects;
mod revoked_permissions;
mod role_cycles;
mod server_kill;
mod shutdown;
mod slow_handlers;
mod stuck_pipelines;
mod takeover;
mod worker;
mod worker_node;

use std::future::Future;
use std::thread;
use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::transport::{Message, Subscriber, Transport};
use natsgen_runtime::{CallError, Connection, Map, NatsOptions, NatsTransport, Server};
use natsgen_testing::NatsServer;
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, MutexGuard, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use varpulis_sdk::types::{EventFields, EventType, PipelineId, WorkerId};
use varpulis_sdk::worker::{
    DeployFault, DeployReply, DeployRequest, DrainRequest, InjectRequest, WorkerClient,
    WorkerServer,
};

use self::worker::Worker;

/// Longer than any step takes on a slow machine. It turns a hang into a failure.
const TEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Awaits `future`; panics if it takes longer than [`TEST_TIMEOUT`].
async fn within_timeout<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(TEST_TIMEOUT, future)
        .await
        .unwrap_or_else(|_| panic!("no {what} within {TEST_TIMEOUT:?}"))
}

/// A lock for tests that keep the processors busy and for tests that measure: they run one at a time.
async fn exclusive() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::const_new(());
    LOCK.lock().await
}

async fn connect(server: &NatsServer) -> Connection {
    Connection::nats(&server.url()).await.expect("a connection")
}

/// A bare transport, as a foreign peer uses it.
async fn connect_raw(server: &NatsServer) -> NatsTransport {
    NatsOptions::new(&server.url())
        .connect_transport()
        .await
        .expect("a connection")
}

/// Serves `worker` under the id `w1`.
async fn serve(connection: &Connection, worker: &Worker) -> Server {
    WorkerServer::new(worker.clone())
        .start(connection, &w1())
        .await
        .expect("a server")
}

/// A worker and a client, each on its own connection.
async fn worker_and_client(server: &NatsServer) -> (Worker, Server, WorkerClient) {
    let worker = Worker::default();
    let serving = serve(&connect(server).await, &worker).await;
    (worker, serving, WorkerClient::new(&connect(server).await))
}

/// A worker on a runtime of its own, as in another process. It runs until the sender is dropped.
async fn worker_on_own_runtime(
    server: &NatsServer,
    runtime: Runtime,
) -> (Worker, oneshot::Sender<()>) {
    let worker = Worker::default();
    let (ready, is_ready) = oneshot::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let (url, service) = (server.url(), worker.clone());
    thread::spawn(move || {
        runtime.block_on(async {
            let connection = Connection::nats(&url).await.expect("a connection");
            let _serving = serve(&connection, &service).await;
            ready.send(()).expect("the test waits");
            // An error means that the test is over.
            let _ = stopped.await;
        });
    });
    within_timeout("worker", is_ready).await.expect("a worker");
    (worker, stop)
}

fn w1() -> WorkerId {
    worker_id("w1")
}

fn worker_id(id: &str) -> WorkerId {
    id.parse().expect("a worker id")
}

/// A command that completes at once and that no other command delays.
fn trivial() -> DrainRequest {
    DrainRequest::default()
}

/// A command that executes `program`, see [`Worker`].
fn deploy(program: &str) -> DeployRequest {
    DeployRequest::new(
        "test".try_into().expect("a name"),
        program.try_into().expect("a short program"),
    )
}

type Deployed = Result<DeployReply, CallError<DeployFault>>;

/// Starts concurrent calls, each in a task of its own.
fn spawn_deploys(client: &WorkerClient, calls: usize, program: &str) -> Vec<JoinHandle<Deployed>> {
    let call = |_| {
        let (client, request) = (client.clone(), deploy(program));
        tokio::spawn(async move { client.deploy(&w1(), &request).await })
    };
    (0..calls).map(call).collect()
}

/// Starts `callers` callers that call until `is_end` accepts a failure. Each returns its number of answered calls.
fn spawn_load(
    client: &WorkerClient,
    callers: usize,
    is_end: fn(&CallError<DeployFault>) -> bool,
) -> Vec<JoinHandle<u64>> {
    let call = |caller: usize| {
        let program = ["", "sleep 1", "sleep 20"][caller % 3];
        let (client, request) = (client.clone(), deploy(program));
        tokio::spawn(async move {
            let mut answered = 0;
            loop {
                match client.deploy(&w1(), &request).await {
                    Ok(_) => answered += 1,
                    Err(error) if is_end(&error) => return answered,
                    Err(error) => panic!("{error:?} after {answered} replies"),
                }
            }
        })
    };
    (0..callers).map(call).collect()
}

/// Waits for the results of all calls.
async fn outcomes(calls: Vec<JoinHandle<Deployed>>) -> Vec<Deployed> {
    let outcomes = within_timeout("end of all calls", join_all(calls)).await;
    outcomes
        .into_iter()
        .map(|outcome| outcome.expect("no panic"))
        .collect()
}

/// An event with a number.
fn inject(pipeline: &str, event: &str, number: u64) -> InjectRequest {
    let pipeline_id: PipelineId = pipeline.parse().expect("a pipeline id");
    let event_type: EventType = event.parse().expect("an event type");
    let fields = Map::from_iter([("number", number)]);
    let mut request = InjectRequest::new(pipeline_id, event_type);
    request.fields = EventFields(fields.try_into().expect("one"));
    request
}

/// Sends a request as a foreign peer, and waits for the reply.
async fn raw_request(
    raw: &NatsTransport,
    subject: &str,
    headers: &[(&'static str, &str)],
    payload: &str,
) -> Message {
    let (mut inbox, reply) = inbox(raw).await;
    publish(raw, subject, Some(&reply), headers, payload).await;
    next(&mut *inbox).await
}

/// A subscription for replies, and its subject.
async fn inbox(raw: &NatsTransport) -> (Box<dyn Subscriber>, String) {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let subject = format!("_INBOX.stranger.{number}");
    let inbox = raw.subscribe(&subject, None).await.expect("an inbox");
    (inbox, subject)
}

async fn publish(
    raw: &NatsTransport,
    subject: &str,
    reply: Option<&str>,
    headers: &[(&'static str, &str)],
    payload: &str,
) {
    let mut message = Message {
        subject: subject.to_owned(),
        reply: reply.map(str::to_owned),
        payload: payload.to_owned().into(),
        ..Message::default()
    };
    for (name, value) in headers {
        message.headers.append(*name, *value);
    }
    raw.publish(message).await.expect("a publish");
}

async fn next(subscriber: &mut dyn Subscriber) -> Message {
    use futures_util::StreamExt as _;
    within_timeout("message", subscriber.next())
        .await
        .expect("a message")
}
