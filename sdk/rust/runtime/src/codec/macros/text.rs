//! The macros for string newtypes with a constraint.

/// Implements the traits for a newtype of a `String` with a constraint. Its constructors refuse other strings.
///
/// ```
/// use natsgen_runtime::generated::{Run, TextConstraint};
/// use natsgen_runtime::text;
///
/// #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// pub struct WorkerId(String);
///
/// text!(WorkerId, TextConstraint::new().length(1, 64).pattern("^[a-z0-9]+$", &[Run::new("a-z0-9", 1, None)]));
///
/// assert_eq!(WorkerId::try_from("w1")?, "w1");
/// assert!(WorkerId::try_from("w 1").is_err());
/// # Ok::<(), natsgen_runtime::Violation>(())
/// ```
///
/// After the constraint, `validate assertion` names an [`Assertion`](crate::assertion::Assertion) that the string must
/// satisfy.
///
/// The macro implements `TryFrom<String>`, `TryFrom<&str>`, `FromStr` (each fails with a
/// [`Violation`](crate::Violation)), `From<WorkerId> for String`, `AsRef<str>`, `Borrow<str>` and `Display`. It also
/// implements the method `as_str`, the constant `CONSTRAINT`, [`Decode`](crate::Decode), [`Encode`](crate::Encode),
/// [`HasBorrowed`](crate::HasBorrowed) and serde's traits.
#[doc(hidden)]
#[macro_export]
macro_rules! text {
    ($name:ident, $assertion:expr $(, validate $validate:path)? $(,)?) => {
        $crate::checked_text! { $name false $assertion, $($validate)? }

        impl $crate::generated::PlainText for $name {}

        impl $name {
            /// Returns the string.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl ::core::cmp::PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl ::core::cmp::PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl<'de> $crate::Key<'de> for $name {
            fn from_key(
                key: ::std::borrow::Cow<'de, str>,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                <Self as $crate::generated::TextType>::check(&key)?;
                ::core::result::Result::Ok(Self(key.into_owned()))
            }
        }
    };
}

/// Like [`text!`](crate::text!), but for a secret: no `Display`, a `Debug` that hides the string, and `expose` instead
/// of `as_str`.
#[doc(hidden)]
#[macro_export]
macro_rules! secret_text {
    ($name:ident, $assertion:expr $(, validate $validate:path)? $(,)?) => {
        $crate::checked_text! { $name true $assertion, $($validate)? }

        impl $name {
            /// Returns the secret. Do not log it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
}

/// The common part of [`text!`](crate::text!) and [`secret_text!`](crate::secret_text!).
#[doc(hidden)]
#[macro_export]
macro_rules! checked_text {
    ($name:ident $is_secret:literal $assertion:expr, $($validate:path)?) => {
        impl $name {
            /// The constraint of the string.
            pub const CONSTRAINT: $crate::generated::TextConstraint = $assertion;
        }

        impl $crate::generated::TextType for $name {
            const NAME: &'static str = stringify!($name);
            const IS_SECRET: bool = $is_secret;

            fn check(text: &str) -> ::core::result::Result<(), $crate::Violation> {
                Self::CONSTRAINT.check(text)?;
                $($crate::generated::macros::validate(text, &$validate)?;)?
                ::core::result::Result::Ok(())
            }

            fn read<'a>(
                reader: &mut $crate::Reader<'a>,
            ) -> ::core::result::Result<::std::borrow::Cow<'a, str>, $crate::Violation> {
                $crate::validate_what_is_read!(reader [$($validate)?] {
                    let text = reader.text()?;
                    Self::CONSTRAINT.check(&text)?;
                    ::core::result::Result::Ok(text)
                })
            }

            fn own(text: $crate::TextRef<'_, Self>) -> Self {
                Self(text.into_string())
            }
        }

        impl ::core::convert::TryFrom<::std::string::String> for $name {
            type Error = $crate::Violation;

            fn try_from(
                text: ::std::string::String,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                <Self as $crate::generated::TextType>::check(&text)?;
                ::core::result::Result::Ok(Self(text))
            }
        }

        impl ::core::convert::TryFrom<&str> for $name {
            type Error = $crate::Violation;

            fn try_from(text: &str) -> ::core::result::Result<Self, $crate::Violation> {
                <Self as $crate::generated::TextType>::check(text)?;
                ::core::result::Result::Ok(Self(::std::string::String::from(text)))
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::Violation;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::Violation> {
                Self::try_from(text)
            }
        }

        impl ::core::convert::From<$name> for ::std::string::String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        $crate::decode_by! {
            $name, [] |reader|
            <Self as $crate::generated::TextType>::read(reader).map(|text| Self(text.into_owned()))
        }

        $crate::encode_by! { $name, [] |self, writer| {
            writer.text(&self.0);
            ::core::result::Result::Ok(())
        } }

        impl $crate::HasBorrowed for $name {
            type Borrowed<'a> = $crate::TextRef<'a, Self>;

            fn decode_borrowed<'a>(
                reader: &mut $crate::Reader<'a>,
            ) -> ::core::result::Result<Self::Borrowed<'a>, $crate::Violation> {
                $crate::Decode::decode(reader)
            }

            fn into_borrowed<'a>(self) -> Self::Borrowed<'a> {
                $crate::TextRef::of(self)
            }
        }

        $crate::serde_by_codec! { $name }
    };
}
