//! Operations that need the leader, from any node.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{CallError, CallOptions, Failure};
use openraft::error::Fatal;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::attempt_error::AttemptError;
use super::error::ReplicaError;
use super::node::Replica;
use super::registry::Registry;
use super::type_config::Metrics;
use crate::raft::{RaftClient, ReadIndexRequest, WriteReply, WriteRequest};
use crate::types::{Command, LogId, NodeId};

/// The pause before another attempt, unless the leader changes earlier. Shorter than an election.
const PAUSE: Duration = Duration::from_millis(50);

/// Another attempt starts if the leader has not replied after this fraction of the timeout.
const ATTEMPTS: u32 = 4;

/// The last errors of the attempts.
#[derive(Default)]
struct LastErrors {
    not_executed: Option<ReplicaError>,
    unknown: Option<ReplicaError>,
}

/// An operation that only the leader can execute.
trait LeaderOperation {
    type Reply;

    /// Makes an attempt. If `leader` is another node, waits up to `limit` for its reply.
    fn attempt(
        &mut self,
        replica: &Replica,
        leader: NodeId,
        limit: Duration,
    ) -> impl Future<Output = Result<Self::Reply, AttemptError>> + Send;
}

/// Commits and applies a command.
struct Write {
    request: WriteRequest,
    /// The request ids of requests that a node has not answered.
    open: BTreeMap<NodeId, String>,
}

/// Waits until this node has applied all entries that are committed now.
struct Read;

impl LeaderOperation for Write {
    type Reply = WriteReply;

    async fn attempt(
        &mut self,
        replica: &Replica,
        leader: NodeId,
        limit: Duration,
    ) -> Result<WriteReply, AttemptError> {
        if leader == replica.node() {
            let written = replica
                .service
                .batcher
                .commit(self.request.command.clone())
                .await;
            return written.map_err(AttemptError::from);
        }
        let id = self.open.entry(leader);
        let id = id.or_insert_with(|| replica.connection.new_request_id());
        let options = CallOptions::new().timeout(limit).request_id(id.as_str());
        let client = RaftClient::new(&replica.connection).options(options);
        let written = client.write(leader, &self.request).await;
        // After an answer the next attempt needs a new id: under the same id the server would repeat the answer.
        let is_answered = |error: &CallError<_>| !matches!(error.failure, Failure::NoAnswer(_));
        if written.as_ref().err().is_none_or(is_answered) {
            self.open.remove(&leader);
        }
        written.map_err(|error| AttemptError::from(&error))
    }
}

impl LeaderOperation for Read {
    type Reply = ();

    async fn attempt(
        &mut self,
        replica: &Replica,
        leader: NodeId,
        limit: Duration,
    ) -> Result<(), AttemptError> {
        if leader == replica.node() {
            let confirmed = replica.service.confirmer.confirm().await;
            let Some(last) = confirmed.map_err(AttemptError::from)? else {
                return Ok(());
            };
            let applied = replica.applied_index(last.index).await;
            return applied.map_err(AttemptError::Refused);
        }
        let options = CallOptions::new().timeout(limit);
        let client = RaftClient::new(&replica.connection).options(options);
        let request = ReadIndexRequest {
            cluster_id: replica.identity.cluster(),
        };
        let reply = client.read_index(leader, &request).await;
        let reply = reply.map_err(|error| AttemptError::from(&error))?;
        match reply.log_id {
            Some(last) => replica.applied(last).await.map_err(AttemptError::Refused),
            None => Ok(()),
        }
    }
}

impl Replica {
    /// Changes the registry, through the current leader. Waits up to
    /// [`ReplicaOptions::timeout`](super::ReplicaOptions::timeout), elections included. If the outcome of an attempt is
    /// unknown, the next attempt at the same node has the same request id. So the command is executed once. A new
    /// leader may execute the command a second time, so the command must tolerate that.
    ///
    /// # Errors
    /// - [`ReplicaError::Unanswered`] when the timeout is over and it is unknown if the command was executed.
    /// - [`ReplicaError::NoLeader`] when the timeout is over and nothing was executed.
    /// - At once if the command cannot enter the log or this node has stopped.
    pub async fn propose(&self, command: Command) -> Result<WriteReply, ReplicaError> {
        let mut request = WriteRequest::new(command);
        request.api_key.clone_from(&self.service.write_key);
        request.cluster_id = self.identity.cluster();
        let write = Write {
            request,
            open: BTreeMap::new(),
        };
        self.execute(write).await.map_err(|last| {
            let error = last.unknown.or(last.not_executed);
            error.unwrap_or_else(|| ReplicaError::not_leader(None))
        })
    }

