//! The borrowed form of unions.

/// The borrowed form as a type, how it is read, and the ways there and back.
#[doc(hidden)]
#[macro_export]
macro_rules! union_define_borrowed {
    (
        $name:ident $visibility:vis $borrowed:ident $tagging:tt
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?] [$($unknown:ident)?] $assertion:tt
    ) => {
        #[doc = concat!("[`", stringify!($name), "`], borrowed from where it was read.")]
        #[derive(Clone, Debug, PartialEq)]
        $visibility enum $borrowed<'a> {
            $(
                #[doc = concat!("The variant `", $tag, "`.")]
                $variant $((<$type as $crate::HasBorrowed>::Borrowed<'a>))?,
            )*
            $(
                /// A variant of a newer peer.
                $unknown($crate::ValueRef<'a>),
            )?
        }

        $crate::has_borrowed_by! {
            $name, $borrowed, $assertion
            |reader| $crate::union_read!(
                reader $borrowed borrowed $tagging [$($tag => $variant $(($type))?),*] [$($unknown)?]
            ),
            into_borrowed(self) match self {
                $(
                    Self::$variant $(($crate::with_content!([$type] content)))? => $borrowed::$variant
                        $(($crate::with_content!([$type] $crate::HasBorrowed::into_borrowed(content))))?,
                )*
                $(Self::$unknown(value) => $borrowed::$unknown($crate::HasBorrowed::into_borrowed(value)),)?
            },
            into_owned(self) match self {
                $(
                    Self::$variant $(($crate::with_content!([$type] content)))? => $name::$variant
                        $(($crate::with_content!([$type] $crate::IntoOwned::into_owned(content))))?,
                )*
                $(Self::$unknown(value) => $name::$unknown($crate::IntoOwned::into_owned(value)),)?
            },
        }
    };
}

/// What is said only of variants with content, which are those with a type.
#[doc(hidden)]
#[macro_export]
macro_rules! with_content {
    ([$type:ty] $($said:tt)+) => { $($said)+ };
}
