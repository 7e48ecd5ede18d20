//! Sinks: events to subjects.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use futures_util::FutureExt as _;
use natsgen_runtime::transport::{BoxFuture, Message, PublishError};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::connector::{ManagedNatsConnector, Shared};
use super::durable::DurablePublisher;
use super::event_sink::NatsEventSink;
use super::link::Link;
use crate::connector::error::ConnectorError;
use crate::connector::event::{Event, encode};
use crate::connector::managed::ConnectorSink;
use crate::types::{EventPattern, EventSubject, NatsConnectorConfig};

/// Sends events to subjects. A clone sends to the same subject.
///
/// `Ok` means that the connection has taken the event. [`NatsSink::flush`] waits until the server has received it. With
/// durable delivery, `Ok` means that the stream has stored the event.
#[derive(Clone)]
pub struct NatsSink {
    shared: Arc<Shared>,
    subject: Option<String>,
    /// The publisher of durable delivery, with its connection.
    publisher: Arc<Mutex<Option<LinkedPublisher>>>,
}

/// A publisher and its connection.
type LinkedPublisher = (Arc<Link>, Arc<DurablePublisher>);

impl NatsSink {
    /// Opens a sink with a connection of its own.
    ///
    /// # Errors
    /// Like [`ManagedNatsConnector::sink`].
    pub async fn connect(
        name: &str,
        config: NatsConnectorConfig,
    ) -> Result<(Self, ManagedNatsConnector), ConnectorError> {
        let connector = ManagedNatsConnector::new(name, config)?;
        let sink = connector.sink(None).await?;
        Ok((sink, connector))
    }

    pub(super) async fn open(
        shared: &Arc<Shared>,
        subject: Option<&str>,
    ) -> Result<Self, ConnectorError> {
        let sink = Self {
            shared: Arc::clone(shared),
            subject: subject.map(str::to_owned),
            publisher: Arc::default(),
        };
        let link = shared.link().await?;
        let subject = sink.subject_on(&link)?;
        if EventSubject::try_from(subject).is_err() {
            return Err(bad_subject(subject));
        }
        sink.publisher(&link, subject).await?;
        Ok(sink)
    }

    /// Sends an event to the subject of the sink.
    ///
    /// # Errors
    /// If the event cannot be encoded or is too large, the sink has no subject, the time limit passes, or the connection
    /// is closed. With durable delivery, also if the stream does not store the event.
    pub async fn send(&self, event: &Event) -> Result<(), ConnectorError> {
        let link = self.shared.link().await?;
        let subject = self.subject_on(&link)?;
        self.publish(&link, subject, event, None).await
    }

    /// Sends an event to another subject.
    ///
    /// # Errors
    /// Like [`NatsSink::send`], and if `subject` is no subject.
    pub async fn send_to(&self, subject: &str, event: &Event) -> Result<(), ConnectorError> {
        let link = self.shared.link().await?;
        self.publish(&link, subject, event, None).await
    }

    /// Sends an event with an id. With durable delivery, the stream stores an id once within its duplicate window.
    /// Otherwise the id has no effect.
    ///
    /// # Errors
    /// Like [`NatsSink::send`].
    pub async fn send_once(&self, id: &str, event: &Event) -> Result<(), ConnectorError> {
        let link = self.shared.link().await?;
        let subject = self.subject_on(&link)?;
        self.publish(&link, subject, event, Some(id)).await
    }

    /// Waits until the server has received all events that the sinks of this connector have sent. Waits for a lost
    /// connection.
    ///
    /// # Errors
    /// If the connection was lost after the last flush, so that events may be lost. If the server has denied the subject
    /// of this sink. If the time limit passes.
    pub async fn flush(&self) -> Result<(), ConnectorError> {
        let link = self.shared.link().await?;
        let publisher = self.publisher.lock().await.clone();
        if let Some((_, publisher)) = publisher {
            let limit = link.send_timeout;
            let stored = timeout(limit, publisher.flush()).await;
            return stored.map_err(|_| ConnectorError::TimedOut { limit });
        }
        let flushed = link.flush().await;
        if let Ok(subject) = self.subject_on(&link)
            && link.take_denied(subject)
        {
            let subject = subject.to_owned();
            return Err(ConnectorError::Denied { subject });
        }
        flushed
    }

