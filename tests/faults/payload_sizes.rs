//! A message above the size limit of the server fails at once with a typed error, on both sides.

use std::time::{Duration, Instant};

use natsgen_runtime::{Failure, NotDelivered, Refused, StandardFault};
use natsgen_testing::NatsServer;
use varpulis_sdk::worker::InjectFault;

use super::{deploy, inject, trivial, w1, worker_and_client};

const LIMIT: usize = 65_536;

/// Well below the timeout of a call, which is 10 s.
const QUICK: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_request_and_reply_fail_with_typed_errors() {
    let server = NatsServer::start_with(&format!("max_payload: {LIMIT}")).expect("a server");
    let (worker, serving, client) = worker_and_client(&server).await;
    let started = Instant::now();

    let large = client.deploy(&w1(), &deploy(&"x".repeat(LIMIT))).await;
    let failure = large.expect_err("too large").failure;
    let Failure::NotDelivered(NotDelivered::TooLarge { size, limit }) = failure else {
        panic!("{failure:?}");
    };
    assert!(size > LIMIT && limit == LIMIT, "{size} {limit}");
    assert_eq!(worker.begun(), 0);

    // The size of the reply without the text.
    let empty = client
        .inject(&w1(), &inject("p", "Fill", 0))
        .await
        .expect("a reply");
    let room = (LIMIT - serde_json::to_vec(&empty).expect("JSON").len()) as u64;
    let full = client
        .inject(&w1(), &inject("p", "Fill", room))
        .await
        .expect("a reply");
    assert_eq!(serde_json::to_vec(&full).expect("JSON").len(), LIMIT);
    // A reply with a further byte does not fit, nor does a fault of that size.
    for (event, bytes, size) in [("Fill", room + 1, LIMIT + 1), ("Fail", 2 * room, 0)] {
        let large = client.inject(&w1(), &inject("p", event, bytes)).await;
        let failure = large.expect_err("too large").failure;
        let Failure::Refused(Refused::<InjectFault>::Standard(StandardFault::ReplyTooLarge {
            detail,
        })) = failure
        else {
            panic!("{failure:?}");
        };
        assert!(
            detail.ends_with(&format!("the limit is {LIMIT}")),
            "{detail}"
        );
        assert!(
            size == 0 || detail.starts_with(&format!("{size} bytes")),
            "{detail}"
        );
    }
    client.drain(&w1(), &trivial()).await.expect("an answer");
    assert!(started.elapsed() < QUICK, "{:?}", started.elapsed());
    assert_eq!(serving.shutdown().await.unsent, 0);
}
