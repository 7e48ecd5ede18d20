//! Keywords about a value itself: its type, constants, numbers and strings.

use super::Assertions;
use super::regex;
use super::schema::Schema;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Keyword, Regex};
use crate::read::{Formats, Node};
use crate::schema::format::asserted;
use crate::schema::types::types;

/// A number keyword.
type Limit = fn(String) -> Keyword;

impl<'a> Assertions<'a> {
    /// The keywords about the value itself.
    pub(super) fn values(
        &mut self,
        schema: &Schema<'a>,
        keywords: &mut Vec<Keyword>,
        out: &mut Diagnostics,
    ) {
        let types = schema.get("type").and_then(|node| types(&node, out));
        keywords.extend(types.map(Keyword::Type));
        let constant = schema.get("const").map(|node| node.json.clone());
        keywords.extend(constant.map(Keyword::Const));
        if let Some(items) = schema.get("enum").and_then(|node| node.items(out)) {
            let values = items.into_iter().map(|node| node.json.clone());
            keywords.push(Keyword::Enum(values.collect()));
        }
        numbers(schema, keywords, out);
        let length = |key: &str, out: &mut Diagnostics| schema.get(key)?.count(out);
        keywords.extend(length("minLength", out).map(Keyword::MinLength));
        keywords.extend(length("maxLength", out).map(Keyword::MaxLength));
        let pattern = schema.get("pattern").and_then(|node| {
            let text = node.text(out)?;
            pattern(text, &node, out)
        });
        keywords.extend(pattern.map(Keyword::Pattern));
        if let Some(node) = schema.get("format")
            && let Some(text) = node.text(out)
            && self.formats == Formats::Assert
        {
            match asserted(text) {
                Ok(format) => keywords.extend(format.map(Keyword::Format)),
                Err(problem) => out.add(node.source(), problem),
            }
        }
    }
}

/// A regular expression, in the notations of ECMA 262 and of the `regex` crate.
pub(super) fn pattern(text: &str, node: &Node<'_>, out: &mut Diagnostics) -> Option<Regex> {
    match regex::translate(text) {
        Ok(linear) => Some(Regex {
            source: text.to_owned(),
            linear,
        }),
        Err(problem) => {
            out.add(node.source(), problem);
            None
        }
    }
}

/// The number keywords of a schema.
fn numbers(schema: &Schema<'_>, keywords: &mut Vec<Keyword>, out: &mut Diagnostics) {
    let limits: [(&str, Limit); 5] = [
        ("minimum", Keyword::Minimum),
        ("maximum", Keyword::Maximum),
        ("exclusiveMinimum", Keyword::ExclusiveMinimum),
        ("exclusiveMaximum", Keyword::ExclusiveMaximum),
        ("multipleOf", Keyword::MultipleOf),
    ];
    for (key, keyword) in limits {
        let Some(node) = schema.get(key) else {
            continue;
        };
        let Some(number) = node.number(out) else {
            continue;
        };
        if key == "multipleOf" && number.as_f64().is_some_and(|number| number <= 0.0) {
            let message = format!("`multipleOf` is {number}, but must be above 0");
            let help = "write a number above 0";
            out.report(Code::InvalidValue, node.source(), message, help);
            continue;
        }
        keywords.push(keyword(number.to_string()));
    }
}
