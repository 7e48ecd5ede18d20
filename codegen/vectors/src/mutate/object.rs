//! Objects: members, missing members, unknown members, keys and the number of members.

use serde_json::{Map, Value as Json};

use super::{Mutator, Position};
use crate::sample::{Fill, keys, resolve, sample, types};
use crate::schema::Schema;
use crate::text::{self, Texts};
use natsgen::internal::pattern;

/// A key that no schema names.
const UNKNOWN: &str = "unknown";
/// The largest map that is written without a repetition.
const WRITTEN: usize = 32;

impl<'s> Mutator<'s, '_> {
    pub(super) fn object(&mut self, schema: Schema<'s>, position: &Position) {
        let Some(members) = position.members().cloned() else {
            return;
        };
        for (key, property) in schema.map("properties") {
            self.property(key, property, position);
        }
        for key in schema.texts("required") {
            let mut members = members.clone();
            if members.shift_remove(key).is_some() {
                self.broken(
                    position,
                    &format!("without `{key}`"),
                    Json::Object(members),
                    "required",
                );
            }
        }
        self.unknown(schema, position, &members);
        if let Some(names) = schema.subschema("propertyNames") {
            self.keys(names, position, &members);
        }
        self.sizes(schema, position);
        self.dependent(schema, position);
        for (pattern, property) in schema.map("patternProperties") {
            let key = matching(pattern);
            self.property(&key, property, &position.unsure());
        }
    }

    /// A member of the object. A missing member is added.
    fn property(&mut self, key: &str, property: Schema<'s>, position: &Position) {
        if property.is_false() {
            if let Some(with) = position.member(key, || Some(Json::Null)) {
                let expectation = super::Expectation::Undecided {
                    keyword: "properties",
                };
                self.cases.add(
                    with.named("a member that must not be"),
                    with.document,
                    None,
                    expectation,
                );
            }
            return;
        }
        let is_there = position
            .members()
            .is_some_and(|members| members.contains_key(key));
        let Some(child) = position.member(key, || sample(property, Fill::Minimal)) else {
            return;
        };
        if !self.cases.accepts(&child.document) {
            return;
        }
        if !is_there {
            self.valid(&child, "there", child.value().clone());
        }
        self.schema(property, &child);
    }

    /// A member that no keyword names.
    fn unknown(&mut self, schema: Schema<'s>, position: &Position, members: &Map<String, Json>) {
        let named = schema.map("properties");
        let with = |value: Json| {
            let mut members = members.clone();
            members.insert(UNKNOWN.to_owned(), value);
            Json::Object(members)
        };
        let label = "an unknown member";
        if named.iter().any(|(key, _)| *key == UNKNOWN) {
            return;
        }
        match schema.subschema("additionalProperties") {
            Some(rest) if rest.is_false() => {
                self.broken(position, label, with(Json::Null), "additionalProperties");
            }
            Some(rest) => {
                let key = keys(schema, 1).and_then(|keys| keys.into_iter().next());
                let key = key.unwrap_or_else(|| UNKNOWN.to_owned());
                self.property(&key, rest, position);
            }
            None if schema.get("unevaluatedProperties").is_some() => {
                self.undecided(position, label, with(Json::Null), "unevaluatedProperties");
            }
            None if schema.get("propertyNames").is_some() || position.shared => {
                self.undecided(position, label, with(Json::Null), "propertyNames");
            }
            None if types(schema) == ["object"] && !named.is_empty() => {
                self.valid(position, label, with(Json::Null));
            }
            None => {}
        }
    }

    /// Keys that `propertyNames` refuses.
    fn keys(&mut self, names: Schema<'s>, position: &Position, members: &Map<String, Json>) {
        let texts = Texts::new(resolve(names));
        let value = members.values().next().cloned();
        for key in texts.near_misses() {
            let mut members = members.clone();
            members.insert(
                key.clone(),
                value
                    .clone()
                    .unwrap_or_else(|| self.sample_member(position)),
            );
            let label = format!("the key {}", Json::from(key));
            self.undecided(position, &label, Json::Object(members), "propertyNames");
        }
    }

    /// A valid value for a member of the map at the place.
    fn sample_member(&self, position: &Position) -> Json {
        let schema = self.stack.last().filter(|_| position.members().is_some());
        let rest = schema.and_then(|schema| schema.subschema("additionalProperties"));
        rest.and_then(|rest| sample(rest, Fill::Minimal))
            .unwrap_or(Json::Null)
    }

    /// Objects with the allowed number of members, with a member less and with a member more.
    fn sizes(&mut self, schema: Schema<'s>, position: &Position) {
        let member = self.sample_member(position);
        let required = schema.texts("required");
        let kept: Map<String, Json> = position
            .members()
            .into_iter()
            .flatten()
            .filter(|(key, _)| required.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let is_open = schema.get("propertyNames").is_none() && kept.is_empty();
        let mut add = |count: usize, keyword: Option<&'static str>| {
            let label = format!("{count} members");
            if count > WRITTEN && is_open {
                let one = Json::Object(Map::from_iter([("k".to_owned(), member.clone())]));
                return self.repeated(position, &label, one, Some(count), keyword);
            }
            let Some(keys) = count
                .checked_sub(kept.len())
                .and_then(|more| keys(schema, more))
            else {
                return;
            };
            let more = keys.into_iter().map(|key| (key, member.clone()));
            let members = kept.clone().into_iter().chain(more).collect();
            self.repeated(position, &label, Json::Object(members), None, keyword);
        };
        if let Some(min) = schema.count("minProperties") {
            add(min, None);
            if let Some(fewer) = min.checked_sub(1) {
                add(fewer, Some("minProperties"));
            }
        }
        if let Some(max) = schema.count("maxProperties") {
            add(max, None);
            add(max + 1, Some("maxProperties"));
        }
    }

    /// Members that require other members.
    fn dependent(&mut self, schema: Schema<'s>, position: &Position) {
        let named = schema.map("properties");
        let value = |key: &str| {
            let property = named.iter().find(|(name, _)| *name == key);
            property.map_or(Some(Json::Null), |(_, property)| {
                sample(*property, Fill::Minimal)
            })
        };
        let asked = schema.get("dependentRequired").and_then(Json::as_object);
        for (key, others) in asked.into_iter().flatten() {
            let others: Vec<&str> = others
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Json::as_str)
                .collect();
            let mut full = position.members().cloned().unwrap_or_default();
            for key in others.iter().copied().chain([key.as_str()]) {
                full.entry(key)
                    .or_insert_with(|| value(key).unwrap_or(Json::Null));
            }
            self.undecided(
                position,
                &format!("`{key}` and all that it asks for"),
                Json::Object(full.clone()),
                "dependentRequired",
            );
            for other in others {
                let mut members = full.clone();
                members.shift_remove(other);
                let label = format!("`{key}` without `{other}`");
                self.undecided(position, &label, Json::Object(members), "dependentRequired");
            }
        }
        for (key, inner) in schema.map("dependentSchemas") {
            if let Some(child) = position.member(key, || value(key)) {
                let with = Position {
                    pointer: position.pointer.clone(),
                    ..child
                };
                self.schema(inner, &with.unsure().shared());
            }
        }
    }
}

/// A key that most likely matches a pattern.
fn matching(regex: &str) -> String {
    let anchored = format!("^{}$", regex.trim_start_matches('^').trim_end_matches('$'));
    match pattern::parse(&anchored) {
        Some(parsed) => text::of_runs(&parsed.runs),
        None => regex.chars().filter(char::is_ascii_alphanumeric).collect(),
    }
}
