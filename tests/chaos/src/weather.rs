//! What may happen to single messages between peers that have names: lost, delivered twice, late.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use natsgen_runtime::transport::{
    BoxFuture, Message, PublishError, SubscribeError, Subscriber, Transport, TransportEvent,
};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// The weather between peers. A clone is another handle to it.
///
/// A message comes from the peer whose transport publishes it, and goes to the first peer whose name is a token of its
/// subject: the id of a worker or of a Raft node; and an answer to the peer whose name follows `_INBOX_` in the first
/// token. What goes to nobody in particular is under the weather that is everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Weather(Arc<Mutex<Sky>>);

#[derive(Debug)]
struct Sky {
    chance: Rng,
    peers: Vec<String>,
    everywhere: Rain,
    between: BTreeMap<(String, String), Rain>,
    tally: Tally,
}

/// What happens to messages, by chance.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rain {
    /// How many of them are lost, from 0 to 1.
    pub(crate) lost: f64,
    /// How many of them are delivered twice.
    pub(crate) doubled: f64,
    /// How many of them, first or second, are late.
    pub(crate) late: f64,
    /// By up to how much.
    pub(crate) delay: Duration,
}

/// What happened to messages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) late: u64,
}

/// A transport under the weather.
#[derive(Debug)]
pub(crate) struct Exposed {
    inner: Arc<dyn Transport>,
    name: String,
    inbox_prefix: String,
    weather: Weather,
}

impl Rain {
    /// Nothing passes.
    pub(crate) const CUT: Self = Self {
        lost: 1.0,
        doubled: 0.0,
        late: 0.0,
        delay: Duration::ZERO,
    };
}

impl Weather {
    /// Fair weather, with this chance for later.
    pub(crate) fn new(chance: Rng) -> Self {
        Self(Arc::new(Mutex::new(Sky {
            chance,
            peers: Vec::new(),
            everywhere: Rain::default(),
            between: BTreeMap::new(),
            tally: Tally::default(),
        })))
    }

    /// Puts the transport of the peer `name` under it.
    pub(crate) fn over(&self, name: &str, transport: impl Transport) -> Exposed {
        self.sky().peers.push(name.to_owned());
        Exposed {
            inner: Arc::new(transport),
            name: name.to_owned(),
            inbox_prefix: format!("_INBOX_{name}"),
            weather: self.clone(),
        }
    }

    /// Lets it rain where nothing else is said.
    pub(crate) fn everywhere(&self, rain: Rain) {
        self.sky().everywhere = rain;
    }

    /// Lets it rain on what goes from one peer to another, and only that way.
    pub(crate) fn between(&self, from: &str, to: &str, rain: Rain) {
        let way = (from.to_owned(), to.to_owned());
        self.sky().between.insert(way, rain);
    }

    /// Is fair again.
    pub(crate) fn clear(&self) {
        let mut sky = self.sky();
        sky.everywhere = Rain::default();
        sky.between.clear();
    }

    /// What has happened.
    pub(crate) fn tally(&self) -> Tally {
        self.sky().tally
    }

    /// How much later each copy of a message arrives that is published now; without any it is lost.
    fn copies(&self, from: &str, subject: &str) -> Vec<Duration> {
        let mut sky = self.sky();
        let rain = sky.rain(from, subject);
        if sky.chance.f64() < rain.lost {
            sky.tally.lost += 1;
            return Vec::new();
        }
        let mut copies = 1;
        if sky.chance.f64() < rain.doubled {
            sky.tally.doubled += 1;
            copies = 2;
        }
        let late = |_| {
            if sky.chance.f64() >= rain.late {
                return Duration::ZERO;
            }
            sky.tally.late += 1;
            rain.delay.mul_f64(sky.chance.f64())
        };
        (0..copies).map(late).collect()
    }

    fn sky(&self) -> MutexGuard<'_, Sky> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sky {
    fn rain(&self, from: &str, subject: &str) -> Rain {
        let names = subject
            .split('.')
            .map(|token| token.strip_prefix("_INBOX_").unwrap_or(token));
        let mut names = names.filter(|name| self.peers.iter().any(|peer| peer == name));
        let known = names.next().and_then(|to| {
            let way = (from.to_owned(), to.to_owned());
            self.between.get(&way)
        });
        *known.unwrap_or(&self.everywhere)
    }
}

impl Transport for Exposed {
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>> {
        Box::pin(async move {
            for delay in self.weather.copies(&self.name, &message.subject) {
                if delay.is_zero() {
                    self.inner.publish(message.clone()).await?;
                    continue;
                }
                let (inner, message) = (Arc::clone(&self.inner), message.clone());
                tokio::spawn(async move {
                    sleep(delay).await;
                    // An error says that it came too late.
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
    async fn only_what_is_said_happens_to_the_peers_that_are_named() {
        let (broker, weather) = (MemoryBroker::new(), Weather::new(Rng::with_seed(1)));
        let one = weather.over("1", broker.connect());
        let two = weather.over("2", broker.connect());
        let everything = broker.connect();
        let mut everything = everything
            .subscribe(">", None)
            .await
            .expect("a subscription");
        let mut check = async |from: &Exposed, subject: &str, copies: usize| {
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
        weather.between("1", "2", Rain::CUT);
        check(&one, "raft.2.vote", 0).await;
        check(&one, "_INBOX_2.x", 0).await;
        check(&one, "raft.3.vote", 1).await;
        check(&two, "raft.1.vote", 1).await;
        weather.everywhere(Rain {
            doubled: 1.0,
            ..Rain::default()
        });
        check(&two, "raft.1.vote", 2).await;
        check(&one, "raft.2.vote", 0).await;
        weather.clear();
        check(&one, "raft.2.vote", 1).await;
        let tally = weather.tally();
        assert_eq!((tally.lost, tally.doubled, tally.late), (3, 1, 0));
    }
}
