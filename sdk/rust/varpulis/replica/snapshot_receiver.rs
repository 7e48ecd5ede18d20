//! Receives the pieces of a snapshot.

use openraft::raft::InstallSnapshotRequest;

use super::type_config::{SnapshotMeta, TypeConfig, Vote};

/// The snapshot that a node receives, at most one at a time.
#[derive(Debug, Default)]
pub(super) struct SnapshotReceiver(Option<Received>);

#[derive(Debug)]
struct Received {
    vote: Vote,
    meta: SnapshotMeta,
    bytes: Vec<u8>,
}

/// The state of a snapshot after a piece.
#[derive(Debug)]
pub(super) enum Progress {
    /// Other pieces follow.
    Partial,
    /// All bytes of the snapshot.
    Complete(Vec<u8>),
    /// The piece does not continue the snapshot. The sender starts again.
    Mismatch,
    /// The snapshot is larger than the limit. Nothing of it is kept.
    TooLarge,
}

impl SnapshotReceiver {
    /// Adds a piece. A piece may repeat bytes that were received before, and never leaves a gap.
    pub(super) fn add(
        &mut self,
        piece: InstallSnapshotRequest<TypeConfig>,
        limit: usize,
    ) -> Progress {
        let received = self.0.take().filter(|received| {
            received.vote == piece.vote && received.meta == piece.meta && piece.offset != 0
        });
        let mut received = match received {
            Some(received) => received,
            None if piece.offset == 0 => Received {
                vote: piece.vote,
                meta: piece.meta,
                bytes: Vec::new(),
            },
            None => return Progress::Mismatch,
        };
        let offset = usize::try_from(piece.offset).unwrap_or(usize::MAX);
        if offset > received.bytes.len() {
            return Progress::Mismatch;
        }
        if offset.saturating_add(piece.data.len()) > limit {
            return Progress::TooLarge;
        }
        received.bytes.truncate(offset);
        received.bytes.extend_from_slice(&piece.data);
        if piece.done {
            return Progress::Complete(received.bytes);
        }
        self.0 = Some(received);
        Progress::Partial
    }

    /// Drops a snapshot of another leader than `vote`.
    pub(super) fn retain(&mut self, vote: &Vote) {
        self.0.take_if(|received| received.vote != *vote);
    }
}
