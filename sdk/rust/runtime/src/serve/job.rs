//! Requests that are queued or run.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::answer::Answer;
use super::dedup::RequestKey;
use crate::operation::OrderingKey;
use crate::transport::BoxFuture;

/// A request that is ready to run.
pub(super) struct Job {
    pub(super) key: Option<OrderingKey>,
    /// Whether the request may use the reserved places, and overtakes requests with the same key.
    pub(super) is_control: bool,
    /// The deadline of the caller.
    pub(super) deadline: Instant,
    pub(super) reply: ReplyTo,
    /// The size of the message in bytes.
    pub(super) size: usize,
    /// The handler, not yet started.
    pub(super) work: BoxFuture<'static, Answer>,
}

/// The receiver of a reply.
pub(super) struct ReplyTo {
    /// The reply subject, an inbox.
    pub(super) subject: String,
    /// The deduplication key, if the request is deduplicated.
    pub(super) name: Option<RequestKey>,
}

/// A started job.
pub(super) struct Started {
    pub(super) deadline: Instant,
    pub(super) work: BoxFuture<'static, Answer>,
    pub(super) execution: Arc<Execution>,
}

/// The execution of a job. The handler and a control request that overtakes it may both end the execution; the first of
/// them takes the reply subject.
pub(super) struct Execution {
    pub(super) key: Option<OrderingKey>,
    pub(super) is_control: bool,
    pub(super) size: usize,
    reply: Mutex<Option<ReplyTo>>,
    aborted: Notify,
}

/// A completed execution. Only a started job can create this value, so the counts of the schedule are right.
pub(super) struct Finished(Arc<Execution>);

impl Job {
    pub(super) fn start(self) -> Started {
        let execution = Execution {
            key: self.key,
            is_control: self.is_control,
            size: self.size,
            reply: Mutex::new(Some(self.reply)),
            aborted: Notify::new(),
        };
        Started {
            deadline: self.deadline,
            work: self.work,
            execution: Arc::new(execution),
        }
    }
}

impl Execution {
    /// Takes the receiver of the reply; `None` if the request was answered already.
    pub(super) fn take_reply(&self) -> Option<ReplyTo> {
        let mut reply = self.reply.lock().unwrap_or_else(PoisonError::into_inner);
        reply.take()
    }

    /// Stops the handler at its next await.
    pub(super) fn abort(&self) {
        self.aborted.notify_one();
    }

    /// Waits until the execution is aborted.
    pub(super) async fn aborted(&self) {
        self.aborted.notified().await;
    }

    pub(super) fn finished(self: Arc<Self>) -> Finished {
        Finished(self)
    }
}

impl Finished {
    pub(super) fn execution(&self) -> &Arc<Execution> {
        &self.0
    }
}
