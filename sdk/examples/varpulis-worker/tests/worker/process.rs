//! The worker as a process.

use std::process::{Command, Stdio};

use natsgen_testing::NatsServer;
use tokio::time::timeout;
use varpulis_sample::SampleCoordinator;
use varpulis_sdk::{Connection, types::WorkerId};

use super::fixture::{KEY, LIMIT};

#[tokio::test(flavor = "multi_thread")]
async fn process_registers_and_ends_on_a_signal() {
    let server = NatsServer::start().unwrap();
    let connection = Connection::nats(&server.url()).await.unwrap();
    let coordinator = SampleCoordinator::new(KEY.try_into().unwrap());
    let coordinator = coordinator.start(&connection).await.unwrap();
    let mut worker = Command::new(env!("CARGO_BIN_EXE_varpulis-worker"))
        .env("VARPULIS_NATS__SERVERS", server.url())
        .env("VARPULIS_WORKER__ID", "w0")
        .env("VARPULIS_WORKER__API_KEY", KEY)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let id = WorkerId::try_from("w0").unwrap();
    let mut registry = coordinator.coordinator().registry();
    let registered = registry.wait_for(|registry| registry.workers.contains_key(&id));
    timeout(LIMIT, registered)
        .await
        .expect("registered")
        .unwrap();
    let pid = worker.id().to_string();
    let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
    assert!(sent.unwrap().success());
    let ended = tokio::task::spawn_blocking(move || worker.wait());
    let status = timeout(LIMIT, ended).await.expect("it ends").unwrap();
    assert!(status.unwrap().success());
}
