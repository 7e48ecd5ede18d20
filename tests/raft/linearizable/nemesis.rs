//! The nemesis: faults of nodes and of the links between them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::Random;
use crate::nodes::Nodes;

/// Injects a fault after another into a cluster.
pub(super) struct Nemesis {
    nodes: Arc<Nodes>,
    random: Random,
}

impl Nemesis {
    pub(super) fn new(nodes: &Arc<Nodes>, random: Random) -> Self {
        Self {
            nodes: Arc::clone(nodes),
            random,
        }
    }

    /// Injects faults until `is_over` is true. Then the cluster is healthy.
    pub(super) async fn run(mut self, mut is_over: watch::Receiver<bool>) {
        loop {
            let calm = self.millis(50, 300);
            if timeout(calm, is_over.wait_for(|is_over| *is_over))
                .await
                .is_ok()
            {
                return;
            }
            self.inject().await;
        }
    }

    /// Injects a fault and ends it after a while.
    async fn inject(&mut self) {
        let (target, duration) = (self.target(), self.millis(300, 1_000));
        let others: Vec<_> = self.nodes.ids().filter(|id| *id != target).collect();
        let other = others[self.below(others.len())];
        let links = self.nodes.links.clone();
        match self.random.below(6) {
            // A detected disconnection, as when a server dies.
            0 => {
                let guard = self.nodes.get(target).unwrap();
                guard.node.transport.disconnect();
                sleep(duration).await;
                guard.node.transport.reconnect();
                return;
            }
            1 => {
                self.nodes.stop(target).await;
                sleep(duration).await;
                return self.nodes.start(target).await;
            }
            2 => links.cut([(target, other), (other, target)]),
            3 => links.cut([(target, other)]),
            4 => links.cut(others.iter().map(|other| (target, *other))),
            _ => {
                let links_of_target = others
                    .iter()
                    .flat_map(|other| [(target, *other), (*other, target)]);
                links.cut(links_of_target);
            }
        }
        sleep(duration).await;
        links.restore();
    }

    /// A node; in two of three cases the leader.
    fn target(&mut self) -> u64 {
        let leader = self.nodes.leader().filter(|_| self.random.below(3) > 0);
        let ids: Vec<_> = self.nodes.ids().collect();
        leader.unwrap_or_else(|| ids[self.below(ids.len())])
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap();
        usize::try_from(self.random.below(limit)).unwrap()
    }

    fn millis(&mut self, least: u64, limit: u64) -> Duration {
        Duration::from_millis(least + self.random.below(limit - least))
    }
}
