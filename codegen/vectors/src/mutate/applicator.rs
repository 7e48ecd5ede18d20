//! Schemas that include other schemas: `allOf`, `anyOf`, `oneOf`, `not` and `if`.

use serde_json::Value as Json;

use super::{Mutator, Position};
use crate::sample::{Fill, sample};
use crate::schema::Schema;

impl<'s> Mutator<'s, '_> {
    pub(super) fn applicators(&mut self, schema: Schema<'s>, position: &Position) {
        for part in schema.list("allOf") {
            self.schema(part, &position.shared());
        }
        for (choice, position) in [("oneOf", position.clone()), ("anyOf", position.unsure())] {
            let branches = schema.list(choice);
            for (at, branch) in branches.iter().enumerate() {
                if let Some(value) = sample(*branch, Fill::Minimal) {
                    let position = position.with(value.clone()).shared();
                    if self.cases.accepts(&position.document) {
                        self.valid(&position, &format!("branch {}", at + 1), value);
                        self.schema(*branch, &position);
                    }
                }
            }
            self.two_branches(&branches, &position, choice);
        }
        self.conditions(schema, position);
    }

    /// A document that matches two branches, if both are objects.
    fn two_branches(&mut self, branches: &[Schema<'s>], position: &Position, choice: &str) {
        let made = branches
            .iter()
            .filter_map(|branch| sample(*branch, Fill::Minimal));
        let mut objects = made.filter_map(|json| json.as_object().cloned());
        if let (Some(mut first), Some(second)) = (objects.next(), objects.next()) {
            first.extend(second);
            let keyword = if choice == "oneOf" { "oneOf" } else { "anyOf" };
            self.undecided(
                position,
                "two branches at once",
                Json::Object(first),
                keyword,
            );
        }
    }

    fn conditions(&mut self, schema: Schema<'s>, position: &Position) {
        let position = position.unsure().shared();
        if let Some(forbidden) = schema.subschema("not") {
            for fill in [Fill::Minimal, Fill::Maximal] {
                if let Some(value) = sample(forbidden, fill) {
                    self.undecided(
                        &position,
                        "what must not be",
                        merged(position.value(), value),
                        "not",
                    );
                }
            }
            self.schema(forbidden, &position);
        }
        for (keyword, name) in [("if", "if"), ("then", "then"), ("else", "else")] {
            let Some(inner) = schema.subschema(keyword) else {
                continue;
            };
            let position = match sample(inner, Fill::Minimal) {
                Some(value) => {
                    let value = merged(position.value(), value);
                    self.undecided(
                        &position,
                        &format!("what `{name}` asks for"),
                        value.clone(),
                        name,
                    );
                    let with = position.with(value);
                    if self.cases.accepts(&with.document) {
                        with
                    } else {
                        position.clone()
                    }
                }
                None => position.clone(),
            };
            self.schema(inner, &position);
        }
    }
}

/// An object with the members of the other value added, if both are objects. Otherwise the other value.
fn merged(value: &Json, other: Json) -> Json {
    match (value, other) {
        (Json::Object(members), Json::Object(others)) => {
            let mut members = members.clone();
            members.extend(others);
            Json::Object(members)
        }
        (_, other) => other,
    }
}
