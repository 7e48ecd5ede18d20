//! The option `--formats`.

use clap::ValueEnum;

/// How `format` is treated in the schemas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Formats {
    /// Values must have their format. A format that cannot be asserted is an error.
    #[default]
    Assert,
    /// Formats are annotations, which is the default of 2020-12 without another meta-schema.
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
