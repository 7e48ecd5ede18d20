//! Commands to a child process, a line each, and their replies.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;
use tokio::sync::{Mutex as AsyncMutex, oneshot};
use tokio::task::JoinHandle;

use crate::child::Output;

/// Sends commands to a child process. A clone uses the same pipes.
#[derive(Clone, Debug)]
pub(crate) struct CommandChannel(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    input: AsyncMutex<ChildStdin>,
    pending: Arc<Mutex<Pending>>,
    last: AtomicU64,
    reader: JoinHandle<()>,
}

/// The pending commands by number; `None` once the process has closed its output.
type Pending = Option<HashMap<u64, oneshot::Sender<String>>>;

impl CommandChannel {
    /// A channel to the process that reads `input` and writes `output`.
    pub(crate) fn new(input: ChildStdin, output: Output) -> Self {
        let pending = Arc::new(Mutex::new(Some(HashMap::new())));
        Self(Arc::new(Shared {
            input: AsyncMutex::new(input),
            pending: Arc::clone(&pending),
            last: AtomicU64::default(),
            reader: tokio::spawn(read_replies(output, pending)),
        }))
    }

    /// Sends a command and waits for its reply. There is no reply if the process ends first.
    pub(crate) async fn send(&self, command: &str) -> Option<String> {
        let number = self.0.last.fetch_add(1, Ordering::Relaxed);
        let (reply, received) = oneshot::channel();
        lock(&self.0.pending).as_mut()?.insert(number, reply);
        let line = format!("{number} {command}\n");
        let mut input = self.0.input.lock().await;
        // After an error the process has ended; the reader then closes the reply channel.
        let _ = input.write_all(line.as_bytes()).await;
        drop(input);
        received.await.ok()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read_replies(mut output: Output, pending: Arc<Mutex<Pending>>) {
    while let Ok(Some(line)) = output.next_line().await {
        let Some((number, reply)) = line.split_once(' ') else {
            continue;
        };
        let number = number.parse().ok();
        let sender = number.and_then(|number: u64| lock(&pending).as_mut()?.remove(&number));
        if let Some(sender) = sender {
            // The sender of the command may have been cancelled.
            let _ = sender.send(reply.to_owned());
        }
    }
    *lock(&pending) = None;
}

fn lock(pending: &Mutex<Pending>) -> MutexGuard<'_, Pending> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}
