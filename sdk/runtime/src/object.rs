//! Objects with known members: the macro that reads and writes structs, and what it calls.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::json::{Decode, Encode, Map, Members, Object, Pairs, Reader, Value, add_member};
use crate::lend::Lend;
use crate::{Side, Violation};

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
    Violation::new(format!("expected a member `{name}`"))
}

/// A member is there that must not be.
#[cold]
#[must_use]
pub fn unknown(known: &[&str]) -> Violation {
    if known.is_empty() {
        Violation::of_parent("expected no member")
    } else {
        Violation::of_parent(format!("expected no member but {}", names(known)))
    }
}

#[cold]
fn twice(name: &str) -> Violation {
    Violation::of_parent(format!("expected one member `{name}`"))
}

/// Names for people: `a`, `b`.
pub(crate) fn names(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// A map that takes the members of an object which have no field of their own.
pub trait Rest: Lend + Default {
    /// The borrowed form without members.
    fn none<'a>() -> Self::Ref<'a>;

    /// Reads the member that is next.
    ///
    /// # Errors
    /// With what is wrong with it.
    fn keep<'a>(&mut self, reader: &mut Reader<'a>, key: Cow<'a, str>) -> Result<(), Violation>;

    /// Reads the member that is next into the borrowed form.
    ///
    /// # Errors
    /// With what is wrong with it.
    fn keep_ref<'a>(
        rest: &mut Self::Ref<'a>,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), Violation>;
}

/// The rest of an object, in either form.
pub trait Spread {
    /// Checks that no key is there twice.
    ///
    /// # Errors
    /// When one is.
    fn check(&self) -> Result<(), Violation>;

    /// Writes the members.
    ///
    /// # Errors
    /// When one of them is `known`, because it has a field of its own, or there twice.
    fn spread(&self, known: &[&str], members: &mut Members<'_>) -> Result<(), Violation>;
}

fn spread<'v, V: Encode + 'v>(
    rest: impl Iterator<Item = (&'v str, &'v V)>,
    known: &[&str],
    members: &mut Members<'_>,
) -> Result<(), Violation> {
    for (key, value) in rest {
        if let Some(name) = known.iter().find(|name| **name == key) {
            return Err(Violation::new(format!("expected one member `{name}`")));
        }
        members.member(key, value)?;
    }
    Ok(())
}

impl<V: Lend + for<'a> Decode<'a>> Rest for BTreeMap<String, V> {
    fn none<'a>() -> Self::Ref<'a> {
        BTreeMap::new()
    }

    fn keep<'a>(&mut self, reader: &mut Reader<'a>, key: Cow<'a, str>) -> Result<(), Violation> {
        add_member(self, reader, key, V::decode)
    }

    fn keep_ref<'a>(
        rest: &mut Self::Ref<'a>,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), Violation> {
        add_member(rest, reader, key, V::lend)
    }
}

impl<K: AsRef<str>, V: Encode> Spread for BTreeMap<K, V> {
    fn check(&self) -> Result<(), Violation> {
        Ok(())
    }

    fn spread(&self, known: &[&str], members: &mut Members<'_>) -> Result<(), Violation> {
        let pairs = self.iter().map(|(key, value)| (key.as_ref(), value));
        spread(pairs, known, members)
    }
}

impl Rest for Map {
    fn none<'a>() -> Object<'a> {
        Object::default()
    }

    fn keep<'a>(&mut self, reader: &mut Reader<'a>, key: Cow<'a, str>) -> Result<(), Violation> {
        let value = Value::decode(reader)?;
        self.push(key.into_owned(), value);
        Ok(())
    }

    fn keep_ref<'a>(
        rest: &mut Object<'a>,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), Violation> {
        let value = reader.json()?;
        rest.push(key, value);
        Ok(())
    }
}

impl<S: AsRef<str>> Spread for Pairs<S> {
    fn check(&self) -> Result<(), Violation> {
        self.check()
    }

