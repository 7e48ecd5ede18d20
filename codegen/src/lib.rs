//! From JSON Schema to typed NATS clients and servers.
//!
//! A schema directory goes through four stages: it is read as strict JSON, lowered into a [`model`] that knows no
//! JSON Schema and no programming language, checked, and emitted as source. Everything that is wrong with it is
//! collected as [`Diagnostic`]s; no input makes a stage panic, and what is not understood never yields code.
//!
//! ```
//! let manifest = r#"{"name": "shop", "version": "0.1.0", "description": "A shop.", "prefix": "acme.shop",
//!     "roles": {"till": {"description": "Takes money."}}}"#;
//! let schemas = natsgen::Schemas::from_texts([("manifest.json", manifest)]);
//! let (protocol, warnings) = natsgen::compile(&schemas)?;
//! assert_eq!(protocol.prefix, "acme.shop");
//! assert!(warnings.is_empty());
//! # Ok::<(), natsgen::Diagnostics>(())
//! ```

mod build;
mod check;
mod diagnostic;
#[doc(hidden)]
pub mod internal;
mod listen;
mod lower;
pub mod model;
mod name;
mod output;
mod read;
mod reserved;
mod schema;
mod share;
pub mod target;

pub use build::Build;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use output::{Difference, Output, OutputError};
pub use read::{Formats, ReadError, Schemas};

use lower::Lowered;
use model::Protocol;

/// Turns schemas into a model, with the warnings about them.
///
/// # Errors
///
/// When anything is wrong with the schemas: all of it, warnings included, sorted by place.
pub fn compile(schemas: &Schemas) -> Result<(Protocol, Vec<Diagnostic>), Diagnostics> {
    let mut out = Diagnostics::default();
    finish(schemas, lowered(schemas, &mut out), out)
}

/// What the schemas mean, judged by the rules over the model.
fn lowered(schemas: &Schemas, out: &mut Diagnostics) -> Option<Lowered> {
    let lowered = lower::lower(&schemas.documents(out), schemas.meaning(), out)?;
    check::check(&lowered, out);
    Some(lowered)
}

/// The model, unless something is wrong.
fn finish(
    schemas: &Schemas,
    lowered: Option<Lowered>,
    out: Diagnostics,
) -> Result<(Protocol, Vec<Diagnostic>), Diagnostics> {
    let diagnostics = out.finish(schemas.directory());
    match lowered {
        Some(lowered) if !diagnostics.has_errors() => {
            Ok((lowered.protocol, diagnostics.into_vec()))
        }
        _ => Err(diagnostics),
    }
}
