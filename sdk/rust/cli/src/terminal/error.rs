//! Errors of the commands, with advice.

use std::error::Error;
use std::io;

use anstyle::{AnsiColor, Style};
use natsgen_runtime::Escaped;
use varpulis_sample::SampleError;
use varpulis_sdk::config::ConfigError;

const EMPHASIS: Style = AnsiColor::Red.on_default().bold();
const ADVICE: Style = AnsiColor::Green.on_default();

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// The options or the configuration are wrong.
    Settings { reason: String, advice: String },
    /// No NATS server can be reached.
    NoServer { reason: String, advice: String },
    /// The command failed.
    Failed(String),
    /// Another worker registered with this id.
    Replaced(String),
    /// The coordinators refused the API key.
    Rejected { reason: String, advice: String },
    /// The request did not reach a server.
    NotDelivered { reason: String, advice: String },
    /// The server refused the request.
    Refused { reason: String, advice: String },
    /// The output could not be written.
    Output(io::Error),
}

impl CommandError {
    /// The exit code of the process. `--help` lists the codes.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::NotDelivered { .. } | Self::Output(_) => 1,
            Self::Settings { .. } => 2,
            Self::NoServer { .. } => 3,
            Self::Replaced(_) => 4,
            Self::Rejected { .. } => 5,
            Self::Refused { .. } => 6,
        }
    }

    /// The reason, in a line.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Settings { reason, .. }
            | Self::NoServer { reason, .. }
            | Self::Rejected { reason, .. }
            | Self::NotDelivered { reason, .. }
            | Self::Refused { reason, .. }
            | Self::Failed(reason)
            | Self::Replaced(reason) => reason.clone(),
            Self::Output(error) => format!("cannot write: {error}"),
        }
    }

    /// Prints the reason and the advice.
    pub(crate) fn print(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(out, "{EMPHASIS}error:{EMPHASIS:#} {}", self.message())?;
        if let Self::Settings { advice, .. }
        | Self::NoServer { advice, .. }
        | Self::NotDelivered { advice, .. }
        | Self::Refused { advice, .. }
        | Self::Rejected { advice, .. } = self
        {
            writeln!(out, " {ADVICE}help:{ADVICE:#} {advice}")?;
        }
        Ok(())
    }

    /// An error without advice.
    pub(crate) fn unexpected(error: &dyn Error) -> Self {
        Self::Failed(chain(error))
    }
}

/// An error with its sources on a single line, because they may contain text of peers. Skips a source if the text
/// contains it already.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = Escaped(error).to_string();
    let mut source = error.source();
    while let Some(reason) = source {
        let reason_text = Escaped(reason).to_string();
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
                "`VARPULIS_` and member names separated by `__` set a member, as in VARPULIS_WORKER__ID; unset variables that are not meant for this process"
            }
            ConfigError::Separator { .. } => "separate the names of members by two underscores",
            ConfigError::Duplicate(_) => "unset one of them",
            ConfigError::Invalid { origin, .. }
                if origin.file.is_none() && origin.variables.is_empty() =>
            {
                "use `--config FILE` or variables such as VARPULIS_NATS__SERVERS; `--help` has examples"
            }
            _ => "schema/types/config.json documents each member; `--help` has examples",
        };
        Self::Settings {
            reason: chain(&error),
            advice: advice.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_of_hostile_texts_is_a_single_line() {
        let error = io::Error::other("no tea\n\u{1b}[2Jready \u{202e}");
        assert_eq!(chain(&error), r"no tea\n\u{1b}[2Jready \u{202e}");
    }
}
