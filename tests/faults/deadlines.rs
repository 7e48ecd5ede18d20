//! What nobody waits for any more is not executed.

use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Failure, NoAnswer, ServeOptions};
use natsgen_testing::NatsServer;
use serde_json::Value;
use tokio::time::sleep;
use varpulis_sdk::worker::{WorkerClient, WorkerServer};

use super::{Worker, ask, connect, connect_raw, deploy, inject, peers, soon, trivial, w1};

/// A server counts from the moment a request arrives, so somewhat longer than its caller waits.
const LATER: Duration = Duration::from_millis(500);

fn hasty(client: &WorkerClient) -> WorkerClient {
    let options = CallOptions::new().timeout(Duration::from_millis(50));
    client.clone().with_options(options)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_deadline_passed_in_the_queue_is_not_executed() {
    const LATE: u64 = 100;
    let server = NatsServer::start().expect("a server");
    let connection = connect(&server).await;
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .with_options(ServeOptions::new().concurrency(1))
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&connection);
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.deploy(&w1(), &deploy("wait")).await }
    });
    worker.until_begun(1).await;

    let hasty = hasty(&client);
    let late = join_all((0..LATE).map(|_| async { hasty.deploy(&w1(), &deploy("")).await }));
    for called in soon("timeouts", late).await {
        let failure = called.expect_err("nobody can have answered").failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::TimedOut));
    }
    let patient = tokio::spawn({
        let client = client.clone();
        async move { client.drain(&w1(), &trivial()).await }
    });
    // What nobody waits for gets its answer all the same: to the callers that would still be there it says why.
    let raw = connect_raw(&server).await;
    let headers = [("Request-Timeout", "20")];
    let stranger = ask(&raw, "varpulis.cluster.cmd.w1.drain", &headers, "{}");
    let (answer, ()) = tokio::join!(stranger, async {
        sleep(LATER).await;
        worker.go_on();
    });
    let body: Value = serde_json::from_slice(&answer.payload).expect("JSON");
    assert_eq!(body["code"], "deadline_exceeded");
    assert_eq!(body["error"], "deadline exceeded");
    assert_eq!(answer.headers.get("Nats-Service-Error-Code"), Some("408"));

    soon("answer", first)
        .await
        .expect("no panic")
        .expect("an answer");
    soon("answer", patient)
        .await
        .expect("no panic")
        .expect("an answer");
    assert_eq!(worker.begun(), 2);
    let stats = serving.shutdown().await;
    assert_eq!((stats.answered, stats.expired), (2, LATE + 1));
    assert!(connection.round_trip().await);
    assert_eq!(
        (connection.late_answers(), connection.waiting_calls()),
        (LATE, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_is_one_behind_another_of_its_pipeline() {
    let server = NatsServer::start().expect("a server");
    let (worker, serving, client) = peers(&server).await;
    let stuck = tokio::spawn({
        let client = client.clone();
        async move { client.inject(&w1(), &inject("p", "Wait", 1)).await }
    });
    worker.until_begun(1).await;
    let late = hasty(&client).inject(&w1(), &inject("p", "Event", 2)).await;
    assert_eq!(
        late.expect_err("it had to wait").failure,
        Failure::NoAnswer(NoAnswer::TimedOut)
    );
    sleep(LATER).await;
    worker.go_on();
    soon("answer", stuck)
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
