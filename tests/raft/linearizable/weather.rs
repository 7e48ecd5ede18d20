//! What happens to the nodes of a cluster and to what connects them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::Dice;
use crate::nodes::Nodes;

/// One thing after another happens to a cluster.
pub(super) struct Weather {
    nodes: Arc<Nodes>,
    dice: Dice,
}

impl Weather {
    pub(super) fn new(nodes: &Arc<Nodes>, dice: Dice) -> Self {
        Self {
            nodes: Arc::clone(nodes),
            dice,
        }
    }

    /// Changes until all is over; then everything works.
    pub(super) async fn change(mut self, mut is_over: watch::Receiver<bool>) {
        loop {
            let calm = self.millis(50, 300);
            if timeout(calm, is_over.wait_for(|is_over| *is_over))
                .await
                .is_ok()
            {
                return;
            }
            self.strike().await;
        }
    }

    /// Something breaks and is mended.
    async fn strike(&mut self) {
        let (one, hold) = (self.victim(), self.millis(300, 1_000));
        let others: Vec<_> = self.nodes.ids().filter(|id| *id != one).collect();
        let other = others[self.below(others.len())];
        let wires = self.nodes.wires.clone();
        match self.dice.below(6) {
            // One that is known, as when a server dies.
            0 => {
                let used = self.nodes.get(one).unwrap();
                used.node.cable.disconnect();
                sleep(hold).await;
                used.node.cable.reconnect();
                return;
            }
            1 => {
                self.nodes.stop(one).await;
                sleep(hold).await;
                return self.nodes.start(one).await;
            }
            2 => wires.cut([(one, other), (other, one)]),
            3 => wires.cut([(one, other)]),
            4 => wires.cut(others.iter().map(|other| (one, *other))),
            _ => {
                let ways = others
                    .iter()
                    .flat_map(|other| [(one, *other), (*other, one)]);
                wires.cut(ways);
            }
        }
        sleep(hold).await;
        wires.mend();
    }

    /// The leader more often than any other.
    fn victim(&mut self) -> u64 {
        let leader = self.nodes.leader().filter(|_| self.dice.below(3) > 0);
        let ids: Vec<_> = self.nodes.ids().collect();
        leader.unwrap_or_else(|| ids[self.below(ids.len())])
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap();
        usize::try_from(self.dice.below(limit)).unwrap()
    }

    fn millis(&mut self, least: u64, limit: u64) -> Duration {
        Duration::from_millis(least + self.dice.below(limit - least))
    }
}
