//! A denied call fails at the caller.

use std::time::{Duration, Instant};

use natsgen_runtime::transport::SubscribeError;
use natsgen_runtime::{Connection, Failure, NatsOptions, NotDelivered};
use natsgen_testing::NatsServer;
use varpulis_sdk::coordinator::{Heartbeat, HeartbeatFilter};
use varpulis_sdk::worker::{WorkerClient, WorkerServer};

use super::{Worker, deploy, serve, trivial, w1, worker_id};

/// The permissions of each user, with no more than needed.
const USERS: &str = r#"authorization {
    users: [
        { user: "coordinator", password: "c", permissions: {
            publish: ["varpulis.cluster.cmd.w1.*"]
            subscribe: ["varpulis.cluster.heartbeat.w1", "_INBOX_c.>"]
        } }
        { user: "w1", password: "w", permissions: {
            publish: ["varpulis.cluster.heartbeat.w1"]
            subscribe: ["varpulis.cluster.cmd.w1.>", "_INBOX_w1.>"]
            allow_responses: true
        } }
    ]
}"#;

/// Well below the timeout of a call, which is 10 s.
const QUICK: Duration = Duration::from_secs(5);

async fn connect(server: &NatsServer, user: &str, password: &str, inbox: &str) -> Connection {
    let options = NatsOptions::new(&server.url())
        .user(user, password)
        .inbox_prefix(inbox);
    options.connect().await.expect("a connection")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denied_subjects_fail_quickly_under_least_privilege() {
    let server = NatsServer::start_with(USERS).expect("a server");
    let theirs = connect(&server, "w1", "w", "_INBOX_w1").await;
    let ours = connect(&server, "coordinator", "c", "_INBOX_c").await;
    let worker = Worker::default();
    let serving = serve(&theirs, &worker).await;
    let client = WorkerClient::new(&ours);
    client.drain(&w1(), &trivial()).await.expect("an answer");

    let started = Instant::now();
    let denied = client
        .deploy(&worker_id("w2"), &deploy(""))
        .await
        .expect_err("denied");
    assert_eq!(denied.failure, Failure::NotDelivered(NotDelivered::Denied));
    assert!(!denied.is_retryable());
    let pattern = "varpulis.cluster.heartbeat.*".to_owned();
    let denied = ours
        .subscribe::<Heartbeat>(&HeartbeatFilter::default())
        .await;
    assert_eq!(denied.expect_err("denied"), SubscribeError::Denied(pattern));
    let allowed = HeartbeatFilter {
        worker_id: Some(w1()),
    };
    ours.subscribe::<Heartbeat>(&allowed)
        .await
        .expect("a subscription");
    let denied = WorkerServer::new(worker.clone())
        .start(&theirs, &worker_id("w2"))
        .await;
    let denied = denied.expect_err("denied");
    assert_eq!(
        denied.error,
        SubscribeError::Denied("varpulis.cluster.cmd.w2.>".to_owned())
    );
    let took = started.elapsed();
    println!("a denied call, a denied subscription and a denied server, together: {took:?}");
    assert!(took < QUICK, "{took:?}");

    client
        .drain(&w1(), &trivial())
        .await
        .expect("an answer, as before");
    let started = Instant::now();
    assert_eq!(serving.shutdown().await.answered, 2);
    let took = started.elapsed();
    assert!(took < QUICK, "no flush runs into its limit: {took:?}");
    assert_eq!(worker.begun(), 2);
}

/// If the user may not subscribe to its inbox, requests would be executed and their replies lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denied_inbox_prevents_sending() {
    let server = NatsServer::start_with(USERS).expect("a server");
    let worker = Worker::default();
    let serving = serve(&connect(&server, "w1", "w", "_INBOX_w1").await, &worker).await;
    let wrong = connect(&server, "coordinator", "c", "_INBOX").await;
    let started = Instant::now();
    for _ in 0..2 {
        let denied = WorkerClient::new(&wrong).deploy(&w1(), &deploy("")).await;
        let failure = denied.expect_err("denied").failure;
        assert_eq!(failure, Failure::NotDelivered(NotDelivered::Denied));
    }
    assert!(started.elapsed() < QUICK, "{:?}", started.elapsed());
    assert_eq!((worker.begun(), serving.shutdown().await.received), (0, 0));
}
