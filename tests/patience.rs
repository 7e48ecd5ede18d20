//! How long tests wait for what must come.

use std::time::Duration;

use natsgen_runtime::{Event, Received, Subscription};
use tokio::time::timeout;

/// Far more than anything here takes: it turns a hang into a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What is told at once is told well before any call of the protocol times out, which is after 5 s or more.
pub(crate) const QUICKLY: Duration = Duration::from_secs(4);

/// The outcome of `call`, which must not wait for a timeout.
pub(crate) async fn at_once<T>(call: impl Future<Output = T>) -> T {
    timeout(QUICKLY, call).await.expect("told at once")
}

/// The next event, which must be a readable one.
pub(crate) async fn next_event<E: Event>(subscription: &mut Subscription<E>) -> Received<E> {
    timeout(PATIENCE, subscription.next())
        .await
        .expect("an event comes")
        .expect("the subscription goes on")
        .expect("the event is readable")
}
