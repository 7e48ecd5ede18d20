//! From the model to source text, one module per language.

pub mod rust;
