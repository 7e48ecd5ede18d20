//! Generates typed NATS clients and servers from JSON Schema.
//!
//! A schema directory passes four stages. It is read as strict JSON, lowered to a [`model`] without JSON Schema or a
//! programming language, checked, and emitted as source code. All errors are collected as [`Diagnostic`]s. No input
//! causes a panic, and a schema with an error yields no code.
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

mod acl;
mod build;
mod bundle;
mod check;
mod diagnostic;
#[doc(hidden)]
pub mod internal;
mod lower;
pub mod model;
mod name;
mod output;
mod parallel;
mod plan;
mod read;
mod schema;
mod target;
mod validator;

pub use acl::{Acl, AclError, AclScope, AclSecret, AclUser};
pub use build::Build;
pub use bundle::{BundleError, BundleForm, Bundler};
pub use diagnostic::{Code, Diagnostic, Diagnostics, Example, Explanation, Severity};
pub use output::{Difference, Output, OutputError};
pub use read::{Formats, ReadError, Schemas};
pub use target::{Language, emit, emit_package};

use std::collections::BTreeMap;

use lower::Lowered;
use model::Protocol;
use plan::Plan;

/// Compiles schemas to a model. Also returns the warnings.
///
/// # Errors
///
/// Fails with all errors and warnings, sorted by place, if there is an error.
pub fn compile(schemas: &Schemas) -> Result<(Protocol, Vec<Diagnostic>), Diagnostics> {
    let mut out = Diagnostics::default();
    let lowered = lowered(schemas, &mut out);
    let none = BTreeMap::new();
    let levels = lowered.as_ref().map_or(&none, |lowered| &lowered.levels);
    let diagnostics = out.finish(schemas.directory(), levels);
    match lowered {
        Some(lowered) if !diagnostics.has_errors() => {
            Ok((lowered.protocol, diagnostics.into_vec()))
        }
        _ => Err(diagnostics),
    }
}

/// Lowers and checks the schemas.
fn lowered(schemas: &Schemas, out: &mut Diagnostics) -> Option<Lowered> {
    let mut lowered = lower::lower(
        &schemas.documents(out),
        schemas.contents(),
        schemas.meaning(),
        out,
    )?;
    out.remove_annotations(&lowered.annotations);
    check::check(&mut lowered, out);
    let mut languages = &lowered.languages | schemas.languages();
    if languages.is_empty() {
        languages.insert(Language::Rust);
    }
    let plan = Plan::new(&lowered.protocol, schemas.directory());
    target::check(&plan, &languages, out);
    Some(lowered)
}
