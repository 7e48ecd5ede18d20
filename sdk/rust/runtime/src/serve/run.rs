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

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use super::answer::Answer;
use super::dedup::{Dedup, Lookup, RequestKey};
use super::schedule::{Finished, Job, Schedule};
use super::state::ServingState;
use super::stats::Counters;
use super::watch::{Asleep, Watch};
use crate::rpc::connection::Connection;
use crate::rpc::fault::StandardFault;
use crate::rpc::fault::write_standard;
use crate::transport::{BoxFuture, Message, PublishError};

/// The number of requests that a runner takes before it sends their replies.
const ROUND: usize = 32;

/// The time after which a runner sends its replies, and starts another runner if requests are queued.
const ROUND_LIMIT: Duration = Duration::from_micros(100);

/// The interval in which a shutdown checks whether other tasks have sent their replies.
const FLUSH_PAUSE: Duration = Duration::from_millis(1);

/// The shared state of a server's tasks.
pub(super) struct Serving {
    pub(super) connection: Connection,
    pub(super) schedule: Arc<Schedule>,
    pub(super) counters: Counters,
    /// The deduplication table; `None` without deduplication.
    pub(super) dedup: Option<Dedup>,
    /// The runtime of the handlers.
    runtime: Handle,
    /// The watchdog thread; empty if the runtime has a single thread, or the thread could not start.
    watch: OnceLock<Watch>,
    asleep: Arc<Asleep>,
    /// Replies that are ready to be sent.
    outbox: Mutex<Vec<Message>>,
    /// The number of replies that are in the outbox or are being sent.
    unsent: AtomicUsize,
}

impl Serving {
    pub(super) fn new(
        connection: Connection,
        schedule: Schedule,
        dedup: Option<Dedup>,
        runtime: Handle,
    ) -> Arc<Self> {
        let serving = Arc::new(Self {
            connection,
            schedule: Arc::new(schedule),
            counters: Counters::default(),
            dedup,
            runtime,
            watch: OnceLock::new(),
            asleep: Arc::default(),
            outbox: Mutex::default(),
            unsent: AtomicUsize::new(0),
        });
        if let Some(watch) = Watch::start(&serving.runtime, &serving.schedule, &serving.asleep) {
            serving.watch.get_or_init(|| watch);
        }
        serving
    }

    /// Starts a runner.
    pub(super) fn spawn(self: &Arc<Self>) {
        self.runtime.spawn(Arc::clone(self).run(None));
    }

    /// Adds a reply with a standard fault to the outbox.
    pub(super) fn refuse(&self, reply: String, fault: &StandardFault) {
        self.put(reply, write_standard(fault));
    }

    /// Returns the job if it must be executed. A duplicate is answered now, or together with the first request.
    pub(super) fn deduplicate(&self, job: Job, now: Instant) -> Option<Job> {
        let (Some(dedup), Some(name)) = (&self.dedup, job.name) else {
            return Some(job);
        };
        match dedup.begin(name, &job.reply, now) {
            Lookup::New => return Some(job),
            Lookup::Pending => {}
            Lookup::Executed(answer) => self.put(job.reply, answer),
            Lookup::Full => {
                self.counters.refused.add(1);
                self.refuse(job.reply, &StandardFault::Overloaded);
                return None;
            }
        }
        self.counters.repeated.add(1);
        None
    }

    /// Refuses a job and its duplicates.
    pub(super) fn refuse_job(&self, job: Job, fault: &StandardFault) {
        if let (Some(dedup), Some(name)) = (&self.dedup, job.name) {
            for other in dedup.release(name) {
                self.refuse(other, fault);
            }
        }
        self.refuse(job.reply, fault);
    }

    /// Clears the queue. The queued requests are refused, or left to another server that receives them too.
    pub(super) fn clear_queue(&self, state: ServingState) {
        for job in self.schedule.clear() {
            if state == ServingState::HandedOver {
                self.counters.left.add(self.release(&job));
            } else {
                self.counters.refused.add(1);
                self.refuse_job(job, &StandardFault::Draining);
            }
        }
    }

    /// Drops a job and its duplicates without a reply. Returns their number.
    fn release(&self, job: &Job) -> usize {
        match (&self.dedup, job.name) {
            (Some(dedup), Some(name)) => 1 + dedup.release(name).len(),
            _ => 1,
        }
    }

    /// Answers an executed job and its duplicates.
    fn complete(&self, reply: String, name: Option<RequestKey>, answer: Answer) {
        if let (Some(dedup), Some(name)) = (&self.dedup, name) {
            for other in dedup.complete(name, &answer, Instant::now()) {
                self.put(other, answer.clone());
            }
        }
        self.put(reply, answer);
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
            if let Err(error) = self.publish(answer).await {
                self.counters.unsent.add(1);
                tracing::error!(%error, "an answer was not sent");
            }
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
        let (headers, payload) = write_standard(&StandardFault::ReplyTooLarge { detail });
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
            let Some(job) = self.schedule.next(finished.take()) else {
                return true;
            };
            *finished = self.begin(job, now).await;
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
    async fn begin(self: &Arc<Self>, mut job: Job, now: Instant) -> Option<Finished> {
        if self.asleep.end() {
            self.watch.get().inspect(|watch| watch.wake());
        }
        let finished = job.finished();
        if job.deadline <= now {
            self.counters.expired.add(1);
            self.refuse_job(job, &StandardFault::DeadlineExceeded);
            return Some(finished);
        }
        match poll_fn(|context| Poll::Ready(job.work.as_mut().poll(context))).await {
            Poll::Ready(answer) => {
                self.complete(job.reply, job.name, answer);
                Some(finished)
            }
            Poll::Pending => {
                let serving = Arc::clone(self);
                tokio::spawn(async move {
                    let answer = job.work.await;
                    serving.complete(job.reply, job.name, answer);
                    if serving.send().await {
                        yield_now().await;
                    }
                    serving.run(Some(finished)).await;
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
        self.outbox().push(answer);
    }
}
