//! Borrowed forms of objects.

/// Defines the borrowed form, with the attributes of the table.
#[doc(hidden)]
#[macro_export]
macro_rules! object_define_borrowed {
    (
        [$(#[$attribute:meta])*] [$([$(#[$member_attribute:meta])*])*]
        $name:ident $visibility:vis $borrowed:ident
        [$($kind:ident $(($default:literal))? $field:ident: $type:ty = $wire:literal),* $(,)?]
        $mode:ident [$($rest:ident: $map:ty)?] $assertion:tt
    ) => {
        $(#[$attribute])*
        ///
        #[doc = concat!("Borrowed form of [`", stringify!($name), "`].")]
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        $visibility struct $borrowed<'a> {
            $(
                $(#[$member_attribute])*
                ///
                #[doc = concat!("Member `", $wire, "`.")]
                pub $field: $crate::object_type!($kind <$type as $crate::HasBorrowed>::Borrowed<'a>),
            )*
            $(
                /// Additional members.
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
                $($field: $crate::object_into_borrowed!($kind self.$field),)*
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
macro_rules! object_into_borrowed {
    (optional $field:expr) => {
        $field.map($crate::HasBorrowed::into_borrowed)
    };
    ($kind:ident $field:expr) => {
        $crate::HasBorrowed::into_borrowed($field)
    };
}
