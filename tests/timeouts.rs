//! The time limits of tests.

use std::time::Duration;

use natsgen_runtime::{Event, Received, Subscription};
use tokio::time::timeout;

/// Far more than any step takes: it turns a hang into a failure.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The limit of an immediate failure. It is well below the timeouts of the protocol, which are 5 s or more.
pub(crate) const IMMEDIATE: Duration = Duration::from_secs(4);

/// The outcome of `call`, which must not run into a timeout.
pub(crate) async fn immediately<T>(call: impl Future<Output = T>) -> T {
    timeout(IMMEDIATE, call).await.expect("an immediate result")
}

/// The next event, which must be readable.
pub(crate) async fn next_event<E: Event>(subscription: &mut Subscription<E>) -> Received<E> {
    timeout(TEST_TIMEOUT, subscription.next())
        .await
        .expect("an event arrives")
        .expect("the subscription is open")
        .expect("the event is readable")
}
