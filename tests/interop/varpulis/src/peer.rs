//! Peers of the published crates, as child processes.

use std::env;
use std::path::PathBuf;
use std::process::{Command as Build, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use crate::Error;

/// The API key of all workers.
pub(crate) const KEY: &str = "secret";

/// A process. It is killed when this is dropped.
pub(crate) struct Peer {
    _child: Child,
    /// The standard input and the standard output.
    pipes: Mutex<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
}

impl Peer {
    /// Builds the program of the peers, below the target directory of this program unless `PEERS_TARGET_DIR` names another.
    pub(crate) fn build() -> Result<(), Error> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/peer/Cargo.toml");
        let built = Build::new(cargo)
            .args(["build", "--quiet", "--locked", "--manifest-path", manifest])
            .arg("--target-dir")
            .arg(target_directory()?)
            .status()?;
        if built.success() {
            Ok(())
        } else {
            Err("the peers do not build".into())
        }
    }

    pub(crate) async fn start(arguments: &[&str]) -> Result<Self, Error> {
        let program = target_directory()?.join("debug/interop-varpulis-peer");
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A peer may write files, e.g. its dead letters.
            .current_dir(std::env::temp_dir())
            .kill_on_drop(true)
            .spawn()?;
        let orders = child.stdin.take().ok_or("no standard input")?;
        let replies = child.stdout.take().ok_or("no standard output")?;
        let mut replies = BufReader::new(replies).lines();
        // The first line tells that the process has started.
        replies.next_line().await?.ok_or("a peer ended")?;
        Ok(Self {
            _child: child,
            pipes: Mutex::new((orders, replies)),
        })
    }

    /// A worker that registers with `key`. The key of its engine is [`KEY`]. `quota` is `small` or `large`.
    pub(crate) async fn worker(url: &str, id: &str, key: &str, quota: &str) -> Result<Self, Error> {
        Self::start(&["worker", url, id, key, quota]).await
    }

    /// Executes an order.
    pub(crate) async fn order(&self, order: &Value) -> Result<Value, Error> {
        let mut pipes = self.pipes.lock().await;
        let (orders, replies) = &mut *pipes;
        orders.write_all(format!("{order}\n").as_bytes()).await?;
        let reply = replies.next_line().await?.ok_or("a peer ended")?;
        let mut reply: Value = serde_json::from_str(&reply)?;
        match reply["error"].as_str() {
            Some(error) => Err(error.into()),
            None => Ok(reply["ok"].take()),
        }
    }
}

/// The target directory of the peers. The published crates share no package with this program.
fn target_directory() -> Result<PathBuf, Error> {
    if let Some(directory) = env::var_os("PEERS_TARGET_DIR") {
        return Ok(directory.into());
    }
    let program = env::current_exe()?;
    let own = program.ancestors().nth(2).ok_or("no target directory")?;
    Ok(own.join("varpulis"))
}
