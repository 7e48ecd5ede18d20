//! What can go wrong, and what to do about it.

use std::error::Error;
use std::io;

use anstyle::{AnsiColor, Style};
use varpulis_sample::SampleError;
use varpulis_sdk::config::ConfigError;

const EMPHASIS: Style = AnsiColor::Red.on_default().bold();
const ADVICE: Style = AnsiColor::Green.on_default();

/// Why the command stopped.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// It cannot do what it was told.
    Settings { reason: String, advice: String },
    /// There is no server to talk over.
    NoServer { reason: String, advice: String },
    /// Something did not go as it should.
    Failed(String),
    /// Another worker has the id.
    Replaced(String),
    /// Nobody takes the output.
    Output(io::Error),
}

impl CommandError {
    /// The status that the process ends with; `--help` lists them.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::Output(_) => 1,
            Self::Settings { .. } => 2,
            Self::NoServer { .. } => 3,
            Self::Replaced(_) => 4,
        }
    }

    /// What happened, in one line.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Settings { reason, .. }
            | Self::NoServer { reason, .. }
            | Self::Failed(reason)
            | Self::Replaced(reason) => reason.clone(),
            Self::Output(error) => format!("cannot write: {error}"),
        }
    }

    /// Tells a person.
    pub(crate) fn print(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(out, "{EMPHASIS}error:{EMPHASIS:#} {}", self.message())?;
        if let Self::Settings { advice, .. } | Self::NoServer { advice, .. } = self {
            writeln!(out, " {ADVICE}help:{ADVICE:#} {advice}")?;
        }
        Ok(())
    }

    /// Something that should not have gone wrong.
    pub(crate) fn unexpected(error: &dyn Error) -> Self {
        Self::Failed(chain(error))
    }
}

/// An error with its reasons, each said once: some tell their source's text in their own.
pub(crate) fn chain(error: &dyn Error) -> String {
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

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<SampleError> for CommandError {
    fn from(error: SampleError) -> Self {
        Self::unexpected(&error)
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        let advice = match &error {
            ConfigError::Unreadable { .. } => "name a file that this user may read",
            ConfigError::UnknownMember { .. } => {
                "`VARPULIS_` and `__` lead to one member, as in VARPULIS_WORKER__ID; unset what is not meant for this process"
            }
            ConfigError::Duplicate(_) => "unset one of them",
            ConfigError::Invalid { origin, .. }
                if origin.file.is_none() && origin.variables.is_empty() =>
            {
                "`--config` names a file, VARPULIS_NATS__SERVERS and the like set single members; `--help` has examples"
            }
            _ => "schema/types/config.json says what each member may be; `--help` has examples",
        };
        Self::Settings {
            reason: chain(&error),
            advice: advice.to_owned(),
        }
    }
}
