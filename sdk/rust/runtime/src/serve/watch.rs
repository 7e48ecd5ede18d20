//! Keeping a runtime attentive while handlers block its threads.
//!
//! Of a runtime's threads, one waits for sockets and timers. When these wake a single task, that thread runs it and
//! leaves its place to nobody; a handler in that task that blocks makes the whole process deaf, however many threads
//! are idle. (Tokio has a cure, "eager driver handoff", but not in stable builds.) A task that comes from outside
//! wakes a thread, which finds the place free and takes it. So a thread of our own sends one now and then, as long as
//! requests run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

use super::schedule::Schedule;

/// How long a runtime may be deaf.
const INTERVAL: Duration = Duration::from_millis(10);

/// The thread that watches over the runtime of one server. Dropped, the thread ends.
#[derive(Debug)]
pub(super) struct Watch {
    thread: Thread,
}

impl Watch {
    /// Watches over the runtime of the handlers, if it has threads to wake.
    pub(super) fn start(
        runtime: &Handle,
        schedule: &Arc<Schedule>,
        asleep: &Arc<Asleep>,
    ) -> Option<Self> {
        if runtime.runtime_flavor() == RuntimeFlavor::CurrentThread {
            return None;
        }
        let watching = thread::Builder::new()
            .name("natsgen-watch".to_owned())
            .spawn({
                let (runtime, asleep) = (runtime.clone(), Arc::clone(asleep));
                let schedule = Arc::downgrade(schedule);
                move || watch(&runtime, &schedule, &asleep)
            });
        match watching {
            Ok(watching) => Some(Self {
                thread: watching.thread().clone(),
            }),
            Err(error) => {
                tracing::warn!(%error, "handlers that block will delay others");
                None
            }
        }
    }

    /// Ends the sleep of a thread that found nothing to watch.
    pub(super) fn wake(&self) {
        self.thread.unpark();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.wake();
    }
}

/// Whether the thread sleeps until it is woken.
#[derive(Debug, Default)]
pub(super) struct Asleep(AtomicBool);

impl Asleep {
    /// True for the first who asks after the thread fell asleep.
    pub(super) fn end(&self) -> bool {
        self.0.load(Ordering::SeqCst) && self.0.swap(false, Ordering::SeqCst)
    }
}

fn watch(runtime: &Handle, schedule: &Weak<Schedule>, asleep: &Asleep) {
    let mut seen = 0;
    while let Some(schedule) = schedule.upgrade() {
        asleep.0.store(true, Ordering::SeqCst);
        // The schedule's lock comes in between: a job is either seen here, or sees that the thread sleeps.
        let (running, _) = schedule.load();
        let taken = schedule.taken();
        let is_idle = running == 0 && taken == seen;
        seen = taken;
        if !is_idle {
            asleep.0.store(false, Ordering::SeqCst);
        }
        if running > 0 {
            runtime.spawn(async {});
        }
        drop(schedule);
        if is_idle {
            thread::park();
        } else {
            thread::sleep(INTERVAL);
        }
    }
}
