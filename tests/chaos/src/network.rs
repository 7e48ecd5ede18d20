//! A network that loses, duplicates and delays messages between named peers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use natsgen_runtime::transport::{
    BoxFuture, Message, PublishError, SubscribeError, Subscriber, Transport, TransportEvent,
};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// The network between peers. A clone is another handle to the same network.
///
/// The sender of a message is the peer whose transport publishes it. The receiver is the first peer whose name is a
/// token of the subject: the id of a worker or of a Raft node. The receiver of a reply is the peer whose name follows
/// `_INBOX_` in the first token. Messages without such a receiver are subject to the default faults.
#[derive(Clone, Debug)]
pub(crate) struct FaultyNetwork(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    rng: Rng,
    peers: Vec<String>,
    default: MessageFaults,
    between: BTreeMap<(String, String), MessageFaults>,
    counts: FaultCounts,
}

/// The random faults of messages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MessageFaults {
    /// The share of lost messages, from 0 to 1.
    pub(crate) lost: f64,
    /// The share of duplicated messages, from 0 to 1.
    pub(crate) duplicated: f64,
    /// The share of delayed copies, from 0 to 1.
    pub(crate) delayed: f64,
    /// The longest delay.
    pub(crate) delay: Duration,
}

/// The number of injected faults.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FaultCounts {
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    pub(crate) delayed: u64,
}

/// The transport of a peer on the faulty network.
#[derive(Debug)]
pub(crate) struct FaultyTransport {
    inner: Arc<dyn Transport>,
    name: String,
    inbox_prefix: String,
    network: FaultyNetwork,
}

impl MessageFaults {
    /// Loses all messages.
    pub(crate) const LOSE_ALL: Self = Self {
        lost: 1.0,
        duplicated: 0.0,
        delayed: 0.0,
        delay: Duration::ZERO,
    };
}

impl FaultyNetwork {
    /// A network without faults. Later faults take their random numbers from `rng`.
    pub(crate) fn new(rng: Rng) -> Self {
        Self(Arc::new(Mutex::new(State {
            rng,
            peers: Vec::new(),
            default: MessageFaults::default(),
            between: BTreeMap::new(),
            counts: FaultCounts::default(),
        })))
    }

    /// Adds the peer `name` and wraps its transport.
    pub(crate) fn wrap(&self, name: &str, transport: impl Transport) -> FaultyTransport {
        self.state().peers.push(name.to_owned());
        FaultyTransport {
            inner: Arc::new(transport),
            name: name.to_owned(),
            inbox_prefix: format!("_INBOX_{name}"),
            network: self.clone(),
        }
    }

    /// Sets the default faults.
    pub(crate) fn set_default(&self, faults: MessageFaults) {
        self.state().default = faults;
    }

    /// Sets the faults of messages in a single direction between two peers.
    pub(crate) fn set_between(&self, from: &str, to: &str, faults: MessageFaults) {
        let direction = (from.to_owned(), to.to_owned());
        self.state().between.insert(direction, faults);
    }

    /// Ends all faults.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        state.default = MessageFaults::default();
        state.between.clear();
    }

    /// The number of faults so far.
    pub(crate) fn fault_counts(&self) -> FaultCounts {
        self.state().counts
    }

    /// The delays of the copies of a message that is published now. A lost message has no copies.
    fn copies(&self, from: &str, subject: &str) -> Vec<Duration> {
        let mut state = self.state();
        let faults = state.faults(from, subject);
        if state.rng.f64() < faults.lost {
            state.counts.lost += 1;
            return Vec::new();
        }
        let mut copies = 1;
        if state.rng.f64() < faults.duplicated {
            state.counts.duplicated += 1;
            copies = 2;
        }
        let delayed = |_| {
            if state.rng.f64() >= faults.delayed {
                return Duration::ZERO;
            }
            state.counts.delayed += 1;
            faults.delay.mul_f64(state.rng.f64())
        };
        (0..copies).map(delayed).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn faults(&self, from: &str, subject: &str) -> MessageFaults {
        let receivers = subject
            .split('.')
            .map(|token| token.strip_prefix("_INBOX_").unwrap_or(token));
        let mut receivers = receivers.filter(|name| self.peers.iter().any(|peer| peer == name));
        let known = receivers.next().and_then(|to| {
            let direction = (from.to_owned(), to.to_owned());
            self.between.get(&direction)
        });
        *known.unwrap_or(&self.default)
    }
}

impl Transport for FaultyTransport {
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>> {
        Box::pin(async move {
            for delay in self.network.copies(&self.name, &message.subject) {
                if delay.is_zero() {
                    self.inner.publish(message.clone()).await?;
                    continue;
                }
                let (inner, message) = (Arc::clone(&self.inner), message.clone());
                tokio::spawn(async move {
                    sleep(delay).await;
                    // The connection may be closed by then.
                    let _ = inner.publish(message).await;
                });
            }
            Ok(())
        })
    }

    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>> {
        self.inner.subscribe(pattern, queue)
    }

    fn max_payload(&self) -> usize {
        self.inner.max_payload()
    }

    fn inbox_prefix(&self) -> &str {
        &self.inbox_prefix
    }

    fn is_connected(&self) -> bool {
        self.inner.is_connected()
    }

    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.inner.events()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _};
    use natsgen_runtime::MemoryBroker;

    use super::*;

    #[tokio::test]
    async fn network_faults_apply_only_where_they_are_set() {
        let (broker, network) = (MemoryBroker::new(), FaultyNetwork::new(Rng::with_seed(1)));
        let one = network.wrap("1", broker.connect());
        let two = network.wrap("2", broker.connect());
        let everything = broker.connect();
        let mut everything = everything
            .subscribe(">", None)
            .await
            .expect("a subscription");
        let mut check = async |from: &FaultyTransport, subject: &str, copies: usize| {
            let message = Message {
                subject: subject.to_owned(),
                ..Message::default()
            };
            from.publish(message).await.expect("a publish");
            let mut arrived = 0;
            while everything.next().now_or_never().flatten().is_some() {
                arrived += 1;
            }
            assert_eq!(arrived, copies, "{subject}");
        };
        check(&one, "raft.2.vote", 1).await;
        network.set_between("1", "2", MessageFaults::LOSE_ALL);
        check(&one, "raft.2.vote", 0).await;
        check(&one, "_INBOX_2.x", 0).await;
        check(&one, "raft.3.vote", 1).await;
        check(&two, "raft.1.vote", 1).await;
        network.set_default(MessageFaults {
            duplicated: 1.0,
            ..MessageFaults::default()
        });
        check(&two, "raft.1.vote", 2).await;
        check(&one, "raft.2.vote", 0).await;
        network.clear();
        check(&one, "raft.2.vote", 1).await;
        let counts = network.fault_counts();
        assert_eq!((counts.lost, counts.duplicated, counts.delayed), (3, 1, 0));
    }
}
