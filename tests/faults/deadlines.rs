//! A request whose deadline has passed is not executed.

use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Failure, NoAnswer, ServeOptions};
use natsgen_testing::NatsServer;
use serde_json::Value;
use tokio::time::sleep;
use varpulis_sdk::worker::{WorkerClient, WorkerServer};

use super::{
    Worker, connect, connect_raw, deploy, inject, raw_request, trivial, w1, within_timeout,
    worker_and_client,
};

/// The server counts from the arrival of a request, so this is somewhat longer than the caller's timeout.
const LATER: Duration = Duration::from_millis(500);

fn brief(client: &WorkerClient) -> WorkerClient {
    let options = CallOptions::new().timeout(Duration::from_millis(50));
    client.clone().options(options)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_expired_in_the_queue_is_not_executed() {
    const LATE: u64 = 100;
    let server = NatsServer::start().expect("a server");
    let connection = connect(&server).await;
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .options(ServeOptions::new().concurrency(1))
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&connection);
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.deploy(&w1(), &deploy("wait")).await }
    });
    worker.until_begun(1).await;

    let brief = brief(&client);
    let late = join_all((0..LATE).map(|_| async { brief.deploy(&w1(), &deploy("")).await }));
    for called in within_timeout("timeouts", late).await {
        let failure = called.expect_err("no reply is possible").failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::TimedOut));
    }
    let patient = tokio::spawn({
        let client = client.clone();
        async move { client.drain(&w1(), &trivial()).await }
    });
    // An expired request still gets a reply, which names the expiry to a caller that still waits.
    let raw = connect_raw(&server).await;
    let headers = [("Request-Timeout", "20")];
    let payload = r#"{"name":"n","source":""}"#;
    let foreign = raw_request(&raw, "varpulis.cluster.cmd.w1.deploy", &headers, payload);
    let (answer, ()) = tokio::join!(foreign, async {
        sleep(LATER).await;
        worker.release();
    });
    let body: Value = serde_json::from_slice(&answer.payload).expect("JSON");
    assert_eq!(body["code"], "deadline_exceeded");
    assert_eq!(body["error"], "deadline exceeded");
    assert_eq!(answer.headers.get("Nats-Service-Error-Code"), Some("408"));

    within_timeout("answer", first)
        .await
        .expect("no panic")
        .expect("an answer");
    within_timeout("answer", patient)
        .await
        .expect("no panic")
        .expect("an answer");
    assert_eq!(worker.begun(), 2);
    let stats = serving.shutdown().await;
    assert_eq!((stats.answered, stats.expired), (2, LATE + 1));
    assert!(connection.flush().await);
    assert_eq!(
        (connection.late_answers(), connection.pending_requests()),
        (LATE, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_expired_behind_its_pipeline_is_not_executed() {
    let server = NatsServer::start().expect("a server");
    let (worker, serving, client) = worker_and_client(&server).await;
    let stuck = tokio::spawn({
        let client = client.clone();
        async move { client.inject(&w1(), &inject("p", "Wait", 1)).await }
    });
    worker.until_begun(1).await;
    let late = brief(&client).inject(&w1(), &inject("p", "Event", 2)).await;
    assert_eq!(
        late.expect_err("the request had to wait").failure,
        Failure::NoAnswer(NoAnswer::TimedOut)
    );
    sleep(LATER).await;
    worker.release();
    within_timeout("answer", stuck)
        .await
        .expect("no panic")
        .expect("an answer");
    client
        .inject(&w1(), &inject("p", "Event", 3))
        .await
        .expect("an answer");
    assert_eq!(worker.injected("p"), [1, 3]);
    assert_eq!(serving.shutdown().await.expired, 1);
}
