//! The generated files that every language has.

use super::{Document, Peer, Plan};

/// The contents of a generated file.
pub(crate) enum Part<'a> {
    /// The subjects of all operations.
    Subjects,
    /// The error catalogue.
    Errors,
    /// The assertions of all types.
    Assertions,
    /// The definitions of a document, with its path without `.json`.
    Document(&'a str, &'a Document<'a>),
    /// The client of a role.
    Client(&'a Peer<'a>),
    /// The service and the server of a role.
    Service(&'a Peer<'a>),
}

impl<'a> Plan<'a> {
    /// The files that every language has.
    pub(crate) fn parts(&'a self) -> Vec<Part<'a>> {
        let mut parts = if self.has_calls() {
            vec![Part::Subjects, Part::Errors]
        } else {
            Vec::new()
        };
        if !self.protocol.assertions.is_empty() {
            parts.push(Part::Assertions);
        }
        let documents = self.documents.iter();
        parts.extend(documents.map(|(path, document)| Part::Document(path, document)));
        for peer in &self.peers {
            parts.push(Part::Client(peer));
            if peer.has_service() {
                parts.push(Part::Service(peer));
            }
        }
        parts
    }
}
