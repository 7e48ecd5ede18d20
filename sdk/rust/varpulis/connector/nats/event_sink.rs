//! Sinks as `futures` sinks.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{FutureExt as _, Sink};
use natsgen_runtime::transport::BoxFuture;

use super::sink::NatsSink;
use crate::connector::error::ConnectorError;
use crate::connector::event::Event;

/// A [`NatsSink`] as a [`Sink`]. `flush` and `close` wait until the server has received the events.
pub struct NatsEventSink {
    sink: NatsSink,
    sending: Option<BoxFuture<'static, Result<(), ConnectorError>>>,
    flushing: Option<BoxFuture<'static, Result<(), ConnectorError>>>,
}

impl NatsEventSink {
    pub(super) fn new(sink: NatsSink) -> Self {
        Self {
            sink,
            sending: None,
            flushing: None,
        }
    }
}

impl Sink<Event> for NatsEventSink {
    type Error = ConnectorError;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ConnectorError>> {
        let Some(sending) = &mut self.sending else {
            return Poll::Ready(Ok(()));
        };
        let sent = ready!(sending.poll_unpin(context));
        self.sending = None;
        Poll::Ready(sent)
    }

    fn start_send(mut self: Pin<&mut Self>, event: Event) -> Result<(), ConnectorError> {
        let sink = self.sink.clone();
        self.sending = Some(Box::pin(async move { sink.send(&event).await }));
        Ok(())
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ConnectorError>> {
        ready!(self.as_mut().poll_ready(context))?;
        let this = &mut *self;
        let sink = &this.sink;
        let flushing = this.flushing.get_or_insert_with(|| {
            let sink = sink.clone();
            Box::pin(async move { sink.flush().await })
        });
        let flushed = ready!(flushing.poll_unpin(context));
        this.flushing = None;
        Poll::Ready(flushed)
    }

    fn poll_close(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ConnectorError>> {
        self.poll_flush(context)
    }
}

impl fmt::Debug for NatsEventSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sink.fmt(f)
    }
}
