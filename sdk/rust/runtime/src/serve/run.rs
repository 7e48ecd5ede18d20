//! Running requests.
//!
//! A task per request was measured to cost 12 to 23 % of the throughput over NATS, at 1, 64 and 512 calls in flight on
//! a busy machine. So a runner takes many, polls each handler once, and only what is not done by then becomes a task of
//! its own. Three things keep a handler that blocks its thread from stopping the others:
//! - Answers are gathered and sent together, and the runner yields behind that. Sending wakes the connection's task
//!   onto the runner's thread, where no other thread may take it: a handler that blocked there would stop the
//!   connection. For the same reason it yields once it has started a task: the handler in it would wait for the next.
//! - What a stuck runner has gathered, and what waits behind it, another runner takes: the receiver starts one with
//!   each batch, and when nothing was taken for a while.
//! - A thread of our own sees to it that some thread of the runtime listens: see `watch`.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use super::answer::Answer;
use super::dedup::{Dedup, Met, Name};
use super::schedule::{Finished, Job, Schedule};
use super::state::ServingState;
use super::stats::Counters;
use super::watch::{Asleep, Watch};
use crate::rpc::connection::Connection;
use crate::rpc::fault::StandardFault;
use crate::rpc::fault::write_standard;
use crate::transport::{BoxFuture, Message, PublishError};

/// Requests that a runner takes before it sends their answers.
const ROUND: usize = 32;

/// How long a runner goes on before it sends answers, and lets another one help if there is more to do.
const ROUND_LIMIT: Duration = Duration::from_micros(100);

/// How often a shutdown looks whether another task has sent its answers.
const FLUSH_PAUSE: Duration = Duration::from_millis(1);

/// What runs on behalf of one server.
pub(super) struct Serving {
    pub(super) connection: Connection,
    pub(super) schedule: Arc<Schedule>,
    pub(super) counters: Counters,
    /// None where requests are executed as often as they come.
    pub(super) memory: Option<Dedup>,
    /// Where handlers run.
    runtime: Handle,
    /// Empty where no thread could be woken.
    watch: OnceLock<Watch>,
    asleep: Arc<Asleep>,
    /// Answers to be sent.
    outbox: Mutex<Vec<Message>>,
    /// How many answers are in the outbox or on their way out of it.
    unsent: AtomicUsize,
}

impl Serving {
    pub(super) fn new(
        connection: Connection,
        schedule: Schedule,
        memory: Option<Dedup>,
        runtime: Handle,
    ) -> Arc<Self> {
        let serving = Arc::new(Self {
            connection,
            schedule: Arc::new(schedule),
            counters: Counters::default(),
            memory,
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

    /// Starts one more runner.
    pub(super) fn spawn(self: &Arc<Self>) {
        self.runtime.spawn(Arc::clone(self).run(None));
    }

    /// Answers with a standard fault, with the next answers that are sent.
    pub(super) fn refuse(&self, reply: String, fault: &StandardFault) {
        self.put(reply, write_standard(fault));
    }

    /// The job, if it is to be executed. One that was sent again has its answer, or gets it with the first.
    pub(super) fn meet(&self, job: Job, now: Instant) -> Option<Job> {
        let (Some(memory), Some(name)) = (&self.memory, job.name) else {
            return Some(job);
        };
        match memory.meet(name, &job.reply, now) {
            Met::First => return Some(job),
            Met::Waits => {}
            Met::Executed(answer) => self.put(job.reply, answer),
            Met::Crowded => {
                self.counters.refused.add(1);
                self.refuse(job.reply, &StandardFault::Overloaded);
                return None;
            }
        }
        self.counters.repeated.add(1);
        None
    }

    /// Answers a job that is not executed, and those that were sent again meanwhile.
    pub(super) fn turn_away(&self, job: Job, fault: &StandardFault) {
        if let (Some(memory), Some(name)) = (&self.memory, job.name) {
            for other in memory.release(name) {
                self.refuse(other, fault);
            }
        }
        self.refuse(job.reply, fault);
    }

    /// Gives up what waits: it is refused, or left to another server that gets it, too.
    pub(super) fn give_up(&self, state: ServingState) {
        for job in self.schedule.clear() {
            if state == ServingState::HandedOver {
                self.counters.left.add(self.leave(&job));
            } else {
                self.counters.refused.add(1);
                self.turn_away(job, &StandardFault::Draining);
            }
        }
    }

    /// Leaves a job, and those that were sent again meanwhile, to another server. How many they are.
    fn leave(&self, job: &Job) -> usize {
        match (&self.memory, job.name) {
            (Some(memory), Some(name)) => 1 + memory.release(name).len(),
            _ => 1,
        }
    }

    /// Answers a job that was executed, and those that were sent again meanwhile.
    fn settle(&self, reply: String, name: Option<Name>, answer: Answer) {
        if let (Some(memory), Some(name)) = (&self.memory, name) {
            for other in memory.settle(name, &answer, Instant::now()) {
                self.put(other, answer.clone());
            }
        }
        self.put(reply, answer);
    }

    /// Whether requests wait, or answers are to be sent.
    pub(super) fn is_busy(&self) -> bool {
        let (_, waiting) = self.schedule.load();
        waiting > 0 || self.unsent.load(Ordering::Relaxed) > 0
    }

    /// Sends all answers, those included that another task is about to send.
    pub(super) async fn flush(&self) {
        while self.unsent.load(Ordering::Acquire) > 0 {
            if !self.send().await {
                sleep(FLUSH_PAUSE).await;
            }
        }
    }

    /// Sends the answers that were gathered. True if there were any.
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

    /// Runs what waits until there is nothing more. Boxed, because a task that it starts ends as a runner itself.
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

    /// Runs some of what waits, up to a task that it starts. True if nothing more can be taken.
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

    /// Runs a job as far as it goes without waiting; what is left of it becomes a task.
    async fn begin(self: &Arc<Self>, mut job: Job, now: Instant) -> Option<Finished> {
        if self.asleep.end() {
            self.watch.get().inspect(|watch| watch.wake());
        }
        let finished = job.finished();
        if job.deadline <= now {
            self.counters.expired.add(1);
            self.turn_away(job, &StandardFault::DeadlineExceeded);
            return Some(finished);
        }
        match poll_fn(|context| Poll::Ready(job.work.as_mut().poll(context))).await {
            Poll::Ready(answer) => {
                self.settle(job.reply, job.name, answer);
                Some(finished)
            }
            Poll::Pending => {
                let serving = Arc::clone(self);
                tokio::spawn(async move {
                    let answer = job.work.await;
                    serving.settle(job.reply, job.name, answer);
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
