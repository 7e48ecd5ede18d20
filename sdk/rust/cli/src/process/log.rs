//! What the parts of a node have to say beside their health.

use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Writes it to the standard error. Of Raft the health line tells; what it logs while a node is away would drown the rest.
pub(super) fn to_stderr() {
    let targets = Targets::new()
        .with_default(Level::WARN)
        .with_targets([
            ("natsgen_runtime", Level::INFO),
            ("varpulis_sdk", Level::INFO),
        ])
        .with_target("openraft", LevelFilter::OFF);
    let lines = layer().with_target(false).with_writer(anstream::stderr);
    tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .init();
}
