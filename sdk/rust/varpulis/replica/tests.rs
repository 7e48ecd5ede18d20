//! The parts of a replica by themselves; `tests/raft` has whole clusters.

mod agreement;
mod deployments;
mod disk;
mod recorded;
mod suite;
mod torn;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::types::NodeId;

/// A file that nobody else has; removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("varpulis-replica-{}-{number}.redb", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed stays in the system's directory for temporary files.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn node(id: u64) -> NodeId {
    NodeId::try_from(id).unwrap()
}

/// Numbers that look random and are the same for the same seed: splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap() % limit
    }
}