    /// Converts the sink to a [`futures_util::Sink`].
    #[must_use]
    pub fn into_sink(self) -> NatsEventSink {
        NatsEventSink::new(self)
    }

    fn subject_on<'a>(&'a self, link: &'a Link) -> Result<&'a str, ConnectorError> {
        let configured = link.config.subject.as_ref().map(EventPattern::as_str);
        let subject = self.subject.as_deref().or(configured);
        subject.ok_or_else(|| ConnectorError::NoSubject {
            connector: self.shared.name.to_string(),
        })
    }

    async fn publish(
        &self,
        link: &Arc<Link>,
        subject: &str,
        event: &Event,
        id: Option<&str>,
    ) -> Result<(), ConnectorError> {
        let message = Message {
            subject: subject.to_owned(),
            payload: encode(event)?.into(),
            ..Message::default()
        };
        let sent: Result<(), ConnectorError> = match self.publisher(link, subject).await? {
            Some(publisher) => publisher
                .publish(message, id)
                .await
                .map(drop)
                .map_err(Into::into),
            None => publish(link, message).await,
        };
        match &sent {
            Ok(()) => self.shared.counters.sent(),
            Err(error) => {
                self.shared.counters.failed(1);
                self.shared.counters.error(error);
            }
        }
        sent
    }

    /// The publisher of durable delivery on this connection.
    async fn publisher(
        &self,
        link: &Arc<Link>,
        subject: &str,
    ) -> Result<Option<Arc<DurablePublisher>>, ConnectorError> {
        let Some(settings) = link.durable(subject) else {
            return Ok(None);
        };
        let mut current = self.publisher.lock().await;
        if let Some((opened, publisher)) = &*current
            && Arc::ptr_eq(opened, link)
        {
            return Ok(Some(Arc::clone(publisher)));
        }
        let publisher = Arc::new(DurablePublisher::open(&link.connection, &settings).await?);
        *current = Some((Arc::clone(link), Arc::clone(&publisher)));
        Ok(Some(publisher))
    }
}

async fn publish(link: &Link, message: Message) -> Result<(), ConnectorError> {
    let limit = link.send_timeout;
    let mut publish = link.connection.transport().publish(message);
    // Most messages are accepted at once and need no timer.
    let published = match poll_fn(|context| Poll::Ready(publish.poll_unpin(context))).await {
        Poll::Ready(published) => published,
        Poll::Pending => {
            let published = timeout(limit, publish).await;
            published.map_err(|_| ConnectorError::TimedOut { limit })?
        }
    };
    published.map_err(|error| match error {
        PublishError::TooLarge { size, limit } => ConnectorError::TooLarge { size, limit },
        PublishError::BadSubject(subject) => bad_subject(&subject),
        _ => ConnectorError::Closed,
    })?;
    link.count_sent();
    Ok(())
}

fn bad_subject(subject: &str) -> ConnectorError {
    ConnectorError::BadSubject {
        subject: subject.to_owned(),
        reason: "expected a subject without wildcards, white space and empty tokens",
    }
}

impl ConnectorSink for NatsSink {
    fn send<'a>(
        &'a self,
        topic: Option<&'a str>,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<(), ConnectorError>> {
        Box::pin(async move {
            match topic {
                Some(topic) => self.send_to(topic, event).await,
                None => self.send(event).await,
            }
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), ConnectorError>> {
        Box::pin(self.flush())
    }
}

impl fmt::Debug for NatsSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsSink")
            .field("connector", &self.shared.name)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