    fn spread(&self, known: &[&str], members: &mut Members<'_>) -> Result<(), Violation> {
        self.check()?;
        spread(self.iter(), known, members)
    }
}

/// Makes a struct the object that its schema describes: each field with its type and the name of its member.
///
/// `required` members have to be there; `optional` ones are an `Option` that is `None` where they are absent; `default`
/// ones take their default where they are absent, `default("…")` that of this JSON text, and are always written. A member that may be `null` says so by its
/// type, [`Option`] or [`Nullable`](crate::Nullable). Other members are read over; `deny` refuses them and
/// `keep field: Map` keeps them. `judged` names a [`Rule`](crate::Rule) that the whole object obeys.
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
/// The macro implements [`Decode`], [`Encode`], [`Lend`] and serde's traits; the second name is that of the borrowed
/// form, which it defines: public, unless another visibility is the first word.
#[macro_export]
macro_rules! object {
    ($name:ident $(, $lent:ident)? { $($fields:tt)* } $($tail:tt)*) => {
        $crate::object_tail! { [$name $($lent pub)?] [$($fields)*] $($tail)* }
    };
    ($visibility:vis $name:ident, $lent:ident { $($fields:tt)* } $($tail:tt)*) => {
        $crate::object_tail! { [$name $lent $visibility] [$($fields)*] $($tail)* }
    };
}

/// Reads what follows the fields: what becomes of other members, and the rule.
#[doc(hidden)]
#[macro_export]
macro_rules! object_tail {
    ($head:tt $fields:tt) => {
        $crate::object_impl! { $head $fields ignore [] [] }
    };
    ($head:tt $fields:tt judged $rule:path) => {
        $crate::object_impl! { $head $fields ignore [] [$rule] }
    };
    ($head:tt $fields:tt deny) => {
        $crate::object_impl! { $head $fields deny [] [] }
    };
    ($head:tt $fields:tt deny judged $rule:path) => {
        $crate::object_impl! { $head $fields deny [] [$rule] }
    };
    ($head:tt $fields:tt keep $rest:ident: $($map:tt)+) => {
        $crate::object_keep! { $head $fields $rest [] $($map)+ }
    };
}

/// Finds the end of the type that keeps the rest.
#[doc(hidden)]
#[macro_export]
macro_rules! object_keep {
    ($head:tt $fields:tt $rest:ident [$($map:tt)+] judged $rule:path) => {
        $crate::object_impl! { $head $fields keep [$rest: $($map)+] [$rule] }
    };
    ($head:tt $fields:tt $rest:ident [$($map:tt)*] $next:tt $($more:tt)*) => {
        $crate::object_keep! { $head $fields $rest [$($map)* $next] $($more)* }
    };
    ($head:tt $fields:tt $rest:ident [$($map:tt)+]) => {
        $crate::object_impl! { $head $fields keep [$rest: $($map)+] [] }
    };
}

/// Implements the traits, with or without a borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! object_impl {
    ([$name:ident] $fields:tt $mode:ident $rest:tt $rule:tt) => {
        $crate::object_decode! { $name $fields $mode $rest $rule }
        $crate::object_encode! { [$name] $fields $rest $rule }
        $crate::lends_itself! { $name }
        $crate::serde_by_codec! { $name }
    };
    ([$name:ident $lent:ident $visibility:vis] $fields:tt $mode:ident $rest:tt $rule:tt) => {
        $crate::object_decode! { $name $fields $mode $rest $rule }
        $crate::object_encode! { [$name] $fields $rest $rule }
        $crate::object_encode! { [$lent<'_>] $fields $rest $rule }
        $crate::object_lend! { $name $visibility $lent $fields $mode $rest $rule }
        $crate::decode_by_lending! { $name $lent }
        $crate::serde_by_codec! { $name }
    };
}

/// Reads the owned form.
#[doc(hidden)]
#[macro_export]
macro_rules! object_decode {
    ($name:ident $fields:tt $mode:ident $rest:tt [$($rule:path)?]) => {
        impl<'de> $crate::json::Decode<'de> for $name {
            fn decode(
                reader: &mut $crate::json::Reader<'de>,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                $crate::judge_what_is_read!(
                    reader [$($rule)?]
                    $crate::object_read!(reader $name own $fields $mode $rest)
                )
            }
        }
    };
}

