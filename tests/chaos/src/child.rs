//! The child processes of a scenario: this program in another role.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child as Process, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::Failure;
use crate::environment::Environment;

/// The first line that a process prints when it is ready.
pub(crate) const READY: &str = "ready";

/// The line that a worker prints after another instance has replaced it and it has stopped.
pub(crate) const REPLACED: &str = "replaced";

/// How long the output of a process may take to arrive.
const OUTPUT_LIMIT: Duration = Duration::from_millis(50);

/// A child process. It is killed on drop, and it ends by itself when this process dies.
#[derive(Debug)]
pub(crate) struct Child {
    process: Process,
    id: u32,
    /// The output of the process, until it is taken.
    output: Option<Output>,
}

/// The output of a process, line by line.
pub(crate) type Output = Lines<BufReader<ChildStdout>>;

impl Child {
    /// Starts `chaos node` with these arguments and waits until it is ready.
    pub(crate) async fn start<I: AsRef<OsStr>>(
        environment: &Environment,
        arguments: impl IntoIterator<Item = I>,
    ) -> Result<Self, Failure> {
        let mut errors = OpenOptions::new();
        let errors = errors.create(true).append(true).open(&environment.errors)?;
        let mut process = Command::new(std::env::current_exe()?)
            .arg("node")
            .args(arguments)
            // The process ends when this pipe closes.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .envs(
                environment
                    .variables
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("no standard output")?;
        let mut output = BufReader::new(output).lines();
        let first = output.next_line().await?;
        if first.as_deref() != Some(READY) {
            return Err(format!("a process did not start: {first:?}").into());
        }
        let id = process.id().ok_or("the process has ended")?;
        let output = Some(output);
        Ok(Self {
            process,
            id,
            output,
        })
    }

    /// Takes the input and the output of the process, unless they are taken already.
    pub(crate) fn take_pipes(&mut self) -> Option<(ChildStdin, Output)> {
        Some((self.process.stdin.take()?, self.output.take()?))
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Kills the process (SIGKILL).
    pub(crate) async fn kill(mut self) -> Result<(), Failure> {
        Ok(self.process.kill().await?)
    }

    /// Closes the input, so that the process shuts down gracefully, and waits for its end.
    pub(crate) async fn stop(mut self) -> Result<ExitStatus, Failure> {
        drop(self.process.stdin.take());
        Ok(self.process.wait().await?)
    }

    /// Whether the process has ended, or is a worker that another instance has replaced.
    pub(crate) async fn is_lost(&mut self) -> Result<bool, Failure> {
        if self.process.try_wait()?.is_some() {
            return Ok(true);
        }
        let Some(output) = &mut self.output else {
            return Ok(false);
        };
        match timeout(OUTPUT_LIMIT, output.next_line()).await {
            Ok(line) => Ok(line?.is_none_or(|line| line == REPLACED)),
            Err(_) => Ok(false),
        }
    }

    /// Waits until the process prints the line `expected`.
    pub(crate) async fn expect_line(
        &mut self,
        expected: &str,
        limit: Duration,
    ) -> Result<(), Failure> {
        let output = self.output.as_mut().ok_or("the output is taken already")?;
        let line = timeout(limit, output.next_line()).await;
        match line.map_err(|_| format!("process {} did not print {expected}", self.id))?? {
            Some(line) if line == expected => Ok(()),
            line => Err(format!("expected {expected}, a process printed {line:?}").into()),
        }
    }

    /// Suspends the process (SIGSTOP).
    pub(crate) async fn pause(&self) -> Result<(), Failure> {
        signal(self.id, "-STOP").await
    }

    /// Resumes the process (SIGCONT).
    pub(crate) async fn resume(&self) -> Result<(), Failure> {
        signal(self.id, "-CONT").await
    }
}

/// Sends a signal to process `id`.
pub(crate) async fn signal(id: u32, signal: &str) -> Result<(), Failure> {
    let id = id.to_string();
    let status = Command::new("kill").args([signal, &id]).status().await?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("kill {signal} {id} ended with {status}").into())
    }
}
