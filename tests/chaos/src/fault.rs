//! The faults that the nemesis can inject.

/// A fault that the nemesis can inject.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Kills a coordinator, mostly the leader.
    KillCoordinator,
    DisconnectCoordinator,
    IsolateCoordinator,
    PauseCoordinator,
    KillWorker,
    DisconnectWorker,
    IsolateWorker,
    PauseWorker,
    /// Starts a second instance of a worker.
    ReplaceWorker,
    KillServer,
}

/// A fault that lasts until it is healed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ActiveFault {
    IsolatedCoordinator(u64),
    PausedCoordinator(u64),
    IsolatedWorker(usize),
    PausedWorker(usize),
}

impl Fault {
    /// All faults.
    pub(crate) const ALL: [Self; 10] = [
        Self::KillCoordinator,
        Self::DisconnectCoordinator,
        Self::IsolateCoordinator,
        Self::PauseCoordinator,
        Self::KillWorker,
        Self::DisconnectWorker,
        Self::IsolateWorker,
        Self::PauseWorker,
        Self::ReplaceWorker,
        Self::KillServer,
    ];

    /// The faults that end no process of a worker or coordinator.
    pub(crate) const WITHOUT_KILLS: [Self; 7] = [
        Self::DisconnectCoordinator,
        Self::IsolateCoordinator,
        Self::PauseCoordinator,
        Self::DisconnectWorker,
        Self::IsolateWorker,
        Self::PauseWorker,
        Self::KillServer,
    ];
}
