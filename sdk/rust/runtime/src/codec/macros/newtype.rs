//! The macro that gives a type with a name to what has a type of Rust's.

/// Makes a newtype read and write as what it holds.
///
/// ```
/// use natsgen_runtime::{Limited, codec, newtype};
///
/// #[derive(Clone, Debug, Default, PartialEq)]
/// pub struct Notes(pub Limited<Vec<String>, 0, 8>);
///
/// newtype! { Notes, NotesRef(Limited<Vec<String>, 0, 8>) }
///
/// assert_eq!(codec::encode(&Notes::default())?, "[]");
/// # Ok::<(), natsgen_runtime::EncodeError>(())
/// ```
///
/// Behind the parentheses, `validate assertion` names a [`Assertion`](crate::Assertion) that the value obeys. Then the field is private,
/// and the type has `TryFrom` of what it holds, `Deref` and `into_inner`: it can only be made of what the assertion takes.
///
/// The macro implements [`Decode`](crate::Decode), [`Encode`](crate::Encode), [`HasBorrowed`](crate::HasBorrowed) and serde's traits;
/// the second name is that of the borrowed form, which it defines: public, unless another visibility is the first word.
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
    ($name:ident, $borrowed:ident $($tail:tt)+) => {
        $crate::newtype! { pub $name, $borrowed $($tail)+ }
    };
    ($visibility:vis $name:ident, $borrowed:ident ($inner:ty)) => {
        $crate::newtype_codec! { $name ($inner) [] }
        $crate::newtype_define_borrowed! { $name $visibility $borrowed ($visibility $inner) [] }
    };
    ($visibility:vis $name:ident, $borrowed:ident ($inner:ty) validate $assertion:path) => {
        $crate::newtype_codec! { $name ($inner) [$assertion] }
        $crate::newtype_validated! { $name ($inner) $assertion }
        $crate::newtype_define_borrowed! { $name $visibility $borrowed ($inner) [$assertion] }

        impl<'a> ::core::ops::Deref for $borrowed<'a> {
            type Target = <$inner as $crate::HasBorrowed>::Borrowed<'a>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    };
}

/// Reads and writes the owned form. What is validate cannot be built wrong, so it is not validate when it is written.
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

/// Lets a validate newtype be made only of what its assertion takes.
#[doc(hidden)]
#[macro_export]
macro_rules! newtype_validated {
    ($name:ident ($inner:ty) $assertion:path) => {
        impl $name {
            /// What it holds.
            #[must_use]
            pub fn into_inner(self) -> $inner {
                self.0
            }
        }

        impl ::core::convert::TryFrom<$inner> for $name {
            type Error = $crate::Violation;

            fn try_from(inner: $inner) -> ::core::result::Result<Self, $crate::Violation> {
                $crate::codec::macros::validate(&inner, &$assertion)?;
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

/// The borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! newtype_define_borrowed {
    (
        $name:ident $visibility:vis $borrowed:ident ($inside:vis $inner:ty) $assertion:tt
    ) => {
        #[doc = concat!("[`", stringify!($name), "`], borrowed from where it was read.")]
        #[derive(Clone, Debug, PartialEq)]
        $visibility struct $borrowed<'a>(
            /// What it holds.
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
