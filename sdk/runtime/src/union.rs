//! Unions: the macros that read and write enums with content, and what they call.

use std::borrow::Cow;

use crate::json::{Json, Kind, Object, Reader};
use crate::object::names;
use crate::{Side, Violation};

/// Reads an externally tagged union: a text is the tag of a variant without content, an object with one member holds
/// the content of the variant that its key names.
///
/// # Errors
/// When the value is neither, or what `unit` and `content` say.
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

/// A tag that no variant has: a variant of a newer peer in a reply, wrong in a request. `error` is no tag of anybody:
/// `{"error": …}` is how a peer refuses.
///
/// # Errors
/// Where it is wrong.
pub fn unknown_unit<'a>(
    reader: &Reader<'a>,
    tag: Cow<'a, str>,
    known: &[&str],
) -> Result<Json<'a>, Violation> {
    if reader.side() == Side::Request || tag == "error" {
        return Err(no_variant(known));
    }
    Ok(Json::Text(tag))
}

/// The same for a tag with content.
///
/// # Errors
/// Where it is wrong.
pub fn unknown_content<'a>(
    reader: &mut Reader<'a>,
    tag: Cow<'a, str>,
    known: &[&str],
) -> Result<Json<'a>, Violation> {
    if reader.side() == Side::Request || tag == "error" {
        return Err(Violation::of_parent(expected_one_of(known)));
    }
    let content = reader.json()?;
    Ok(Json::Object(Object::from_iter([(tag, content)])))
}

/// An internally tagged variant that no variant is.
///
/// # Errors
/// Where it is wrong: in a request.
pub fn unknown_tagged<'a>(
    reader: &mut Reader<'a>,
    tag: &str,
    known: &[&str],
) -> Result<Json<'a>, Violation> {
    if reader.side() == Side::Request {
        return Err(no_tag(tag, known));
    }
    reader.json()
}

/// A value is none of the variants.
#[cold]
#[must_use]
pub fn no_variant(known: &[&str]) -> Violation {
    Violation::new(expected_one_of(known))
}

/// The member `tag` names no variant.
#[cold]
#[must_use]
pub fn no_tag(tag: &str, known: &[&str]) -> Violation {
    no_variant(known).inside(tag)
}

/// The object in which the member `tag` is no variant's.
#[cold]
#[must_use]
pub fn no_member(known: &[&str]) -> Violation {
    Violation::of_parent(expected_one_of(known))
}

/// A known tag without the content of its variant.
#[cold]
#[must_use]
pub fn no_content() -> Violation {
    Violation::new("expected the content that belongs to its tag")
}

/// A known tag with content, but its variant has none.
#[cold]
#[must_use]
pub fn no_unit() -> Violation {
    Violation::of_parent("expected a tag without content")
}

fn expected_one_of(known: &[&str]) -> String {
    format!("expected one of {}", names(known))
}

/// Makes an enum the externally tagged union that its schema describes: each variant with its tag and the type of its
/// content.
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
/// assert_eq!(codec::encode(&Entry::Note("tea".to_owned()))?, r#"{"note":"tea"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Behind the braces, `open` says that the enum has a variant `Unknown(Value)` for those of newer peers, which is kept
/// in replies and events, refused in requests and never written; and `judged rule` names a [`Rule`](crate::Rule) that
/// the whole value obeys.
#[macro_export]
macro_rules! union {
    ($name:ident $(, $lent:ident)? { $($variants:tt)* } $($tail:tt)*) => {
        $crate::union_tail! { [$name $($lent pub)?] [$($variants)*] $($tail)* }
    };
    ($visibility:vis $name:ident, $lent:ident { $($variants:tt)* } $($tail:tt)*) => {
        $crate::union_tail! { [$name $lent $visibility] [$($variants)*] $($tail)* }
    };
}

