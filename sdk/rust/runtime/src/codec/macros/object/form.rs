//! The borrowed form of objects.

/// The borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! object_lend {
    (
        $name:ident $visibility:vis $lent:ident
        [$($kind:ident $(($default:literal))? $field:ident: $type:ty = $wire:literal),* $(,)?]
        $mode:ident [$($rest:ident: $map:ty)?] $rule:tt
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

        $crate::lend_by! {
            $name, $lent, $rule
            |reader| $crate::object_read!(
                reader $lent lend
                [$($kind $(($default))? $field: $type = $wire),*] $mode [$($rest: $map)?]
            ),
            into_ref(self) $lent {
                $($field: $crate::object_into_ref!($kind self.$field),)*
                $($rest: $crate::Lend::into_ref(self.$rest),)?
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
        $field.map($crate::Lend::into_ref)
    };
    ($kind:ident $field:expr) => {
        $crate::Lend::into_ref($field)
    };
}
