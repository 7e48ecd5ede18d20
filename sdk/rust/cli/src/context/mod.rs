//! Contexts: named NATS servers with credentials and a prefix.

mod cli;
mod folder;

use std::io::Write as _;

use natsgen_runtime::{Side, codec};
use serde_json::{Value as Json, json};
use varpulis_sdk::types::{Config, NatsConfig};

use self::cli::Add;
pub(crate) use self::cli::Options;
use self::folder::Folder;
use crate::terminal::error::CommandError;

/// Manages the contexts of the user.
pub(crate) fn run(options: &Options) -> Result<(), CommandError> {
    let folder = Folder::of_user()?;
    let mut out = anstream::stdout();
    match options {
        Options::Add(add) => {
            let file = folder.write(&add.name, &text(add)?)?;
            if add.select {
                folder.select(&add.name)?;
            }
            writeln!(out, "{}", file.display())?;
        }
        Options::List => {
            let selected = folder.selected()?;
            for name in folder.names()? {
                let mark = if selected.as_ref() == Some(&name) {
                    '*'
                } else {
                    ' '
                };
                writeln!(out, "{mark} {name}")?;
            }
        }
        Options::Select { name } => folder.select(name)?,
        Options::Show { name } => {
            let name = match name {
                Some(name) => name.clone(),
                None => folder.selected()?.ok_or_else(|| CommandError::Settings {
                    reason: "no context is selected".to_owned(),
                    advice: "name one, or select it: `varpulis context select NAME`".to_owned(),
                })?,
            };
            writeln!(out, "{:#}", shown(&folder.read(&name)?)?)?;
        }
        Options::Remove { name } => folder.remove(name)?,
    }
    Ok(())
}

/// The connection of a context, or of the selected context without a name. `None` if no context is selected.
pub(crate) fn find(name: Option<&str>) -> Result<Option<NatsConfig>, CommandError> {
    let folder = Folder::of_user();
    if let Some(name) = name {
        return folder?.read(name).map(Some);
    }
    // Without a home there is no selection.
    let Ok(folder) = folder else { return Ok(None) };
    let selected = folder.selected()?;
    selected.map(|name| folder.read(&name)).transpose()
}

/// The file of a new context.
fn text(add: &Add) -> Result<String, CommandError> {
    let nats = match (&add.from, &add.nats) {
        (Some(file), _) => {
            let config = Config::load(Some(file), [("", ""); 0])?;
            written(config.nats.as_ref().ok_or_else(|| CommandError::Settings {
                reason: format!("{} has no member `nats`", file.display()),
                advice: "name a file with this member, or use --nats".to_owned(),
            })?)?
        }
        (None, servers) => {
            let mut nats = json!({ "servers": servers });
            if let Some(file) = &add.creds {
                let file = file.canonicalize().unwrap_or_else(|_| file.clone());
                nats["credentials"] = json!({ "credentials_path": file });
            }
            if let Some(prefix) = &add.prefix {
                nats["prefix"] = json!(prefix.as_str());
            }
            let checked = codec::decode::<NatsConfig>(nats.to_string().as_bytes(), Side::Request);
            checked.map_err(|error| CommandError::Settings {
                reason: error.to_string(),
                advice: "see `varpulis context add --help`".to_owned(),
            })?;
            nats
        }
    };
    Ok(format!("{:#}\n", json!({ "nats": nats })))
}

fn written(nats: &NatsConfig) -> Result<Json, CommandError> {
    let text = codec::encode(nats).map_err(|error| CommandError::unexpected(&error))?;
    serde_json::from_slice(&text).map_err(|error| CommandError::unexpected(&error))
}

/// A connection without its secrets.
fn shown(nats: &NatsConfig) -> Result<Json, CommandError> {
    let mut nats = written(nats)?;
    if let Some(servers) = nats["servers"].as_str() {
        let urls = servers.split(',').map(|url| match url.split_once('@') {
            Some((start, host)) => {
                let scheme = start.split_once("://").map_or("", |(scheme, _)| scheme);
                format!("{scheme}://…@{host}")
            }
            None => url.to_owned(),
        });
        nats["servers"] = json!(urls.collect::<Vec<_>>().join(","));
    }
    for secret in ["token", "nkey_seed"] {
        if let Some(value) = nats["credentials"].get_mut(secret) {
            *value = json!("…");
        }
    }
    if let Some(password) = nats["credentials"]["user"].get_mut("password") {
        *password = json!("…");
    }
    Ok(nats)
}
