//! A running server.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::dedup::Dedup;
use super::job::Job;
use super::options::ServeOptions;
use super::routes::Routes;
use super::run::Serving;
use super::schedule::Schedule;
use super::state::{ServingState, StateReceiver};
use super::stats::Stats;
use crate::escaped::Escaped;
use crate::log_limit::LogLimit;
use crate::rpc::batch::poll_batch;
use crate::rpc::connection::Connection;
use crate::transport::{Message, Subscriber};

/// The maximum number of requests in a batch.
const BATCH: usize = 64;

/// The number of request bytes that are decoded before the first of them runs.
const PIECE: usize = 65_536;

/// The time after which another runner starts if requests are queued and none was taken.
pub(super) const PATIENCE: Duration = Duration::from_millis(5);

/// The least time for the last requests after the subscriptions end.
const LAST_REQUESTS: Duration = Duration::from_millis(2_500);

/// The time limit within which the connection accepts the last replies.
const LAST_ANSWERS: Duration = Duration::from_millis(2_500);

/// The replacement for a drain limit that overflows the clock: 34 years.
const LONGEST: Duration = Duration::from_secs(1 << 30);

/// The least time between two warnings about messages that are not requests.
const LOG_INTERVAL: Duration = Duration::from_secs(5);

/// A running server. Drop starts a shutdown in the background.
pub struct Server {
    serving: Arc<Serving>,
    /// Stops the receiver; dropping the sender stops it too.
    stop: Option<oneshot::Sender<Duration>>,
    /// The receiver task; `None` after it was awaited.
    receiver: Option<JoinHandle<()>>,
}

/// Reads the statistics of a server.
#[derive(Clone)]
pub struct StatsReader(Weak<Serving>);

impl StatsReader {
    /// Returns the statistics since the start; `None` after the server has ended.
    #[must_use]
    pub fn stats(&self) -> Option<Stats> {
        Some(self.0.upgrade()?.stats())
    }
}

impl fmt::Debug for StatsReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StatsReader").field(&self.stats()).finish()
    }
}

