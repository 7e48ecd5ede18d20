//! The `JetStream` API of nats-server: the use of natsgen for a protocol that exists already.

/// The generated code of `schema/`.
pub mod protocol {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}