/// The borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! object_lend {
    (
        $name:ident $visibility:vis $lent:ident
        [$($kind:ident $(($default:literal))? $field:ident: $type:ty = $wire:literal),* $(,)?]
        $mode:ident [$($rest:ident: $map:ty)?] [$($rule:path)?]
    ) => {
        #[doc = concat!("[`", stringify!($name), "`], borrowed from where it was read.")]
        #[derive(Clone, Debug, PartialEq)]
        $visibility struct $lent<'a> {
            $(
                #[doc = concat!("The member `", $wire, "`.")]
                pub $field: $crate::object_type!($kind <$type as $crate::Lend>::Ref<'a>),
            )*
            $(
                /// All other members.
                pub $rest: <$map as $crate::Lend>::Ref<'a>,
            )?
        }

        impl $crate::Lend for $name {
            type Ref<'a> = $lent<'a>;

            fn lend<'a>(
                reader: &mut $crate::json::Reader<'a>,
            ) -> ::core::result::Result<$lent<'a>, $crate::Violation> {
                $crate::judge_what_is_read!(
                    reader [$($rule)?]
                    $crate::object_read!(
                        reader $lent lend
                        [$($kind $(($default))? $field: $type = $wire),*] $mode [$($rest: $map)?]
                    )
                )
            }

            fn into_ref<'a>(self) -> $lent<'a> {
                $lent {
                    $($field: $crate::object_into_ref!($kind self.$field),)*
                    $($rest: $crate::Lend::into_ref(self.$rest),)?
                }
            }
        }

        impl $crate::IntoOwned for $lent<'_> {
            type Owned = $name;

            fn into_owned(self) -> $name {
                $name {
                    $($field: $crate::IntoOwned::into_owned(self.$field),)*
                    $($rest: $crate::IntoOwned::into_owned(self.$rest),)?
                }
            }
        }
    };
}

/// The type of a field.
#[doc(hidden)]
#[macro_export]
macro_rules! object_type {
    (optional $type:ty) => { ::core::option::Option<$type> };
    ($kind:ident $type:ty) => { $type };
}

/// The borrowed form of a field.
#[doc(hidden)]
#[macro_export]
macro_rules! object_into_ref {
    (optional $field:expr) => {
        $field.map($crate::Lend::into_ref)
    };
    ($kind:ident $field:expr) => {
        $crate::Lend::into_ref($field)
    };
}

/// Reads either form: one slot for each field, filled as the members come.
#[doc(hidden)]
#[macro_export]
macro_rules! object_read {
    (
        $reader:ident $target:ident $form:ident
        [$($kind:ident $(($default:literal))? $field:ident: $type:ty = $wire:literal),* $(,)?]
        $mode:ident [$($rest:ident: $map:ty)?]
    ) => {{
        $(let mut $field = ::core::option::Option::None;)*
        $(let mut $rest = $crate::object_none!($form $map);)?
        $reader.members(const { &[$($crate::name!($wire)),*] }, |$reader, key| match &*key {
            $(
                $wire => $crate::object::fill(
                    &mut $field,
                    $reader,
                    $wire,
                    $crate::object_reader!($form $type),
                ),
            )*
            _ => $crate::object_other!(
                $form $mode $reader key [$($wire)*] [$($rest: $map)?]
            ),
        })?;
        $($crate::object::Spread::check(&$rest)?;)?
        ::core::result::Result::Ok($target {
            $(
                $field: $crate::object_value!(
                    $reader $form $kind $(($default))? $field: $type = $wire
                ),
            )*
            $($rest,)?
        })
    }};
}

