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
/// Behind the parentheses, `judged rule` names a [`Rule`](crate::Rule) that the value obeys. Then the field is private,
/// and the type has `TryFrom` of what it holds, `Deref` and `into_inner`: it can only be made of what the rule takes.
///
/// The macro implements [`Decode`](crate::Decode), [`Encode`](crate::Encode), [`Lend`](crate::Lend) and serde's traits;
/// the second name is that of the borrowed form, which it defines: public, unless another visibility is the first word.
#[macro_export]
macro_rules! newtype {
    ($name:ident ($inner:ty)) => {
        $crate::newtype_codec! { $name ($inner) [] }
        $crate::lends_itself! { $name }
    };
    ($name:ident ($inner:ty) judged $rule:path) => {
        $crate::newtype_codec! { $name ($inner) [$rule] }
        $crate::newtype_judged! { $name ($inner) $rule }
        $crate::lends_itself! { $name }
    };
    ($name:ident, $lent:ident $($tail:tt)+) => {
        $crate::newtype! { pub $name, $lent $($tail)+ }
    };
    ($visibility:vis $name:ident, $lent:ident ($inner:ty)) => {
        $crate::newtype_codec! { $name ($inner) [] }
        $crate::newtype_lend! { $name $visibility $lent ($visibility $inner) [] }
    };
    ($visibility:vis $name:ident, $lent:ident ($inner:ty) judged $rule:path) => {
        $crate::newtype_codec! { $name ($inner) [$rule] }
        $crate::newtype_judged! { $name ($inner) $rule }
        $crate::newtype_lend! { $name $visibility $lent ($inner) [$rule] }

        impl<'a> ::core::ops::Deref for $lent<'a> {
            type Target = <$inner as $crate::Lend>::Ref<'a>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    };
}

/// Reads and writes the owned form. What is judged cannot be built wrong, so it is not judged when it is written.
#[doc(hidden)]
#[macro_export]
macro_rules! newtype_codec {
    ($name:ident ($inner:ty) $rule:tt) => {
        $crate::decode_by! {
            $name, $rule |reader| <$inner as $crate::Decode<'_>>::decode(reader).map(Self)
        }
        $crate::encode_by! { $name, [] |self, writer| $crate::Encode::encode(&self.0, writer) }
        $crate::serde_by_codec! { $name }
    };
}

/// Lets a judged newtype be made only of what its rule takes.
#[doc(hidden)]
#[macro_export]
macro_rules! newtype_judged {
    ($name:ident ($inner:ty) $rule:path) => {
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
                $crate::codec::macros::judge(&inner, &$rule)?;
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
macro_rules! newtype_lend {
    (
        $name:ident $visibility:vis $lent:ident ($inside:vis $inner:ty) $rule:tt
    ) => {
        #[doc = concat!("[`", stringify!($name), "`], borrowed from where it was read.")]
        #[derive(Clone, Debug, PartialEq)]
        $visibility struct $lent<'a>(
            /// What it holds.
            $inside <$inner as $crate::Lend>::Ref<'a>,
        );

        $crate::lend_by! {
            $name, $lent, $rule |reader| <$inner as $crate::Lend>::lend(reader).map($lent),
            into_ref(self) $lent($crate::Lend::into_ref(self.0)),
            into_owned(self) $name($crate::IntoOwned::into_owned(self.0)),
        }

        $crate::encode_by! { $lent<'_>, [] |self, writer| $crate::Encode::encode(&self.0, writer) }
    };
}
