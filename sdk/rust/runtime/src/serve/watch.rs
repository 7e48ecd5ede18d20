//! A watchdog thread that keeps a runtime responsive while handlers block its threads.
//!
//! A tokio runtime has a single I/O driver, which one of its threads polls. If an event wakes only a single task, the
//! thread runs this task and no thread polls the driver. If a handler in this task blocks, the whole process receives
//! no events, even if other threads are idle. Tokio has an option against this, "eager driver handoff", but not in
//! stable builds.
//!
//! A task that is spawned from outside the runtime wakes an idle thread, which then polls the driver. So the watchdog
//! thread spawns an empty task every 10 ms while requests run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

use super::schedule::Schedule;

/// The interval of the watchdog, and so the longest time without a poll of the I/O driver.
const INTERVAL: Duration = Duration::from_millis(10);

/// The watchdog thread of a server's runtime. Drop ends the thread.
#[derive(Debug)]
pub(super) struct Watch {
    thread: Thread,
}

impl Watch {
    /// Starts the watchdog for the runtime of the handlers, unless the runtime has a single thread.
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

    /// Wakes the thread, which sleeps while no request runs.
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
    /// Returns true for the first call after the thread started to sleep.
    pub(super) fn end(&self) -> bool {
        self.0.load(Ordering::SeqCst) && self.0.swap(false, Ordering::SeqCst)
    }
}

fn watch(runtime: &Handle, schedule: &Weak<Schedule>, asleep: &Asleep) {
    let mut seen = 0;
    while let Some(schedule) = schedule.upgrade() {
        asleep.0.store(true, Ordering::SeqCst);
        // The lock of the schedule orders the accesses: either this thread sees a new job, or the job sees that the
        // thread sleeps.
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