/// Reads what follows the variants: whether there may be others, and the rule.
#[doc(hidden)]
#[macro_export]
macro_rules! union_tail {
    ($head:tt $variants:tt) => {
        $crate::union_impl! { $head $variants [] [] }
    };
    ($head:tt $variants:tt open) => {
        $crate::union_impl! { $head $variants [Unknown] [] }
    };
    ($head:tt $variants:tt judged $rule:path) => {
        $crate::union_impl! { $head $variants [] [$rule] }
    };
    ($head:tt $variants:tt open judged $rule:path) => {
        $crate::union_impl! { $head $variants [Unknown] [$rule] }
    };
}

/// Implements the traits, with or without a borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_impl {
    ([$name:ident] $variants:tt $open:tt $rule:tt) => {
        $crate::union_decode! { $name $variants $open $rule }
        $crate::union_encode! { [$name] $variants $open $rule }
        $crate::lends_itself! { $name }
        $crate::serde_by_codec! { $name }
    };
    ([$name:ident $lent:ident $visibility:vis] $variants:tt $open:tt $rule:tt) => {
        $crate::union_decode! { $name $variants $open $rule }
        $crate::union_encode! { [$name] $variants $open $rule }
        $crate::union_encode! { [$lent<'_>] $variants $open $rule }
        $crate::union_form! { $name $visibility $lent $variants $open }
        $crate::union_lend! { $name $lent $variants $open $rule }
        $crate::decode_by_lending! { $name $lent }
        $crate::serde_by_codec! { $name }
    };
}

/// Reads the owned form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_decode {
    ($name:ident $variants:tt $open:tt [$($rule:path)?]) => {
        impl<'de> $crate::json::Decode<'de> for $name {
            fn decode(
                reader: &mut $crate::json::Reader<'de>,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                $crate::judge_what_is_read!(
                    reader [$($rule)?]
                    $crate::union_read!(reader $name own $variants $open)
                )
            }
        }
    };
}

/// The borrowed form as a type, and the way back.
#[doc(hidden)]
#[macro_export]
macro_rules! union_form {
    (
        $name:ident $visibility:vis $lent:ident
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?] [$($unknown:ident)?]
    ) => {
        #[doc = concat!("[`", stringify!($name), "`], borrowed from where it was read.")]
        #[derive(Clone, Debug, PartialEq)]
        $visibility enum $lent<'a> {
            $(
                #[doc = concat!("The variant `", $tag, "`.")]
                $variant $((<$type as $crate::Lend>::Ref<'a>))?,
            )*
            $(
                /// A variant of a newer peer.
                $unknown($crate::Json<'a>),
            )?
        }

        impl $crate::IntoOwned for $lent<'_> {
            type Owned = $name;

            fn into_owned(self) -> $name {
                match self {
                    $(
                        Self::$variant $(($crate::union_bind!(content, $type)))? => {
                            $name::$variant $(($crate::union_into_owned!(content, $type)))?
                        }
                    )*
                    $(
                        Self::$unknown(value) => $name::$unknown($crate::IntoOwned::into_owned(value)),
                    )?
                }
            }
        }
    };
}

/// Reads the borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_lend {
    (
        $name:ident $lent:ident
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?]
        [$($unknown:ident)?] [$($rule:path)?]
    ) => {
        impl $crate::Lend for $name {
            type Ref<'a> = $lent<'a>;

            fn lend<'a>(
                reader: &mut $crate::json::Reader<'a>,
            ) -> ::core::result::Result<$lent<'a>, $crate::Violation> {
                $crate::judge_what_is_read!(
                    reader [$($rule)?]
                    $crate::union_read!(
                        reader $lent lend [$($tag => $variant $(($type))?),*] [$($unknown)?]
                    )
                )
            }

            fn into_ref<'a>(self) -> $lent<'a> {
                match self {
                    $(
                        Self::$variant $(($crate::union_bind!(content, $type)))? => {
                            $lent::$variant $(($crate::union_into_ref!(content, $type)))?
                        }
                    )*
                    $(
                        Self::$unknown(value) => $lent::$unknown($crate::Lend::into_ref(value)),
                    )?
                }
            }
        }
    };
}

