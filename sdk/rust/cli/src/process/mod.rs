//! Runs a coordinator or worker of a cluster from its configuration, until it receives a signal.

mod cli;
mod coordinator;
mod health_printer;
mod log;
mod node;
mod probes;
mod service_manager;
mod worker;

use std::io;
use std::time::Duration;

use natsgen_runtime::{Connection, NatsOptions};
use tokio::time::{Instant, sleep_until, timeout_at};
use varpulis_sdk::types::{Config, NatsConfig};

pub(crate) use self::cli::Role;
use self::cli::Settings;
use self::health_printer::HealthPrinter;
use self::node::Node;
use self::probes::Probes;
use crate::connect::no_server;
use crate::signals::Signals;
use crate::terminal::error::CommandError;

/// Runs a role until the process receives a signal or the role fails.
pub(crate) async fn run(role: &Role) -> Result<(), CommandError> {
    log::to_stderr(role.settings().json_log);
    match role {
        Role::Worker(settings) => {
            let config = load(settings)?;
            let worker = config.worker.ok_or_else(|| absent("worker", "id"))?;
            let name = format!("worker {}", worker.id);
            let start = async |connection: &Connection| worker::start(&worker, connection).await;
            let limit = Duration::from(worker.drain_limit) + worker::STOP_LIMIT;
            if config.nats.is_none() && (worker.http.is_none() || worker.coordinator.is_none()) {
                return Err(absent("nats", "servers"));
            }
            run_node(config.nats.as_ref(), &name, (settings, limit), start).await
        }
        Role::Coordinator(settings) => {
            let config = load(settings)?;
            let coordinator = config.coordinator;
            let coordinator = coordinator.ok_or_else(|| absent("coordinator", "api_key"))?;
            let raft = config.raft.ok_or_else(|| absent("raft", "node_id"))?;
            let name = format!("coordinator {}", raft.node_id.get());
            let start = async |connection: &Connection| {
                coordinator::start(&coordinator, &raft, connection).await
            };
            let limit = Duration::from(coordinator.drain_limit) + coordinator::STOP_LIMIT;
            let nats = config.nats.ok_or_else(|| absent("nats", "servers"))?;
            run_node(Some(&nats), &name, (settings, limit), start).await
        }
    }
}

fn load(settings: &Settings) -> Result<Config, CommandError> {
    let config = Config::load(settings.config.as_deref(), std::env::vars_os())?;
    Ok(config)
}

fn absent(member: &str, first: &str) -> CommandError {
    let variable = format!("VARPULIS_{member}__{first}").to_uppercase();
    CommandError::Settings {
        reason: format!("the configuration has no `{member}`"),
        advice: format!(
            "name a file that contains it with `--config`, or set variables such as {variable}"
        ),
    }
}

/// Connects, starts a node, prints its health, and stops it after a signal, within `limit`.
async fn run_node<N: Node>(
    nats: Option<&NatsConfig>,
    name: &str,
    (settings, limit): (&Settings, Duration),
    start: impl AsyncFnOnce(&Connection) -> Result<N, CommandError>,
) -> Result<(), CommandError> {
    let mut signals = Signals::listen()?;
    let probes = match settings.probes {
        Some(address) => Some(Probes::start(address).await?),
        None => None,
    };
    let starting = async {
        let connection = connect(nats, name).await?;
        Ok::<_, CommandError>((start(&connection).await?, connection))
    };
    let (node, connection) = tokio::select! {
        started = starting => started?,
        () = signals.next() => return Ok(()),
    };
    let mut printer = HealthPrinter::new(settings.json, settings.every(), probes);
    let ended = tokio::select! {
        ended = node.ended() => Err(ended),
        failed = printer.run(&node) => Err(failed),
        () = signals.next() => Ok(()),
    };
    service_manager::stopping();
    let end = Instant::now() + limit;
    let stopped = async {
        let output = finish(&node, &mut printer).await;
        node.shutdown().await;
        // A connection without a server cannot be closed properly.
        let _ = timeout_at(end, connection.close()).await;
        ended.and(output.map_err(CommandError::from))
    };
    let unfinished =
        |reason: &str| CommandError::Failed(format!("{name} was stopped {reason} it had finished"));
    tokio::select! {
        biased;
        stopped = stopped => stopped,
        () = signals.next() => Err(unfinished("by a second signal before")),
        () = sleep_until(end) => Err(unfinished(&format!("after {} s, before", limit.as_secs()))),
    }
}

/// Connects to NATS. Without NATS, the connection stays within the process.
async fn connect(nats: Option<&NatsConfig>, name: &str) -> Result<Connection, CommandError> {
    let Some(nats) = nats else {
        return Ok(Connection::memory());
    };
    let mut options = NatsOptions::from(nats);
    if nats.name.is_none() {
        options = options.name(format!("varpulis {name}"));
    }
    let connected = options.connect().await;
    connected.map_err(|error| no_server(&error))
}

/// Waits for the running work of a node. The output may fail because its reader has gone; the node finishes all the
/// same.
async fn finish<N: Node>(node: &N, printer: &mut HealthPrinter<N::Health>) -> io::Result<()> {
    tokio::select! {
        () = node.finish() => printer.print_if_changed(node),
        _ = printer.run(node) => {
            node.finish().await;
            Ok(())
        }
    }
}
