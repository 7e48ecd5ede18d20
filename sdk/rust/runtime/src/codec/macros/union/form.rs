//! The borrowed form of unions.

/// The borrowed form as a type, how it is read, and the ways there and back.
#[doc(hidden)]
#[macro_export]
macro_rules! union_lend {
    (
        $name:ident $visibility:vis $lent:ident $tagging:tt
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?] [$($unknown:ident)?] $rule:tt
    ) => {
        #[doc = concat!("[`", stringify!($name), "`], borrowed from where it was read.")]
        #[derive(Clone, Debug, PartialEq)]
        $visibility enum $lent<'a> {
            $(
                #[doc = concat!("The variant `", $tag, "`.")]
                $variant $((<$type as $crate::Lend>::Ref<'a>))?,
            )*
            $(
                /// A variant of a newer peer.
                $unknown($crate::Json<'a>),
            )?
        }

        $crate::lend_by! {
            $name, $lent, $rule
            |reader| $crate::union_read!(
                reader $lent lend $tagging [$($tag => $variant $(($type))?),*] [$($unknown)?]
            ),
            into_ref(self) match self {
                $(
                    Self::$variant $(($crate::with_content!([$type] content)))? => $lent::$variant
                        $(($crate::with_content!([$type] $crate::Lend::into_ref(content))))?,
                )*
                $(Self::$unknown(value) => $lent::$unknown($crate::Lend::into_ref(value)),)?
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
