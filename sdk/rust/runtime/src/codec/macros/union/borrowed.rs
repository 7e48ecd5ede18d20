//! Borrowed forms of unions.

/// Defines the borrowed form, with the attributes of the table.
#[doc(hidden)]
#[macro_export]
macro_rules! union_define_borrowed {
    (
        [$(#[$attribute:meta])*] [$([$(#[$variant_attribute:meta])*])*]
        $name:ident $visibility:vis $borrowed:ident $tagging:tt
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?] [$($unknown:ident)?] $assertion:tt
    ) => {
        $(#[$attribute])*
        ///
        #[doc = concat!("Borrowed form of [`", stringify!($name), "`].")]
        #[derive(Clone, Debug, PartialEq)]
        $visibility enum $borrowed<'a> {
            $(
                $(#[$variant_attribute])*
                ///
                #[doc = concat!("Variant `", $tag, "`.")]
                $variant $((<$type as $crate::HasBorrowed>::Borrowed<'a>))?,
            )*
            $(
                /// Value of a newer version of the protocol.
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

/// Expands to its tokens only for variants with content.
#[doc(hidden)]
#[macro_export]
macro_rules! with_content {
    ([$type:ty] $($tokens:tt)+) => { $($tokens)+ };
}
