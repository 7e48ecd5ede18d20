//! Malformed messages to the subjects of roles. async-nats drops each connection that receives such a message.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use natsgen_runtime::transport::TransportEvent;
use natsgen_testing::NatsServer;
use tokio::time::sleep;
use varpulis_sdk::coordinator_node::RunningCoordinatorNode;
use varpulis_sdk::types::WorkerStatus;
use varpulis_sdk::worker::WorkerClient;
use varpulis_sdk::worker_node::WorkerHealth;

use super::coordinators::coordinators;
use super::membership::wait_for;
use super::replacement::start;
use super::{connect, inject, w1, within_timeout};

const SUBJECTS: [&str; 3] = [
    "varpulis.cluster.heartbeat.w1",
    "varpulis.cluster.register",
    "varpulis.cluster.cmd.w1.inject",
];

/// Publishes messages with a malformed header, and waits until the server has forwarded them.
fn publish_malformed(server: &NatsServer) {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    let mut stream = BufReader::new(stream);
    let mut send = |bytes: &[u8]| stream.get_mut().write_all(bytes).expect("sent bytes");
    send(b"CONNECT {\"verbose\":false,\"headers\":true}\r\n");
    for subject in SUBJECTS {
        send(format!("HPUB {subject} _INBOX.x 11 11\r\ngarbage\r\n\r\n\r\n").as_bytes());
    }
    send(b"PING\r\n");
    let mut line = String::new();
    while !line.ends_with("PONG\r\n") {
        stream.read_line(&mut line).expect("a line");
    }
}

/// The status of the worker in the registry.
async fn status(coordinator: &RunningCoordinatorNode) -> Option<WorkerStatus> {
    let read = coordinator
        .replica()
        .current(|registry| registry.worker(&w1()).map(|record| record.status));
    within_timeout("read", read).await.expect("a registry")
}

/// The connections for calls, Raft and heartbeats continue, and the worker stays registered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_messages_leave_roles_connected() {
    let server = NatsServer::start().expect("a server");
    let events = Mutex::new(Vec::new());
    let connect_observed = async |_| {
        let connection = connect(&server).await;
        events.lock().expect("a lock").push(connection.events());
        connection
    };
    let coordinators = coordinators(connect_observed).await;
    let (worker, running) = start(&connect_observed(0).await).await;
    wait_for(&running, "readiness", WorkerHealth::is_ready).await;
    for coordinator in &coordinators {
        let ready = async { while status(coordinator).await != Some(WorkerStatus::Ready) {} };
        within_timeout("the first heartbeat", ready).await;
    }
    let attack_end = Instant::now() + Duration::from_secs(2);
    while Instant::now() < attack_end {
        publish_malformed(&server);
        sleep(Duration::from_millis(200)).await;
        for coordinator in &coordinators {
            assert_eq!(status(coordinator).await, Some(WorkerStatus::Ready));
        }
    }
    wait_for(&running, "readiness", WorkerHealth::is_ready).await;
    let client = WorkerClient::new(&connect(&server).await);
    let call = async {
        while client
            .inject(&w1(), &inject("p", "Event", 1))
            .await
            .is_err()
        {
            sleep(Duration::from_millis(10)).await;
        }
    };
    within_timeout("reply", call).await;
    assert_eq!(worker.injected("p").len(), 1);
    for events in events.lock().expect("a lock").iter_mut() {
        while let Ok(event) = events.try_recv() {
            assert_ne!(event, TransportEvent::Disconnected);
        }
    }
    within_timeout("shutdown", running.shutdown()).await;
    for coordinator in coordinators {
        within_timeout("shutdown", coordinator.shutdown()).await;
    }
}
