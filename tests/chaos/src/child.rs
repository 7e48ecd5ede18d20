//! Processes of a scenario: this program, started as something else.

use std::ffi::OsStr;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child as Process, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::Failure;

/// What a process says first when it is ready.
pub(crate) const READY: &str = "ready";

/// What a worker says when another one has its place, and it has stopped.
pub(crate) const REPLACED: &str = "replaced";

/// A process. Dropped, it is killed; and it ends by itself if this one dies.
#[derive(Debug)]
pub(crate) struct Child {
    process: Process,
    id: u32,
    /// What it says; none once somebody listens.
    said: Option<Said>,
}

/// What a process says, line by line.
pub(crate) type Said = Lines<BufReader<ChildStdout>>;

impl Child {
    /// Starts `chaos node` with these arguments and waits until it is ready.
    pub(crate) async fn start<I: AsRef<OsStr>>(
        arguments: impl IntoIterator<Item = I>,
    ) -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("node")
            .args(arguments)
            // Ends when this process does.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Panics that were asked for.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut said = BufReader::new(output).lines();
        let first = said.next_line().await?;
        if first.as_deref() != Some(READY) {
            return Err(format!("a process did not start: {first:?}").into());
        }
        let id = process.id().ok_or("it has ended")?;
        let said = Some(said);
        Ok(Self { process, id, said })
    }

    /// What it reads and what it says, for the first who asks.
    pub(crate) fn talk(&mut self) -> Option<(ChildStdin, Said)> {
        Some((self.process.stdin.take()?, self.said.take()?))
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Kills it (SIGKILL).
    pub(crate) async fn kill(mut self) -> Result<(), Failure> {
        Ok(self.process.kill().await?)
    }

    /// Has it stop in good order, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<ExitStatus, Failure> {
        drop(self.process.stdin.take());
        Ok(self.process.wait().await?)
    }

    /// Waits until it says `word`.
    pub(crate) async fn says(&mut self, word: &str, limit: Duration) -> Result<(), Failure> {
        let said = self.said.as_mut().ok_or("somebody listens to it")?;
        let line = timeout(limit, said.next_line()).await;
        match line.map_err(|_| format!("process {} does not say {word}", self.id))?? {
            Some(line) if line == word => Ok(()),
            line => Err(format!("in place of {word} a process said {line:?}").into()),
        }
    }

    /// Stops it where it is (SIGSTOP).
    pub(crate) async fn pause(&self) -> Result<(), Failure> {
        self.signal("-STOP").await
    }

    /// Lets it go on.
    pub(crate) async fn resume(&self) -> Result<(), Failure> {
        self.signal("-CONT").await
    }

    async fn signal(&self, signal: &str) -> Result<(), Failure> {
        let id = self.id.to_string();
        let status = Command::new("kill").args([signal, &id]).status().await?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("kill {signal} {id} ended with {status}").into())
        }
    }
}
