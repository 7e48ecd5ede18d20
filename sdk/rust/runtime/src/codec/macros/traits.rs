//! The implementations that every macro writes, by expressions over reader and writer. Where there is a rule, what is
//! read or written is judged by it.

/// Judges what `$read` reads, if there is a rule.
#[doc(hidden)]
#[macro_export]
macro_rules! judge_what_is_read {
    ($reader:ident [] $read:expr) => {
        $read
    };
    ($reader:ident [$rule:path] $read:expr) => {
        $reader.judged(&$rule, |$reader| $read)
    };
}

/// Judges what `$write` writes, if there is a rule.
#[doc(hidden)]
#[macro_export]
macro_rules! judge_what_is_written {
    ($writer:ident [] $write:expr) => {
        $write
    };
    ($writer:ident [$rule:path] $write:expr) => {
        $writer.judged(&$rule, |$writer| $write)
    };
}

/// Implements `Decode`.
#[doc(hidden)]
#[macro_export]
macro_rules! decode_by {
    ($type:ty, $rule:tt |$reader:ident| $read:expr) => {
        impl<'de> $crate::Decode<'de> for $type {
            fn decode(
                $reader: &mut $crate::Reader<'de>,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                $crate::judge_what_is_read!($reader $rule $read)
            }
        }
    };
}

/// Implements `Encode`.
#[doc(hidden)]
#[macro_export]
macro_rules! encode_by {
    ($type:ty, $rule:tt |$self:ident, $writer:ident| $write:expr) => {
        impl $crate::Encode for $type {
            fn encode(
                &$self,
                $writer: &mut $crate::Writer,
            ) -> ::core::result::Result<(), $crate::Violation> {
                $crate::judge_what_is_written!($writer $rule $write)
            }
        }
    };
}

/// Implements what belongs to the borrowed form: `Lend` and the way back.
#[doc(hidden)]
#[macro_export]
macro_rules! lend_by {
    (
        $name:ident, $lent:ident, $rule:tt |$reader:ident| $read:expr,
        into_ref($from:ident) $into_ref:expr,
        into_owned($back:ident) $into_owned:expr,
    ) => {
        impl $crate::Lend for $name {
            type Ref<'a> = $lent<'a>;

            fn lend<'a>(
                $reader: &mut $crate::Reader<'a>,
            ) -> ::core::result::Result<$lent<'a>, $crate::Violation> {
                $crate::judge_what_is_read!($reader $rule $read)
            }

            fn into_ref<'a>($from) -> $lent<'a> {
                $into_ref
            }
        }

        impl $crate::IntoOwned for $lent<'_> {
            type Owned = $name;

            fn into_owned($back) -> $name {
                $into_owned
            }
        }

        $crate::decode_by! { $lent<'de>, [] |reader| <$name as $crate::Lend>::lend(reader) }
    };
}

/// Makes types their own borrowed form, because there is nothing in them to borrow.
#[doc(hidden)]
#[macro_export]
macro_rules! lends_itself {
    (impl[$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $crate::Lend for $type {
            type Ref<'a> = Self;

            fn lend<'a>(
                reader: &mut $crate::Reader<'a>,
            ) -> ::core::result::Result<Self::Ref<'a>, $crate::Violation> {
                <Self as $crate::Decode<'a>>::decode(reader)
            }

            fn into_ref<'a>(self) -> Self::Ref<'a> {
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
        $($crate::lends_itself! { impl[] $type })+
    };
}
