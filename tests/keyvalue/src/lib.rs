//! A key-value store over NATS: the use of natsgen for a protocol without Varpulis.

/// The generated code of `schema/`.
pub mod protocol {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}

/// A protocol whose types have the names of the standard library and of the runtime: the code that natsgen emits for
/// `tests/names`.
pub mod names {
    include!("../../golden/names/mod.rs");
}
