//! Encodes unions in either form.

/// Encodes either form.
#[doc(hidden)]
#[macro_export]
macro_rules! union_encode {
    (
        $target:ty, $tagging:tt
        [$($tag:literal => $variant:ident $(($type:ty))?),* $(,)?] [$($unknown:ident)?] $assertion:tt
    ) => {
        $crate::encode_by! { $target, $assertion |self, writer| {
            const KNOWN: &[&str] = &[$($tag),*];
            match self {
                $(
                    Self::$variant $(($crate::with_content!([$type] content)))? => {
                        $crate::union_variant!(writer $tagging $tag $(content: $type)?)
                    }
                )*
                $(
                    Self::$unknown(_) => {
                        ::core::result::Result::Err($crate::generated::macros::union::no_variant(KNOWN))
                    }
                )?
            }
        } }
    };
}

/// Encodes a variant.
#[doc(hidden)]
#[macro_export]
macro_rules! union_variant {
    ($writer:ident () $tag:literal) => {{
        $writer.text($tag);
        ::core::result::Result::Ok(())
    }};
    ($writer:ident (untagged) $tag:literal) => {
        $crate::union_variant!($writer () $tag)
    };
    ($writer:ident (untagged) $tag:literal $content:ident: $type:ty) => {
        $crate::generated::macros::union::write_alternative(
            $writer,
            const { $crate::generated::macros::union::JsonTypes::new($tag) },
            $tag,
            |writer| $crate::Encode::encode($content, writer),
        )
    };
    ($writer:ident () $tag:literal $content:ident: $type:ty) => {
        $writer.object(|members| members.member($tag, $content))
    };
    ($writer:ident ($member:literal) $tag:literal $content:ident: $type:ty) => {
        $crate::Encode::encode($content, $writer)
    };
}
