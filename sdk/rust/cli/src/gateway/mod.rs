//! A gateway: serves a protocol over HTTP, and forwards requests to NATS.

mod cli;
mod foreign;

use std::path::Path;
use std::time::Duration;

use natsgen_runtime::http::{HttpError, HttpRoutes, HttpServer, HttpServerOptions};
use natsgen_runtime::{NatsOptions, Prefix};
use varpulis_sdk::{http, subject};

pub(crate) use self::cli::Options;
use crate::connect::no_server;
use crate::signals::Signals;
use crate::terminal::error::CommandError;

/// The time that running requests have after a signal.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Serves until the process receives a signal.
pub(crate) async fn run(options: &Options) -> Result<(), CommandError> {
    let mut signals = Signals::listen()?;
    let (routes, prefix) = match &options.schema {
        Some(folder) => foreign::read(folder)?,
        None => (
            HttpRoutes::new(http::ROUTES).map_err(|error| wrong(&error))?,
            subject::PREFIX,
        ),
    };
    let prefix = options.prefix.clone().unwrap_or(prefix);
    let connecting = NatsOptions::new(&options.nats)
        .name("varpulis gateway")
        .connect();
    let connection = connecting.await.map_err(|error| no_server(&error))?;
    let connection = connection.prefix(prefix.clone());
    let server = server_options(options)?;
    let server = HttpServer::start(options.listen, &connection, &prefix, &routes, &server);
    let server = server.await.map_err(|error| wrong(&error))?;
    println!("{} forwards to {}", server.url(), prefix.as_str());
    signals.next().await;
    server.shutdown(DRAIN_LIMIT).await;
    connection.close().await;
    Ok(())
}

fn server_options(options: &Options) -> Result<HttpServerOptions, CommandError> {
    let mut server = HttpServerOptions::new();
    for role in &options.role {
        server = server.role(role);
    }
    for (name, value) in &options.param {
        server = server.param(name, value);
    }
    if let Some(path) = &options.api_key_file {
        server = server.api_key(read(path)?.trim_end());
    }
    if let (Some(certificates), Some(key)) = (&options.certificates, &options.key) {
        server = server.tls(certificates, key);
    }
    Ok(server)
}

fn read(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path).map_err(|error| CommandError::Settings {
        reason: format!("{} cannot be read: {error}", path.display()),
        advice: "name a readable file".to_owned(),
    })
}

fn wrong(error: &HttpError) -> CommandError {
    CommandError::Settings {
        reason: error.to_string(),
        advice: "see `varpulis gateway --help`".to_owned(),
    }
}

fn prefix_of(text: &str) -> Result<Prefix, CommandError> {
    Prefix::parse(text).map_err(|error| CommandError::unexpected(&error))
}
