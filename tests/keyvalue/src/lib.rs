//! A key-value store over NATS: what a team with a protocol of its own does with natsgen.

/// What natsgen makes of `schema/`.
pub mod protocol {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}
