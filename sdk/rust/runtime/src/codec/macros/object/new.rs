//! Constructors of objects.

/// Implements `new`, and `Default` if no member is required. Each row ends with a comma.
#[doc(hidden)]
#[macro_export]
macro_rules! object_new {
    ($name:ident $rows:tt $rest:tt) => {
        $crate::object_constructor! { $name $rows $rest }
        $crate::object_default! { $name $rows }
    };
}

/// Implements `new`.
#[doc(hidden)]
#[macro_export]
macro_rules! object_constructor {
    (
        $name:ident
        [$(
            $(required $required:ident: $required_type:ty = $required_key:literal)?
            $(optional $optional:ident: $optional_type:ty = $optional_key:literal)?
            $(default $(($json:literal))? $default:ident: $default_type:ty = $default_key:literal)?
            ,
        )*]
        [$($rest:ident: $map:ty)?]
    ) => {
        #[allow(deprecated, reason = "a deprecated member is still read and written")]
        impl $name {
            /// Creates the object from its required members. Optional members are absent; other members have their
            /// defaults.
            #[must_use]
            #[allow(clippy::too_many_arguments, reason = "each required member is an argument")]
            pub fn new($($($required: $required_type,)?)*) -> Self {
                Self {
                    $(
                        $($required,)?
                        $($optional: ::core::option::Option::None,)?
                        $($default: $crate::object_default_value!($(($json))? $default_type),)?
                    )*
                    $($rest: ::core::default::Default::default(),)?
                }
            }
        }
    };
}

/// Implements `Default` if no member is required.
#[doc(hidden)]
#[macro_export]
macro_rules! object_default {
    (
        $name:ident
        [$(
            $(optional $optional:ident: $optional_type:ty = $optional_key:literal)?
            $(default $(($json:literal))? $default:ident: $default_type:ty = $default_key:literal)?
            ,
        )*]
    ) => {
        impl ::core::default::Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
    };
    ($name:ident $rows:tt) => {};
}

/// The default of a member.
#[doc(hidden)]
#[macro_export]
macro_rules! object_default_value {
    (($json:literal) $type:ty) => {
        $crate::generated::macros::object::known_default::<$type>($json)
    };
    ($type:ty) => {
        <$type as ::core::default::Default>::default()
    };
}
