//! Sources: streams of events.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use futures_util::{FutureExt as _, Stream, StreamExt as _};
use natsgen_runtime::transport::{BoxFuture, Message, SubscribeError, Subscriber};
use natsgen_runtime::{Backoff, Escaped};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::connector::{ManagedNatsConnector, Phase, Shared, SourceCount};
use super::delivery::Delivery;
use super::durable::{DurableError, DurableReader, OnFailure, Receipt};
use super::link::Link;
use super::task::SourceTask;
use crate::connector::error::ConnectorError;
use crate::connector::event::{Event, decode};
use crate::types::{EventPattern, NatsConnectorConfig, QueueGroup};

/// The maximum delay between a flush and the event of a denied subscription, which uses a separate channel.
const DENIAL_GRACE: Duration = Duration::from_millis(50);

/// The first and the longest pause between attempts to open a source again after a change of the configuration.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// The options of a source.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct SourceOptions {
    subject: Option<String>,
    queue_group: Option<String>,
}

/// A stream of events. It ends after [`NatsSource::drain`], or when the connector is drained.
///
/// A source that is not polled buffers messages up to `subscription_capacity`, and drops and counts further messages.
/// With durable delivery, the server keeps them instead. Drop of a source ends the subscription at once.
#[must_use = "a source that is not polled drops events"]
pub struct NatsSource {
    shared: Arc<Shared>,
    options: SourceOptions,
    link: Arc<Link>,
    reader: Reader,
    /// The events of the last message in reverse order.
    events: Vec<Event>,
    /// The receipt of the last message, until its last event is taken.
    receipt: Option<Receipt>,
    /// Waits for the next change of the connector; `None` if the source is draining.
    change: Option<BoxFuture<'static, watch::Receiver<Phase>>>,
    count: Option<SourceCount>,
}

