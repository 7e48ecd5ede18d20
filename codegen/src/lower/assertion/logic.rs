//! Applicators: keywords that combine schemas.

use super::Assertions;
use super::schema::Schema;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Assertion, Keyword};

/// A keyword with a list of assertions.
type Listed = fn(Vec<Assertion>) -> Keyword;

impl<'a> Assertions<'a> {
    /// The keywords that combine schemas.
    pub(super) fn logic(
        &mut self,
        schema: &Schema<'a>,
        keywords: &mut Vec<Keyword>,
        out: &mut Diagnostics,
    ) {
        let lists: [(&str, Listed); 3] = [
            ("allOf", Keyword::AllOf),
            ("anyOf", Keyword::AnyOf),
            ("oneOf", Keyword::OneOf),
        ];
        for (key, keyword) in lists {
            let Some(node) = schema.get(key) else {
                continue;
            };
            match node.items(out) {
                Some(nodes) if nodes.is_empty() => {
                    let message = format!("{} is empty", quoted(key));
                    let help = "write at least one schema";
                    out.report(Code::InvalidValue, node.source(), message, help);
                }
                Some(nodes) => keywords.push(keyword(self.each(&nodes, out))),
                None => {}
            }
        }
        if let Some(node) = schema.get("not") {
            keywords.push(Keyword::Not(self.boxed(&node, out)));
        }
        keywords.extend(self.decision(schema, out));
    }

    /// `if`, `then` and `else`.
    fn decision(&mut self, schema: &Schema<'a>, out: &mut Diagnostics) -> Option<Keyword> {
        let Some(node) = schema.get("if") else {
            schema.idle(&["then", "else"], "`if`", out);
            return None;
        };
        let condition = self.boxed(&node, out);
        let mut part = |key: &str| schema.get(key).map(|node| self.boxed(&node, out));
        let (then, otherwise) = (part("then"), part("else"));
        Some(Keyword::If {
            condition,
            then,
            otherwise,
        })
    }
}
