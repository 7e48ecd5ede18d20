//! A cluster over two servers with a gateway and a leaf node. The links are cut in turn.

use std::time::Duration;

use tokio::time::sleep;

use crate::Failure;
use crate::access::Access;
use crate::attacked::Attacked;
use crate::round::Round;
use crate::topology::Topology;

/// The longest cut.
const CUT: Duration = Duration::from_secs(15);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let topology = Topology::start().await?;
    let access = Access::Direct(topology.urls());
    let mut target = Attacked::over(round, &access).await?;
    for number in 0..round.size(8, 4) {
        let is_gateway = number % 2 == 0;
        if number % 4 < 2 {
            topology.cut(is_gateway);
            let cut = CUT.mul_f64(if round.is_short { 0.2 } else { 1.0 });
            sleep(cut / 2 + round.random_time(cut / 2)).await;
            topology.heal(is_gateway);
        } else {
            topology.disconnect(is_gateway);
        }
        round.count("links_cut", 1);
        target.recover(round).await?;
    }
    target.finish(round).await
}