/// The origin of the messages of a source.
enum Reader {
    Core(Box<dyn Subscriber>),
    Durable(DurableReader),
    /// Ends the subscription, and returns it with the messages that were received.
    Ending(BoxFuture<'static, Box<dyn Subscriber>>),
    /// Opens a reader on a new connection.
    Opening(BoxFuture<'static, (Arc<Link>, Reader)>),
    Ended,
}

impl SourceOptions {
    /// Creates options for the subject of the configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the subject, which may contain wildcards.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets the queue group, whose members share the events. It has no effect on durable delivery.
    pub fn queue_group(mut self, group: impl Into<String>) -> Self {
        self.queue_group = Some(group.into());
        self
    }
}

impl NatsSource {
    /// Opens a source with a connection of its own.
    ///
    /// # Errors
    /// Like [`ManagedNatsConnector::source`].
    pub async fn connect(
        name: &str,
        config: NatsConnectorConfig,
    ) -> Result<(Self, ManagedNatsConnector), ConnectorError> {
        let connector = ManagedNatsConnector::new(name, config)?;
        let source = connector.source(SourceOptions::new()).await?;
        Ok((source, connector))
    }

    pub(super) async fn open(
        shared: &Arc<Shared>,
        options: SourceOptions,
    ) -> Result<Self, ConnectorError> {
        let phase = shared.phase();
        let link = shared.link().await?;
        let count = shared.count_source();
        let reader = Reader::open(shared, &link, &options).await?;
        Ok(Self {
            shared: Arc::clone(shared),
            options,
            link,
            reader,
            events: Vec::new(),
            receipt: None,
            change: Some(change(phase)),
            count: Some(count),
        })
    }

    /// Returns the next event, or `None` at the end.
    pub async fn next(&mut self) -> Option<Delivery> {
        futures_util::StreamExt::next(self).await
    }

    /// Ends the subscription. The source still yields the events that were delivered, and then ends.
    pub fn drain(&mut self) {
        self.change = None;
        self.end();
    }

    /// Sends the events to a channel, in a task. The task ends when the receiver is dropped, and after a drain. A
    /// `Sender<Event>` commits each event when the channel takes it; with a `Sender<Delivery>` the receiver commits it.
    ///
    /// If the channel is full, the task waits, and the source buffers messages as if it was not polled.
    #[allow(
        clippy::must_use_candidate,
        reason = "the task continues without its handle"
    )]
    pub fn start<T: From<Delivery> + Send + 'static>(self, sender: mpsc::Sender<T>) -> SourceTask {
        SourceTask::start(self, sender)
    }

    /// Ends the reader of the current connection.
    fn end(&mut self) {
        match std::mem::replace(&mut self.reader, Reader::Ended) {
            Reader::Core(mut subscriber) => {
                self.reader = Reader::Ending(Box::pin(async move {
                    subscriber.unsubscribe().await;
                    subscriber
                }));
            }
            Reader::Durable(mut reader) => {
                reader.drain();
                self.reader = Reader::Durable(reader);
            }
            other => self.reader = other,
        }
    }

    /// Ends the reader if the connector is draining or has a new connection.
    fn follow(&mut self, context: &mut Context<'_>) {
        while let Some(waiting) = &mut self.change
            && let Poll::Ready(mut phase) = waiting.poll_unpin(context)
        {
            let (link, is_draining) = {
                let phase = phase.borrow_and_update();
                (phase.link.clone(), phase.is_draining)
            };
            let is_replaced = link.is_some_and(|link| !Arc::ptr_eq(&link, &self.link));
            self.change = (!is_draining).then(|| change(phase));
            if is_draining || is_replaced {
                self.end();
            }
        }
    }

    /// Returns the next message.
    fn poll_message(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<(Message, Option<Receipt>)>> {
        loop {
            let next = match &mut self.reader {
                Reader::Core(subscriber) => {
                    let message = ready!(subscriber.poll_next_unpin(context));
                    message.map(|message| (message, None))
                }
                Reader::Durable(reader) => {
                    let message = ready!(reader.poll_next(context));
                    message.map(|(message, receipt)| (message, Some(receipt)))
                }
                Reader::Ending(ending) => {
                    self.reader = Reader::Core(ready!(ending.poll_unpin(context)));
                    continue;
                }
                Reader::Opening(opening) => {
                    (self.link, self.reader) = ready!(opening.poll_unpin(context));
                    if self.change.is_none() {
                        self.end();
                    }
                    continue;
                }
                Reader::Ended => return Poll::Ready(None),
            };
            if next.is_some() {
                return Poll::Ready(next);
            }
            self.reader = self.reopened();
        }
    }

    /// The reader after the end of a reader: on the new connection, if there is one.
    fn reopened(&self) -> Reader {
        if self.change.is_none() {
            return Reader::Ended;
        }
        let phase = self.shared.phase().borrow().clone();
        match phase.link {
            Some(link) if !phase.is_draining && !Arc::ptr_eq(&link, &self.link) => Reader::Opening(
                Box::pin(reopen(Arc::clone(&self.shared), self.options.clone())),
            ),
            // The connection is closed.
            _ => Reader::Ended,
        }
    }

    /// Decodes a message, or refuses it.
    fn take(&mut self, message: Message, receipt: Option<Receipt>) {
        let counters = &self.shared.counters;
        counters.received();
        let Message {
            subject, payload, ..
        } = &message;
        let received = SystemTime::now();
        match decode(
            payload,
            subject,
            received,
            &self.link.rules,
            &mut self.events,
        ) {
            Ok(()) => {
                counters.decoded(self.events.len());
                self.events.reverse();
                match receipt {
                    // An empty batch is processed.
                    Some(receipt) if self.events.is_empty() => receipt.commit(),
                    receipt => self.receipt = receipt,
                }
            }
            Err(refusal) => {
                counters.refused(self.shared.name.as_str(), subject, payload, &refusal);
                if let Some(receipt) = receipt {
                    receipt.refuse(message, refusal.to_string());
                }
            }
        }
    }
}

