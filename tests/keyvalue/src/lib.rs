//! A key-value store over NATS: the use of natsgen for a protocol without Varpulis.

/// The generated code of `schema/`.
pub mod protocol {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}
