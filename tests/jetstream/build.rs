//! Emits the protocol from `schema/` into `OUT_DIR`.

fn main() -> Result<(), natsgen::Diagnostics> {
    natsgen::Build::new("schema").write()
}
