//! Overload, panicking handlers, and a stalled worker: each request gets a reply.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Failure, Refused, ServeOptions, StandardFault};
use natsgen_testing::NatsServer;
use tokio::runtime;
use varpulis_sdk::worker::{WorkerClient, WorkerServer};

use super::{
    Worker, connect, deploy, exclusive, outcomes, spawn_deploys, trivial, w1, within_timeout,
    worker_and_client, worker_on_own_runtime,
};

const OVERLOADED: Refused<varpulis_sdk::worker::DeployFault> =
    Refused::Standard(StandardFault::Overloaded);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overload_refuses_excess_at_once_and_answers_the_rest() {
    let server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .options(ServeOptions::new().concurrency(2).queue(4))
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    let calls = spawn_deploys(&client, 200, "wait");
    let refused = async {
        while serving.stats().refused < 194 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    within_timeout("refusals", refused).await;
    worker.release();
    let mut counts = [0, 0];
    for outcome in outcomes(calls).await {
        let Err(error) = outcome else {
            counts[0] += 1;
            continue;
        };
        counts[1] += 1;
        assert_eq!(error.failure, Failure::Refused(OVERLOADED));
        assert!(error.is_retryable(), "the request was not executed");
    }
    assert_eq!((counts, worker.begun()), ([6, 194], 6));
    client.deploy(&w1(), &deploy("")).await.expect("room again");
    let stats = serving.shutdown().await;
    assert_eq!((stats.answered, stats.refused), (7, 194));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flood_gets_a_reply_to_every_request() {
    const FLOOD: usize = 20_000;
    let _exclusive = exclusive().await;
    let server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .options(ServeOptions::new().concurrency(16).queue(256))
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let options = CallOptions::new().timeout(Duration::from_mins(1));
    let client = WorkerClient::new(&connect(&server).await).options(options);
    let mut executed = 0;
    for outcome in outcomes(spawn_deploys(&client, FLOOD, "sleep 1")).await {
        match outcome {
            Ok(_) => executed += 1,
            Err(error) => assert_eq!(error.failure, Failure::Refused(OVERLOADED)),
        }
    }
    println!(
        "of a flood of {FLOOD} requests, {executed} were executed and all further requests were refused"
    );
    let stats = serving.shutdown().await;
    assert_eq!((stats.answered, worker.begun()), (executed, executed));
    assert_eq!(stats.refused, FLOOD as u64 - executed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panicking_handler_gets_a_reply_and_server_continues() {
    let server = NatsServer::start().expect("a server");
    let (_worker, serving, client) = worker_and_client(&server).await;
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

/// A worker on a single thread, as in a small process: a blocking handler stalls the whole worker.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn burst_during_a_stall_gets_a_reply_to_every_request() {
    const BURST: u64 = 100_000;
    let _exclusive = exclusive().await;
    let server = NatsServer::start().expect("a server");
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let (worker, _stop) = worker_on_own_runtime(&server, runtime.expect("a runtime")).await;
    let options = CallOptions::new().timeout(Duration::from_mins(1));
    let client = WorkerClient::new(&connect(&server).await).options(options);
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
    for call in within_timeout("answers", join_all(calls)).await {
        counts[usize::from(!call.expect("an answer or a refusal"))] += 1;
    }
    println!(
        "{BURST} during a 3 s stall, executed and refused: {counts:?}, in {:?}",
        started.elapsed()
    );
    assert!(stall.is_finished(), "the burst arrived during the stall");
    assert_eq!(counts[0] + counts[1], BURST);
    assert_eq!(worker.begun(), 1 + counts[0]);
    within_timeout("answer", stall)
        .await
        .expect("no panic")
        .expect("an answer");
}
