//! The damage of an attack.

/// The damage of an attack, beside the violations that the checker finds. All counts must be zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Panics of child processes.
    pub(crate) panics: u64,
    /// Processes that ended, Raft nodes that stopped, and workers that were replaced.
    pub(crate) nodes_lost: u64,
    /// Rounds in which the registry differs from the model.
    pub(crate) registry_mismatches: u64,
    /// Processes whose memory exceeded its budget.
    pub(crate) memory_over_budget: u64,
}

impl Damage {
    pub(crate) fn counts(&self) -> [(&'static str, u64); 4] {
        [
            ("panics", self.panics),
            ("nodes_lost", self.nodes_lost),
            ("registry_mismatches", self.registry_mismatches),
            ("memory_over_budget", self.memory_over_budget),
        ]
    }

    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl std::ops::AddAssign for Damage {
    fn add_assign(&mut self, other: Self) {
        self.panics += other.panics;
        self.nodes_lost += other.nodes_lost;
        self.registry_mismatches += other.registry_mismatches;
        self.memory_over_budget += other.memory_over_budget;
    }
}
