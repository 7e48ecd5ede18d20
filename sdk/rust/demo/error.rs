//! What can go wrong, and what to do about it.

use std::error::Error;
use std::io;

use anstyle::{AnsiColor, Style};
use varpulis_sdk::sample::SampleError;

const EMPHASIS: Style = AnsiColor::Red.on_default().bold();
const ADVICE: Style = AnsiColor::Green.on_default();

/// Why the demonstration stopped.
#[derive(Debug)]
pub(super) enum DemoError {
    /// There is no server to talk over.
    NoServer {
        reason: String,
        advice: &'static str,
    },
    /// Something in the scenario did not go as it should.
    Scenario(String),
    /// Nobody takes the output.
    Output(io::Error),
}

impl DemoError {
    /// The status that the process ends with; `--help` lists them.
    pub(super) const fn exit_code(&self) -> u8 {
        match self {
            Self::Scenario(_) | Self::Output(_) => 1,
            Self::NoServer { .. } => 3,
        }
    }

    /// What happened, in one line.
    pub(super) fn message(&self) -> String {
        match self {
            Self::NoServer { reason, .. } | Self::Scenario(reason) => reason.clone(),
            Self::Output(error) => format!("cannot write: {error}"),
        }
    }

    /// Tells a person.
    pub(super) fn print(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(out, "{EMPHASIS}error:{EMPHASIS:#} {}", self.message())?;
        if let Self::NoServer { advice, .. } = self {
            writeln!(out, " {ADVICE}help:{ADVICE:#} {advice}")?;
        }
        Ok(())
    }

    /// Something that should not have gone wrong.
    pub(super) fn unexpected(error: &dyn Error) -> Self {
        Self::Scenario(chain(error))
    }
}

/// An error with its reasons, each said once: some tell their source's text in their own.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(reason) = source {
        let reason_text = reason.to_string();
        if !text.contains(&reason_text) {
            text.push_str(": ");
            text.push_str(&reason_text);
        }
        source = reason.source();
    }
    text
}

impl From<io::Error> for DemoError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<SampleError> for DemoError {
    fn from(error: SampleError) -> Self {
        Self::unexpected(&error)
    }
}
