//! The task of a reader: pulls messages from the consumer, acknowledges them, and begins again after failures.
//!
//! Source: the reference of the NATS wire API of `JetStream`, and ADR-13 and ADR-37 of nats-architecture-and-design.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::ReadyChunks;
use natsgen_runtime::transport::{Headers, Message, Subscriber, TransportEvent};
use natsgen_runtime::{Backoff, Map, Value, token};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};

use super::error::DurableError;
use super::jetstream::{JetStream, nanos};
use super::keeper::{Keeper, Progress};
use super::ledger::Ledger;
use super::settings::Settings;

/// The time after which the server ends a pull request.
const EXPIRES: Duration = Duration::from_secs(30);

/// The interval of the server's heartbeats while it has no message.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// The interval between checks whether a lost connection is restored.
pub(super) const RECONNECT_PAUSE: Duration = Duration::from_millis(20);

/// The maximum number of messages that are taken from the connection at once.
const CHUNK: usize = 256;

/// The first and the longest pause after a failure or a rejected message.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(5)];

/// Receives the failures of the task.
pub(crate) type OnFailure = Box<dyn Fn(&DurableError) + Send + Sync>;

/// The task of a reader.
pub(super) struct Puller {
    pub(super) api: JetStream,
    pub(super) settings: Settings,
    pub(super) consumer: String,
    pub(super) ledger: Arc<Ledger>,
    pub(super) on_failure: OnFailure,
}

/// The reason why a session ended.
enum End {
    Drained,
    /// The connection is closed.
    Closed,
    /// The connection is restored, so messages in transit are lost.
    Reconnected,
    /// A single reader has missed a message.
    Gap,
    /// A single reader has rejected a message.
    Rejected,
}

/// A subscription for the messages of pull requests.
struct Session {
    messages: ReadyChunks<Box<dyn Subscriber>>,
    inbox: String,
    /// The number of requested messages that have not arrived.
    requested: usize,
    /// The sequence of the last delivery of the consumer, for a single reader.
    last: Option<u64>,
}

impl Puller {
    /// Runs until the reader is drained or dropped, and all its messages are settled.
    pub(super) async fn run(self, mut stop: oneshot::Receiver<()>) {
        let mut keeper = Keeper::new(&self.api, &self.settings, &self.ledger, &self.on_failure);
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        loop {
            let pause = match self.session(&mut keeper, &mut stop, &mut backoff).await {
                Ok(End::Drained | End::Closed) => break,
                Ok(End::Reconnected | End::Gap) => Duration::ZERO,
                Ok(End::Rejected) => backoff.pause(),
                Err(error) => {
                    (self.on_failure)(&error);
                    backoff.pause()
                }
            };
            let mut paused = std::pin::pin!(sleep(pause));
            loop {
                tokio::select! {
                    () = &mut paused => break,
                    _ = &mut stop => {
                        self.ledger.end();
                        return keeper.finish().await;
                    }
                    work = keeper.next() => { keeper.run(work).await; }
                }
            }
        }
        self.ledger.end();
        keeper.finish().await;
    }

    async fn session(
        &self,
        keeper: &mut Keeper<'_>,
        stop: &mut oneshot::Receiver<()>,
        backoff: &mut Backoff,
    ) -> Result<End, DurableError> {
        let connection = &self.api.connection;
        while !connection.is_connected() {
            if keeper.is_closed() {
                return Ok(End::Closed);
            }
            tokio::select! {
                () = sleep(RECONNECT_PAUSE) => {}
                _ = &mut *stop => return Ok(End::Drained),
            }
        }
        let mut events = connection.transport().events();
        let begin = self.begin(keeper);
        let mut session = tokio::select! {
            biased;
            session = begin => session?,
            _ = &mut *stop => return Ok(End::Drained),
        };
        let mut heard = Instant::now();
        loop {
            if session.requested <= self.settings.max_in_flight / 2 {
                self.pull(&mut session).await?;
            }
            tokio::select! {
                biased;
                _ = &mut *stop => {
                    self.drain(&mut session).await;
                    return Ok(End::Drained);
                }
                event = events.recv() => match event {
                    Some(TransportEvent::Connected) => return Ok(End::Reconnected),
                    Some(TransportEvent::Closed) | None => return Ok(End::Closed),
                    Some(TransportEvent::SubscribeDenied(pattern)) if pattern == session.inbox => {
                        let reason = format!("the server's permissions forbid {pattern}");
                        return Err(DurableError::NotSubscribed { reason });
                    }
                    Some(_) => {}
                },
                work = keeper.next() => match keeper.run(work).await {
                    Progress::Rejected if self.settings.single_reader => return Ok(End::Rejected),
                    Progress::Rejected | Progress::None => {}
                    Progress::Committed => backoff.reset(),
                },
                chunk = session.messages.next() => {
                    let Some(chunk) = chunk else { return Ok(End::Closed) };
                    heard = Instant::now();
                    if !self.take(&mut session, chunk)? {
                        return Ok(End::Gap);
                    }
                }
                () = sleep_until(heard + 3 * HEARTBEAT) => {
                    // A lost connection is silent, and its return begins a new session.
                    if connection.is_connected() {
                        return Err(DurableError::Silent);
                    }
                    heard = Instant::now();
                }
            }
        }
    }

