//! A protocol whose messages contain each kind of union.

/// The generated code of `schema/`.
pub mod protocol {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}
