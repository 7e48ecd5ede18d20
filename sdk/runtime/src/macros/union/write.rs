//! Writing unions that are tagged from outside, in either form.

/// Writes either form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_encode {
    (
        [$target:ty] [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?]
        [$($unknown:ident)?] [$($rule:path)?]
    ) => {
        impl $crate::json::Encode for $target {
            fn encode(
                &self,
                writer: &mut $crate::json::Writer,
            ) -> ::core::result::Result<(), $crate::Violation> {
                const KNOWN: &[&str] = &[$($tag),*];
                $crate::judge_what_is_written!(
                    writer [$($rule)?]
                    match self {
                        $(
                            Self::$variant $(($crate::union_bind!(content, $type)))? => {
                                $crate::union_member!(writer $tag $(content: $type)?)
                            }
                        )*
                        $(
                            Self::$unknown(_) => {
                                ::core::result::Result::Err($crate::macros::union::no_variant(KNOWN))
                            }
                        )?
                    }
                )
            }
        }
    };
}

/// Writes one variant.
#[doc(hidden)]
#[macro_export]
macro_rules! union_member {
    ($writer:ident $tag:literal) => {{
        $writer.text($tag);
        ::core::result::Result::Ok(())
    }};
    ($writer:ident $tag:literal $content:ident: $type:ty) => {
        $writer.object(|members| members.member($tag, $content))
    };
}
