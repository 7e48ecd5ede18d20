//! Has commands committed, many in one entry where many come at once.
//!
//! openraft waits for the leader's disk with each entry before it looks at the next. So commands that come meanwhile are
//! put together, as databases do it, and share one write to each disk.

use std::future::pending;

use natsgen_runtime::Connection;
use openraft::error::{ForwardToLeader, RaftError};
use tokio::sync::{mpsc, oneshot};

use super::admission::Admission;
use super::error::ReplicaError;
use super::kinds::{Metrics, Raft};
use super::service::{assert_leads, write_error};
use super::wire::OnWire;
use crate::raft::WriteReply;
use crate::types::Command;

/// The most commands of an entry. The schema allows more.
const MOST: usize = 256;

/// The most bytes of an entry with more than one command: far fewer values than readers take in one message.
const LARGEST: usize = 512 * 1024;

/// How many commands wait for the entry before theirs; others wait for room.
const WAITING: usize = 1_024;

/// Has commands committed. A clone works with the same entries.
#[derive(Clone)]
pub(super) struct Writer {
    admission: Admission,
    queue: mpsc::Sender<Waiting>,
}

/// A command that is to be committed.
struct Waiting {
    command: Command,
    /// Bytes of a message with nothing but this.
    size: usize,
    reply: oneshot::Sender<Result<WriteReply, ReplicaError>>,
}

impl Writer {
    pub(super) fn start(raft: Raft, connection: &Connection) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        tokio::spawn(run(raft, connection.clone(), waiting));
        Self {
            admission: Admission::new(connection),
            queue,
        }
    }

    /// Has a command committed and applied. Dropped before it is done, the command may or may not be committed.
    pub(super) async fn commit(&self, command: Command) -> Result<WriteReply, ReplicaError> {
        let size = self.admission.check(&command)?;
        let (reply, committed) = oneshot::channel();
        let waiting = Waiting {
            command,
            size,
            reply,
        };
        let stopped = || ReplicaError::Stopped("it takes no commands any more".to_owned());
        self.queue.send(waiting).await.map_err(|_| stopped())?;
        committed.await.unwrap_or_else(|_| Err(stopped()))
    }
}

/// Writes one entry after the other, until nobody can ask for one.
async fn run(raft: Raft, connection: Connection, mut waiting: mpsc::Receiver<Waiting>) {
    let mut next = None;
    loop {
        let first = match next.take() {
            Some(first) => first,
            None => match waiting.recv().await {
                Some(first) => first,
                None => return,
            },
        };
        let room = LARGEST.min(connection.max_payload());
        let mut size = first.size;
        let mut together = vec![first];
        while together.len() < MOST
            && let Ok(another) = waiting.try_recv()
        {
            size += another.size;
            if size > room {
                next = Some(another);
                break;
            }
            together.push(another);
        }
        // Nobody waits for those any more, and they are in no log yet.
        together.retain(|one| !one.reply.is_closed());
        write(&raft, together).await;
    }
}

async fn write(raft: &Raft, together: Vec<Waiting>) {
    if together.is_empty() {
        return;
    }
    let (commands, replies): (Vec<_>, Vec<_>) = together
        .into_iter()
        .map(|one| (one.command, one.reply))
        .unzip();
    if assert_leads(raft).is_err() {
        for reply in replies {
            // An error says that nobody waits.
            let _ = reply.send(assert_leads(raft).and(Err(ReplicaError::not_leader(None))));
        }
        return;
    }
    let term = raft.metrics().borrow().current_term;
    let written = tokio::select! {
        biased;
        written = raft.client_write(commands) => written,
        () = deposed(raft, term) => Err(RaftError::APIError(ForwardToLeader::empty().into())),
    };
    match written {
        Ok(written) => {
            for (reply, outcome) in replies.into_iter().zip(written.data) {
                let log_id = written.log_id.to_wire().map_err(ReplicaError::from);
                let _ = reply.send(log_id.map(|log_id| WriteReply { log_id, outcome }));
            }
        }
        Err(error) => {
            for reply in replies {
                let _ = reply.send(Err(write_error(error.clone())));
            }
        }
    }
}

/// Waits until a node that led in `term` leads no longer. openraft says nothing of an entry that it skips, because a
/// snapshot of the new leader is ahead of it; whoever waited for that would wait for good.
async fn deposed(raft: &Raft, term: u64) {
    let is_over = |metrics: &Metrics| metrics.current_term > term || !metrics.state.is_leader();
    if raft.metrics().wait_for(is_over).await.is_err() {
        // It has stopped, and says so to who writes.
        pending::<()>().await;
    }
}
