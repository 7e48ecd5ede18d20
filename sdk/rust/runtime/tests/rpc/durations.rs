//! Extreme durations in each option: no option panics, overflows or hangs.

use std::time::{Duration, Instant};

use natsgen_runtime::transport::Headers;
use natsgen_runtime::{
    Backoff, CallOptions, Context, DedupOptions, LogLimit, NatsOptions, Retry, ServeOptions,
};
use natsgen_testing::NatsServer;
use tokio::time::timeout;

use crate::fixture::{Fixture, TEST_TIMEOUT, reply, request, shop};
use crate::protocol::{ShopId, Tool};

const MINUTE: Duration = Duration::from_mins(1);

fn extremes() -> Vec<Duration> {
    let max = Duration::MAX;
    let nano = Duration::from_nanos(1);
    let secs = [
        1,
        1 << 30,
        1 << 31,
        1 << 32,
        1 << 40,
        1 << 62,
        i64::MAX as u64,
        u64::MAX,
    ];
    let secs = secs.map(Duration::from_secs);
    let near = [
        Duration::ZERO,
        nano,
        max,
        max.saturating_sub(nano),
        max / 2,
        max / 3,
    ];
    secs.into_iter().chain(near).collect()
}

#[tokio::test]
async fn durations_of_calls_and_servers_never_overflow() {
    for duration in extremes() {
        let dedup = DedupOptions::new().age(duration);
        let options = ServeOptions::new().drain(duration).deduplicate(dedup);
        let fixture = Fixture::with_options(options).await;
        let retry = Retry::new(3)
            .pauses(duration, duration)
            .attempt_timeout(duration);
        let options = CallOptions::new().retry(retry);
        // The longer of the two lets the call succeed.
        let client = fixture
            .client
            .clone()
            .options(options.clone().timeout(duration.max(MINUTE)));
        let (shop, request) = (shop(), request("x", Tool::Reply));
        let work = client.work(&shop, &request);
        let worked = timeout(TEST_TIMEOUT, work).await.expect("a reply in time");
        assert_eq!(worked, Ok(reply("x")), "{duration:?}");
        // No server has this id, so the call is retried until its timeout.
        let brief = Duration::from_millis(20);
        let client = fixture.client.clone().options(options.timeout(brief));
        let absent = ShopId::try_from("absent").unwrap();
        assert!(client.work(&absent, &request).await.is_err());
        let shutdown = timeout(TEST_TIMEOUT, fixture.server.shutdown());
        shutdown.await.expect("an end in time");
    }
}

#[tokio::test]
async fn durations_of_contexts_are_limited() {
    let limit = Duration::from_mins(10);
    for duration in extremes() {
        let context = Context::new("a", Headers::new(), duration);
        assert!(context.remaining() <= duration);
        for millis in [
            "0",
            "1",
            "600001",
            "18446744073709551615",
            "18446744073709551616",
            "-1",
        ] {
            let mut headers = Headers::new();
            headers.insert("Request-Timeout", millis);
            let context = Context::new("a", headers, duration);
            assert!(
                context.remaining() <= limit.max(duration),
                "{millis} {duration:?}"
            );
            assert!(context.deadline() >= tokio::time::Instant::now() - MINUTE);
        }
    }
}

#[test]
fn durations_of_pauses_never_overflow() {
    for first in extremes() {
        for longest in extremes() {
            let mut backoff = Backoff::new(first, longest);
            for _ in 0..70 {
                assert!(backoff.pause() <= longest);
            }
        }
        let limit = LogLimit::new(first);
        assert_eq!(limit.permit(), Some(0));
        limit.permit();
    }
}

#[tokio::test]
async fn durations_of_connections_never_overflow() {
    let server = NatsServer::start().unwrap();
    for duration in extremes() {
        let started = Instant::now();
        let options = NatsOptions::new(&server.url())
            .ping_interval(duration)
            .connect_timeout(duration.max(MINUTE))
            .wait(duration);
        if let Ok(connection) = options.connect().await {
            connection.flush().await;
            connection.close().await;
        } else {
            assert!(duration < MINUTE, "{duration:?}");
        }
        let hasty = NatsOptions::new(&server.url()).connect_timeout(duration);
        drop(hasty.connect().await);
        assert!(started.elapsed() < TEST_TIMEOUT);
    }
}
