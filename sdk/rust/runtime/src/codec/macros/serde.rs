//! serde's traits, implemented by the codec: serde decodes and encodes the wire format.

/// Implements serde's traits by the codec.
#[doc(hidden)]
#[macro_export]
macro_rules! serde_by_codec {
    (impl[$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $crate::generated::serde::Serialize for $type
        where
            Self: $crate::Encode,
        {
            fn serialize<SerdeFormat: $crate::generated::serde::Serializer>(
                &self,
                serializer: SerdeFormat,
            ) -> ::core::result::Result<SerdeFormat::Ok, SerdeFormat::Error> {
                $crate::generated::macros::serialize(self, serializer)
            }
        }

        impl<'serde, $($generics)*> $crate::generated::serde::Deserialize<'serde> for $type
        where
            Self: for<'any> $crate::Decode<'any>,
        {
            fn deserialize<SerdeFormat: $crate::generated::serde::Deserializer<'serde>>(
                deserializer: SerdeFormat,
            ) -> ::core::result::Result<Self, SerdeFormat::Error> {
                $crate::generated::macros::deserialize(deserializer)
            }
        }
    };
    ($type:ty) => {
        $crate::serde_by_codec!(impl[] $type);
    };
}
