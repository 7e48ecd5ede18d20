//! Refused messages: their reasons and their numbers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The pause between two log lines about the same reason.
const PAUSE: Duration = Duration::from_secs(10);

/// Why a node refused a Raft message. The message changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The sender is not a member of the cluster, or has the number of this node.
    Sender,
    /// The message belongs to another cluster, or names no cluster.
    Cluster,
    /// The store of this node is empty, and the sender has not confirmed yet that the node may join its cluster.
    Unverified,
    /// A leader's message has the vote of a candidate, or a candidate's message has the vote of a leader.
    Vote,
    /// The term is too far ahead of this node's term.
    Term,
    /// The entries leave a gap, or their terms do not increase.
    Order,
    /// A committed entry would change, or the leader would change an entry that it wrote itself.
    Rewrite,
    /// A membership without voters, or with voters without an address.
    Membership,
    /// An entry contains a command that this version does not know.
    Entry,
    /// The snapshot is too large, unreadable, or contradicts the node's log.
    Snapshot,
}

impl Refusal {
    const fn text(self) -> &'static str {
        match self {
            Self::Sender => "the sender is not a member of this cluster",
            Self::Cluster => "the message is not of this cluster",
            Self::Unverified => "the node has not joined a cluster yet",
            Self::Vote => "the vote does not belong to this message",
            Self::Term => "the term is too far ahead",
            Self::Order => "the entries are not in order",
            Self::Rewrite => "a committed entry would change",
            Self::Membership => "the membership is not usable",
            Self::Entry => "an entry is not readable",
            Self::Snapshot => "the snapshot is not usable",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Counts refused messages.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<BTreeMap<Refusal, Count>>);

#[derive(Debug, Default)]
struct Count {
    total: u64,
    /// The number of refusals since the last log line.
    unreported: u64,
    reported: Option<Instant>,
}

impl Refusals {
    /// Counts a refused message of `sender`, and logs it unless the last line about the same reason is recent.
    pub(super) fn add(&self, refusal: Refusal, sender: u64) {
        let mut counts = self.lock();
        let count = counts.entry(refusal).or_default();
        count.total += 1;
        count.unreported += 1;
        if count.reported.is_none_or(|last| last.elapsed() >= PAUSE) {
            let number = std::mem::take(&mut count.unreported);
            count.reported = Some(Instant::now());
            tracing::warn!(%refusal, sender, count = number, "raft messages were refused");
        }
    }

    /// The number of refused messages by reason.
    pub(super) fn counts(&self) -> BTreeMap<Refusal, u64> {
        let counts = self.lock();
        counts
            .iter()
            .map(|(refusal, count)| (*refusal, count.total))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Refusal, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
