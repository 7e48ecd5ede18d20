//! Writes typify's types for the messages of the bench `codec` to `OUT_DIR`.

#[path = "src/bundle.rs"]
mod bundle;
#[path = "src/codec/place.rs"]
mod place;

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let schemas = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../schema");
    println!("cargo:rerun-if-changed={}", schemas.display());
    println!("cargo:rerun-if-changed=src/bundle.rs");
    println!("cargo:rerun-if-changed=src/codec/place.rs");
    let mut source = String::new();
    for (module, place) in place::PLACES {
        let schema = bundle::bundle(&schemas, place, "Message")?;
        writeln!(
            source,
            "pub(crate) mod {module} {{ {} }}",
            bundle::typify(schema)?
        )?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("typify.rs"), source)?;
    Ok(())
}
