//! The JSON codec: a [`Reader`] over text, a [`Writer`] into a buffer, and [`Value`] for dynamic values.
//!
//! The reader accepts the same texts as `serde_json`, and the writer produces the same bytes, with these intended
//! differences:
//! - The reader refuses duplicate keys of members that it keeps.
//! - The reader validates skipped values like decoded values.
//! - Depth, length and count have limits.

mod attempt;
mod containers;
mod convert;
mod cursor;
mod decode;
mod display;
mod encode;
mod limits;
mod lookahead;
mod name;
mod number;
mod number_text;
mod object;
mod reader;
mod scan;
mod serde;
#[cfg(feature = "serde_json")]
mod serde_value;
mod string;
mod syntax;
mod tag;
mod value;
mod writer;

pub(in crate::codec) use attempt::Attempt;
pub use decode::{Decode, Key};
pub(crate) use decode::{add_member, read_map};
pub use encode::Encode;
pub use limits::Limits;
pub use name::Name;
pub use number::Number;
pub(crate) use object::AnyMap;
pub use object::{Map, MapRef};
pub use reader::{Kind, Reader};
pub use value::{Value, ValueRef};
pub use writer::{Members, Writer};
