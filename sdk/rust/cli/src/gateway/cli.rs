//! The options of a gateway.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use natsgen_runtime::Prefix;

use crate::arguments::pair;

const EXAMPLES: &str = "\
Examples:
  varpulis gateway --nats nats://localhost:4222
  curl -d '{\"name\": \"p\", \"source\": \"stream A = B\"}' 'http://127.0.0.1:8080/api/v1/pipelines?worker_id=w0'
  varpulis gateway --schema ../shop/schema --prefix acme.shop --listen 127.0.0.1:9000

`x-http` of a document defines method and path of its operation. An operation without it is a POST to the tokens of its
subject, e.g. /raft/{node_id}/vote. Parameters that the path does not name stand in the query, or in --param.";

/// The options of a gateway.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The URL of the NATS server.
    #[arg(long, value_name = "URL", default_value = "nats://localhost:4222")]
    pub(super) nats: String,

    /// The address for HTTP requests.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,

    /// Serve the protocol of this schema directory, instead of the protocol of Varpulis.
    #[arg(long, value_name = "FOLDER")]
    pub(super) schema: Option<PathBuf>,

    /// The prefix of all subjects; default: the prefix of the protocol.
    #[arg(long, value_parser = Prefix::parse)]
    pub(super) prefix: Option<Prefix>,

    /// Serve the operations of this role only. Repeat it for several roles.
    #[arg(long, value_name = "ROLE")]
    pub(super) role: Vec<String>,

    /// Set a parameter of the subjects, e.g. `worker_id=w0`. Repeat it for several parameters.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) param: Vec<(String, String)>,

    /// A file with the API key that requests must have in the header `x-api-key`.
    #[arg(long, value_name = "FILE")]
    pub(super) api_key_file: Option<PathBuf>,

    /// A PEM file with the certificates for HTTPS; needs --key.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) certificates: Option<PathBuf>,

    /// A PEM file with the key of the certificate.
    #[arg(long, value_name = "FILE", requires = "certificates")]
    pub(super) key: Option<PathBuf>,
}
