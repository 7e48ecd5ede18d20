//! A key-value store over NATS: the use of natsgen for a protocol without Varpulis.

/// The generated code of `schema/`.
pub mod protocol {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}

/// A protocol whose types have the names of the standard library and of the runtime: the code that natsgen emits for
/// `tests/names`.
#[allow(
    clippy::large_enum_variant,
    reason = "the object with all keywords has 50 members"
)]
pub mod names {
    include!("../../golden/names/mod.rs");
}
