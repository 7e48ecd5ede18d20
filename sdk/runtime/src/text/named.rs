//! Texts with a rule as types: the macros that make newtypes of them, and their borrowed form.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;

use crate::Violation;
use crate::json::{Decode, Encode, Key, Reader, Writer};
use crate::lend::IntoOwned;

/// A newtype of a `String` that obeys a rule.
pub trait TextType: Into<String> {
    /// Its name, for people.
    const NAME: &'static str;
    /// Whether nobody shall see its texts.
    const IS_SECRET: bool;

    /// Checks a text.
    ///
    /// # Errors
    /// When it breaks the rule.
    fn check(text: &str) -> Result<(), Violation>;

    /// Reads a text.
    ///
    /// # Errors
    /// When the value is no text, or breaks the rule.
    fn read<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Violation>;

    /// Copies what is borrowed.
    fn own(text: TextRef<'_, Self>) -> Self;
}

/// A text that is no secret.
pub trait PlainText: TextType {}

/// A text that obeys the rule of `T`, borrowed from where it was read.
pub struct TextRef<'a, T> {
    text: Cow<'a, str>,
    of: PhantomData<fn() -> T>,
}

impl<'a, T: TextType> TextRef<'a, T> {
    /// Takes a text.
    ///
    /// # Errors
    /// When it breaks the rule.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, Violation> {
        let text = text.into();
        T::check(&text)?;
        Ok(Self::unchecked(text))
    }

    /// The text of an owned one.
    #[must_use]
    pub fn of(text: T) -> Self {
        Self::unchecked(Cow::Owned(text.into()))
    }

    /// The text. Keep it out of logs if it is a secret.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text.into_owned()
    }

    fn unchecked(text: Cow<'a, str>) -> Self {
        Self {
            text,
            of: PhantomData,
        }
    }
}

impl<T> Clone for TextRef<'_, T> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            of: PhantomData,
        }
    }
}

impl<T: TextType> fmt::Debug for TextRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if T::IS_SECRET {
            write!(f, "{}(***)", T::NAME)
        } else {
            f.debug_tuple(T::NAME).field(&self.text).finish()
        }
    }
}

impl<T: PlainText> Deref for TextRef<'_, T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<T: PlainText> AsRef<str> for TextRef<'_, T> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<T: PlainText> Borrow<str> for TextRef<'_, T> {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl<T: PlainText> fmt::Display for TextRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T: PlainText> PartialEq<str> for TextRef<'_, T> {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl<T: PlainText> PartialEq<&str> for TextRef<'_, T> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl<T> PartialEq for TextRef<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for TextRef<'_, T> {}

impl<T> PartialOrd for TextRef<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for TextRef<'_, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<T> Hash for TextRef<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<'a, T: TextType> Decode<'a> for TextRef<'a, T> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        T::read(reader).map(Self::unchecked)
    }
}

impl<T> Encode for TextRef<'_, T> {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.text(&self.text);
        Ok(())
    }
}

impl<'a, T: PlainText> Key<'a> for TextRef<'a, T> {
    fn from_key(key: Cow<'a, str>) -> Result<Self, Violation> {
        Self::new(key)
    }
}

impl<T: TextType> IntoOwned for TextRef<'_, T> {
    type Owned = T;

    fn into_owned(self) -> T {
        T::own(self)
    }
}

