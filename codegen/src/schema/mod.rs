//! The definitions of JSON Schema: dialects, keywords, resources, references and URIs.

mod annotation;
pub(crate) mod bundled;
pub(crate) mod dialect;
mod dynamic;
pub(crate) mod format;
pub(crate) mod keys;
pub(crate) mod normalize;
pub(crate) mod reference;
pub(crate) mod resources;
pub(crate) mod types;
mod uri;
mod vocabulary;
