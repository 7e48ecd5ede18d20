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
mod value;
mod writer;

use std::borrow::Cow;

pub use decode::{Decode, Key};
pub(crate) use decode::{add_member, read_map};
pub use encode::Encode;
pub use limits::Limits;
pub use name::Name;
pub use number::Number;
pub use object::AnyMap;
pub use reader::{Kind, Reader};
pub use value::AnyValue;
pub use writer::{Members, Writer};

/// A JSON value that borrows its texts from where it was read.
pub type ValueRef<'a> = AnyValue<Cow<'a, str>>;

/// The members of a JSON object that borrows its texts from where it was read.
pub type MapRef<'a> = AnyMap<Cow<'a, str>>;

/// Any JSON value.
pub type Value = AnyValue<String>;

/// The members of any JSON object.
pub type Map = AnyMap<String>;
