//! Execution of requests.
//!
//! A task per request costs 12 to 23 % of the throughput over NATS. This was measured with 1, 64 and 512 concurrent
//! calls on a busy machine. So a runner task takes many requests and polls each handler once. A handler that does not
//! complete in this poll continues in its own task.
//!
//! Three measures keep a handler that blocks its thread from delaying other handlers:
//! - A runner collects replies, sends them together, and then yields. Sending a reply wakes the connection's task on
//!   the runner's thread, where no other thread can take it. A handler that blocks this thread would stop the
//!   connection. For the same reason the runner yields after it starts a task.
//! - Other runners take over the collected replies and the queued requests of a blocked runner. The receiver starts a
//!   runner with each batch, and also when no request was taken for 5 ms.
//! - A watchdog thread ensures that a thread of the runtime polls the I/O driver: see `watch`.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};

use super::answer::Answer;
use super::dedup::{Dedup, Lookup};
use super::job::{Execution, Finished, Job, ReplyTo, Started};
use super::schedule::Schedule;
use super::server::PATIENCE;
use super::state::ServingState;
use super::stats::{Counters, Stats};
use super::watch::{Asleep, Watch};
use crate::error_form::ErrorForm;
use crate::rpc::connection::Connection;
use crate::rpc::fault::StandardFault;
use crate::rpc::fault::write_standard;
use crate::transport::headers::RETRY_HEADER;
use crate::transport::{BoxFuture, Message, PublishError};

/// The number of requests that a runner takes before it sends their replies.
const ROUND: usize = 32;

/// The time after which a runner sends its replies, and starts another runner if requests are queued.
const ROUND_LIMIT: Duration = Duration::from_micros(100);

/// The time between the deadline of a queued request and its removal by the timer, so that its caller gives up first.
const LATENESS: Duration = Duration::from_millis(50);

/// The interval in which a shutdown checks whether other tasks have sent their replies.
const FLUSH_PAUSE: Duration = Duration::from_millis(1);

/// The shared state of a server's tasks.
pub(super) struct Serving {
    pub(super) connection: Connection,
    pub(super) schedule: Arc<Schedule>,
    pub(super) counters: Counters,
    /// The deduplication table; `None` without deduplication.
    pub(super) dedup: Option<Dedup>,
    /// The form of errors; `None` for the form of this library.
    error_form: Option<&'static ErrorForm>,
    /// The runtime of the handlers.
    runtime: Handle,
    /// The watchdog thread; empty if the runtime has a single thread, or the thread could not start.
    watch: OnceLock<Watch>,
    asleep: Arc<Asleep>,
    /// How long a control request waits for the running request with its ordering key.
    grace: Duration,
    /// Replies that are ready to be sent.
    outbox: Mutex<Vec<Message>>,
    /// The number of replies that are in the outbox or are being sent.
    unsent: AtomicUsize,
    /// The size of these replies in bytes.
    unsent_bytes: AtomicUsize,
    /// While unsent replies take more bytes, no request starts. Beyond twice this size, refusals are dropped.
    reply_bytes: usize,
}

impl Serving {
    pub(super) fn new(
        connection: Connection,
        schedule: Schedule,
        dedup: Option<Dedup>,
        error_form: Option<&'static ErrorForm>,
        runtime: Handle,
        (grace, reply_bytes): (Duration, usize),
    ) -> Arc<Self> {
        let serving = Arc::new(Self {
            connection,
            schedule: Arc::new(schedule),
            counters: Counters::default(),
            dedup,
            error_form,
            runtime,
            watch: OnceLock::new(),
            asleep: Arc::default(),
            grace,
            outbox: Mutex::default(),
            unsent: AtomicUsize::new(0),
            unsent_bytes: AtomicUsize::new(0),
            reply_bytes,
        });
        if let Some(watch) = Watch::start(&serving.runtime, &serving.schedule, &serving.asleep) {
            serving.watch.get_or_init(|| watch);
        }
        serving
    }

    pub(super) fn stats(&self) -> Stats {
        let saturation = self.schedule.saturation(Instant::now());
        self.counters.snapshot(self.schedule.load(), saturation)
    }

    /// Starts a runner.
    pub(super) fn spawn(self: &Arc<Self>) {
        self.runtime.spawn(Arc::clone(self).run(None));
    }

    /// Sends the collected replies in a task of this runtime. The handlers may block all threads of their runtime.
    fn spawn_send(self: &Arc<Self>) {
        let serving = Arc::clone(self);
        tokio::spawn(async move { serving.send().await });
    }

    /// Adds a reply with a standard fault to the outbox.
    pub(super) fn refuse(&self, reply: String, fault: &StandardFault) {
        if self.unsent_bytes.load(Ordering::Relaxed) / 2 > self.reply_bytes {
            self.counters.unsent.add(1);
            return;
        }
        self.put(reply, write_standard(self.error_form, fault));
    }