    /// Reads the registry with all entries that were committed when this was called: a linearizable read, on any node.
    /// The leader confirms its leadership with a majority, once for all reads that wait. Another node asks the leader for the last committed entry
    /// and waits until it has applied it. Takes up to [`ReplicaOptions::timeout`](super::ReplicaOptions::timeout),
    /// elections included.
    ///
    /// # Errors
    /// When the timeout is over:
    ///
    /// - [`ReplicaError::NoQuorum`] if a leader reaches no majority.
    /// - [`ReplicaError::Unanswered`] if a leader gives no reply.
    /// - [`ReplicaError::NoLeader`] if no leader is known.
    ///
    /// At once if this node has stopped.
    pub async fn current<T>(&self, read: impl FnOnce(&Registry) -> T) -> Result<T, ReplicaError> {
        self.execute(Read).await.map_err(|last| {
            let error = last.not_executed.or(last.unknown);
            error.unwrap_or_else(|| ReplicaError::not_leader(None))
        })?;
        Ok(self.local(read))
    }

    /// Waits without limit until this node has applied all entries up to `last`.
    ///
    /// # Errors
    /// If it has stopped.
    pub(crate) async fn applied(&self, last: LogId) -> Result<(), ReplicaError> {
        self.applied_index(last.index.get()).await
    }

    async fn applied_index(&self, index: u64) -> Result<(), ReplicaError> {
        let has_applied = |metrics: &Metrics| {
            let applied = metrics.last_applied;
            applied.is_some_and(|applied| applied.index >= index)
        };
        let applied = self.metrics().wait_for(has_applied).await.map(drop);
        applied.map_err(|_| Fatal::Stopped.into())
    }

    /// Makes attempts at the current leader until an attempt succeeds or the timeout is over.
    async fn execute<O: LeaderOperation>(&self, mut operation: O) -> Result<O::Reply, LastErrors> {
        let deadline = Instant::now() + self.timeout;
        let limit = self.timeout / ATTEMPTS;
        let mut last = LastErrors::default();
        loop {
            let health = self.health();
            if let Some(failure) = health.failure {
                return Err(LastErrors::permanent(ReplicaError::Stopped(failure)));
            }
            let error = match health.leader {
                None => AttemptError::NotExecuted(ReplicaError::NoLeader(
                    "no leader is known".to_owned(),
                )),
                Some(leader) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    tokio::select! {
                        biased;
                        result = operation.attempt(self, leader, limit.min(left)) => match result {
                            Ok(reply) => return Ok(reply),
                            Err(error) => error,
                        },
                        () = self.leader_changed(Some(leader)) => {
                            AttemptError::unanswered(format!("node {leader} is no longer the leader"))
                        }
                        () = sleep_until(deadline) => {
                            AttemptError::unanswered(format!("no reply of node {leader} in time"))
                        }
                    }
                }
            };
            match error {
                AttemptError::NotExecuted(error) => last.not_executed = Some(error),
                AttemptError::Unknown(error) => last.unknown = Some(error),
                AttemptError::Refused(error) => return Err(LastErrors::permanent(error)),
            }
            let next = deadline.min(Instant::now() + PAUSE);
            // The next attempt follows in both cases.
            let _ = timeout_at(next, self.leader_changed(health.leader)).await;
            if Instant::now() >= deadline {
                return Err(last);
            }
        }
    }

    /// Waits until the leader is another node than `leader`.
    async fn leader_changed(&self, leader: Option<NodeId>) {
        let known = leader.map(|leader| leader.get());
        let is_other = |metrics: &Metrics| {
            metrics
                .current_leader
                .is_some_and(|leader| Some(leader) != known)
        };
        // A stopped node learns of no other leader.
        if self.metrics().wait_for(is_other).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl LastErrors {
    /// An error that another attempt would not change.
    fn permanent(error: ReplicaError) -> Self {
        Self {
            not_executed: Some(error),
            ..Self::default()
        }
    }
}
