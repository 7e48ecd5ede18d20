//! Unit tests of the parts of a replica. `tests/raft` tests whole clusters.

mod admission;
mod deployments;
mod disk;
mod durability;
mod foreign;
mod openraft_suite;
mod recorded_messages;
mod registry;
mod snapshots;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::types::NodeId;

/// The path of a temporary file, removed on drop.
struct TempFile(PathBuf);

impl TempFile {
    fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("varpulis-replica-{}-{number}.redb", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // A file that cannot be removed stays in the system's directory for temporary files.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn node(id: u64) -> NodeId {
    NodeId::try_from(id).unwrap()
}

/// Pseudorandom numbers that are the same for the same seed: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap() % limit
    }
}
