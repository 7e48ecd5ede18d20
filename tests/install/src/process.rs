//! A running program.

use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::Error;

/// The time that a program has for its next line, and for its end.
const LIMIT: Duration = Duration::from_mins(2);

/// The interval between checks if a program has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// A running program, with its standard output and standard error. It is killed on drop.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    lines: Receiver<String>,
    /// The lines that were read.
    output: String,
}

impl Process {
    pub(crate) fn start(mut command: Command) -> Result<Self, Error> {
        let name = format!("{command:?}");
        let (reader, writer) = io::pipe()?;
        command
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let child = command
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        // The command holds the other end of the pipe.
        drop(command);
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(reader).lines().map_while(Result::ok);
            for line in lines {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            name,
            child,
            lines,
            output: String::new(),
        })
    }

    /// Reads up to a line that contains `text`.
    pub(crate) fn expect(&mut self, text: &str) -> Result<(), Error> {
        while let Ok(line) = self.lines.recv_timeout(LIMIT) {
            self.keep(&line);
            if line.contains(text) {
                return Ok(());
            }
        }
        Err(format!(
            "{} printed no line with `{text}`:\n{}",
            self.name, self.output
        )
        .into())
    }

    fn keep(&mut self, line: &str) {
        self.output.push_str(line);
        self.output.push('\n');
    }

    /// Sends the signal of Ctrl-C.
    pub(crate) fn interrupt(&self) -> Result<(), Error> {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", "INT", &pid]).status()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("cannot interrupt {}: {status}", self.name).into())
        }
    }

    /// Waits for the successful end of the program. Returns its output.
    pub(crate) fn finish(mut self) -> Result<String, Error> {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if Instant::now() > deadline {
                return Err(format!("{} does not end within {LIMIT:?}", self.name).into());
            }
            thread::sleep(PAUSE);
        };
        while let Ok(line) = self.lines.recv_timeout(LIMIT) {
            self.keep(&line);
        }
        if status.success() {
            Ok(std::mem::take(&mut self.output))
        } else {
            Err(format!("{}: {status}\n{}", self.name, self.output).into())
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
