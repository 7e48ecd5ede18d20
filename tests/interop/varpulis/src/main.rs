//! Runs this SDK against the published crates of Varpulis 0.11, unmodified, on a real nats-server. Prints a table with a row
//! per crossing and behaviour.

mod connector;
mod our_coordinator;
mod our_worker;
mod peer;
mod raft;
mod table;
mod their_coordinator;
mod worker_client;

use std::process::ExitCode;

use peer::Peer;
use table::Table;

/// The reason why a row fails.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    if let Err(error) = Peer::build() {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    let mut table = Table::default();
    worker_client::run(&mut table).await;
    our_coordinator::run(&mut table).await;
    our_worker::run(&mut table).await;
    raft::run(&mut table).await;
    connector::run(&mut table).await;
    print!("{table}");
    if table.is_green() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
