//! The option `--formats`.

use clap::ValueEnum;

/// What `format` means in the schemas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Formats {
    /// It says what is valid; a format that is not asserted is an error.
    #[default]
    Assert,
    /// It is an annotation, as 2020-12 has it unless a meta-schema says otherwise.
    Annotate,
}

impl From<Formats> for natsgen::Formats {
    fn from(formats: Formats) -> Self {
        match formats {
            Formats::Assert => Self::Assert,
            Formats::Annotate => Self::Annotate,
        }
    }
}