/// Makes a newtype of a `String` a checked one: it can only be made of a text that obeys its rule.
///
/// ```
/// use natsgen_runtime::{Run, TextRule, text};
///
/// #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// pub struct WorkerId(String);
///
/// text!(WorkerId, TextRule::new().length(1, 64).pattern("^[a-z0-9]+$", &[Run::new("a-z0-9", 1, None)]));
///
/// assert_eq!(WorkerId::try_from("w1")?, "w1");
/// assert!(WorkerId::try_from("w 1").is_err());
/// # Ok::<(), natsgen_runtime::Violation>(())
/// ```
///
/// Behind the rule, `judged rule` names a [`Rule`](crate::Rule) that the text obeys too.
///
/// The macro implements `TryFrom<String>`, `TryFrom<&str>`, `FromStr` (each fails with a
/// [`Violation`](crate::Violation)), `From<WorkerId> for String`, `AsRef<str>`, `Borrow<str>`, `Display`, the method `as_str`, the
/// constant `RULE`, [`Decode`](crate::Decode), [`Encode`](crate::Encode), [`Lend`](crate::Lend) and serde's traits.
#[macro_export]
macro_rules! text {
    ($name:ident, $rule:expr $(, judged $judge:path)? $(,)?) => {
        $crate::checked_text! { $name false $rule, $($judge)? }

        impl $crate::text::PlainText for $name {}

        impl $name {
            /// The text.
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

        impl<'de> $crate::json::Key<'de> for $name {
            fn from_key(
                key: ::std::borrow::Cow<'de, str>,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                <Self as $crate::text::TextType>::check(&key)?;
                ::core::result::Result::Ok(Self(key.into_owned()))
            }
        }
    };
}

/// The same as [`text!`](crate::text!) for a secret: no `Display`, a `Debug` that hides the text, and `expose` in place
/// of `as_str`.
#[macro_export]
macro_rules! secret_text {
    ($name:ident, $rule:expr $(, judged $judge:path)? $(,)?) => {
        $crate::checked_text! { $name true $rule, $($judge)? }

        impl $name {
            /// The secret. Keep it out of logs.
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

/// What [`text!`](crate::text!) and [`secret_text!`](crate::secret_text!) have in common.
#[doc(hidden)]
#[macro_export]
macro_rules! checked_text {
    ($name:ident $is_secret:literal $rule:expr, $($judge:path)?) => {
        impl $name {
            /// The rule that its texts obey.
            pub const RULE: $crate::TextRule = $rule;
        }

        impl $crate::text::TextType for $name {
            const NAME: &'static str = stringify!($name);
            const IS_SECRET: bool = $is_secret;

            fn check(text: &str) -> ::core::result::Result<(), $crate::Violation> {
                Self::RULE.check(text)?;
                $($crate::bridge::judge(text, &$judge)?;)?
                ::core::result::Result::Ok(())
            }

            fn read<'a>(
                reader: &mut $crate::json::Reader<'a>,
            ) -> ::core::result::Result<::std::borrow::Cow<'a, str>, $crate::Violation> {
                $crate::judge_what_is_read!(reader [$($judge)?] {
                    let text = reader.text()?;
                    Self::RULE.check(&text)?;
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
                <Self as $crate::text::TextType>::check(&text)?;
                ::core::result::Result::Ok(Self(text))
            }
        }

        impl ::core::convert::TryFrom<&str> for $name {
            type Error = $crate::Violation;

            fn try_from(text: &str) -> ::core::result::Result<Self, $crate::Violation> {
                <Self as $crate::text::TextType>::check(text)?;
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

        impl<'de> $crate::json::Decode<'de> for $name {
            fn decode(
                reader: &mut $crate::json::Reader<'de>,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                <Self as $crate::text::TextType>::read(reader).map(|text| Self(text.into_owned()))
            }
        }

        impl $crate::json::Encode for $name {
            fn encode(
                &self,
                writer: &mut $crate::json::Writer,
            ) -> ::core::result::Result<(), $crate::Violation> {
                writer.text(&self.0);
                ::core::result::Result::Ok(())
            }
        }

        impl $crate::Lend for $name {
            type Ref<'a> = $crate::TextRef<'a, Self>;

            fn lend<'a>(
                reader: &mut $crate::json::Reader<'a>,
            ) -> ::core::result::Result<Self::Ref<'a>, $crate::Violation> {
                $crate::json::Decode::decode(reader)
            }

            fn into_ref<'a>(self) -> Self::Ref<'a> {
                $crate::TextRef::of(self)
            }
        }

        $crate::serde_by_codec! { $name }
    };
}
