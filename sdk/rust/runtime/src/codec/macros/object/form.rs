//! The borrowed form of objects.

/// The borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! object_define_borrowed {
    (
        $name:ident $visibility:vis $borrowed:ident
        [$($kind:ident $(($default:literal))? $field:ident: $type:ty = $wire:literal),* $(,)?]
        $mode:ident [$($rest:ident: $map:ty)?] $assertion:tt
    ) => {
        #[doc = concat!("[`", stringify!($name), "`], borrowed from where it was read.")]
        #[derive(Clone, Debug, PartialEq)]
        $visibility struct $borrowed<'a> {
            $(
                #[doc = concat!("The member `", $wire, "`.")]
                pub $field: $crate::object_type!($kind <$type as $crate::HasBorrowed>::Borrowed<'a>),
            )*
            $(
                /// All other members.
                pub $rest: <$map as $crate::HasBorrowed>::Borrowed<'a>,
            )?
        }

        $crate::has_borrowed_by! {
            $name, $borrowed, $assertion
            |reader| $crate::object_read!(
                reader $borrowed borrowed
                [$($kind $(($default))? $field: $type = $wire),*] $mode [$($rest: $map)?]
            ),
            into_borrowed(self) $borrowed {
                $($field: $crate::object_into_ref!($kind self.$field),)*
                $($rest: $crate::HasBorrowed::into_borrowed(self.$rest),)?
            },
            into_owned(self) $name {
                $($field: $crate::IntoOwned::into_owned(self.$field),)*
                $($rest: $crate::IntoOwned::into_owned(self.$rest),)?
            },
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
        $field.map($crate::HasBorrowed::into_borrowed)
    };
    ($kind:ident $field:expr) => {
        $crate::HasBorrowed::into_borrowed($field)
    };
}
