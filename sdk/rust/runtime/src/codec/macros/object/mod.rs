//! The macro for structs that represent objects, and the functions that it calls.

mod borrowed;
mod flatten;
mod new;
mod read;
mod write;

pub use flatten::{Flatten, WriteMembers};

use crate::codec::json::{Decode, Reader};
use crate::codec::reason;
use crate::codec::side::Side;
use crate::codec::violation::Violation;

/// Decodes a member into its slot.
///
/// # Errors
/// If the member is present twice or its value is invalid.
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

/// Decodes the default of a member, which its schema gives as JSON text.
///
/// # Errors
/// If the type does not accept the text. natsgen checks this before it generates the text.
#[cold]
pub fn default<'a, T>(
    text: &'static str,
    side: Side,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Violation>,
) -> Result<T, Violation> {
    read(&mut Reader::new(text, side))
}

/// Returns the default of a member for a new object.
///
/// # Panics
/// If the type does not accept the text. natsgen checks this before it generates the text.
#[must_use]
pub fn known_default<T: for<'a> Decode<'a>>(text: &'static str) -> T {
    let value = T::decode(&mut Reader::new(text, Side::Reply));
    value.unwrap_or_else(|violation| panic!("the default {text} is not valid: {violation}"))
}

/// A required member is missing.
#[cold]
#[must_use]
pub fn missing(name: &str) -> Violation {
    Violation::new(reason::member(name))
}

/// A member is not allowed.
#[cold]
#[must_use]
pub fn unknown(known: &[&str]) -> Violation {
    Violation::of_parent(reason::no_member_but(&reason::quoted(known)))
}

#[cold]
fn twice(name: &str) -> Violation {
    Violation::duplicate_in_parent(name)
}

/// Implements the traits for a struct that represents an object. Each row has a field, its type and the key of its
/// member.
///
/// - A `required` member must be present.
/// - An `optional` member is an `Option`, which is empty if the member is absent.
/// - A `default` member has the `Default` of its type if the member is absent; `default("…")` gives the default as JSON
///   text. The member is always encoded.
/// - The type of a member that can be `null` is [`Option`] or [`Nullable`](crate::Nullable).
/// - Other members are ignored; `deny_unknown_fields` refuses them, and `flatten field: Map` keeps them in a field.
/// - `validate` names an [`Assertion`](crate::assertion::Assertion) that the whole object must satisfy.
///
/// Doc comments of the table and of its rows apply to the borrowed form.
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
///     /// A pause.
///     Wait, WaitRef {
///         /// The reason for the pause.
///         required reason: String = "reason",
///         optional span: Secs<1, 60> = "span_secs",
///     }
/// }
///
/// let mut wait = Wait::new("tea".to_owned());
/// wait.span = Some(Secs::new(30)?);
/// assert_eq!(codec::encode(&wait)?, br#"{"reason":"tea","span_secs":30}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The macro implements `new` with the required members as arguments, `Default` if no member is required,
/// [`Decode`](crate::Decode), [`Encode`](crate::Encode), [`HasBorrowed`](crate::HasBorrowed) and serde's traits. It
/// also defines the borrowed form, whose name is the second name. The borrowed form is public, unless the first word is
/// another visibility.
#[doc(hidden)]
#[macro_export]
macro_rules! object {
    ($(#[$attribute:meta])* $name:ident $(, $borrowed:ident)? { $($fields:tt)* } $($tail:tt)*) => {
        $crate::object_tail! {
            [[$(#[$attribute])*] $name $($borrowed pub)?] [$($fields)*] $($tail)*
        }
    };
    (
        $(#[$attribute:meta])* $visibility:vis $name:ident, $borrowed:ident { $($fields:tt)* }
        $($tail:tt)*
    ) => {
        $crate::object_tail! {
            [[$(#[$attribute])*] $name $borrowed $visibility] [$($fields)*] $($tail)*
        }
    };
}

/// Reads the words after the fields: the treatment of other members, and the assertion.
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
        $crate::object_flatten! { $head $fields $rest [] $($map)+ }
    };
}

/// Finds the end of the type that holds other members.
#[doc(hidden)]
#[macro_export]
macro_rules! object_flatten {
    ($head:tt $fields:tt $rest:ident [$($map:tt)+] validate $assertion:path) => {
        $crate::object_impl! { $head $fields flatten [$rest: $($map)+] [$assertion] }
    };
    ($head:tt $fields:tt $rest:ident [$($map:tt)*] $next:tt $($more:tt)*) => {
        $crate::object_flatten! { $head $fields $rest [$($map)* $next] $($more)* }
    };
    ($head:tt $fields:tt $rest:ident [$($map:tt)+]) => {
        $crate::object_impl! { $head $fields flatten [$rest: $($map)+] [] }
    };
}

/// Implements the constructor and the traits, with or without a borrowed form. The attributes apply only to the
/// borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! object_impl {
    (
        [$attributes:tt $name:ident $($borrowed:tt)*]
        [$(
            $(#[$attribute:meta])*
            $kind:ident $(($default:literal))? $field:ident: $type:ty = $wire:literal
        ),* $(,)?]
        $mode:ident $rest:tt $assertion:tt
    ) => {
        $crate::object_new! {
            $name [$($kind $(($default))? $field: $type = $wire,)*] $rest
        }
        $crate::decode_by! {
            $name, $assertion |reader| $crate::object_read!(
                reader $name own [$($kind $(($default))? $field: $type = $wire),*] $mode $rest
            )
        }
        $crate::object_encode! {
            $name, [$($kind $(($default))? $field: $type = $wire),*] $rest $assertion
        }
        $crate::object_borrowed! {
            [$name $($borrowed)*] [$attributes [$([$(#[$attribute])*])*]]
            [$($kind $(($default))? $field: $type = $wire),*] $mode $rest $assertion
        }
        $crate::serde_by_codec! { $name }
    };
}

/// Implements the traits of the borrowed form, if there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! object_borrowed {
    ([$name:ident] $($table:tt)*) => {
        $crate::borrowed_is_self! { $name }
    };
    (
        [$name:ident $borrowed:ident $visibility:vis] [$attributes:tt $member_attributes:tt]
        $fields:tt $mode:ident $rest:tt $assertion:tt
    ) => {
        $crate::object_encode! { $borrowed<'_>, $fields $rest $assertion }
        $crate::object_define_borrowed! {
            $attributes $member_attributes
            $name $visibility $borrowed $fields $mode $rest $assertion
        }
    };
}
