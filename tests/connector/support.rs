//! Helpers of the tests.

use std::time::Duration;

use natsgen_testing::NatsServer;
use tokio::time::{Instant, sleep, timeout};
use varpulis_sdk::connector::{Event, ManagedNatsConnector, NatsConfig, NatsSource};

/// The limit of each step of a test.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The configuration for a server and a subject.
pub(crate) fn config(server: &NatsServer, subject: &str) -> NatsConfig {
    let nats = varpulis_sdk::types::NatsConfig::new(server.url().try_into().unwrap());
    let mut config = NatsConfig::new(nats);
    config.subject = Some(subject.try_into().unwrap());
    config
}

pub(crate) fn connector(server: &NatsServer, subject: &str) -> ManagedNatsConnector {
    ManagedNatsConnector::new("test", config(server, subject)).unwrap()
}

/// An event with a number.
pub(crate) fn numbered(number: u64) -> Event {
    Event::new("Numbered").field("number", number)
}

pub(crate) fn number(event: &Event) -> u64 {
    event.fields["number"].as_u64().unwrap()
}

/// The next event of a source.
pub(crate) async fn next(source: &mut NatsSource) -> Event {
    let next = timeout(LIMIT, source.next()).await;
    next.expect("an event arrives in time")
        .expect("the source has not ended")
        .commit()
}

/// Waits until a condition holds.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(5)).await;
    }
}
