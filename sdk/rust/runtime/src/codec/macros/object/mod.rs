//! Objects with known members: the macro that reads and writes structs, and what it calls.

mod flatten;
mod form;
mod read;
mod write;

pub use flatten::{Flatten, WriteMembers};

use crate::codec::json::Reader;
use crate::{Side, Violation, reason};

/// Reads a member into its slot.
///
/// # Errors
/// When the slot is taken, or with what is wrong with the value.
#[inline]
pub fn fill<'a, T>(
    slot: &mut Option<T>,
    reader: &mut Reader<'a>,
    name: &'static str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Violation>,
) -> Result<(), Violation> {
    if slot.is_some() {
        return Err(twice(name));
    }
    *slot = Some(read(reader)?);
    Ok(())
}

/// Reads a member's default, which its schema gives as JSON text.
///
/// # Errors
/// When the text is not what the type takes: natsgen has seen to it that it is.
#[cold]
pub fn default<'a, T>(
    text: &'static str,
    side: Side,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Violation>,
) -> Result<T, Violation> {
    read(&mut Reader::new(text, side))
}

/// A member that has to be there is not.
#[cold]
#[must_use]
pub fn missing(name: &str) -> Violation {
    Violation::new(reason::member(name))
}

/// A member is there that must not be.
#[cold]
#[must_use]
pub fn unknown(known: &[&str]) -> Violation {
    Violation::of_parent(reason::no_member_but(&reason::quoted(known)))
}

#[cold]
fn twice(name: &str) -> Violation {
    Violation::of_parent(reason::one_member(name))
}

/// Makes a struct the object that its schema describes: each field with its type and the name of its member.
///
/// `required` members have to be there; `optional` ones are an `Option` that is `None` where they are absent; `default`
/// ones take their default where they are absent, `default("…")` that of this JSON text, and are always written. A
/// member that may be `null` says so by its type, [`Option`] or [`Nullable`](crate::Nullable). Other members are read
/// over; `deny_unknown_fields` refuses them and `flatten field: Map` keeps them. `validate` names a [`Assertion`](crate::Assertion) that the whole
/// object obeys.
///
/// ```
/// use natsgen_runtime::{Secs, codec, object};
///
/// #[derive(Clone, Debug, PartialEq)]
/// pub struct Wait {
///     pub reason: String,
///     pub span: Option<Secs<1, 60>>,
/// }
///
/// object! {
///     Wait, WaitRef {
///         required reason: String = "reason",
///         optional span: Secs<1, 60> = "span_secs",
///     }
/// }
///
/// let wait = Wait { reason: "tea".to_owned(), span: Some(Secs::new(30)?) };
/// assert_eq!(codec::encode(&wait)?, r#"{"reason":"tea","span_secs":30}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The macro implements [`Decode`](crate::Decode), [`Encode`](crate::Encode), [`HasBorrowed`](crate::HasBorrowed) and serde's traits; the second name is that of the borrowed
/// form, which it defines: public, unless another visibility is the first word.
#[macro_export]
macro_rules! object {
    ($name:ident $(, $borrowed:ident)? { $($fields:tt)* } $($tail:tt)*) => {
        $crate::object_tail! { [$name $($borrowed pub)?] [$($fields)*] $($tail)* }
    };
    ($visibility:vis $name:ident, $borrowed:ident { $($fields:tt)* } $($tail:tt)*) => {
        $crate::object_tail! { [$name $borrowed $visibility] [$($fields)*] $($tail)* }
    };
}

/// Reads what follows the fields: what becomes of other members, and the assertion.
#[doc(hidden)]
#[macro_export]
macro_rules! object_tail {
    ($head:tt $fields:tt) => {
        $crate::object_impl! { $head $fields ignore [] [] }
    };
    ($head:tt $fields:tt validate $assertion:path) => {
        $crate::object_impl! { $head $fields ignore [] [$assertion] }
    };
    ($head:tt $fields:tt deny_unknown_fields) => {
        $crate::object_impl! { $head $fields deny_unknown_fields [] [] }
    };
    ($head:tt $fields:tt deny_unknown_fields validate $assertion:path) => {
        $crate::object_impl! { $head $fields deny_unknown_fields [] [$assertion] }
    };
    ($head:tt $fields:tt flatten $rest:ident: $($map:tt)+) => {
        $crate::object_keep! { $head $fields $rest [] $($map)+ }
    };
}

/// Finds the end of the type that keeps the rest.
#[doc(hidden)]
#[macro_export]
macro_rules! object_keep {
    ($head:tt $fields:tt $rest:ident [$($map:tt)+] validate $assertion:path) => {
        $crate::object_impl! { $head $fields flatten [$rest: $($map)+] [$assertion] }
    };
    ($head:tt $fields:tt $rest:ident [$($map:tt)*] $next:tt $($more:tt)*) => {
        $crate::object_keep! { $head $fields $rest [$($map)* $next] $($more)* }
    };
    ($head:tt $fields:tt $rest:ident [$($map:tt)+]) => {
        $crate::object_impl! { $head $fields flatten [$rest: $($map)+] [] }
    };
}

/// Implements the traits, with or without a borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! object_impl {
    ([$name:ident $($borrowed:tt)*] $fields:tt $mode:ident $rest:tt $assertion:tt) => {
        $crate::decode_by! {
            $name, $assertion |reader| $crate::object_read!(reader $name own $fields $mode $rest)
        }
        $crate::object_encode! { $name, $fields $rest $assertion }
        $crate::object_borrowed! { [$name $($borrowed)*] $fields $mode $rest $assertion }
        $crate::serde_by_codec! { $name }
    };
}

/// Implements what belongs to the borrowed form, if there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! object_borrowed {
    ([$name:ident] $($table:tt)*) => {
        $crate::borrowed_is_self! { $name }
    };
    ([$name:ident $borrowed:ident $visibility:vis] $fields:tt $mode:ident $rest:tt $assertion:tt) => {
        $crate::object_encode! { $borrowed<'_>, $fields $rest $assertion }
        $crate::object_define_borrowed! { $name $visibility $borrowed $fields $mode $rest $assertion }
    };
}
