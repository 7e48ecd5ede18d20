//! The macro for newtypes.

/// Implements the traits for a newtype with the encoding of its content. Doc comments in the table apply to the
/// borrowed form.
///
/// ```
/// use natsgen_runtime::{Limited, codec, newtype};
///
/// #[derive(Clone, Debug, Default, PartialEq)]
/// pub struct Notes(pub Limited<Vec<String>, 0, 8>);
///
/// newtype! { Notes, NotesRef(Limited<Vec<String>, 0, 8>) }
///
/// assert_eq!(codec::encode(&Notes::default())?, b"[]");
/// # Ok::<(), natsgen_runtime::EncodeError>(())
/// ```
///
/// After the parentheses, `validate` can name an [`Assertion`](crate::assertion::Assertion) that the value must
/// satisfy. The field is then private, and the type implements `TryFrom` for its content, `Deref` and `into_inner`. So
/// every value satisfies the assertion.
///
/// The macro implements [`Decode`](crate::Decode), [`Encode`](crate::Encode), [`HasBorrowed`](crate::HasBorrowed) and
/// serde's traits. It also defines the borrowed form, whose name is the second name. The borrowed form is public,
/// unless the first word is another visibility.
#[doc(hidden)]
#[macro_export]
macro_rules! newtype {
    ($name:ident ($inner:ty)) => {
        $crate::newtype_codec! { $name ($inner) [] }
        $crate::borrowed_is_self! { $name }
    };
    ($name:ident ($inner:ty) validate $assertion:path) => {
        $crate::newtype_codec! { $name ($inner) [$assertion] }
        $crate::newtype_validated! { $name ($inner) $assertion }
        $crate::borrowed_is_self! { $name }
    };
    ($(#[$attribute:meta])* $name:ident, $borrowed:ident $($tail:tt)+) => {
        $crate::newtype! { $(#[$attribute])* pub $name, $borrowed $($tail)+ }
    };
    ($(#[$attribute:meta])* $visibility:vis $name:ident, $borrowed:ident ($inner:ty)) => {
        $crate::newtype_codec! { $name ($inner) [] }
        $crate::newtype_define_borrowed! {
            [$(#[$attribute])*] $name $visibility $borrowed ($visibility $inner) []
        }
    };
    (
        $(#[$attribute:meta])* $visibility:vis $name:ident, $borrowed:ident ($inner:ty)
        validate $assertion:path
    ) => {
        $crate::newtype_codec! { $name ($inner) [$assertion] }
        $crate::newtype_validated! { $name ($inner) $assertion }
        $crate::newtype_define_borrowed! {
            [$(#[$attribute])*] $name $visibility $borrowed ($inner) [$assertion]
        }

        impl<'a> ::core::ops::Deref for $borrowed<'a> {
            type Target = <$inner as $crate::HasBorrowed>::Borrowed<'a>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    };
}

/// Implements the traits of the owned form. Every value satisfies the assertion, so encoding does not validate.
#[doc(hidden)]
#[macro_export]
macro_rules! newtype_codec {
    ($name:ident ($inner:ty) $assertion:tt) => {
        $crate::decode_by! {
            $name, $assertion |reader| <$inner as $crate::Decode<'_>>::decode(reader).map(Self)
        }
        $crate::encode_by! { $name, [] |self, writer| $crate::Encode::encode(&self.0, writer) }
        $crate::serde_by_codec! { $name }
    };
}

/// Validates the content in the constructor.
#[doc(hidden)]
#[macro_export]
macro_rules! newtype_validated {
    ($name:ident ($inner:ty) $assertion:path) => {
        impl $name {
            /// Returns the content.
            #[must_use]
            pub fn into_inner(self) -> $inner {
                self.0
            }
        }

        impl ::core::convert::TryFrom<$inner> for $name {
            type Error = $crate::Violation;

            fn try_from(inner: $inner) -> ::core::result::Result<Self, $crate::Violation> {
                $crate::generated::macros::validate(&inner, &$assertion)?;
                ::core::result::Result::Ok(Self(inner))
            }
        }

        impl ::core::ops::Deref for $name {
            type Target = $inner;

            fn deref(&self) -> &$inner {
                &self.0
            }
        }
    };
}

/// Defines the borrowed form, with the attributes of the table.
#[doc(hidden)]
#[macro_export]
macro_rules! newtype_define_borrowed {
    (
        [$(#[$attribute:meta])*] $name:ident $visibility:vis $borrowed:ident ($inside:vis $inner:ty) $assertion:tt
    ) => {
        $(#[$attribute])*
        ///
        #[doc = concat!("Borrowed form of [`", stringify!($name), "`].")]
        #[derive(Clone, Debug, PartialEq)]
        $visibility struct $borrowed<'a>(
            /// The content.
            $inside <$inner as $crate::HasBorrowed>::Borrowed<'a>,
        );

        $crate::has_borrowed_by! {
            $name, $borrowed, $assertion |reader| <$inner as $crate::HasBorrowed>::decode_borrowed(reader).map($borrowed),
            into_borrowed(self) $borrowed($crate::HasBorrowed::into_borrowed(self.0)),
            into_owned(self) $name($crate::IntoOwned::into_owned(self.0)),
        }

        $crate::encode_by! { $borrowed<'_>, [] |self, writer| $crate::Encode::encode(&self.0, writer) }
    };
}
