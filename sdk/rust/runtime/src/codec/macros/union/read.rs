//! Decodes unions in either form.

/// Decodes either form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_read {
    (
        $reader:ident $target:ident $form:ident ()
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?] $unknown:tt
    ) => {
        $crate::generated::macros::union::read(
            $reader,
            &[$($tag),*],
            |reader, tag| match &*tag {
                $($tag => $crate::union_unit!($target::$variant $(($type))?),)*
                _ => $crate::union_unknown!(
                    $target $form $unknown unknown_unit(reader, tag) [$($tag),*]
                ),
            },
            |reader, tag| match &*tag {
                $($tag => $crate::union_content!(reader $form $target::$variant $(($type))?),)*
                _ => $crate::union_unknown!(
                    $target $form $unknown unknown_content(reader, tag) [$($tag),*]
                ),
            },
        )
    };
    (
        $reader:ident $target:ident $form:ident ($member:literal)
        [$($tag:literal => $variant:ident ($type:ty)),* $(,)?] $unknown:tt
    ) => {
        match $reader.find($member)?.as_deref() {
            $(
                ::core::option::Option::Some($tag) => {
                    $crate::object_reader!($form $type)($reader).map($target::$variant)
                }
            )*
            ::core::option::Option::Some(_) => $crate::union_unknown!(
                $target $form $unknown unknown_tagged($reader, $member) [$($tag),*]
            ),
            ::core::option::Option::None => {
                ::core::result::Result::Err($crate::generated::macros::object::missing($member))
            }
        }
    };
    (
        $reader:ident $target:ident $form:ident (untagged)
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?] []
    ) => {'read: {
        const CONTENTS: &[$crate::generated::macros::union::JsonTypes] =
            &[$($crate::union_types!($tag $(($type))?)),*];
        let mut attempts = $crate::generated::macros::union::Attempts::new($reader, CONTENTS)?;
        $($crate::union_attempt!('read attempts $reader $form $target::$variant $tag $(($type))?);)*
        ::core::result::Result::Err(attempts.violation(&[$($tag),*]))
    }};
}

/// Handles a known tag without content.
#[doc(hidden)]
#[macro_export]
macro_rules! union_unit {
    ($target:ident::$variant:ident) => {
        ::core::result::Result::Ok($target::$variant)
    };
    ($target:ident::$variant:ident($type:ty)) => {
        ::core::result::Result::Err($crate::generated::macros::union::no_content())
    };
}

/// Handles a known tag with its content.
#[doc(hidden)]
#[macro_export]
macro_rules! union_content {
    ($reader:ident $form:ident $target:ident::$variant:ident) => {
        ::core::result::Result::Err($crate::generated::macros::union::no_unit())
    };
    ($reader:ident $form:ident $target:ident::$variant:ident($type:ty)) => {
        $crate::object_reader!($form $type)($reader).map($target::$variant)
    };
}

/// Handles an unknown tag.
#[doc(hidden)]
#[macro_export]
macro_rules! union_unknown {
    ($target:ident $form:ident [] unknown_content($($argument:expr),*) $known:tt) => {
        ::core::result::Result::Err($crate::generated::macros::union::no_member(&$known))
    };
    ($target:ident $form:ident [] unknown_tagged($reader:expr, $member:expr) $known:tt) => {
        ::core::result::Result::Err($crate::generated::macros::union::no_tag($member, &$known))
    };
    ($target:ident $form:ident [] $read:ident($($argument:expr),*) $known:tt) => {
        ::core::result::Result::Err($crate::generated::macros::union::no_variant(&$known))
    };
    ($target:ident own [$unknown:ident] $read:ident($($argument:expr),*) $known:tt) => {
        $crate::generated::macros::union::$read($($argument,)* &$known)
            .map(|json| $target::$unknown($crate::IntoOwned::into_owned(json)))
    };
    ($target:ident borrowed [$unknown:ident] $read:ident($($argument:expr),*) $known:tt) => {
        $crate::generated::macros::union::$read($($argument,)* &$known).map($target::$unknown)
    };
}
