//! What the connections go over: this process, a server that runs, or one that is started.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{
    ConnectError, ConnectErrorKind, Connection, MemoryBroker, NatsOptions, Observer, Prefix,
};
use natsgen_testing::NatsServer;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use varpulis_sdk::subject;

use super::cli::Options;
use super::journal::Journal;
use crate::error::{CommandError, chain};

/// After this long without a server, a person wants to know what is going on.
const PATIENCE: Duration = Duration::from_millis(500);

/// Opens connections, all watched by one journal.
pub(super) struct Link {
    medium: Medium,
    prefix: Prefix,
    journal: Arc<Journal>,
    timeout: Duration,
}

enum Medium {
    Memory(MemoryBroker),
    /// A server that was started for this stops when it is dropped.
    Nats {
        url: String,
        started: Option<NatsServer>,
    },
}

impl Link {
    /// Finds or starts what the options ask for.
    pub(super) async fn open(
        options: &Options,
        journal: &Arc<Journal>,
    ) -> Result<Self, CommandError> {
        let medium = match &options.nats {
            Some(url) => Medium::Nats {
                url: url.clone(),
                started: None,
            },
            None if options.spawn_nats => {
                let server = start_server().await?;
                Medium::Nats {
                    url: server.url(),
                    started: Some(server),
                }
            }
            None => Medium::Memory(MemoryBroker::new()),
        };
        let prefix = match &options.prefix {
            Some(prefix) => prefix.clone(),
            None if options.nats.is_some() => own_prefix()?,
            None => subject::PREFIX,
        };
        Ok(Self {
            medium,
            prefix,
            journal: Arc::clone(journal),
            timeout: options.timeout(),
        })
    }

    /// One more connection.
    pub(super) async fn connect(&self, name: &str) -> Result<Connection, CommandError> {
        let connection = match &self.medium {
            Medium::Memory(broker) => Connection::over(broker.connect()),
            Medium::Nats { url, .. } => {
                let options = NatsOptions::new(url).name(format!("varpulis-sdk demo: {name}"));
                let connecting = options.connect_timeout(self.timeout).connect();
                connecting.await.map_err(|error| no_server(&error))?
            }
        };
        let journal: Arc<dyn Observer> = self.journal.clone();
        Ok(connection
            .with_prefix(self.prefix.clone())
            .with_observer(journal))
    }

    /// The most that anything may take.
    pub(super) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Its kind.
    pub(super) const fn transport(&self) -> &'static str {
        match self.medium {
            Medium::Memory(_) => "memory",
            Medium::Nats { .. } => "nats",
        }
    }

    /// Where that is, for people. Without credentials.
    pub(super) fn place(&self) -> String {
        match &self.medium {
            Medium::Memory(_) => "within this process".to_owned(),
            Medium::Nats { url, started: None } => format!("over {}", without_credentials(url)),
            Medium::Nats {
                url,
                started: Some(_),
            } => format!("over a nats-server of their own, {url}"),
        }
    }

    /// What all subjects begin with.
    pub(super) fn prefix(&self) -> &str {
        self.prefix.as_str()
    }
}

/// Starts a server; if it takes long, because there is none yet, says so.
async fn start_server() -> Result<NatsServer, CommandError> {
    let mut starting = spawn_blocking(NatsServer::start);
    let started = if let Ok(started) = timeout(PATIENCE, &mut starting).await {
        started
    } else {
        let mut progress = anstream::stderr();
        write!(
            progress,
            "Starting nats-server, which is installed below target/ if there is none … "
        )?;
        progress.flush()?;
        let started = starting.await;
        let is_there = matches!(started, Ok(Ok(_)));
        writeln!(progress, "{}", if is_there { "done" } else { "failed" })?;
        started
    };
    let reason = match started {
        Ok(Ok(server)) => return Ok(server),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    Err(CommandError::NoServer {
        reason,
        advice: "leave `--spawn-nats` out to stay in this process".to_owned(),
    })
}

fn no_server(error: &ConnectError) -> CommandError {
    let advice = match error.kind() {
        ConnectErrorKind::BadOptions => "a URL looks like `nats://localhost:4222`",
        ConnectErrorKind::Denied => {
            "the URL may begin with `nats://user:password@` or `nats://token@`"
        }
        ConnectErrorKind::Tls => {
            "`tls://` in place of `nats://`, or the reverse, may be what the server wants"
        }
        _ => {
            "start one there, or use `--spawn-nats` in place of `--nats`, or neither to stay in this process"
        }
    };
    CommandError::NoServer {
        reason: chain(error),
        advice: advice.to_owned(),
    }
}

/// A prefix that no other demonstration on the same server has, unless it runs on another machine with the same
/// process number.
fn own_prefix() -> Result<Prefix, CommandError> {
    let text = format!("varpulis.demo.{}", std::process::id());
    Prefix::parse(&text).map_err(|error| CommandError::unexpected(&error))
}

/// A URL list as it may be shown.
fn without_credentials(urls: &str) -> String {
    let shown = urls.split(',').map(|url| {
        let (scheme, rest) = url.split_once("://").unwrap_or(("nats", url));
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        format!("{scheme}://{host}")
    });
    shown.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        let check = |url: &str, expected: &str| assert_eq!(without_credentials(url), expected);
        check("localhost", "nats://localhost");
        check("nats://user:p@ss@localhost:4222", "nats://localhost:4222");
        check("tls://token@a,b:1", "tls://a,nats://b:1");
    }
}
