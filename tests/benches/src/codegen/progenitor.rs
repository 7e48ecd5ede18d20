//! progenitor: a client without a server from an `OpenAPI` document, with the types of typify.

use openapiv3::OpenAPI;

use super::generator::{Generator, Output};
use super::synthetic::Synthetic;
use crate::Failure;

/// The document of a protocol.
#[derive(Debug)]
pub(crate) struct Progenitor {
    text: String,
}

impl Progenitor {
    /// A generator over `protocol`.
    pub(crate) fn new(protocol: Synthetic) -> Self {
        Self {
            text: protocol.openapi(),
        }
    }
}

impl Generator for Progenitor {
    fn generate(&self) -> Result<Output, Failure> {
        let document: OpenAPI = serde_json::from_str(&self.text)?;
        let tokens = progenitor_impl::Generator::default().generate_tokens(&document)?;
        let text = prettyplease::unparse(&syn::parse2(tokens)?);
        Ok(Output::of([text.as_str()]))
    }
}
