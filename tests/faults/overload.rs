//! More than fits, handlers that panic, a worker that stalls: each request is answered.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Failure, Refused, ServeOptions, StandardFault};
use natsgen_testing::NatsServer;
use tokio::runtime;
use varpulis_sdk::worker::{WorkerClient, WorkerServer};

use super::{Worker, connect, deploy, deploys, elsewhere, ends, peers, soon, trivial, turn, w1};

const OVERLOADED: Refused<varpulis_sdk::worker::DeployFault> =
    Refused::Standard(StandardFault::Overloaded);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_refused_at_once_and_the_rest_is_answered() {
    let server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .with_options(ServeOptions::new().concurrency(2).queue(4))
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    let calls = deploys(&client, 200, "wait");
    let refused = async {
        while serving.stats().refused < 194 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    soon("refusals", refused).await;
    worker.go_on();
    let mut counts = [0, 0];
    for end in ends(calls).await {
        let Err(error) = end else {
            counts[0] += 1;
            continue;
        };
        counts[1] += 1;
        assert_eq!(error.failure, Failure::Refused(OVERLOADED));
        assert!(error.is_retryable(), "it was not executed");
    }
    assert_eq!((counts, worker.begun()), ([6, 194], 6));
    client.deploy(&w1(), &deploy("")).await.expect("room again");
    let stats = serving.shutdown().await;
    assert_eq!((stats.answered, stats.refused), (7, 194));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_answered_to_the_last_request() {
    const FLOOD: usize = 20_000;
    let _turn = turn().await;
    let server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .with_options(ServeOptions::new().concurrency(16).queue(256))
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let options = CallOptions::new().timeout(Duration::from_mins(1));
    let client = WorkerClient::new(&connect(&server).await).with_options(options);
    let mut executed = 0;
    for end in ends(deploys(&client, FLOOD, "sleep 1")).await {
        match end {
            Ok(_) => executed += 1,
            Err(error) => assert_eq!(error.failure, Failure::Refused(OVERLOADED)),
        }
    }
    println!("of a flood of {FLOOD}, {executed} were executed and the others refused");
    let stats = serving.shutdown().await;
    assert_eq!((stats.answered, worker.begun()), (executed, executed));
    assert_eq!(stats.refused, FLOOD as u64 - executed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_panics_is_answered_for_and_the_server_goes_on() {
    let server = NatsServer::start().expect("a server");
    let (_worker, serving, client) = peers(&server).await;
    for _ in 0..3 {
        for program in ["panic", "sleep and panic"] {
            let failure = client
                .deploy(&w1(), &deploy(program))
                .await
                .expect_err("a panic")
                .failure;
            let internal = Refused::Standard(StandardFault::Internal);
            assert_eq!(failure, Failure::Refused(internal));
            client.drain(&w1(), &trivial()).await.expect("an answer");
        }
    }
    let stats = serving.shutdown().await;
    assert_eq!((stats.panicked, stats.answered), (6, 6));
}

/// A worker on one thread, as a small process has it: what blocks a handler there stops everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_during_a_stall_is_answered_to_the_last_request() {
    const BURST: u64 = 100_000;
    let _turn = turn().await;
    let server = NatsServer::start().expect("a server");
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let (worker, _stop) = elsewhere(&server, runtime.expect("a runtime")).await;
    let options = CallOptions::new().timeout(Duration::from_mins(1));
    let client = WorkerClient::new(&connect(&server).await).with_options(options);
    let stall = tokio::spawn({
        let client = client.clone();
        async move { client.deploy(&w1(), &deploy("block 3000")).await }
    });
    worker.until_begun(1).await;
    let started = Instant::now();
    let calls: Vec<_> = (0..BURST)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                match client.drain(&w1(), &trivial()).await {
                    Ok(_) => true,
                    Err(error)
                        if error.failure
                            == Failure::Refused(Refused::Standard(StandardFault::Overloaded)) =>
                    {
                        false
                    }
                    Err(error) => panic!("{error:?}"),
                }
            })
        })
        .collect();
    let mut counts = [0_u64, 0];
    for call in soon("answers", join_all(calls)).await {
        counts[usize::from(!call.expect("an answer or a refusal"))] += 1;
    }
    println!(
        "{BURST} during a 3 s stall, executed and refused: {counts:?}, in {:?}",
        started.elapsed()
    );
    assert!(stall.is_finished(), "the burst came during the stall");
    assert_eq!(counts[0] + counts[1], BURST);
    assert_eq!(worker.begun(), 1 + counts[0]);
    soon("answer", stall)
        .await
        .expect("no panic")
        .expect("an answer");
}
