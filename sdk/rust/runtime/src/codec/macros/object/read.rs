//! Decodes objects in either form.

/// Decodes either form. Each field has a slot, which is filled when its member is decoded.
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
                $wire => $crate::generated::macros::object::fill(
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
        $($crate::generated::macros::object::WriteMembers::check(&$rest)?;)?
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

/// The function that decodes a field.
#[doc(hidden)]
#[macro_export]
macro_rules! object_reader {
    (own $type:ty) => {
        <$type as $crate::Decode<'_>>::decode
    };
    (borrowed $type:ty) => {
        <$type as $crate::HasBorrowed>::decode_borrowed
    };
}

/// The empty map for additional members.
#[doc(hidden)]
#[macro_export]
macro_rules! object_none {
    (own $map:ty) => {
        <$map as ::core::default::Default>::default()
    };
    (borrowed $map:ty) => {
        <$map as $crate::generated::macros::object::Flatten>::empty()
    };
}

/// The treatment of a member without a field.
#[doc(hidden)]
#[macro_export]
macro_rules! object_other {
    ($form:ident ignore $reader:ident $key:ident $known:tt []) => { $reader.skip() };
    ($form:ident deny_unknown_fields $reader:ident $key:ident [$($known:literal)*] []) => {
        ::core::result::Result::Err($crate::generated::macros::object::unknown(&[$($known),*]))
    };
    (own flatten $reader:ident $key:ident $known:tt [$rest:ident: $map:ty]) => {
        <$map as $crate::generated::macros::object::Flatten>::insert(&mut $rest, $reader, $key)
    };
    (borrowed flatten $reader:ident $key:ident $known:tt [$rest:ident: $map:ty]) => {
        <$map as $crate::generated::macros::object::Flatten>::insert_borrowed(&mut $rest, $reader, $key)
    };
}

/// The value of a field, from its slot.
#[doc(hidden)]
#[macro_export]
macro_rules! object_value {
    ($reader:ident $form:ident optional $slot:ident: $type:ty = $wire:literal) => { $slot };
    ($reader:ident $form:ident required $slot:ident: $type:ty = $wire:literal) => {
        match $slot {
            ::core::option::Option::Some(value) => value,
            ::core::option::Option::None => {
                return ::core::result::Result::Err($crate::generated::macros::object::missing($wire));
            }
        }
    };
    ($reader:ident own default $slot:ident: $type:ty = $wire:literal) => { $slot.unwrap_or_default() };
    ($reader:ident borrowed default $slot:ident: $type:ty = $wire:literal) => {
        $slot.unwrap_or_else(|| {
            <$type as $crate::HasBorrowed>::into_borrowed(<$type as ::core::default::Default>::default())
        })
    };
    ($reader:ident $form:ident default($default:literal) $slot:ident: $type:ty = $wire:literal) => {
        match $slot {
            ::core::option::Option::Some(value) => value,
            ::core::option::Option::None => $crate::generated::macros::object::default(
                $default,
                $reader.side(),
                $crate::object_reader!($form $type),
            )?,
        }
    };
}
