//! The macros for enums that represent unions, and the functions that they call.

mod borrowed;
mod read;
mod untagged;
mod write;

use std::borrow::Cow;

use crate::codec::json::{Kind, MapRef, Reader, ValueRef};
use crate::codec::reason;
use crate::codec::side::Side;
use crate::codec::violation::Violation;

pub use self::untagged::{Attempts, JsonTypes, write_alternative};

/// Decodes an externally tagged union. A string is the tag of a variant without content. An object with a single member
/// holds the content of the variant whose tag is the key.
///
/// # Errors
/// If the value has another form, or if `unit` or `content` fails.
pub fn read<'a, T>(
    reader: &mut Reader<'a>,
    known: &[&str],
    unit: impl FnOnce(&mut Reader<'a>, Cow<'a, str>) -> Result<T, Violation>,
    content: impl Fn(&mut Reader<'a>, Cow<'a, str>) -> Result<T, Violation>,
) -> Result<T, Violation> {
    match reader.peek()? {
        Kind::Text => {
            let tag = reader.text()?;
            unit(reader, tag)
        }
        Kind::Object => {
            let mut value = None;
            reader.object(|reader, tag| {
                if value.is_some() {
                    return Err(Violation::of_parent("expected one member"));
                }
                value = Some(content(reader, tag)?);
                Ok(())
            })?;
            value.ok_or_else(|| no_variant(known))
        }
        _ => Err(no_variant(known)),
    }
}

/// Handles an unknown tag without content: in a reply it comes from a newer peer, in a request it is a violation. The
/// tag `error` is always a violation, because `{"error": …}` is the format of error replies.
///
/// # Errors
/// If the reader decodes a request, or the tag is `error`.
pub fn unknown_unit<'a>(
    reader: &Reader<'a>,
    tag: Cow<'a, str>,
    known: &[&str],
) -> Result<ValueRef<'a>, Violation> {
    if reader.side() == Side::Request || tag == "error" {
        return Err(no_variant(known));
    }
    Ok(ValueRef::Text(tag))
}

/// Handles an unknown tag with content, like [`unknown_unit`].
///
/// # Errors
/// If the reader decodes a request, or the tag is `error`.
pub fn unknown_content<'a>(
    reader: &mut Reader<'a>,
    tag: Cow<'a, str>,
    known: &[&str],
) -> Result<ValueRef<'a>, Violation> {
    if reader.side() == Side::Request || tag == "error" {
        return Err(Violation::of_parent(expected_one_of(known)));
    }
    let content = reader.json()?;
    Ok(ValueRef::Object(MapRef::from_iter([(tag, content)])))
}

/// Handles an unknown internally tagged variant.
///
/// # Errors
/// If the reader decodes a request.
pub fn unknown_tagged<'a>(
    reader: &mut Reader<'a>,
    tag: &str,
    known: &[&str],
) -> Result<ValueRef<'a>, Violation> {
    if reader.side() == Side::Request {
        return Err(no_tag(tag, known));
    }
    reader.json()
}

/// The value is not a variant.
#[cold]
#[must_use]
pub fn no_variant(known: &[&str]) -> Violation {
    Violation::new(expected_one_of(known))
}

/// The member `tag` does not name a variant.
#[cold]
#[must_use]
pub fn no_tag(tag: &str, known: &[&str]) -> Violation {
    no_variant(known).inside(tag)
}

/// The member `tag` of the object does not name a variant.
#[cold]
#[must_use]
pub fn no_member(known: &[&str]) -> Violation {
    Violation::of_parent(expected_one_of(known))
}

/// The content of a known tag is missing.
#[cold]
#[must_use]
pub fn no_content() -> Violation {
    Violation::new("expected the content that belongs to its tag")
}

/// A known tag has content, but its variant has no content.
#[cold]
#[must_use]
pub fn no_unit() -> Violation {
    Violation::of_parent("expected a tag without content")
}

fn expected_one_of(known: &[&str]) -> String {
    reason::one_of(&reason::quoted(known))
}

