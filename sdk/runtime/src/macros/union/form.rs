//! The borrowed form of unions.

/// The borrowed form as a type, and the way back.
#[doc(hidden)]
#[macro_export]
macro_rules! union_form {
    (
        $name:ident $visibility:vis $lent:ident
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?] [$($unknown:ident)?]
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

        impl $crate::IntoOwned for $lent<'_> {
            type Owned = $name;

            fn into_owned(self) -> $name {
                match self {
                    $(
                        Self::$variant $(($crate::union_bind!(content, $type)))? => {
                            $name::$variant $(($crate::union_into_owned!(content, $type)))?
                        }
                    )*
                    $(
                        Self::$unknown(value) => $name::$unknown($crate::IntoOwned::into_owned(value)),
                    )?
                }
            }
        }
    };
}

/// Reads the borrowed form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_lend {
    (
        $name:ident $lent:ident
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?]
        [$($unknown:ident)?] [$($rule:path)?]
    ) => {
        impl $crate::Lend for $name {
            type Ref<'a> = $lent<'a>;

            fn lend<'a>(
                reader: &mut $crate::json::Reader<'a>,
            ) -> ::core::result::Result<$lent<'a>, $crate::Violation> {
                $crate::judge_what_is_read!(
                    reader [$($rule)?]
                    $crate::union_read!(
                        reader $lent lend [$($tag => $variant $(($type))?),*] [$($unknown)?]
                    )
                )
            }

            fn into_ref<'a>(self) -> $lent<'a> {
                match self {
                    $(
                        Self::$variant $(($crate::union_bind!(content, $type)))? => {
                            $lent::$variant $(($crate::union_into_ref!(content, $type)))?
                        }
                    )*
                    $(
                        Self::$unknown(value) => $lent::$unknown($crate::Lend::into_ref(value)),
                    )?
                }
            }
        }
    };
}

/// Names the content of a variant that has one.
#[doc(hidden)]
#[macro_export]
macro_rules! union_bind {
    ($content:ident, $type:ty) => {
        $content
    };
}

/// The owned form of the content of a variant that has one.
#[doc(hidden)]
#[macro_export]
macro_rules! union_into_owned {
    ($content:ident, $type:ty) => {
        $crate::IntoOwned::into_owned($content)
    };
}

/// The borrowed form of the content of a variant that has one.
#[doc(hidden)]
#[macro_export]
macro_rules! union_into_ref {
    ($content:ident, $type:ty) => {
        $crate::Lend::into_ref($content)
    };
}
