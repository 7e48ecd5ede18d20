//! Subjects: the subjects of different operations do not overlap.

use std::collections::HashMap;

use super::{Index, at};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Operation, Token};

/// Subjects as a tree of tokens. A single lookup finds an overlap, for any number of subjects.
#[derive(Default)]
struct Tree<'a> {
    literals: HashMap<&'a str, Tree<'a>>,
    param: Option<Box<Tree<'a>>>,
    operation: Option<&'a Operation>,
}

impl<'a> Tree<'a> {
    /// An operation with a subject that can equal these tokens.
    fn overlapping(&self, tokens: &[Token]) -> Option<&'a Operation> {
        let [token, rest @ ..] = tokens else {
            return self.operation;
        };
        let param = self.param.as_ref().and_then(|tree| tree.overlapping(rest));
        param.or_else(|| match token {
            Token::Literal(word) => self.literals.get(&**word)?.overlapping(rest),
            // Literals are visited in alphabetical order, so that the reported operation is deterministic.
            Token::Param(_) => {
                let found = self
                    .literals
                    .iter()
                    .filter_map(|(word, tree)| Some((word, tree.overlapping(rest)?)));
                found
                    .min_by_key(|(word, _)| **word)
                    .map(|(_, operation)| operation)
            }
        })
    }

    fn insert(&mut self, tokens: &'a [Token], operation: &'a Operation) {
        match tokens {
            [] => self.operation = Some(operation),
            [Token::Literal(word), rest @ ..] => self
                .literals
                .entry(word)
                .or_default()
                .insert(rest, operation),
            [Token::Param(_), rest @ ..] => {
                self.param.get_or_insert_default().insert(rest, operation);
            }
        }
    }
}

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let mut tree = Tree::default();
    for operation in &index.protocol.operations {
        let tokens = &operation.subject.0;
        if let Some(other) = tree.overlapping(tokens) {
            let message = format!(
                "the subject overlaps with the subject of `{}`",
                other.source.file
            );
            let help = "let the two differ in a fixed word at the same position, or in their number of tokens";
            out.report(
                Code::SubjectOverlap,
                at(operation, "/x-nats/subject"),
                message,
                help,
            );
        } else {
            tree.insert(tokens, operation);
        }
    }
}