    /// Returns the job if it must be executed. A duplicate is answered now, or together with the first request.
    pub(super) fn deduplicate(&self, job: Job, now: Instant) -> Option<Job> {
        let (Some(dedup), Some(name)) = (&self.dedup, job.reply.name) else {
            return Some(job);
        };
        match dedup.begin(name, &job.reply.subject, now) {
            Lookup::New => return Some(job),
            Lookup::Pending => {}
            Lookup::Executed(answer) => self.put(job.reply.subject, answer),
            Lookup::Forgotten => {
                let answer = write_standard(self.error_form, &StandardFault::ReplyForgotten);
                self.put(job.reply.subject, answer);
            }
            Lookup::Full => {
                self.counters.refused.add(1);
                self.refuse(job.reply.subject, &StandardFault::Overloaded);
                return None;
            }
        }
        self.counters.repeated.add(1);
        None
    }

    /// Queues jobs. Refuses the jobs that have no room, and the jobs that leave the queue for them.
    pub(super) fn admit(self: &Arc<Self>, jobs: &mut Vec<Job>, now: Instant) {
        let admission = self.schedule.admit(jobs, now);
        let has_refused = !admission.refused.is_empty();
        let has_removed = !admission.cancelled.is_empty() || !admission.expired.is_empty();
        self.counters.refused.add(admission.refused.len());
        for (job, fault) in admission.refused {
            self.refuse_unexecuted(job.reply, &fault);
        }
        self.counters.cancelled.add(admission.cancelled.len());
        for job in admission.cancelled {
            self.refuse_unexecuted(job.reply, &StandardFault::Cancelled);
        }
        self.refuse_expired(admission.expired);
        for execution in admission.overtaken {
            self.abort_after_grace(execution);
        }
        self.spawn();
        if has_refused || has_removed {
            self.spawn_send();
        }
    }

    /// Refuses the queued jobs whose deadline has passed.
    pub(super) fn expire(self: &Arc<Self>, now: Instant) {
        let expired = now.checked_sub(LATENESS);
        let expired = expired.map_or_else(VecDeque::new, |end| self.schedule.expire(end));
        if !expired.is_empty() {
            self.refuse_expired(expired);
            self.spawn();
            self.spawn_send();
        }
    }

    fn refuse_expired(&self, expired: impl IntoIterator<Item = Job>) {
        for job in expired {
            self.counters.expired.add(1);
            self.refuse_unexecuted(job.reply, &StandardFault::DeadlineExceeded);
        }
    }

    /// Refuses a request that was not executed, and its duplicates.
    fn refuse_unexecuted(&self, reply: ReplyTo, fault: &StandardFault) {
        if let (Some(dedup), Some(name)) = (&self.dedup, reply.name) {
            for other in dedup.release(name) {
                self.refuse(other, fault);
            }
        }
        self.refuse(reply.subject, fault);
    }

    /// Ends the execution of a running job after the grace time, unless it has ended by itself. The handler stops at
    /// its next await; a handler that blocks its thread continues, and its reply is dropped.
    fn abort_after_grace(self: &Arc<Self>, execution: Arc<Execution>) {
        let serving = Arc::clone(self);
        tokio::spawn(async move {
            sleep(serving.grace).await;
            if let Some(reply) = serving.schedule.abort(&execution) {
                serving.counters.aborted.add(1);
                let answer = write_standard(serving.error_form, &StandardFault::Aborted);
                serving.complete(reply, answer);
                serving.spawn();
                serving.send().await;
            }
        });
    }

    /// Clears the queue. The queued requests are refused, or left to another server that receives them too. A request
    /// whose deadline has passed gets no reply, because its caller has given up.
    pub(super) fn clear_queue(&self, state: ServingState) {
        let now = Instant::now();
        for job in self.schedule.clear() {
            if job.deadline <= now {
                self.counters.expired.add(1);
                self.release(&job);
            } else if state == ServingState::HandedOver {
                self.counters.left.add(self.release(&job));
            } else {
                self.counters.refused.add(1);
                self.refuse_unexecuted(job.reply, &StandardFault::Draining);
            }
        }
    }

    /// Drops a job and its duplicates without a reply. Returns their number.
    fn release(&self, job: &Job) -> usize {
        match (&self.dedup, job.reply.name) {
            (Some(dedup), Some(name)) => 1 + dedup.release(name).len(),
            _ => 1,
        }
    }

    /// Answers an executed job and its duplicates.
    fn complete(&self, reply: ReplyTo, answer: Answer) {
        if let (Some(dedup), Some(name)) = (&self.dedup, reply.name) {
            // A request that may be sent again was not executed.
            let is_refused = answer.0.get(RETRY_HEADER).is_some();
            let others = if is_refused {
                dedup.release(name)
            } else {
                dedup.complete(name, &answer, Instant::now())
            };
            for other in others {
                self.put(other, answer.clone());
            }
        }
        self.put(reply.subject, answer);
    }

    /// Answers an execution, unless a control request has ended it.
    fn complete_execution(&self, execution: &Execution, answer: Answer) {
        if let Some(reply) = execution.take_reply() {
            self.complete(reply, answer);
        }
    }

