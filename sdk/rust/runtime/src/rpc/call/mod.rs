//! Calls of operations, and publishing of events.

mod options;
mod probe;

use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout};

pub use options::{CallOptions, Retry};

use crate::codec;
use crate::codec::error::EncodeError;
use crate::codec::json::{MapRef, ValueRef};
use crate::codec::side::Side;
use crate::operation::{Event, Request};
use crate::rpc::connection::Connection;
use crate::rpc::failure::{
    CallError, Failure, NoAnswer, NotDelivered, PublishFailure, Stored, Unpublished,
};
use crate::rpc::fault::Refused;
use crate::rpc::fault::{ERROR_CODE_HEADER, read_refusal, read_refusal_in};
use crate::rpc::inbox::Outcome;
use crate::rpc::observe::{CallRecord, EventRecord};
use crate::rpc::pending::Answer;
use crate::subject::{Prefix, Subject};
use crate::transport::headers::{REQUEST_ID_HEADER, RETRY_HEADER, TIMEOUT_HEADER, TRACE_HEADER};
use crate::transport::{Headers, Message, NO_ANSWER, NO_RESPONDERS, PublishError, SubscribeError};

/// The time limit for publishing an event on a blocked connection.
const PUBLISH_LIMIT: Duration = Duration::from_secs(10);

/// The replacement for a timeout that overflows the clock: 34 years.
pub(crate) const LONGEST: Duration = Duration::from_secs(1 << 30);

/// Calls operations and publishes events. Generated clients use this type. A clone is cheap.
#[derive(Clone, Debug)]
pub struct Caller {
    connection: Connection,
    prefix: Prefix,
    options: CallOptions,
}

/// The parts of a call that are the same for each attempt.
struct Outgoing<'a> {
    subject: &'a Subject,
    payload: Bytes,
}

/// A failed attempt.
struct Failed<F> {
    failure: Failure<F>,
    /// The time after which the server expects another attempt.
    retry_after: Option<Duration>,
}

/// Sizes of payloads in bytes.
#[derive(Default)]
struct Sizes {
    request: usize,
    reply: Option<usize>,
}

impl Caller {
    /// Creates a caller for `connection`. It uses the prefix of the connection or, if the connection has no prefix,
    /// `prefix`.
    #[must_use]
    pub fn new(connection: &Connection, prefix: &Prefix) -> Self {
        let prefix = connection.prefix_or(prefix);
        Self {
            connection: connection.clone(),
            prefix,
            options: CallOptions::default(),
        }
    }

