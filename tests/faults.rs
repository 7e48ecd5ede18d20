//! What must not happen on a bad day: slow, blocking and panicking handlers, a server that dies, hangs or refuses,
//! callers that give up, peers that stop, and messages that somebody else made.

mod coordinators;
mod deadlines;
mod denials;
mod duties;
mod hijack;
mod interop;
mod kill;
mod membership;
mod memory;
mod overload;
mod privileges;
mod registry;
mod replacement;
mod retirement;
mod shutdown;
mod sizes;
mod slow;
mod takeover;
mod worker;

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

/// Longer than anything takes on a slow machine. What runs into it hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits for what must come.
async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("no {what} within {PATIENCE:?}"))
}

/// Tests that keep the processors busy, and those that measure, run one at a time.
async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

async fn connect(server: &NatsServer) -> Connection {
    Connection::nats(&server.url()).await.expect("a connection")
}

/// A connection without anything on top, as peers have that are not ours.
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

/// A worker on a connection of its own, and a client on another.
async fn peers(server: &NatsServer) -> (Worker, Server, WorkerClient) {
    let worker = Worker::default();
    let serving = serve(&connect(server).await, &worker).await;
    (worker, serving, WorkerClient::new(&connect(server).await))
}

/// A worker in a runtime of its own, as in a process of its own, until the sender is dropped.
async fn elsewhere(server: &NatsServer, runtime: Runtime) -> (Worker, oneshot::Sender<()>) {
    let worker = Worker::default();
    let (ready, is_ready) = oneshot::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let (url, service) = (server.url(), worker.clone());
    thread::spawn(move || {
        runtime.block_on(async {
            let connection = Connection::nats(&url).await.expect("a connection");
            let _serving = serve(&connection, &service).await;
            ready.send(()).expect("the test waits");
            // An error says that the test is over.
            let _ = stopped.await;
        });
    });
    soon("worker", is_ready).await.expect("a worker");
    (worker, stop)
}

fn w1() -> WorkerId {
    worker_id("w1")
}

fn worker_id(id: &str) -> WorkerId {
    id.parse().expect("a worker id")
}

/// A command that is done at once, and that no other command delays.
fn trivial() -> DrainRequest {
    DrainRequest {}
}

/// A command that does what `program` says, see [`Worker`].
fn deploy(program: &str) -> DeployRequest {
    DeployRequest {
        name: "test".try_into().expect("a name"),
        source: program.try_into().expect("a short program"),
    }
}

type Deployed = Result<DeployReply, CallError<DeployFault>>;

/// Calls at once, each in a task of its own.
fn deploys(client: &WorkerClient, calls: usize, program: &str) -> Vec<JoinHandle<Deployed>> {
    let call = |_| {
        let (client, request) = (client.clone(), deploy(program));
        tokio::spawn(async move { client.deploy(&w1(), &request).await })
    };
    (0..calls).map(call).collect()
}

/// Calls all the time, each of so many callers until the failure that is the end. Yields how many calls of each were
/// answered.
fn load(
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
                    Err(error) => panic!("{error:?} after {answered} answers"),
                }
            }
        })
    };
    (0..callers).map(call).collect()
}

/// What came of calls that must end.
async fn ends(calls: Vec<JoinHandle<Deployed>>) -> Vec<Deployed> {
    let ends = soon("end of all calls", join_all(calls)).await;
    ends.into_iter().map(|end| end.expect("no panic")).collect()
}

/// An event with a number.
fn inject(pipeline: &str, event: &str, number: u64) -> InjectRequest {
    let pipeline_id: PipelineId = pipeline.parse().expect("a pipeline id");
    let event_type: EventType = event.parse().expect("an event type");
    let fields = Map::from_iter([("number", number)]);
    InjectRequest {
        pipeline_id,
        event_type,
        fields: EventFields(fields.try_into().expect("one")),
    }
}

/// Sends a request as a stranger would, and waits for the answer.
async fn ask(
    raw: &NatsTransport,
    subject: &str,
    headers: &[(&'static str, &str)],
    payload: &str,
) -> Message {
    let (mut inbox, reply) = inbox(raw).await;
    publish(raw, subject, Some(&reply), headers, payload).await;
    next(&mut *inbox).await
}

/// A subscription for answers, and its subject.
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
    soon("message", subscriber.next()).await.expect("a message")
}
