//! Orders to a process, line by line, and its answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;
use tokio::sync::{Mutex as AsyncMutex, oneshot};
use tokio::task::JoinHandle;

use crate::child::Said;

/// Gives orders to a process. A clone gives them to the same.
#[derive(Clone, Debug)]
pub(crate) struct Orders(Arc<Desk>);

#[derive(Debug)]
struct Desk {
    input: AsyncMutex<ChildStdin>,
    open: Arc<Mutex<Open>>,
    last: AtomicU64,
    listening: JoinHandle<()>,
}

/// Who waits for an answer to which order; none once there will be no more.
type Open = Option<HashMap<u64, oneshot::Sender<String>>>;

impl Orders {
    /// Orders to who reads `input`.
    pub(crate) fn new(input: ChildStdin, said: Said) -> Self {
        let open = Arc::new(Mutex::new(Some(HashMap::new())));
        Self(Arc::new(Desk {
            input: AsyncMutex::new(input),
            open: Arc::clone(&open),
            last: AtomicU64::default(),
            listening: tokio::spawn(listen(said, open)),
        }))
    }

    /// Gives an order: the answer, or none if the process has ended before.
    pub(crate) async fn give(&self, order: &str) -> Option<String> {
        let number = self.0.last.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        lock(&self.0.open).as_mut()?.insert(number, answer);
        let line = format!("{number} {order}\n");
        let mut input = self.0.input.lock().await;
        // An error says that it has ended, and so do those who listen.
        let _ = input.write_all(line.as_bytes()).await;
        drop(input);
        answered.await.ok()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(mut said: Said, open: Arc<Mutex<Open>>) {
    while let Ok(Some(line)) = said.next_line().await {
        let Some((number, answer)) = line.split_once(' ') else {
            continue;
        };
        let number = number.parse().ok();
        let waiting = number.and_then(|number: u64| lock(&open).as_mut()?.remove(&number));
        if let Some(waiting) = waiting {
            // An error says that nobody waits any more.
            let _ = waiting.send(answer.to_owned());
        }
    }
    *lock(&open) = None;
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
