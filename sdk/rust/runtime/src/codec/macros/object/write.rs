//! Encodes objects in either form.

/// Encodes either form.
#[doc(hidden)]
#[macro_export]
macro_rules! object_encode {
    (
        $target:ty,
        [$($kind:ident $(($default:literal))? $field:ident: $type:ty = $wire:literal),* $(,)?]
        [$($rest:ident: $map:ty)?] $assertion:tt
    ) => {
        $crate::encode_by! { $target, $assertion |self, writer| {
            const KNOWN: &[&str] = &[$($wire),*];
            writer.object(|members| {
                $($crate::object_member!(members $kind self.$field, $wire);)*
                $($crate::generated::macros::object::WriteMembers::write_members(&self.$rest, KNOWN, members)?;)?
                ::core::result::Result::Ok(())
            })
        } }
    };
}

/// Encodes a member.
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
