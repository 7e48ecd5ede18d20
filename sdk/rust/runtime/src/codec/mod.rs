//! Encodes and decodes payloads, and validates them in both directions.

pub(crate) mod assertion;
#[doc(hidden)]
pub mod ecma;
pub(crate) mod error;
pub(crate) mod format;
pub(crate) mod json;
pub(crate) mod macros;
pub(crate) mod payload;
pub(crate) mod reason;
pub(crate) mod serde;
pub(crate) mod side;
pub(crate) mod types;
pub(crate) mod violation;

pub use payload::{decode, decode_within, encode};
