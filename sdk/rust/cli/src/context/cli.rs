//! The options of contexts.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use natsgen_runtime::Prefix;

const EXAMPLES: &str = "\
Examples:
  varpulis context add local --nats nats://localhost:4222 --select
  varpulis context add prod --nats tls://nats-1:4222 --creds ada.creds --prefix varpulis.prod
  varpulis context add staging --from worker.json
  varpulis context list
  varpulis call list_workers --context prod

A context is a file with the member `nats` of a configuration. Commands use, in this order: --nats, --config, --context,
environment variables such as VARPULIS_NATS__SERVERS, the selected context, and nats://localhost:4222. The files stand in
$XDG_CONFIG_HOME/varpulis or ~/.config/varpulis, and only their owner may read them.";

/// Manages contexts: named NATS servers with credentials and a prefix.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Options {
    /// Adds a context, or replaces it.
    Add(Add),
    /// Lists the contexts; `*` marks the selected context.
    List,
    /// Selects the context of commands that name none.
    Select {
        /// The name of the context.
        name: String,
    },
    /// Shows a context without its secrets.
    Show {
        /// The name of the context; default: the selected context.
        name: Option<String>,
    },
    /// Removes a context.
    Remove {
        /// The name of the context.
        name: String,
    },
}

/// A new context.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The name of the context: letters, digits, `-`, `_` and `.`.
    pub(super) name: String,

    /// The URLs of the NATS servers, separated by commas.
    #[arg(long, value_name = "URLS", required_unless_present = "from")]
    pub(super) nats: Option<String>,

    /// A credentials file.
    #[arg(long, value_name = "FILE", requires = "nats")]
    pub(super) creds: Option<PathBuf>,

    /// The prefix of all subjects.
    #[arg(long, value_parser = Prefix::parse, requires = "nats")]
    pub(super) prefix: Option<Prefix>,

    /// Take the member `nats` of this configuration file.
    #[arg(long, value_name = "FILE", conflicts_with = "nats")]
    pub(super) from: Option<PathBuf>,

    /// Select the context.
    #[arg(long)]
    pub(super) select: bool,
}