    /// Sets the call options.
    #[must_use]
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Returns the prefix of the subjects.
    #[must_use]
    pub fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// Sends `request` and waits for its reply. The request type and `params` determine the subject.
    ///
    /// A request cannot go to the subject of another operation:
    ///
    /// ```compile_fail
    /// # use natsgen_runtime::generated::Caller;
    /// # use natsgen_runtime::{Request, Subject};
    /// async fn send<R: Request>(caller: &Caller, subject: Subject, request: &R) {
    ///     let _ = caller.call(subject, request).await;
    /// }
    /// ```
    ///
    /// # Errors
    /// According to the phase in which the call failed; see [`Failure`].
    pub async fn call<R: Request>(
        &self,
        params: R::SubjectParams<'_>,
        request: &R,
    ) -> Result<R::Reply, CallError<R::Fault>> {
        let subject = R::subject(&self.prefix, params);
        let started = Instant::now();
        let mut sizes = Sizes::default();
        let called = self
            .attempts::<R>(&subject, request, started, &mut sizes)
            .await
            .map_err(|failed| CallError {
                operation: R::INFO.name,
                subject: subject.as_str().to_owned(),
                is_idempotent: R::INFO.idempotent,
                failure: failed.failure,
                retry_after: failed.retry_after.and_then(in_millis),
            });
        if let Some(observer) = self.connection.observer.as_deref() {
            observer.call_ended(&CallRecord {
                operation: R::INFO.name,
                subject: subject.as_str(),
                request_bytes: sizes.request,
                reply_bytes: sizes.reply,
                latency: started.elapsed(),
                outcome: called
                    .as_ref()
                    .map(drop)
                    .map_err(|error| error as &(dyn Error + 'static)),
            });
        }
        called
    }

    /// Publishes `event`. The event type and `params` determine the subject. `Ok` does not mean that a subscriber
    /// received the event.
    ///
    /// # Errors
    /// If the event violates its schema or is too large. Also if the connection is lost, closed, or blocked beyond the
    /// timeout.
    pub async fn publish<E: Event>(
        &self,
        params: E::SubjectParams<'_>,
        event: &E,
    ) -> Result<(), PublishFailure> {
        let subject = E::subject(&self.prefix, params);
        let (bytes, published) = match codec::encode(event) {
            Ok(payload) => (payload.len(), self.send(&subject, payload.into()).await),
            Err(error) => (0, Err(Unpublished::NotEncoded(error))),
        };
        match published {
            Ok(()) => {
                if let Some(observer) = self.connection.observer.as_deref() {
                    let record = EventRecord {
                        event: E::INFO.name,
                        subject: subject.as_str(),
                        bytes,
                    };
                    observer.event_published(&record);
                }
                Ok(())
            }
            Err(reason) => Err(PublishFailure {
                event: E::INFO.name,
                subject: subject.into(),
                reason,
            }),
        }
    }

    async fn attempts<R: Request>(
        &self,
        subject: &Subject,
        request: &R,
        started: Instant,
        sizes: &mut Sizes,
    ) -> Result<R::Reply, Failed<R::Fault>> {
        let payload = codec::encode(request).map_err(Failure::NotEncoded)?;
        let payload = Bytes::from(payload);
        sizes.request = payload.len();
        let timeout = self.options.timeout.unwrap_or(R::INFO.timeout);
        let deadline = started.checked_add(timeout).unwrap_or(started + LONGEST);
        let outgoing = Outgoing { subject, payload };
        // A call without retries is a single attempt.
        let retry = self.options.retry.unwrap_or(Retry::new(1));
        let (mut left, mut backoff) = (retry.attempts.saturating_sub(1), retry.backoff);
        let given = self.options.request_id.clone();
        let mut id = given.unwrap_or_else(|| self.connection.new_request_id());
        let may_repeat = R::INFO.idempotent || retry.is_deduplicated;
        let mut unanswered = None;
        let mut now = started;
        loop {
            // The last attempt needs no copy of the id.
            let id = if left == 0 {
                std::mem::take(&mut id)
            } else {
                id.clone()
            };
            let headers = self.headers(id, deadline.saturating_duration_since(now));
            let end = match retry.attempt.and_then(|limit| now.checked_add(limit)) {
                Some(end) if may_repeat && left > 0 => end.min(deadline),
                _ => deadline,
            };
            let attempt = self.attempt::<R>(&outgoing, end, headers, sizes).await;
            let Err(Failed {
                failure,
                retry_after,
            }) = attempt
            else {
                return attempt;
            };
            let failure = failure.after(&mut unanswered, retry_after.is_some());
            let failed = Failed {
                failure,
                retry_after,
            };
            if left == 0 || !(retry_after.is_some() || failed.failure.is_retryable(may_repeat)) {
                return Err(failed);
            }
            let pause = backoff.pause().max(retry_after.unwrap_or_default());
            if pause >= deadline.saturating_duration_since(Instant::now()) {
                return Err(failed);
            }
            sleep(pause).await;
            now = Instant::now();
            if now >= deadline {
                return Err(failed);
            }
            left -= 1;
        }
    }

    async fn attempt<R: Request>(
        &self,
        outgoing: &Outgoing<'_>,
        end: Instant,
        headers: Headers,
        sizes: &mut Sizes,
    ) -> Result<R::Reply, Failed<R::Fault>> {
        let message = Message {
            subject: outgoing.subject.as_str().to_owned(),
            headers,
            payload: outgoing.payload.clone(),
            ..Message::default()
        };
        let outcome = self.connection.request(message, end).await;
        let reply = answer(outcome)?;
        sizes.reply = Some(reply.payload.len());
        read::<R>(&reply).map_err(|failure| Failed {
            failure,
            retry_after: retry_after(&reply.headers),
        })
    }

    fn headers(&self, id: String, left: Duration) -> Headers {
        // Rounded up, so that a server does not drop the request before the caller's deadline.
        let rest = u64::from(left.subsec_nanos().div_ceil(1_000_000));
        let millis = left.as_secs().saturating_mul(1_000).saturating_add(rest);
        let mut headers = Headers::with_capacity(3);
        headers.append(REQUEST_ID_HEADER, id);
        headers.append(TIMEOUT_HEADER, millis.to_string());
        if let Some(traceparent) = &self.options.traceparent {
            headers.append(TRACE_HEADER, traceparent.as_str());
        }
        headers
    }

    async fn send(&self, subject: &Subject, payload: Bytes) -> Result<(), Unpublished> {
        if !self.connection.is_connected() && !self.connection.is_closed() {
            return Err(Unpublished::NotDelivered(NotDelivered::Disconnected));
        }
        let message = Message {
            subject: subject.as_str().to_owned(),
            payload,
            ..Message::default()
        };
        let limit = self.options.timeout.unwrap_or(PUBLISH_LIMIT);
        match timeout(limit, self.connection.publish(message)).await {
            Ok(published) => published.map_err(Unpublished::from),
            // A connection that accepts no message within the limit counts as lost, even if its state is connected.
            Err(_) => Err(Unpublished::NotDelivered(NotDelivered::Disconnected)),
        }
    }
}

impl<F> From<Failure<F>> for Failed<F> {
    fn from(failure: Failure<F>) -> Self {
        Self {
            failure,
            retry_after: None,
        }
    }
}

/// A time in milliseconds, at least 1.
fn in_millis(time: Duration) -> Option<NonZeroU32> {
    let millis = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    NonZeroU32::new(millis.max(1))
}

/// The time after which the server of a reply expects another attempt.
fn retry_after(headers: &Headers) -> Option<Duration> {
    let millis = headers.get(RETRY_HEADER)?.parse().ok()?;
    Some(Duration::from_millis(millis).min(LONGEST))
}

fn unencodable(error: impl fmt::Display) -> EncodeError {
    EncodeError {
        pointer: String::new(),
        reason: error.to_string(),
    }
}

/// Converts the outcome of a request, except for the payload of the reply.
pub(crate) fn answer<F>(outcome: Result<Outcome, SubscribeError>) -> Result<Message, Failure<F>> {
    Err(match outcome {
        Ok(Outcome::Answered(Answer::Message(message))) => match message.status {
            Some(NO_RESPONDERS) => Failure::NotDelivered(NotDelivered::NoResponders),
            Some(NO_ANSWER) => Failure::NoAnswer(NoAnswer::Disconnected),
            _ => return Ok(message),
        },
        Ok(Outcome::Answered(Answer::Disconnected | Answer::Closed)) => {
            Failure::NoAnswer(NoAnswer::Disconnected)
        }
        Ok(Outcome::Answered(Answer::PerhapsDenied)) => Failure::NoAnswer(NoAnswer::PerhapsDenied),
        Ok(Outcome::TimedOut) => Failure::NoAnswer(NoAnswer::TimedOut),
        Ok(Outcome::NotConnected) => Failure::NotDelivered(NotDelivered::Disconnected),
        Ok(Outcome::NotPublished(error)) => Unpublished::from(error).into(),
        Ok(Outcome::Answered(Answer::Denied))
        | Err(SubscribeError::Denied(_) | SubscribeError::BadPattern(_)) => {
            Failure::NotDelivered(NotDelivered::Denied)
        }
        Err(SubscribeError::Closed) => Failure::NotDelivered(NotDelivered::Closed),
    })
}

/// Decodes a reply. A reply with the error header is an error. A reply is also an error if it violates the reply schema
/// and is an object with a string `error`. The generator refuses reply schemas that accept such an object, or the
/// acknowledgement of a stream.
///
/// If the protocol has its own form of errors, an error is looked for first.
fn read<R: Request>(message: &Message) -> Result<R::Reply, Failure<R::Fault>> {
    if let Some(form) = R::error_form() {
        return match read_refusal_in(form, &message.headers, &message.payload) {
            Some(refused) => Err(Failure::Refused(refused)),
            None => codec::decode(&message.payload, Side::Reply).map_err(Failure::Unreadable),
        };
    }
    let refusal = || read_refusal(&message.headers, &message.payload).map(Failure::Refused);
    if message.headers.get(ERROR_CODE_HEADER).is_some() {
        return Err(refusal().unwrap_or(Failure::Refused(Refused::Unknown {
            code: None,
            text: String::new(),
        })));
    }
    codec::decode(&message.payload, Side::Reply).map_err(|error| {
        let stored = || read_acknowledgement(&message.payload).map(Failure::Stored);
        refusal()
            .or_else(stored)
            .unwrap_or(Failure::Unreadable(error))
    })
}

/// Decodes the acknowledgement of a `JetStream` stream: `{"stream": "S", "seq": 1}`, with an object `error` if the stream
/// refused the message.
fn read_acknowledgement(payload: &[u8]) -> Option<Stored> {
    let members: MapRef<'_> = codec::decode(payload, Side::Reply).ok()?;
    let stream = members.get("stream")?.as_str()?.to_owned();
    let error = members.get("error").and_then(ValueRef::as_object);
    let sequence = members.get("seq").and_then(ValueRef::as_number);
    if error.is_none() && sequence.is_none() {
        return None;
    }
    let error = error.map(|error| {
        let description = error.get("description").and_then(ValueRef::as_str);
        description.unwrap_or("no description").to_owned()
    });
    Some(Stored { stream, error })
}

impl From<PublishError> for Unpublished {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::TooLarge { size, limit } => {
                Self::NotDelivered(NotDelivered::TooLarge { size, limit })
            }
            PublishError::Closed => Self::NotDelivered(NotDelivered::Closed),
            PublishError::BadSubject(_) => Self::NotEncoded(unencodable(error)),
            PublishError::NotAcknowledged(reason) => Self::NotAcknowledged(reason),
        }
    }
}

impl<F> From<Unpublished> for Failure<F> {
    fn from(reason: Unpublished) -> Self {
        match reason {
            Unpublished::NotEncoded(error) => Self::NotEncoded(error),
            Unpublished::NotDelivered(reason) => Self::NotDelivered(reason),
            Unpublished::NotAcknowledged(_) => Self::NoAnswer(NoAnswer::Disconnected),
        }
    }
}
