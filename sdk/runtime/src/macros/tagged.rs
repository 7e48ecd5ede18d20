//! The macro that reads and writes unions whose tag is a member of each variant.

/// Makes an enum the internally tagged union that its schema describes. The tag is a member of each variant's struct,
/// which checks it; here it only tells which variant to read. It may stand anywhere in the object.
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
/// What may stand behind the braces is what [`union!`](crate::union!) takes.
#[macro_export]
macro_rules! tagged {
    ($name:ident $(, $lent:ident)? by $tag:literal { $($variants:tt)* } $($tail:tt)*) => {
        $crate::tagged_tail! { [$name $($lent pub)?] $tag [$($variants)*] $($tail)* }
    };
    ($visibility:vis $name:ident, $lent:ident by $tag:literal { $($variants:tt)* } $($tail:tt)*) => {
        $crate::tagged_tail! { [$name $lent $visibility] $tag [$($variants)*] $($tail)* }
    };
}

/// Reads what follows the variants: whether there may be others, and the rule.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged_tail {
    ($head:tt $tag:literal $variants:tt) => {
        $crate::tagged_impl! { $head $tag $variants [] [] }
    };
    ($head:tt $tag:literal $variants:tt open) => {
        $crate::tagged_impl! { $head $tag $variants [Unknown] [] }
    };
    ($head:tt $tag:literal $variants:tt judged $rule:path) => {
        $crate::tagged_impl! { $head $tag $variants [] [$rule] }
    };
    ($head:tt $tag:literal $variants:tt open judged $rule:path) => {
        $crate::tagged_impl! { $head $tag $variants [Unknown] [$rule] }
    };
}

/// Implements the traits, with or without a borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged_impl {
    ([$name:ident] $tag:literal $variants:tt $open:tt $rule:tt) => {
        $crate::tagged_decode! { $name $tag $variants $open $rule }
        $crate::tagged_encode! { [$name] $variants $open $rule }
        $crate::lends_itself! { $name }
        $crate::serde_by_codec! { $name }
    };
    ([$name:ident $lent:ident $visibility:vis] $tag:literal $variants:tt $open:tt $rule:tt) => {
        $crate::tagged_decode! { $name $tag $variants $open $rule }
        $crate::tagged_encode! { [$name] $variants $open $rule }
        $crate::tagged_encode! { [$lent<'_>] $variants $open $rule }
        $crate::union_form! { $name $visibility $lent $variants $open }
        $crate::tagged_lend! { $name $lent $tag $variants $open $rule }
        $crate::decode_by_lending! { $name $lent }
        $crate::serde_by_codec! { $name }
    };
}

/// Reads the owned form.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged_decode {
    ($name:ident $tag:literal $variants:tt $open:tt [$($rule:path)?]) => {
        impl<'de> $crate::json::Decode<'de> for $name {
            fn decode(
                reader: &mut $crate::json::Reader<'de>,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                $crate::judge_what_is_read!(
                    reader [$($rule)?]
                    $crate::tagged_read!(reader $name own $tag $variants $open)
                )
            }
        }
    };
}

/// Reads the borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged_lend {
    (
        $name:ident $lent:ident $tag:literal
        [$($value:literal => $variant:ident ($type:ty)),* $(,)?]
        [$($unknown:ident)?] [$($rule:path)?]
    ) => {
        impl $crate::Lend for $name {
            type Ref<'a> = $lent<'a>;

            fn lend<'a>(
                reader: &mut $crate::json::Reader<'a>,
            ) -> ::core::result::Result<$lent<'a>, $crate::Violation> {
                $crate::judge_what_is_read!(
                    reader [$($rule)?]
                    $crate::tagged_read!(
                        reader $lent lend $tag [$($value => $variant($type)),*] [$($unknown)?]
                    )
                )
            }

            fn into_ref<'a>(self) -> $lent<'a> {
                match self {
                    $(Self::$variant(content) => $lent::$variant($crate::Lend::into_ref(content)),)*
                    $(Self::$unknown(value) => $lent::$unknown($crate::Lend::into_ref(value)),)?
                }
            }
        }
    };
}

/// Reads either form.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged_read {
    (
        $reader:ident $target:ident $form:ident $tag:literal
        [$($value:literal => $variant:ident ($type:ty)),* $(,)?] $open:tt
    ) => {
        match $reader.find($tag)?.as_deref() {
            $(
                ::core::option::Option::Some($value) => {
                    $crate::object_reader!($form $type)($reader).map($target::$variant)
                }
            )*
            ::core::option::Option::Some(_) => {
                $crate::tagged_unknown!($reader $target $form $tag $open [$($value),*])
            }
            ::core::option::Option::None => {
                ::core::result::Result::Err($crate::macros::object::missing($tag))
            }
        }
    };
}

/// A tag that is not known.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged_unknown {
    ($reader:ident $target:ident $form:ident $tag:literal [] $known:tt) => {
        ::core::result::Result::Err($crate::macros::union::no_tag($tag, &$known))
    };
    ($reader:ident $target:ident own $tag:literal [$unknown:ident] $known:tt) => {
        $crate::macros::union::unknown_tagged($reader, $tag, &$known)
            .map(|json| $target::$unknown($crate::IntoOwned::into_owned(json)))
    };
    ($reader:ident $target:ident lend $tag:literal [$unknown:ident] $known:tt) => {
        $crate::macros::union::unknown_tagged($reader, $tag, &$known).map($target::$unknown)
    };
}

/// Writes either form.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged_encode {
    (
        [$target:ty] [$($value:literal => $variant:ident ($type:ty)),* $(,)?]
        [$($unknown:ident)?] [$($rule:path)?]
    ) => {
        impl $crate::json::Encode for $target {
            fn encode(
                &self,
                writer: &mut $crate::json::Writer,
            ) -> ::core::result::Result<(), $crate::Violation> {
                const KNOWN: &[&str] = &[$($value),*];
                $crate::judge_what_is_written!(
                    writer [$($rule)?]
                    match self {
                        $(Self::$variant(content) => $crate::json::Encode::encode(content, writer),)*
                        $(
                            Self::$unknown(_) => {
                                ::core::result::Result::Err($crate::macros::union::no_variant(KNOWN))
                            }
                        )?
                    }
                )
            }
        }
    };
}