impl Stream for NatsSource {
    type Item = Delivery;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Delivery>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.events.pop() {
                let receipt = if this.events.is_empty() {
                    this.receipt.take()
                } else {
                    this.receipt.clone()
                };
                return Poll::Ready(Some(Delivery { event, receipt }));
            }
            this.follow(context);
            let Some((message, receipt)) = ready!(this.poll_message(context)) else {
                this.count = None;
                return Poll::Ready(None);
            };
            this.take(message, receipt);
        }
    }
}

impl Reader {
    /// Subscribes, and waits until the server has confirmed the subscription.
    async fn open(
        shared: &Arc<Shared>,
        link: &Link,
        options: &SourceOptions,
    ) -> Result<Self, ConnectorError> {
        let configured = link.config.subject.as_ref().map(EventPattern::as_str);
        let subject = options.subject.as_deref().or(configured);
        let subject = subject.ok_or_else(|| ConnectorError::NoSubject {
            connector: shared.name.to_string(),
        })?;
        let bad = |text: &str, reason| ConnectorError::BadSubject {
            subject: text.to_owned(),
            reason,
        };
        if EventPattern::try_from(subject).is_err() {
            return Err(bad(
                subject,
                "expected a subject, with wildcards or without",
            ));
        }
        if let Some(settings) = link.durable(subject) {
            // The task of the reader holds it until all confirmations are sent, so that a drain waits for them.
            let count = shared.count_source();
            let on_failure: OnFailure = Box::new(move |error: &DurableError| count.report(error));
            let reader = DurableReader::open(&link.connection, settings, on_failure).await?;
            return Ok(Self::Durable(reader));
        }
        let configured = link.config.queue_group.as_ref().map(QueueGroup::as_str);
        let group = options.queue_group.as_deref().or(configured);
        if let Some(group) = group.filter(|group| QueueGroup::try_from(*group).is_err()) {
            return Err(bad(
                group,
                "expected a queue group: a word without wildcards",
            ));
        }
        let opened = link.connection.transport().subscribe(subject, group).await;
        let subscriber = opened.map_err(|error| match error {
            SubscribeError::Closed => ConnectorError::Closed,
            SubscribeError::Denied(subject) => ConnectorError::Denied { subject },
            _ => bad(subject, "expected a subject, with wildcards or without"),
        })?;
        // A lost connection subscribes when it is restored.
        if link.connection.flush().await {
            sleep(DENIAL_GRACE).await;
            if link
                .connection
                .denied()
                .iter()
                .any(|denied| denied == subject)
            {
                let subject = subject.to_owned();
                return Err(ConnectorError::Denied { subject });
            }
        }
        Ok(Self::Core(subscriber))
    }
}

/// Waits for a change of the connector.
fn change(mut phase: watch::Receiver<Phase>) -> BoxFuture<'static, watch::Receiver<Phase>> {
    Box::pin(async move {
        if phase.changed().await.is_err() {
            // The source holds the connector, so that its sender cannot be dropped.
            std::future::pending::<()>().await;
        }
        phase
    })
}

/// Opens a reader on the current connection. Repeats failed attempts until the connector is drained.
async fn reopen(shared: Arc<Shared>, options: SourceOptions) -> (Arc<Link>, Reader) {
    let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
    let mut phase = shared.phase();
    loop {
        let Phase { link, is_draining } = phase.borrow_and_update().clone();
        let Some(link) = link else {
            unreachable!("a source has a connection");
        };
        if is_draining {
            return (link, Reader::Ended);
        }
        match Reader::open(&shared, &link, &options).await {
            Ok(reader) => return (link, reader),
            Err(error) => {
                let connector = Escaped(shared.name.as_str());
                tracing::warn!(%connector, %error, "source not opened again");
                shared.counters.error(&error);
            }
        }
        let pause = backoff.pause();
        tokio::select! {
            _ = phase.changed() => {}
            () = sleep(pause) => {}
        }
    }
}

impl fmt::Debug for NatsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsSource")
            .field("connector", &self.shared.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
