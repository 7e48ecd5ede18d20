//! Commits commands, several in an entry under load.
//!
//! openraft waits for the leader's disk with each entry before it handles the next. So commands that arrive meanwhile
//! are batched (group commit) and share a write to each disk. Without other implementations in the cluster, they share
//! an entry.

use std::future::pending;

use natsgen_runtime::{Connection, Value};
use openraft::error::{ForwardToLeader, RaftError};
use tokio::sync::{mpsc, oneshot};

use super::batch_readers::BatchReaders;
use super::convert::Convert;
use super::error::ReplicaError;
use super::leadership::{assert_leads, write_error};
use super::type_config::{Metrics, Raft};
use super::validator::CommandValidator;
use crate::raft::WriteReply;
use crate::types::Command;

/// The limit of commands in an entry. The schema allows more.
const MAX_COMMANDS: usize = 256;

/// The limit of bytes in an entry with several commands. Such an entry has far fewer values than a reader accepts in a
/// message.
const MAX_BYTES: usize = 512 * 1024;

/// The limit of queued commands. Further callers wait for a place in the queue.
const QUEUE: usize = 1_024;

/// Commits commands. Clones share the same queue.
#[derive(Clone)]
pub(super) struct Batcher {
    validator: CommandValidator,
    queue: mpsc::Sender<PendingCommand>,
}

/// A command that waits to be committed.
struct PendingCommand {
    command: Value,
    /// The size of a message that contains only this command, in bytes.
    size: usize,
    reply: oneshot::Sender<Result<WriteReply, ReplicaError>>,
}

impl Batcher {
    pub(super) fn start(raft: Raft, connection: &Connection) -> Self {
        let (queue, commands) = mpsc::channel(QUEUE);
        let readers = BatchReaders::default();
        tokio::spawn(readers.clone().run(raft.metrics(), connection.clone()));
        tokio::spawn(run(raft, connection.clone(), readers, commands));
        Self {
            validator: CommandValidator::new(connection),
            queue,
        }
    }

    /// Commits and applies a command. If the future is dropped, the command may or may not be committed.
    pub(super) async fn commit(&self, command: Command) -> Result<WriteReply, ReplicaError> {
        let (command, size) = self.validator.check(&command)?;
        let (reply, committed) = oneshot::channel();
        let command = PendingCommand {
            command,
            size,
            reply,
        };
        let stopped = || ReplicaError::Stopped("it accepts no commands any more".to_owned());
        self.queue.send(command).await.map_err(|_| stopped())?;
        committed.await.unwrap_or_else(|_| Err(stopped()))
    }
}

/// Writes entries until the last sender is dropped.
async fn run(
    raft: Raft,
    connection: Connection,
    readers: BatchReaders,
    mut commands: mpsc::Receiver<PendingCommand>,
) {
    let mut next = None;
    loop {
        let first = match next.take() {
            Some(first) => first,
            None => match commands.recv().await {
                Some(first) => first,
                None => return,
            },
        };
        let room = MAX_BYTES.min(connection.max_payload());
        let mut size = first.size;
        let mut batch = vec![first];
        let is_readable = readers.include_all(&raft.metrics().borrow());
        let most = if is_readable { MAX_COMMANDS } else { 1 };
        while batch.len() < most
            && let Ok(another) = commands.try_recv()
        {
            size += another.size;
            if size > room {
                next = Some(another);
                break;
            }
            batch.push(another);
        }
        // The callers of these commands have gone, and the commands are in no log yet.
        batch.retain(|command| !command.reply.is_closed());
        write(&raft, batch).await;
    }
}

async fn write(raft: &Raft, batch: Vec<PendingCommand>) {
    if batch.is_empty() {
        return;
    }
    let (commands, replies): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|command| (command.command, command.reply))
        .unzip();
    if assert_leads(raft).is_err() {
        for reply in replies {
            // An error means that the caller has gone.
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

/// Waits until a node that was the leader in `term` is not the leader any more. openraft never answers an entry that it
/// skips because the new leader's snapshot includes it. Its caller would wait for ever.
async fn deposed(raft: &Raft, term: u64) {
    let is_over = |metrics: &Metrics| metrics.current_term > term || !metrics.state.is_leader();
    if raft.metrics().wait_for(is_over).await.is_err() {
        // The node has stopped. `client_write` returns that error.
        pending::<()>().await;
    }
}
