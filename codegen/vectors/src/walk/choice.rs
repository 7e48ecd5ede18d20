//! Schemas that include other schemas: `allOf`, `anyOf`, `oneOf`, `not` and `if`.

use serde_json::Value as Json;

use super::{Spot, Walk};
use crate::sample::{Fill, sample};
use crate::schema::Schema;

impl<'s> Walk<'s, '_> {
    pub(super) fn choices(&mut self, schema: Schema<'s>, spot: &Spot) {
        for part in schema.list("allOf") {
            self.schema(part, &spot.shared());
        }
        for (choice, spot) in [("oneOf", spot.clone()), ("anyOf", spot.unsure())] {
            let branches = schema.list(choice);
            for (at, branch) in branches.iter().enumerate() {
                if let Some(value) = sample(*branch, Fill::Least) {
                    let spot = spot.with(value.clone()).shared();
                    if self.cases.accepts(&spot.document) {
                        self.valid(&spot, &format!("branch {}", at + 1), value);
                        self.schema(*branch, &spot);
                    }
                }
            }
            self.two(&branches, &spot, choice);
        }
        self.conditions(schema, spot);
    }

    /// A document that matches two branches, if both are objects.
    fn two(&mut self, branches: &[Schema<'s>], spot: &Spot, choice: &str) {
        let made = branches
            .iter()
            .filter_map(|branch| sample(*branch, Fill::Least));
        let mut objects = made.filter_map(|json| json.as_object().cloned());
        if let (Some(mut first), Some(second)) = (objects.next(), objects.next()) {
            first.extend(second);
            let keyword = if choice == "oneOf" { "oneOf" } else { "anyOf" };
            self.open(spot, "two branches at once", Json::Object(first), keyword);
        }
    }

    fn conditions(&mut self, schema: Schema<'s>, spot: &Spot) {
        let spot = spot.unsure().shared();
        if let Some(forbidden) = schema.under("not") {
            for fill in [Fill::Least, Fill::Most] {
                if let Some(value) = sample(forbidden, fill) {
                    self.open(
                        &spot,
                        "what must not be",
                        merged(spot.value(), value),
                        "not",
                    );
                }
            }
            self.schema(forbidden, &spot);
        }
        for (keyword, name) in [("if", "if"), ("then", "then"), ("else", "else")] {
            let Some(inner) = schema.under(keyword) else {
                continue;
            };
            let spot = match sample(inner, Fill::Least) {
                Some(value) => {
                    let value = merged(spot.value(), value);
                    self.open(
                        &spot,
                        &format!("what `{name}` asks for"),
                        value.clone(),
                        name,
                    );
                    let with = spot.with(value);
                    if self.cases.accepts(&with.document) {
                        with
                    } else {
                        spot.clone()
                    }
                }
                None => spot.clone(),
            };
            self.schema(inner, &spot);
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
