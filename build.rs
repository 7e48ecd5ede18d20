//! Emits the typed protocol from `schema/` into `OUT_DIR`; `sdk/rust/varpulis/lib.rs` includes it.

fn main() -> Result<(), natsgen::Diagnostics> {
    natsgen::Build::new("schema").write()
}
