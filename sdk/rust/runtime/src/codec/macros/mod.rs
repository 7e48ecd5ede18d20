//! The macros that implement the codec for a type according to its schema, and the functions that they call.

mod enumeration;
mod fault;
mod integer;
mod newtype;
mod number;
pub(crate) mod object;
mod serde;
mod text;
mod traits;
pub(crate) mod union;
mod with_rpc;

pub use crate::codec::serde::{deserialize, serialize, validate};
pub use enumeration::{parse_text, unknown_text};
pub use integer::parse_integer;
pub use number::check_number;