    /// Waits until no request runs or is queued. Clears the queue if the serving state is final.
    pub(super) async fn settle(self: &Arc<Self>) {
        loop {
            // Another server can take over during the shutdown.
            let state = self.schedule.state();
            if state.is_over() {
                self.clear_queue(state);
            }
            if timeout(PATIENCE, self.schedule.idle()).await.is_ok() {
                return;
            }
            self.expire(Instant::now());
            self.spawn();
        }
    }

    /// Returns true if requests are queued or replies are unsent.
    pub(super) fn is_busy(&self) -> bool {
        let (_, waiting) = self.schedule.load();
        waiting > 0 || self.unsent.load(Ordering::Relaxed) > 0
    }

    /// Waits until all replies are sent, including replies that other tasks are sending.
    pub(super) async fn flush(&self) {
        while self.unsent.load(Ordering::Acquire) > 0 {
            if !self.send().await {
                sleep(FLUSH_PAUSE).await;
            }
        }
    }

    /// Sends the collected replies. Returns true if there were any.
    async fn send(&self) -> bool {
        let mut answers = std::mem::take(&mut *self.outbox());
        if answers.is_empty() {
            return false;
        }
        for answer in answers.drain(..) {
            let size = answer.size();
            if let Err(error) = self.publish(answer).await {
                self.counters.unsent.add(1);
                tracing::error!(%error, "an answer was not sent");
            }
            self.unsent_bytes.fetch_sub(size, Ordering::Relaxed);
            self.unsent.fetch_sub(1, Ordering::Release);
        }
        let mut outbox = self.outbox();
        if outbox.capacity() == 0 {
            *outbox = answers;
        }
        true
    }

    fn outbox(&self) -> MutexGuard<'_, Vec<Message>> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn publish(&self, answer: Message) -> Result<(), PublishError> {
        let (size, limit) = (answer.size(), self.connection.max_payload());
        if size <= limit {
            return self.connection.publish(answer).await;
        }
        let detail = format!("{size} bytes, the limit is {limit}");
        let (headers, payload) =
            write_standard(self.error_form, &StandardFault::ReplyTooLarge { detail });
        self.connection
            .publish(Message {
                subject: answer.subject,
                headers,
                payload,
                ..Message::default()
            })
            .await
    }

    /// Runs queued requests until the queue is empty. The future is boxed, because a task that it starts becomes a
    /// runner itself.
    fn run(self: Arc<Self>, mut finished: Option<Finished>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            loop {
                let is_done = self.round(&mut finished).await;
                self.send().await;
                if is_done {
                    break;
                }
                yield_now().await;
            }
        })
    }

    /// Runs up to `ROUND` requests; stops after it starts a task. Returns true if no job can be taken.
    async fn round(self: &Arc<Self>, finished: &mut Option<Finished>) -> bool {
        let started = Instant::now();
        let mut now = started;
        for _ in 0..ROUND {
            let may_start = self.unsent_bytes.load(Ordering::Relaxed) <= self.reply_bytes;
            let Some(next) = self.schedule.next(finished.take(), may_start) else {
                return true;
            };
            *finished = self.begin(next, now).await;
            if finished.is_none() {
                break;
            }
            now = Instant::now();
            if now - started > ROUND_LIMIT {
                self.spawn();
                break;
            }
        }
        false
    }

    /// Polls a job once. If the job is still pending, it continues in its own task.
    async fn begin(self: &Arc<Self>, started: Started, now: Instant) -> Option<Finished> {
        if self.asleep.end() {
            self.watch.get().inspect(|watch| watch.wake());
        }
        let Started {
            deadline,
            mut work,
            execution,
        } = started;
        if deadline <= now {
            self.counters.expired.add(1);
            if let Some(reply) = execution.take_reply() {
                self.refuse_unexecuted(reply, &StandardFault::DeadlineExceeded);
            }
            return Some(execution.finished());
        }
        match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            Poll::Ready(answer) => {
                self.complete_execution(&execution, answer);
                Some(execution.finished())
            }
            Poll::Pending => {
                let serving = Arc::clone(self);
                tokio::spawn(async move {
                    tokio::select! {
                        biased;
                        answer = &mut work => serving.complete_execution(&execution, answer),
                        () = execution.aborted() => {}
                    }
                    // The values of a stopped handler may panic while they are dropped.
                    if catch_unwind(AssertUnwindSafe(|| drop(work))).is_err() {
                        serving.counters.panicked.add(1);
                    }
                    if serving.send().await {
                        yield_now().await;
                    }
                    serving.run(Some(execution.finished())).await;
                });
                None
            }
        }
    }

    fn put(&self, reply: String, (headers, payload): Answer) {
        let answer = Message {
            subject: reply,
            headers,
            payload,
            ..Message::default()
        };
        self.unsent.fetch_add(1, Ordering::Relaxed);
        self.unsent_bytes
            .fetch_add(answer.size(), Ordering::Relaxed);
        self.outbox().push(answer);
    }
}
