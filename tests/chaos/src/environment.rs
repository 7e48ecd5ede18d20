//! The environment of a child process.

use std::ffi::OsString;
use std::path::PathBuf;

/// The environment of a child process: its variables and its standard error.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    /// Variables in addition to those of this process.
    pub(crate) variables: Vec<(&'static str, OsString)>,
    /// The file to which the process appends its standard error.
    pub(crate) errors: PathBuf,
}