/// Reads either form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_read {
    (
        $reader:ident $target:ident $form:ident
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?] $open:tt
    ) => {
        $crate::union::read(
            $reader,
            &[$($tag),*],
            |reader, tag| match &*tag {
                $($tag => $crate::union_unit!($target::$variant $(($type))?),)*
                _ => $crate::union_unknown!(
                    $target $form $open unknown_unit(reader, tag) [$($tag),*]
                ),
            },
            |reader, tag| match &*tag {
                $($tag => $crate::union_content!(reader $form $target::$variant $(($type))?),)*
                _ => $crate::union_unknown!(
                    $target $form $open unknown_content(reader, tag) [$($tag),*]
                ),
            },
        )
    };
}

/// A known tag as a text.
#[doc(hidden)]
#[macro_export]
macro_rules! union_unit {
    ($target:ident::$variant:ident) => {
        ::core::result::Result::Ok($target::$variant)
    };
    ($target:ident::$variant:ident($type:ty)) => {
        ::core::result::Result::Err($crate::union::no_content())
    };
}

/// A known tag with its content.
#[doc(hidden)]
#[macro_export]
macro_rules! union_content {
    ($reader:ident $form:ident $target:ident::$variant:ident) => {
        ::core::result::Result::Err($crate::union::no_unit())
    };
    ($reader:ident $form:ident $target:ident::$variant:ident($type:ty)) => {
        $crate::object_reader!($form $type)($reader).map($target::$variant)
    };
}

/// A tag that is not known.
#[doc(hidden)]
#[macro_export]
macro_rules! union_unknown {
    ($target:ident $form:ident [] unknown_content($($argument:expr),*) $known:tt) => {
        ::core::result::Result::Err($crate::union::no_member(&$known))
    };
    ($target:ident $form:ident [] $read:ident($($argument:expr),*) $known:tt) => {
        ::core::result::Result::Err($crate::union::no_variant(&$known))
    };
    ($target:ident own [$unknown:ident] $read:ident($($argument:expr),*) $known:tt) => {
        $crate::union::$read($($argument,)* &$known)
            .map(|json| $target::$unknown($crate::IntoOwned::into_owned(json)))
    };
    ($target:ident lend [$unknown:ident] $read:ident($($argument:expr),*) $known:tt) => {
        $crate::union::$read($($argument,)* &$known).map($target::$unknown)
    };
}

/// Writes either form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_encode {
    (
        [$target:ty] [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?]
        [$($unknown:ident)?] [$($rule:path)?]
    ) => {
        impl $crate::json::Encode for $target {
            fn encode(
                &self,
                writer: &mut $crate::json::Writer,
            ) -> ::core::result::Result<(), $crate::Violation> {
                const KNOWN: &[&str] = &[$($tag),*];
                $crate::judge_what_is_written!(
                    writer [$($rule)?]
                    match self {
                        $(
                            Self::$variant $(($crate::union_bind!(content, $type)))? => {
                                $crate::union_member!(writer $tag $(content: $type)?)
                            }
                        )*
                        $(
                            Self::$unknown(_) => {
                                ::core::result::Result::Err($crate::union::no_variant(KNOWN))
                            }
                        )?
                    }
                )
            }
        }
    };
}

/// Writes one variant.
#[doc(hidden)]
#[macro_export]
macro_rules! union_member {
    ($writer:ident $tag:literal) => {{
        $writer.text($tag);
        ::core::result::Result::Ok(())
    }};
    ($writer:ident $tag:literal $content:ident: $type:ty) => {
        $writer.object(|members| members.member($tag, $content))
    };
}

/// Names the content of a variant that has one.
#[doc(hidden)]
#[macro_export]
macro_rules! union_bind {
    ($content:ident, $type:ty) => {
        $content
    };
}

/// The owned form of the content of a variant that has one.
#[doc(hidden)]
#[macro_export]
macro_rules! union_into_owned {
    ($content:ident, $type:ty) => {
        $crate::IntoOwned::into_owned($content)
    };
}

/// The borrowed form of the content of a variant that has one.
#[doc(hidden)]
#[macro_export]
macro_rules! union_into_ref {
    ($content:ident, $type:ty) => {
        $crate::Lend::into_ref($content)
    };
}
