//! One of three servers is suspended, killed, or cut off from its clients, in turn.

use std::time::Duration;

use natsgen_testing::NatsCluster;
use tokio::time::sleep;

use crate::Failure;
use crate::access::Access;
use crate::attacked::Attacked;
use crate::proxy::Proxy;
use crate::round::Round;

const SERVERS: usize = 3;

/// The longest loss of a server.
const LOSS: Duration = Duration::from_secs(15);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut servers = NatsCluster::start(SERVERS)?;
    let mut proxies = Vec::new();
    for index in 0..SERVERS {
        proxies.push(Proxy::start(servers.server(index).port()).await?);
    }
    let urls: Vec<_> = proxies.iter().map(Proxy::url).collect();
    // All processes know all servers, each process in another order.
    let orders = (0..SERVERS).map(|first| {
        let urls = urls.iter().cycle().skip(first).take(SERVERS);
        urls.cloned().collect::<Vec<_>>().join(",")
    });
    let access = Access::Direct(orders.collect());
    let mut target = Attacked::over(round, &access).await?;
    for number in 0..usize::try_from(round.size(9, 3))? {
        let index = round.rng.usize(..SERVERS);
        let loss = LOSS.mul_f64(if round.is_short { 0.2 } else { 1.0 });
        let loss = loss / 2 + round.random_time(loss / 2);
        match number % 3 {
            0 => {
                servers.server(index).pause()?;
                sleep(loss).await;
                servers.server(index).resume()?;
            }
            1 => {
                servers.kill(index);
                sleep(loss).await;
                servers.restart(index)?;
            }
            _ => {
                proxies[index].block();
                sleep(loss).await;
                proxies[index].heal();
            }
        }
        round.count("servers_lost", 1);
        target.recover(round).await?;
    }
    target.finish(round).await
}
