//! Texts with parameters: subjects and paths.

use crate::subject::Prefix;

/// The usual length of a filled template, in bytes.
const ROOM: usize = 96;

/// A subject below the prefix or a path, split into tokens or segments.
#[derive(Clone, Debug)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Literal(String),
    Param(String),
}

/// The values of parameters by name.
pub(super) type Values = Vec<(String, String)>;

impl Template {
    /// Splits a text. A part in braces is a parameter.
    pub(super) fn parse(text: &str, separator: char) -> Self {
        let parts = text.split(separator).map(|part| {
            let name = part
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            match name {
                Some(name) => Part::Param(name.to_owned()),
                None => Part::Literal(part.to_owned()),
            }
        });
        Self(parts.collect())
    }

    /// The names of the parameters.
    pub(super) fn params(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Param(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Reads the parameters of a subject, if it matches.
    pub(super) fn read(&self, prefix: &Prefix, subject: &str) -> Option<Values> {
        let tokens = prefix.strip(subject)?;
        let mut parts = self.0.iter();
        let is_match = tokens.split('.').all(|token| match parts.next() {
            Some(Part::Literal(literal)) => literal == token,
            Some(Part::Param(_)) => true,
            None => false,
        });
        if !is_match || parts.next().is_some() {
            return None;
        }
        let values = self.0.iter().zip(tokens.split('.'));
        let values = values.filter_map(|(part, token)| match part {
            Part::Literal(_) => None,
            Part::Param(name) => Some((name.clone(), token.to_owned())),
        });
        Some(values.collect())
    }

    /// Joins the parts. `value` returns the text of a parameter.
    ///
    /// # Errors
    /// The first error of `value`.
    pub(super) fn fill<E>(
        &self,
        separator: char,
        mut value: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut text = String::with_capacity(ROOM);
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                text.push(separator);
            }
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Param(name) => text.push_str(&value(name)?),
            }
        }
        Ok(text)
    }
}
