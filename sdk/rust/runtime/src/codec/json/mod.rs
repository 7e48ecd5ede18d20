//! JSON as it is on the wire: a [`Reader`] over text, a [`Writer`] into a buffer, and [`Value`] for what has no type of
//! its own.
//!
//! What is JSON is what `serde_json` takes for it, and what is written is byte for byte what `serde_json` writes. The
//! differences are meant: duplicate keys are refused where members are kept, all that is read over is looked at as
//! closely as the rest, and depth, length and count have limits.

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