/// Implements the traits for an enum that represents an externally tagged union. Each row has a tag, its variant and
/// the type of the content. Doc comments of the table and of its rows apply to the borrowed form.
///
/// ```
/// # use natsgen_runtime::{codec, union};
/// #[derive(Clone, Debug, PartialEq)]
/// pub enum Entry {
///     Blank,
///     Note(String),
/// }
///
/// union! { Entry, EntryRef { "Blank" => Blank, "note" => Note(String) } }
///
/// assert_eq!(codec::encode(&Entry::Note("tea".to_owned()))?, br#"{"note":"tea"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Two words can follow the braces:
///
/// - `non_exhaustive`: the enum has a variant `Unknown(Value)` for variants of newer peers. Such a variant is kept in
///   replies and events, refused in requests and never encoded.
/// - `validate`: names an [`Assertion`](crate::assertion::Assertion) that the whole value must satisfy.
#[doc(hidden)]
#[macro_export]
macro_rules! union {
    ($(#[$attribute:meta])* $name:ident $(, $borrowed:ident)? { $($variants:tt)* } $($tail:tt)*) => {
        $crate::union_tail! {
            [[$(#[$attribute])*] $name $($borrowed pub)?] () [$($variants)*] $($tail)*
        }
    };
    (
        $(#[$attribute:meta])* $visibility:vis $name:ident, $borrowed:ident { $($variants:tt)* }
        $($tail:tt)*
    ) => {
        $crate::union_tail! {
            [[$(#[$attribute])*] $name $borrowed $visibility] () [$($variants)*] $($tail)*
        }
    };
}

/// Implements the traits for an enum that represents an internally tagged union. The tag is a member of each variant's
/// struct, and the struct validates the tag. The tag can be at any position in the object.
///
/// ```
/// use natsgen_runtime::{codec, enumeration, object, tagged};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
/// pub enum CircleKind {
///     Circle,
/// }
///
/// enumeration! { CircleKind { "circle" => Circle } }
///
/// #[derive(Clone, Debug, PartialEq)]
/// pub struct Circle {
///     pub kind: CircleKind,
///     pub radius: u32,
/// }
///
/// object! { Circle { required kind: CircleKind = "kind", required radius: u32 = "radius" } }
///
/// #[derive(Clone, Debug, PartialEq)]
/// pub enum Drawing {
///     Circle(Circle),
/// }
///
/// tagged! { Drawing by "kind" { "circle" => Circle(Circle) } }
///
/// let drawing: Drawing = codec::decode(br#"{"radius":3,"kind":"circle"}"#, natsgen_runtime::Side::Request)?;
/// assert_eq!(drawing, Drawing::Circle(Circle { kind: CircleKind::Circle, radius: 3 }));
/// # Ok::<(), natsgen_runtime::DecodeError>(())
/// ```
///
/// The same words as for [`union!`](crate::union!) can follow the braces.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged {
    (
        $(#[$attribute:meta])* $name:ident $(, $borrowed:ident)? by $member:literal { $($variants:tt)* }
        $($tail:tt)*
    ) => {
        $crate::union_tail! {
            [[$(#[$attribute])*] $name $($borrowed pub)?] ($member) [$($variants)*] $($tail)*
        }
    };
    (
        $(#[$attribute:meta])* $visibility:vis $name:ident, $borrowed:ident by $member:literal
        { $($variants:tt)* } $($tail:tt)*
    ) => {
        $crate::union_tail! {
            [[$(#[$attribute])*] $name $borrowed $visibility] ($member) [$($variants)*] $($tail)*
        }
    };
}

/// Parses the words after the variants. The tagging is `()` for external tags, `("kind")` for tags in this
/// member, and `(untagged)` without tags.
#[doc(hidden)]
#[macro_export]
macro_rules! union_tail {
    ($head:tt $tagging:tt $variants:tt) => {
        $crate::union_impl! { $head $tagging $variants [] [] }
    };
    ($head:tt $tagging:tt $variants:tt non_exhaustive) => {
        $crate::union_impl! { $head $tagging $variants [Unknown] [] }
    };
    ($head:tt $tagging:tt $variants:tt validate $assertion:path) => {
        $crate::union_impl! { $head $tagging $variants [] [$assertion] }
    };
    ($head:tt $tagging:tt $variants:tt non_exhaustive validate $assertion:path) => {
        $crate::union_impl! { $head $tagging $variants [Unknown] [$assertion] }
    };
}

/// Implements the traits, with or without a borrowed form. The attributes apply only to the borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_impl {
    (
        [$attributes:tt $name:ident $($borrowed:tt)*] $tagging:tt
        [$($(#[$attribute:meta])* $tag:literal => $variant:ident $(($type:ty))?),* $(,)?]
        $unknown:tt $assertion:tt
    ) => {
        $crate::decode_by! {
            $name, $assertion |reader| $crate::union_read!(
                reader $name own $tagging [$($tag => $variant $(($type))?),*] $unknown
            )
        }
        $crate::union_encode! {
            $name, $tagging [$($tag => $variant $(($type))?),*] $unknown $assertion
        }
        $crate::union_borrowed! {
            [$name $($borrowed)*] [$attributes [$([$(#[$attribute])*])*]]
            $tagging [$($tag => $variant $(($type))?),*] $unknown $assertion
        }
        $crate::serde_by_codec! { $name }
    };
}

/// Implements the traits of the borrowed form, if there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! union_borrowed {
    ([$name:ident] $($table:tt)*) => {
        $crate::borrowed_is_self! { $name }
    };
    (
        [$name:ident $borrowed:ident $visibility:vis] [$attributes:tt $variant_attributes:tt]
        $($table:tt)*
    ) => {
        $crate::union_encode! { $borrowed<'_>, $($table)* }
        $crate::union_define_borrowed! {
            $attributes $variant_attributes $name $visibility $borrowed $($table)*
        }
    };
}
