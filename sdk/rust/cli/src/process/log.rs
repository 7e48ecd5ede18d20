//! Logging.

use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Writes log messages to the standard error. openraft's messages are off, because the health line reports its state.
/// While a node is away, they would hide all other messages.
pub(super) fn to_stderr(as_json: bool) {
    let targets = Targets::new()
        .with_default(Level::WARN)
        .with_targets([
            ("natsgen_runtime", Level::INFO),
            ("varpulis_sdk", Level::INFO),
        ])
        .with_target("openraft", LevelFilter::OFF);
    let lines = layer().with_target(false).with_writer(anstream::stderr);
    let lines = if as_json {
        lines.json().boxed()
    } else {
        lines.boxed()
    };
    tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .init();
}
