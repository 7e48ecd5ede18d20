//! The transport of the demonstration: in-process, a running server, or a server that it starts.

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
use super::guard::Guard;
use super::recorder::Recorder;
use crate::terminal::error::{CommandError, chain};

/// After this time without a server, the user is informed.
const NOTICE_DELAY: Duration = Duration::from_millis(500);

/// Opens connections that share a recorder.
pub(super) struct Transport {
    backend: Backend,
    prefix: Prefix,
    recorder: Arc<Recorder>,
    timeout: Duration,
}

enum Backend {
    Memory(MemoryBroker),
    Nats {
        url: String,
        started: Option<Started>,
    },
}

/// A server that was started for the demonstration, and its users. The server is stopped on drop.
struct Started {
    guard: Guard,
    _server: NatsServer,
}

impl Transport {
    /// Opens the transport that the options select.
    pub(super) async fn open(
        options: &Options,
        recorder: &Arc<Recorder>,
    ) -> Result<Self, CommandError> {
        let prefix = match &options.prefix {
            Some(prefix) => prefix.clone(),
            None if options.nats.is_some() => own_prefix()?,
            None => subject::PREFIX,
        };
        let backend = match &options.nats {
            Some(url) => Backend::Nats {
                url: url.clone(),
                started: None,
            },
            None if options.spawn_nats => {
                let guard = Guard::new()?;
                let server = start_server(guard.config(&prefix)).await?;
                Backend::Nats {
                    url: server.url(),
                    started: Some(Started {
                        guard,
                        _server: server,
                    }),
                }
            }
            None => Backend::Memory(MemoryBroker::new()),
        };
        Ok(Self {
            backend,
            prefix,
            recorder: Arc::clone(recorder),
            timeout: options.timeout(),
        })
    }

    /// Opens the connection of a participant.
    pub(super) async fn connect(&self, name: &str) -> Result<Connection, CommandError> {
        let connection = match &self.backend {
            Backend::Memory(broker) => Connection::over(broker.connect()),
            Backend::Nats { url, started } => {
                let mut options = NatsOptions::new(url).name(format!("varpulis-sdk demo: {name}"));
                if let Some(Started { guard, .. }) = started {
                    options = guard.authenticate(name, options);
                }
                let connecting = options.connect_timeout(self.timeout).connect();
                connecting.await.map_err(|error| no_server(&error))?
            }
        };
        let recorder: Arc<dyn Observer> = self.recorder.clone();
        Ok(connection.prefix(self.prefix.clone()).observer(recorder))
    }

    /// The longest time that a call, a connection or an awaited event may take.
    pub(super) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The kind of transport, for programs.
    pub(super) const fn kind(&self) -> &'static str {
        match self.backend {
            Backend::Memory(_) => "memory",
            Backend::Nats { .. } => "nats",
        }
    }

    /// The kind of transport, for people. Without credentials.
    pub(super) fn location(&self) -> String {
        match &self.backend {
            Backend::Memory(_) => "within this process".to_owned(),
            Backend::Nats { url, started: None } => format!("over {}", without_credentials(url)),
            Backend::Nats {
                url,
                started: Some(_),
            } => format!("over a nats-server of their own, {url}"),
        }
    }

    /// The prefix of all subjects.
    pub(super) fn prefix(&self) -> &str {
        self.prefix.as_str()
    }
}

/// Starts a server. Informs the user if this takes long because the server must be installed.
async fn start_server(config: String) -> Result<NatsServer, CommandError> {
    let mut starting = spawn_blocking(move || NatsServer::start_with(&config));
    let started = if let Ok(started) = timeout(NOTICE_DELAY, &mut starting).await {
        started
    } else {
        let mut progress = anstream::stderr();
        write!(
            progress,
            "Starting nats-server; it is installed below target/ if it is missing … "
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
        advice: "omit `--spawn-nats` to stay in this process".to_owned(),
    })
}

fn no_server(error: &ConnectError) -> CommandError {
    let advice = match error.kind() {
        ConnectErrorKind::BadOptions => "a URL looks like `nats://localhost:4222`",
        ConnectErrorKind::Denied => {
            "the URL may begin with `nats://user:password@` or `nats://token@`"
        }
        ConnectErrorKind::Tls => {
            "use `tls://` in place of `nats://`, or the reverse, as the server requires"
        }
        _ => {
            "start a NATS server there, or use `--spawn-nats` in place of `--nats`, or neither to stay in this process"
        }
    };
    CommandError::NoServer {
        reason: chain(error),
        advice: advice.to_owned(),
    }
}

/// A prefix that no other demonstration on the same server has, unless it runs on another machine with the same process
/// id.
fn own_prefix() -> Result<Prefix, CommandError> {
    let text = format!("varpulis.demo.{}", std::process::id());
    Prefix::parse(&text).map_err(|error| CommandError::unexpected(&error))
}

/// The URLs without their credentials.
fn without_credentials(urls: &str) -> String {
    let urls = urls.split(',').map(|url| {
        let (scheme, rest) = url.split_once("://").unwrap_or(("nats", url));
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        format!("{scheme}://{host}")
    });
    urls.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transport_credentials_are_not_printed() {
        let check = |url: &str, expected: &str| assert_eq!(without_credentials(url), expected);
        check("localhost", "nats://localhost");
        check("nats://user:p@ss@localhost:4222", "nats://localhost:4222");
        check("tls://token@a,b:1", "tls://a,nats://b:1");
    }
}
