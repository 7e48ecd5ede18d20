//! The nodes that read entries with several commands.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Connection};
use tokio::sync::watch;
use tokio::time::sleep;

use super::type_config::Metrics;
use crate::raft::{RaftClient, StatusRequest};
use crate::types::NodeId;

/// How long a node may take to answer.
const LIMIT: Duration = Duration::from_secs(1);

/// The nodes that have reported that they read entries with several commands. Other implementations cannot read them.
/// Clones share the same nodes.
#[derive(Clone, Default)]
pub(super) struct BatchReaders(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// The term of this node's leadership in which the nodes were asked.
    term: u64,
    nodes: BTreeSet<u64>,
}

impl BatchReaders {
    /// Whether all members of the cluster read entries with several commands, as far as the leader of this term knows.
    pub(super) fn include_all(&self, metrics: &Metrics) -> bool {
        let known = self.lock();
        let has_reported = |id| known.term == metrics.current_term && known.nodes.contains(&id);
        members(metrics).all(|id| id == metrics.id || has_reported(id))
    }

    /// Asks the members while this node leads. Runs until the node has stopped.
    pub(super) async fn run(self, mut metrics: watch::Receiver<Metrics>, connection: Connection) {
        let client = RaftClient::new(&connection).options(CallOptions::new().timeout(LIMIT));
        loop {
            let (term, missing) = self.missing(&metrics.borrow_and_update());
            if missing.is_empty() {
                // The channel is closed when the node has stopped.
                if metrics.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let asked = missing.iter().map(|id| reads_batches(&client, *id));
            let answers = join_all(asked).await;
            let readers = missing.iter().zip(answers);
            let readers: Vec<_> = readers
                .filter(|(_, reads)| *reads)
                .map(|(id, _)| *id)
                .collect();
            let is_complete = readers.len() == missing.len();
            self.add(term, readers);
            if !is_complete {
                // A node may start later, or be replaced by a node that reads them.
                sleep(LIMIT).await;
            }
        }
    }

    /// The current term, and the members that have not reported yet; none unless this node leads.
    fn missing(&self, metrics: &Metrics) -> (u64, Vec<u64>) {
        let term = metrics.current_term;
        if !metrics.state.is_leader() {
            return (term, Vec::new());
        }
        let known = self.lock();
        let is_missing =
            |id: &u64| *id != metrics.id && (known.term != term || !known.nodes.contains(id));
        (term, members(metrics).filter(is_missing).collect())
    }

    fn add(&self, term: u64, nodes: Vec<u64>) {
        let mut known = self.lock();
        if known.term != term {
            *known = Known {
                term,
                nodes: BTreeSet::new(),
            };
        }
        known.nodes.extend(nodes);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The voters and learners.
fn members(metrics: &Metrics) -> impl Iterator<Item = u64> {
    metrics.membership_config.nodes().map(|(id, _)| *id)
}

/// Whether a node is of this SDK: it reads entries with several commands, and snapshots in the form of this SDK.
pub(super) async fn reads_batches(client: &RaftClient, node: u64) -> bool {
    let Ok(id) = NodeId::try_from(node) else {
        return false;
    };
    let status = client.status(id, &StatusRequest::new()).await;
    status.is_ok_and(|status| status.batches.is_some())
}
