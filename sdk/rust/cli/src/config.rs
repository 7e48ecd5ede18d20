//! The configuration of processes: examples, checks and the schema.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use natsgen::{BundleForm, Bundler};
use serde_json::{Value as Json, json};
use varpulis_sdk::types::Config;

use crate::protocol::Selection;
use crate::terminal::error::CommandError;

const EXAMPLES: &str = "\
Examples:
  varpulis config example coordinator > coordinator.json
  varpulis config check coordinator.json
  varpulis config schema > config.schema.json     for editors";

/// Writes and checks configurations.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Options {
    /// Checks a configuration file together with the environment.
    Check {
        /// The configuration file.
        file: PathBuf,
    },
    /// Prints a configuration to start with.
    Example {
        /// The process that it configures.
        role: Role,
    },
    /// Prints the JSON Schema of configurations, with a description, default and limits of each setting.
    Schema,
}

/// A process of a cluster.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Role {
    /// A coordinator.
    Coordinator,
    /// A worker over NATS.
    Worker,
    /// A worker over HTTP, without NATS.
    HttpWorker,
}

/// Prints or checks a configuration.
pub(crate) fn run(options: &Options) -> Result<(), CommandError> {
    let mut out = anstream::stdout();
    match options {
        Options::Check { file } => {
            Config::load(Some(file), std::env::vars_os())?;
            writeln!(out, "{}: valid", file.display())?;
        }
        Options::Example { role } => {
            let schema = schema()?;
            let examples = schema["$defs"]["Config"]["examples"].as_array();
            let wanted = |example: &&Json| role.matches(example);
            let example = examples.and_then(|examples| examples.iter().find(wanted));
            writeln!(out, "{:#}", example.unwrap_or(&Json::Null))?;
        }
        Options::Schema => writeln!(out, "{:#}", schema()?)?,
    }
    Ok(())
}

/// The schema of a configuration, with all definitions of the protocol.
fn schema() -> Result<Json, CommandError> {
    let protocol = Selection::default().load()?;
    let bundler = Bundler::new(&protocol.schemas, &protocol.model, BundleForm::Strict);
    let text = bundler.protocol(None);
    let text = text.map_err(|error| CommandError::unexpected(&error))?;
    let all: Json =
        serde_json::from_str(&text).map_err(|error| CommandError::unexpected(&error))?;
    let mut needed = serde_json::Map::new();
    add(&all, "Config", &mut needed);
    Ok(json!({
        "$schema": all["$schema"],
        "title": "Configuration of a Varpulis process",
        "$ref": "#/$defs/Config",
        "$defs": needed,
    }))
}

/// Adds a definition and the definitions that it refers to.
fn add(all: &Json, name: &str, to: &mut serde_json::Map<String, Json>) {
    let definition = &all["$defs"][name];
    if to.insert(name.to_owned(), definition.clone()).is_none() {
        references(definition, &mut |name| add(all, name, to));
    }
}

fn references(schema: &Json, found: &mut dyn FnMut(&str)) {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|text| text.strip_prefix("#/$defs/"))
    {
        found(name);
    }
    match schema {
        Json::Object(members) => members.values().for_each(|value| references(value, found)),
        Json::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

impl Role {
    /// Whether an example configures this process.
    fn matches(self, example: &Json) -> bool {
        match self {
            Self::Coordinator => example.get("coordinator").is_some(),
            Self::Worker => example.get("worker").is_some() && example.get("nats").is_some(),
            Self::HttpWorker => example.get("worker").is_some() && example.get("nats").is_none(),
        }
    }
}