    /// Checks the consumer and subscribes. For a single reader, the server then delivers all unacknowledged messages
    /// again, in order.
    async fn begin(&self, keeper: &mut Keeper<'_>) -> Result<Session, DurableError> {
        self.api.ensure_consumer(&self.settings).await?;
        let mut last = None;
        if self.settings.single_reader {
            // Before the reset, which would else deliver these messages again.
            keeper.acknowledge().await;
            self.ledger.restart();
            let reset = self
                .api
                .reset_consumer(&self.settings.stream, &self.consumer)
                .await?;
            last = Some(reset);
        }
        let transport = self.api.connection.transport();
        let inbox = format!("{}.{}", transport.inbox_prefix(), token());
        let messages = transport.subscribe(&inbox, None).await.map_err(|error| {
            let reason = format!("{error:?}");
            DurableError::NotSubscribed { reason }
        })?;
        Ok(Session {
            messages: messages.ready_chunks(CHUNK),
            inbox,
            requested: 0,
            last,
        })
    }

    async fn pull(&self, session: &mut Session) -> Result<(), DurableError> {
        let batch = self.settings.max_in_flight - session.requested;
        let request = Map::from_iter([
            ("batch", Value::from(batch as u64)),
            ("expires", nanos(EXPIRES).into()),
            ("idle_heartbeat", nanos(HEARTBEAT).into()),
        ]);
        let (stream, consumer) = (&self.settings.stream, &self.consumer);
        let message = Message {
            subject: format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"),
            reply: Some(session.inbox.clone()),
            payload: request.to_string().into_bytes().into(),
            ..Message::default()
        };
        session.requested += batch;
        let sent = self.api.connection.transport().publish(message).await;
        sent.map_err(|error| DurableError::NotSubscribed {
            reason: error.to_string(),
        })
    }

    /// Adds messages to the ledger. Returns false if a single reader has missed a message.
    fn take(&self, session: &mut Session, chunk: Vec<Message>) -> Result<bool, DurableError> {
        let mut is_complete = true;
        let mut messages = Vec::with_capacity(chunk.len());
        for message in chunk {
            match message.status {
                None => {}
                Some(100) => continue,
                Some(status) => {
                    session.end_request(status, &message.headers)?;
                    continue;
                }
            }
            session.requested = session.requested.saturating_sub(1);
            let Some(origin) = message.reply.as_deref().and_then(Origin::parse) else {
                continue;
            };
            if let Some(last) = &mut session.last {
                *last += 1;
                is_complete &= origin.delivery == *last;
            }
            if is_complete {
                messages.push((origin.sequence, origin.attempt, message));
            }
        }
        self.ledger.add(messages.into_iter());
        Ok(is_complete)
    }

    /// Ends the subscription and takes the messages that have arrived.
    async fn drain(&self, session: &mut Session) {
        session.messages.get_mut().unsubscribe().await;
        while let Some(chunk) = session.messages.next().await {
            // The messages behind a gap or an error are delivered to the next reader.
            if !matches!(self.take(session, chunk), Ok(true)) {
                break;
            }
        }
    }
}

impl Session {
    /// Handles the end of a pull request. A request that the server has accepted names the number of messages that will
    /// not arrive.
    fn end_request(&mut self, status: u16, headers: &Headers) -> Result<(), DurableError> {
        let left = headers
            .get("Nats-Pending-Messages")
            .and_then(|left| left.parse().ok());
        match (status, left) {
            (408 | 409, Some(left)) => self.requested = self.requested.saturating_sub(left),
            (404 | 408, None) => self.requested = 0,
            _ => return Err(DurableError::PullRefused { status }),
        }
        Ok(())
    }
}

/// The origin of a message, which is part of the subject of its acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin {
    /// How often the message has been delivered.
    attempt: u64,
    /// The sequence in the stream.
    sequence: u64,
    /// The sequence of the delivery.
    delivery: u64,
}

impl Origin {
    /// Parses `$JS.ACK.STREAM.CONSUMER.ATTEMPT.SEQUENCE.DELIVERY.TIME.PENDING`, or the longer form. This form has the
    /// domain and the account in front of the stream, and may have more tokens at the end.
    fn parse(reply: &str) -> Option<Self> {
        let tokens = reply.strip_prefix("$JS.ACK.")?;
        let skipped = match tokens.split('.').count() {
            7 => 2,
            9.. => 4,
            _ => return None,
        };
        let mut tokens = tokens.split('.').skip(skipped);
        let mut number = || tokens.next()?.parse().ok();
        Some(Self {
            attempt: number()?,
            sequence: number()?,
            delivery: number()?,
        })
    }
}
