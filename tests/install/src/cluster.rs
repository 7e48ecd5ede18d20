//! The coordinator and the worker of the command `varpulis`.

use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::process::Process;
use crate::project::{root, run};

/// Builds the programs of this module, so that they start at once.
pub(crate) fn build() -> Result<(), Error> {
    run(cargo(&["build", "--quiet"]))?;
    run(cargo(&[
        "build",
        "--quiet",
        "--example",
        "deploy_and_inject",
    ]))
}

/// Starts a coordinator with its store in `folder`, and waits until it is ready.
pub(crate) fn coordinator(url: &str, folder: &Path) -> Result<Process, Error> {
    let mut command = varpulis("coordinator", url);
    command
        .env("VARPULIS_COORDINATOR__API_KEY", "secret")
        .env("VARPULIS_COORDINATOR__HEARTBEAT_INTERVAL_SECS", "1")
        .env("VARPULIS_RAFT__NODE_ID", "1")
        .env("VARPULIS_RAFT__MEMBERS", "[1]")
        .env("VARPULIS_RAFT__STORE_PATH", folder.join("raft.redb"));
    let mut process = Process::start(command)?;
    process.expect(r#""ready":true"#)?;
    Ok(process)
}

/// Starts a worker, and waits until a coordinator has registered it.
pub(crate) fn worker(url: &str, id: &str) -> Result<Process, Error> {
    let mut command = varpulis("worker", url);
    command
        .env("VARPULIS_WORKER__ID", id)
        .env("VARPULIS_WORKER__API_KEY", "secret");
    let mut process = Process::start(command)?;
    process.expect(r#""registered":true"#)?;
    Ok(process)
}

/// The example `deploy_and_inject` in Rust.
pub(crate) fn client(url: &str) -> Command {
    let mut command = cargo(&["run", "--quiet", "--example", "deploy_and_inject"]);
    command.env("NATS_URL", url);
    command
}

/// Stops a process with Ctrl-C.
pub(crate) fn stop(process: Process) -> Result<(), Error> {
    process.interrupt()?;
    process.finish()?;
    Ok(())
}

fn varpulis(role: &str, url: &str) -> Command {
    let mut command = cargo(&["run", "--quiet", "--", role, "--json"]);
    command.env("VARPULIS_NATS__SERVERS", url);
    command
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(root());
    command
}