/// A subscription and its pattern.
pub(super) type Subscription = (Box<dyn Subscriber>, &'static str);

pub(super) fn start(
    connection: Connection,
    routes: Routes,
    subscriptions: Vec<Subscription>,
    options: ServeOptions,
) -> Server {
    let limits = options.limits();
    let serving_state = StateReceiver::new(options.state);
    let serving = Serving::new(
        connection,
        Schedule::new(limits, serving_state.clone()),
        options.dedup.map(Dedup::new),
        routes.error_form(),
        options.handlers.unwrap_or_else(Handle::current),
        (options.grace, limits.bytes),
    );
    let (stop, stopped) = oneshot::channel();
    let receiver = Receiver {
        serving: Arc::clone(&serving),
        routes,
        subscriptions,
        turn: 0,
        drain: options.drain,
        ignored: LogLimit::new(LOG_INTERVAL),
    };
    Server {
        serving,
        stop: Some(stop),
        receiver: Some(tokio::spawn(receiver.run(serving_state, stopped))),
    }
}

impl Server {
    /// Returns the statistics since the start.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.serving.stats()
    }

    /// Returns a reader of the statistics. It does not keep the server running.
    #[must_use]
    pub fn stats_reader(&self) -> StatsReader {
        StatsReader(Arc::downgrade(&self.serving))
    }

    /// Ends the subscriptions, answers all received requests, and returns when the replies are sent. Waits for at most
    /// [`ServeOptions::drain`], plus up to 5 s if the connection is lost or stalled.
    pub async fn shutdown(mut self) -> Stats {
        drop(self.stop.take());
        self.closed().await;
        self.stats()
    }

    /// Shuts down as [`Server::shutdown`], with `limit` in place of [`ServeOptions::drain`].
    pub async fn shutdown_within(mut self, limit: Duration) -> Stats {
        if let Some(stop) = self.stop.take() {
            // Without a receiver the server has ended already.
            let _ = stop.send(limit);
        }
        self.closed().await;
        self.stats()
    }

    /// Waits until the server ends because its connection is closed or its [`ServingState`] is final.
    pub async fn closed(&mut self) {
        let Some(receiver) = &mut self.receiver else {
            return;
        };
        if let Err(error) = receiver.await {
            tracing::error!(%error, "a server ended without a shutdown");
        }
        self.receiver = None;
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// The task that decodes requests and queues them. It never waits for a request to complete.
struct Receiver {
    serving: Arc<Serving>,
    routes: Routes,
    subscriptions: Vec<Subscription>,
    /// The subscription that is polled first; it changes with each poll, so that no subscription starves.
    turn: usize,
    drain: Duration,
    /// Limits the warnings about messages that are not requests.
    ignored: LogLimit,
}

impl Receiver {
    async fn run(
        mut self,
        mut serving_state: StateReceiver,
        mut stopped: oneshot::Receiver<Duration>,
    ) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut watch = std::pin::pin!(sleep(PATIENCE));
        let mut is_watching = false;
        let mut taken = 0;
        loop {
            tokio::select! {
                biased;
                limit = &mut stopped => {
                    self.drain = limit.unwrap_or(self.drain);
                    break;
                }
                state = serving_state.changed() => match state {
                    ServingState::Serving => self.serving.spawn(),
                    ServingState::Paused => {}
                    ServingState::Draining | ServingState::HandedOver => break,
                },
                listen = poll_fn(|context| self.poll(&mut batch, context)) => {
                    let Some(listen) = listen else { break };
                    self.take(listen, &mut batch).await;
                    if !is_watching {
                        watch.as_mut().reset(Instant::now() + PATIENCE);
                        is_watching = true;
                    }
                }
                () = &mut watch, if is_watching => {
                    let now = Instant::now();
                    self.serving.expire(now);
                    self.serving.schedule.observe(now);
                    is_watching = self.serving.is_busy();
                    let before = std::mem::replace(&mut taken, self.serving.schedule.taken());
                    if is_watching && taken == before {
                        self.serving.spawn();
                    }
                    watch.as_mut().reset(now + PATIENCE);
                }
            }
        }
        self.finish(&mut batch).await;
    }

    /// Takes the ready messages of a subscription. Returns `None` when all subscriptions have ended.
    fn poll(
        &mut self,
        batch: &mut Vec<Message>,
        context: &mut Context<'_>,
    ) -> Poll<Option<&'static str>> {
        self.turn = self.turn.wrapping_add(1);
        let mut looked_at = 0;
        while looked_at < self.subscriptions.len() {
            let index = (self.turn + looked_at) % self.subscriptions.len();
            let (subscriber, listen) = &mut self.subscriptions[index];
            match poll_batch(&mut **subscriber, batch, BATCH, context) {
                Poll::Ready(true) => return Poll::Ready(Some(listen)),
                Poll::Ready(false) => drop(self.subscriptions.swap_remove(index)),
                Poll::Pending => looked_at += 1,
            }
        }
        if self.subscriptions.is_empty() {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }

    /// Decodes requests, queues them and starts a runner. The receiver decodes requests because their order may depend
    /// on their content. It decodes large batches in parts, so that the first request does not wait for the last
    /// request.
    async fn take(&mut self, listen: &str, batch: &mut Vec<Message>) {
        let counters = &self.serving.counters;
        counters.received.add(batch.len());
        let mut jobs: Vec<Job> = Vec::with_capacity(batch.len());
        let now = Instant::now();
        let mut bytes = 0;
        for message in batch.drain(..) {
            let route = self.routes.find(&message.subject);
            let is_answerable = message.reply.as_ref().is_some_and(|reply| {
                self.serving.connection.is_inbox(reply) && self.routes.is_caller(route, reply)
            });
            if !is_answerable {
                counters.ignored.add(1);
                if let Some(suppressed) = self.ignored.permit() {
                    let subject = Escaped(&message.subject);
                    let reply = Escaped(message.reply.as_deref().unwrap_or_default());
                    tracing::warn!(%subject, %reply, suppressed, "not a request: no inbox of a caller");
                }
                continue;
            }
            bytes += message.payload.len();
            match self
                .routes
                .prepare(route, &self.serving, listen, message, now)
            {
                Ok(job) => jobs.extend(self.serving.deduplicate(job, now)),
                Err((reply, fault)) => {
                    counters.invalid.add(1);
                    self.serving.refuse(reply, &fault);
                }
            }
            if bytes > PIECE {
                bytes = 0;
                self.serving.admit(&mut jobs, now);
                yield_now().await;
            }
        }
        self.serving.admit(&mut jobs, now);
    }

    fn skip_unread(&self, batch: &mut Vec<Message>) {
        self.serving.counters.received.add(batch.len());
        self.serving.counters.left.add(batch.len());
        batch.clear();
    }

    /// Takes and answers the received requests, and waits until the replies are sent.
    async fn finish(mut self, batch: &mut Vec<Message>) {
        let serving = Arc::clone(&self.serving);
        let (started, drain) = (Instant::now(), self.drain.min(LONGEST));
        let received = started + drain.max(LAST_REQUESTS);
        if timeout_at(received, self.take_last(batch)).await.is_err() {
            tracing::error!("a subscription did not end");
        }
        if timeout_at(started + drain, serving.settle()).await.is_err() {
            serving.clear_queue(ServingState::Draining);
        }
        let answered = async {
            serving.flush().await;
            serving.connection.flush().await;
        };
        if timeout(LAST_ANSWERS, answered).await.is_err() {
            // Other tasks continue to send as long as the connection can be restored.
            tracing::error!("the connection does not take the last answers");
        }
    }

    /// Ends the subscriptions, and takes the requests that they have received.
    async fn take_last(&mut self, batch: &mut Vec<Message>) {
        let state = self.serving.schedule.state();
        for (subscriber, _) in &mut self.subscriptions {
            subscriber.unsubscribe().await;
        }
        self.serving.connection.flush().await;
        while let Some(listen) = poll_fn(|context| self.poll(batch, context)).await {
            if state == ServingState::HandedOver {
                self.skip_unread(batch);
            } else {
                self.take(listen, batch).await;
            }
        }
    }
}
