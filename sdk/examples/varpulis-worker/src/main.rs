//! Runs a worker from its configuration until it receives Ctrl-C or SIGTERM.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};
use varpulis_sdk::NatsOptions;
use varpulis_sdk::types::Config;
use varpulis_worker::EngineWorker;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let file = env::args_os().nth(1).map(PathBuf::from);
    let config = Config::load(file.as_deref(), env::vars_os())?;
    let worker = config.worker.ok_or("the configuration has no `worker`")?;

    let mut terminate = signal(SignalKind::terminate())?;
    let connection = NatsOptions::from(&config.nats).connect().await?;
    let node = EngineWorker::start_configured(&worker, &connection).await?;
    let ended = tokio::select! {
        () = node.replaced() => Err("another worker has registered under this id"),
        () = node.rejected() => Err("the coordinators refuse the API key"),
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    };
    node.drain().await;
    node.shutdown().await;
    connection.close().await;
    Ok(ended?)
}
