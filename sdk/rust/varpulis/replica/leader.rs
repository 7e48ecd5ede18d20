//! What only the leader can do, asked of any node.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{CallError, CallOptions, Failure};
use openraft::error::Fatal;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::error::ReplicaError;
use super::kinds::Metrics;
use super::missed::Missed;
use super::node::Replica;
use super::registry::Registry;
use crate::raft::{RaftClient, ReadIndexRequest, WriteReply, WriteRequest};
use crate::types::{Command, LogId, NodeId};

/// How long to wait for news of another leader before the same is asked again: less than an election takes.
const PAUSE: Duration = Duration::from_millis(50);

/// Another node that has not answered after this part of the patience is asked again.
const ATTEMPTS: u32 = 4;

/// The last reasons why nothing came of asking, again and again.
#[derive(Default)]
struct Failed {
    undone: Option<ReplicaError>,
    unknown: Option<ReplicaError>,
}

/// Something that only the leader can do.
trait Question {
    type Answer;

    /// Asks `leader`, for its answer up to `limit` if it is another node.
    fn ask(
        &mut self,
        replica: &Replica,
        leader: NodeId,
        limit: Duration,
    ) -> impl Future<Output = Result<Self::Answer, Missed>> + Send;
}

/// Has a command committed and applied.
struct Writing {
    request: WriteRequest,
    /// Under which ids which nodes were asked without an answer.
    open: BTreeMap<NodeId, String>,
}

/// Waits until all is applied that is committed now.
struct Reading;

impl Question for Writing {
    type Answer = WriteReply;

    async fn ask(
        &mut self,
        replica: &Replica,
        leader: NodeId,
        limit: Duration,
    ) -> Result<WriteReply, Missed> {
        if leader == replica.node() {
            let written = replica
                .service
                .writer
                .commit(self.request.command.clone())
                .await;
            return written.map_err(Missed::from);
        }
        let id = self.open.entry(leader);
        let id = id.or_insert_with(|| replica.connection.new_request_id());
        let options = CallOptions::new().timeout(limit).request_id(id.as_str());
        let client = RaftClient::new(&replica.connection).with_options(options);
        let written = client.write(leader, &self.request).await;
        // Under the same id, an answer would come again.
        let is_answered = |error: &CallError<_>| !matches!(error.failure, Failure::NoAnswer(_));
        if written.as_ref().err().is_none_or(is_answered) {
            self.open.remove(&leader);
        }
        written.map_err(|error| Missed::from(&error))
    }
}

impl Question for Reading {
    type Answer = ();

    async fn ask(
        &mut self,
        replica: &Replica,
        leader: NodeId,
        limit: Duration,
    ) -> Result<(), Missed> {
        if leader == replica.node() {
            let confirmed = replica.service.raft.ensure_linearizable().await;
            let confirmed = confirmed.map_err(ReplicaError::from);
            return confirmed.map(drop).map_err(Missed::from);
        }
        let options = CallOptions::new().timeout(limit);
        let client = RaftClient::new(&replica.connection).with_options(options);
        let reply = client.read_index(leader, &ReadIndexRequest {}).await;
        let reply = reply.map_err(|error| Missed::from(&error))?;
        match reply.log_id {
            Some(last) => replica.applied(last).await.map_err(Missed::Refused),
            None => Ok(()),
        }
    }
}

impl Replica {
    /// Changes the registry, whichever node leads. Waits up to
    /// [`ReplicaOptions::patience`](super::ReplicaOptions::patience), elections included. What may have been done is
    /// asked for again: of the same node under the same request id, so that it is done once; a new leader may do it a
    /// second time, so let it be a command that can bear that.
    ///
    /// # Errors
    /// When the patience is over: [`ReplicaError::Unanswered`] where nobody knows whether it was done, else
    /// [`ReplicaError::NoLeader`]. At once when the command cannot enter the log, or this node has stopped.
    pub async fn propose(&self, command: Command) -> Result<WriteReply, ReplicaError> {
        let writing = Writing {
            request: WriteRequest { command },
            open: BTreeMap::new(),
        };
        self.ask(writing).await.map_err(|failed| {
            let error = failed.unknown.or(failed.undone);
            error.unwrap_or_else(|| ReplicaError::not_leader(None))
        })
    }

