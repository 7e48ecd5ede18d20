//! Errors and texts for the terminal.

pub(crate) mod error;
pub(crate) mod text;
