//! The common trait implementations of the macros, with expressions over reader and writer. If there is an assertion,
//! the decoded or encoded value is validated.

/// Validates the value that `$read` decodes, if there is an assertion.
#[doc(hidden)]
#[macro_export]
macro_rules! validate_what_is_read {
    ($reader:ident [] $read:expr) => {
        $read
    };
    ($reader:ident [$assertion:path] $read:expr) => {
        $reader.validated(&$assertion, |$reader| $read)
    };
}

/// Validates the value that `$write` encodes, if there is an assertion.
#[doc(hidden)]
#[macro_export]
macro_rules! validate_what_is_written {
    ($writer:ident [] $write:expr) => {
        $write
    };
    ($writer:ident [$assertion:path] $write:expr) => {
        $writer.validated(&$assertion, |$writer| $write)
    };
}

/// Implements `Decode`.
#[doc(hidden)]
#[macro_export]
macro_rules! decode_by {
    ($type:ty, $assertion:tt |$reader:ident| $read:expr) => {
        #[allow(deprecated, reason = "a deprecated member is still read and written")]
        impl<'de> $crate::Decode<'de> for $type {
            fn decode(
                $reader: &mut $crate::Reader<'de>,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                $crate::validate_what_is_read!($reader $assertion $read)
            }
        }
    };
}

/// Implements `Encode`.
#[doc(hidden)]
#[macro_export]
macro_rules! encode_by {
    ($type:ty, $assertion:tt |$self:ident, $writer:ident| $write:expr) => {
        #[allow(deprecated, reason = "a deprecated member is still read and written")]
        impl $crate::Encode for $type {
            fn encode(
                &$self,
                $writer: &mut $crate::Writer,
            ) -> ::core::result::Result<(), $crate::Violation> {
                $crate::validate_what_is_written!($writer $assertion $write)
            }
        }
    };
}

/// Implements the traits of the borrowed form: `HasBorrowed` and `IntoOwned`.
#[doc(hidden)]
#[macro_export]
macro_rules! has_borrowed_by {
    (
        $name:ident, $borrowed:ident, $assertion:tt |$reader:ident| $read:expr,
        into_borrowed($from:ident) $into_borrowed:expr,
        into_owned($back:ident) $into_owned:expr,
    ) => {
        #[allow(deprecated, reason = "a deprecated member is still read and written")]
        impl $crate::HasBorrowed for $name {
            type Borrowed<'a> = $borrowed<'a>;

            fn decode_borrowed<'a>(
                $reader: &mut $crate::Reader<'a>,
            ) -> ::core::result::Result<$borrowed<'a>, $crate::Violation> {
                $crate::validate_what_is_read!($reader $assertion $read)
            }

            fn into_borrowed<'a>($from) -> $borrowed<'a> {
                $into_borrowed
            }
        }

        #[allow(deprecated, reason = "a deprecated member is still read and written")]
        impl $crate::IntoOwned for $borrowed<'_> {
            type Owned = $name;

            fn into_owned($back) -> $name {
                $into_owned
            }
        }

        $crate::decode_by! { $borrowed<'de>, [] |reader| <$name as $crate::HasBorrowed>::decode_borrowed(reader) }
    };
}

/// Implements the traits for types without borrowed content: the type is its own borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! borrowed_is_self {
    (impl[$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $crate::HasBorrowed for $type {
            type Borrowed<'a> = Self;

            fn decode_borrowed<'a>(
                reader: &mut $crate::Reader<'a>,
            ) -> ::core::result::Result<Self::Borrowed<'a>, $crate::Violation> {
                <Self as $crate::Decode<'a>>::decode(reader)
            }

            fn into_borrowed<'a>(self) -> Self::Borrowed<'a> {
                self
            }
        }

        impl<$($generics)*> $crate::IntoOwned for $type {
            type Owned = Self;

            fn into_owned(self) -> Self {
                self
            }
        }
    };
    ($($type:ty),+ $(,)?) => {
        $($crate::borrowed_is_self! { impl[] $type })+
    };
}