/// What reads one field.
#[doc(hidden)]
#[macro_export]
macro_rules! object_reader {
    (own $type:ty) => {
        <$type as $crate::json::Decode<'_>>::decode
    };
    (lend $type:ty) => {
        <$type as $crate::Lend>::lend
    };
}

/// The rest before there is anything in it.
#[doc(hidden)]
#[macro_export]
macro_rules! object_none {
    (own $map:ty) => {
        <$map as ::core::default::Default>::default()
    };
    (lend $map:ty) => {
        <$map as $crate::object::Rest>::none()
    };
}

/// What becomes of a member without a field.
#[doc(hidden)]
#[macro_export]
macro_rules! object_other {
    ($form:ident ignore $reader:ident $key:ident $known:tt []) => { $reader.skip() };
    ($form:ident deny $reader:ident $key:ident [$($known:literal)*] []) => {
        ::core::result::Result::Err($crate::object::unknown(&[$($known),*]))
    };
    (own keep $reader:ident $key:ident $known:tt [$rest:ident: $map:ty]) => {
        <$map as $crate::object::Rest>::keep(&mut $rest, $reader, $key)
    };
    (lend keep $reader:ident $key:ident $known:tt [$rest:ident: $map:ty]) => {
        <$map as $crate::object::Rest>::keep_ref(&mut $rest, $reader, $key)
    };
}

/// What a field's slot comes to.
#[doc(hidden)]
#[macro_export]
macro_rules! object_value {
    ($reader:ident $form:ident optional $slot:ident: $type:ty = $wire:literal) => { $slot };
    ($reader:ident $form:ident required $slot:ident: $type:ty = $wire:literal) => {
        match $slot {
            ::core::option::Option::Some(value) => value,
            ::core::option::Option::None => {
                return ::core::result::Result::Err($crate::object::missing($wire));
            }
        }
    };
    ($reader:ident own default $slot:ident: $type:ty = $wire:literal) => { $slot.unwrap_or_default() };
    ($reader:ident lend default $slot:ident: $type:ty = $wire:literal) => {
        $slot.unwrap_or_else(|| {
            <$type as $crate::Lend>::into_ref(<$type as ::core::default::Default>::default())
        })
    };
    ($reader:ident $form:ident default($default:literal) $slot:ident: $type:ty = $wire:literal) => {
        match $slot {
            ::core::option::Option::Some(value) => value,
            ::core::option::Option::None => $crate::object::default(
                $default,
                $reader.side(),
                $crate::object_reader!($form $type),
            )?,
        }
    };
}

/// Writes either form.
#[doc(hidden)]
#[macro_export]
macro_rules! object_encode {
    (
        [$target:ty]
        [$($kind:ident $(($default:literal))? $field:ident: $type:ty = $wire:literal),* $(,)?]
        [$($rest:ident: $map:ty)?] [$($rule:path)?]
    ) => {
        impl $crate::json::Encode for $target {
            fn encode(
                &self,
                writer: &mut $crate::json::Writer,
            ) -> ::core::result::Result<(), $crate::Violation> {
                const KNOWN: &[&str] = &[$($wire),*];
                $crate::judge_what_is_written!(
                    writer [$($rule)?]
                    writer.object(|members| {
                        $($crate::object_member!(members $kind self.$field, $wire);)*
                        $($crate::object::Spread::spread(&self.$rest, KNOWN, members)?;)?
                        ::core::result::Result::Ok(())
                    })
                )
            }
        }
    };
}

/// Writes one member.
#[doc(hidden)]
#[macro_export]
macro_rules! object_member {
    ($members:ident optional $field:expr, $wire:literal) => {
        if let ::core::option::Option::Some(value) = &$field {
            $members.named($crate::name!($wire), value)?;
        }
    };
    ($members:ident $kind:ident $field:expr, $wire:literal) => {
        $members.named($crate::name!($wire), &$field)?;
    };
}
