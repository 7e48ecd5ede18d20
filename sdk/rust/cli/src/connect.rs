//! The NATS connection of a command.

use std::path::PathBuf;

use clap::Args;
use natsgen_runtime::{ConnectError, ConnectErrorKind, Connection, NatsOptions, Prefix};
use varpulis_sdk::types::{Config, NatsConfig, SubjectPrefix};

use crate::context;
use crate::terminal::error::{CommandError, chain};

/// The URL without any option.
const DEFAULT: &str = "nats://localhost:4222";

/// Selects the NATS server.
#[derive(Debug, Args)]
pub(crate) struct Server {
    /// The URL of the NATS server; default: that of the context, or of a server on this machine.
    #[arg(long, value_name = "URL")]
    nats: Option<String>,

    /// A configuration file with the member `nats`, as for `varpulis worker`. It can name credentials and TLS files.
    ///
    /// Environment variables such as `VARPULIS_NATS__SERVERS` take precedence.
    #[arg(long, value_name = "FILE", conflicts_with = "nats")]
    config: Option<PathBuf>,

    /// A context of `varpulis context`; default: the selected context.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["nats", "config"])]
    context: Option<String>,

    /// The prefix of all subjects; default: that of the configuration, or of the protocol.
    #[arg(long, value_parser = Prefix::parse)]
    prefix: Option<Prefix>,
}

impl Server {
    /// Connects.
    pub(crate) async fn connect(&self) -> Result<Connection, CommandError> {
        let options = match (&self.nats, self.config()?) {
            (Some(url), _) => NatsOptions::new(url),
            (None, Some(nats)) => NatsOptions::from(&nats),
            (None, None) => NatsOptions::new(DEFAULT),
        };
        let connected = options.name("varpulis").connect().await;
        connected.map_err(|error| no_server(&error))
    }

    /// The prefix of all subjects; `default` is that of the protocol.
    pub(crate) fn prefix(&self, default: &str) -> Result<Prefix, CommandError> {
        if let Some(prefix) = &self.prefix {
            return Ok(prefix.clone());
        }
        let configured = self.config()?.and_then(|nats| nats.prefix);
        let text = configured.as_ref().map_or(default, SubjectPrefix::as_str);
        Prefix::parse(text).map_err(|error| CommandError::unexpected(&error))
    }

    /// The configuration of the connection, unless a URL replaces it.
    fn config(&self) -> Result<Option<NatsConfig>, CommandError> {
        if self.nats.is_some() {
            return Ok(None);
        }
        if let Some(name) = &self.context {
            return context::find(Some(name));
        }
        let config = Config::load(self.config.as_deref(), std::env::vars_os())?;
        match config.nats {
            Some(nats) => Ok(Some(nats)),
            None => context::find(None),
        }
    }
}

/// The error of a server that cannot be reached, with advice.
pub(crate) fn no_server(error: &ConnectError) -> CommandError {
    let reason = chain(error);
    let advice = match error.kind() {
        ConnectErrorKind::BadOptions => {
            return CommandError::Settings {
                reason,
                advice: "`nats.servers` is, like --nats, a URL such as nats://localhost:4222, or several URLs separated by commas"
                    .to_owned(),
            };
        }
        ConnectErrorKind::Denied => {
            "set `nats.credentials` in the configuration: {\"token\": …} or {\"user\": {\"name\": …, \"password\": …}}"
        }
        ConnectErrorKind::Tls => {
            "set `nats.root_certificates_path` in the configuration to the trusted certificates; the URL begins with tls:// or nats://, depending on the server"
        }
        _ => {
            "start a NATS server there, name another one, or set `nats.wait_secs` in the configuration to wait for it"
        }
    };
    CommandError::NoServer {
        reason,
        advice: advice.to_owned(),
    }
}
