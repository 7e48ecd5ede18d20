//! One coordinator or worker of a cluster, as its configuration says, until it is told to stop.

mod cli;
mod coordinator;
mod log;
mod node;
mod show;
mod signals;
mod worker;

use natsgen_runtime::{ConnectError, ConnectErrorKind, Connection, NatsOptions};
use varpulis_sdk::types::{Config, NatsConfig};

pub(crate) use self::cli::Role;
use self::cli::Settings;
use self::node::Node;
use self::show::Show;
use self::signals::Signals;
use crate::error::{CommandError, chain};

/// Plays a role until it is told to stop, or cannot go on.
pub(crate) async fn play(role: &Role) -> Result<(), CommandError> {
    log::to_stderr();
    match role {
        Role::Worker(settings) => {
            let config = load(settings)?;
            let worker = config.worker.ok_or_else(|| absent("worker", "id"))?;
            let name = format!("worker {}", worker.id);
            let start = async |connection: &Connection| worker::start(&worker, connection).await;
            run(&config.nats, &name, settings, start).await
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
            run(&config.nats, &name, settings, start).await
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
        advice: format!("name a file that has one with `--config`, or set {variable} and the like"),
    }
}

/// Connects, starts a node, shows how it is doing, and stops it when it is told to.
async fn run<N: Node>(
    nats: &NatsConfig,
    name: &str,
    settings: &Settings,
    start: impl AsyncFnOnce(&Connection) -> Result<N, CommandError>,
) -> Result<(), CommandError> {
    let mut signals = Signals::listen()?;
    let mut options = NatsOptions::from(nats);
    if nats.name.is_none() {
        options = options.name(format!("varpulis {name}"));
    }
    let connection = tokio::select! {
        connected = options.connect() => connected.map_err(|error| no_server(&error))?,
        () = signals.next() => return Ok(()),
    };
    let node = start(&connection).await?;
    let mut show = Show::new(settings.json, settings.every());
    let ended = tokio::select! {
        ended = node.ended() => Err(ended),
        failed = show.follow(&node) => Err(failed),
        () = signals.next() => Ok(()),
    };
    let stopped = async {
        // Nobody may take the output any more: that is no reason to leave anything undone.
        let shown = tokio::select! {
            () = node.finish() => show.look(&node),
            _ = show.follow(&node) => {
                node.finish().await;
                Ok(())
            }
        };
        node.shutdown().await;
        connection.close().await;
        ended.and(shown.map_err(CommandError::from))
    };
    tokio::select! {
        stopped = stopped => stopped,
        () = signals.next() => Err(CommandError::Failed(format!("{name} did not finish what it was doing"))),
    }
}

fn no_server(error: &ConnectError) -> CommandError {
    let reason = chain(error);
    let advice = match error.kind() {
        ConnectErrorKind::BadOptions => {
            let advice = "`nats.servers` is a URL such as nats://localhost:4222, or several with commas between them";
            return CommandError::Settings {
                reason,
                advice: advice.to_owned(),
            };
        }
        ConnectErrorKind::Denied => {
            "`nats.credentials` says who connects: {\"token\": …} or {\"user\": {\"name\": …, \"password\": …}}"
        }
        ConnectErrorKind::Tls => {
            "`nats.root_certificates_path` names whom to trust; `nats.servers` begin with tls:// or nats://, as they want it"
        }
        _ => "start one there, or say with `nats.wait_secs` how long to wait for it",
    };
    CommandError::NoServer {
        reason,
        advice: advice.to_owned(),
    }
}
