//! A peer as a process, with JSON lines as its input and output.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::Error;
use crate::language::Language;

/// The time that a peer has for a line, and for its end.
const LIMIT: Duration = Duration::from_secs(15);

/// A running peer. It is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    name: String,
}

impl Process {
    pub(crate) fn start(language: &Language, arguments: &[&str]) -> Result<Self, Error> {
        let name = format!("{} {}", language.name, arguments.join(" "));
        let mut child = Command::from(language.command()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = child.stdout.take().ok_or("no standard output")?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output).lines(),
            name,
        })
    }

    /// Writes a line.
    pub(crate) async fn write(&mut self, line: &str) -> Result<(), Error> {
        let line = format!("{line}\n");
        let written = timeout(LIMIT, self.input.write_all(line.as_bytes())).await;
        written
            .map_err(|_| format!("{}: reads no line within {LIMIT:?}", self.name))?
            .map_err(|error| format!("{}: {error}", self.name).into())
    }

    /// Reads a line.
    pub(crate) async fn read(&mut self) -> Result<Json, Error> {
        let line = timeout(LIMIT, self.output.next_line())
            .await
            .map_err(|_| format!("{}: writes no line within {LIMIT:?}", self.name))??
            .ok_or_else(|| format!("{}: has ended", self.name))?;
        serde_json::from_str(&line)
            .map_err(|error| format!("{}: {error}: {line}", self.name).into())
    }

    /// Closes the input and waits for the end of the process.
    pub(crate) async fn finish(mut self) -> Result<(), Error> {
        drop(self.input);
        let status: ExitStatus = timeout(LIMIT, self.child.wait())
            .await
            .map_err(|_| format!("{}: does not end within {LIMIT:?}", self.name))??;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{}: {status}", self.name).into())
        }
    }
}