    /// Shows the registry with everything in it that was committed when this was called: a linearizable read, on any
    /// node. The leader asks a majority whether it still leads; another node asks the leader how far to read, and waits
    /// until it has come so far. Takes up to [`ReplicaOptions::patience`](super::ReplicaOptions::patience), elections
    /// included.
    ///
    /// # Errors
    /// When the patience is over: [`ReplicaError::NoQuorum`] where a leader reaches no majority,
    /// [`ReplicaError::Unanswered`] where one gives no answer, [`ReplicaError::NoLeader`] where none is found. At once
    /// when this node has stopped.
    pub async fn current<T>(&self, look: impl FnOnce(&Registry) -> T) -> Result<T, ReplicaError> {
        self.ask(Reading).await.map_err(|failed| {
            let error = failed.undone.or(failed.unknown);
            error.unwrap_or_else(|| ReplicaError::not_leader(None))
        })?;
        Ok(self.local(look))
    }

    /// Waits until this node has applied all up to `last`, for as long as that takes.
    ///
    /// # Errors
    /// When it has stopped.
    pub(crate) async fn applied(&self, last: LogId) -> Result<(), ReplicaError> {
        let has_applied = |metrics: &Metrics| {
            let applied = metrics.last_applied;
            applied.is_some_and(|applied| applied.index >= last.index)
        };
        let applied = self.metrics().wait_for(has_applied).await.map(drop);
        applied.map_err(|_| Fatal::Stopped.into())
    }

    /// Asks whoever leads, again and again, until there is an answer or the patience is over.
    async fn ask<Q: Question>(&self, mut question: Q) -> Result<Q::Answer, Failed> {
        let deadline = Instant::now() + self.patience;
        let limit = self.patience / ATTEMPTS;
        let mut failed = Failed::default();
        loop {
            let health = self.health();
            if let Some(failure) = health.failure {
                return Err(Failed::at_once(ReplicaError::Stopped(failure)));
            }
            let missed = match health.leader {
                None => Missed::Undone(ReplicaError::NoLeader("no leader is known".to_owned())),
                Some(leader) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    tokio::select! {
                        biased;
                        asked = question.ask(self, leader, limit.min(left)) => match asked {
                            Ok(done) => return Ok(done),
                            Err(missed) => missed,
                        },
                        () = self.deposed(Some(leader)) => {
                            Missed::unanswered(format!("node {leader} leads no longer"))
                        }
                        () = sleep_until(deadline) => {
                            Missed::unanswered(format!("no answer of node {leader} in time"))
                        }
                    }
                }
            };
            match missed {
                Missed::Undone(error) => failed.undone = Some(error),
                Missed::Unknown(error) => failed.unknown = Some(error),
                Missed::Refused(error) => return Err(Failed::at_once(error)),
            }
            let again = deadline.min(Instant::now() + PAUSE);
            // Either is a reason to go on.
            let _ = timeout_at(again, self.deposed(health.leader)).await;
            if Instant::now() >= deadline {
                return Err(failed);
            }
        }
    }

    /// Waits until another node leads than `leader`.
    async fn deposed(&self, leader: Option<NodeId>) {
        let known = leader.map(|leader| leader.get());
        let is_other = |metrics: &Metrics| {
            metrics
                .current_leader
                .is_some_and(|leader| Some(leader) != known)
        };
        // A node that has stopped learns of no other.
        if self.metrics().wait_for(is_other).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Failed {
    /// It would be the same later and elsewhere.
    fn at_once(error: ReplicaError) -> Self {
        Self {
            undone: Some(error),
            ..Self::default()
        }
    }
}
