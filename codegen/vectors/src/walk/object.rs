//! Objects: members, missing members, unknown members, keys and the number of members.

use serde_json::{Map, Value as Json};

use super::{Spot, Walk};
use crate::sample::{Fill, keys, plain, sample, types};
use crate::schema::Schema;
use crate::text::{self, Texts};
use natsgen::internal::pattern;

/// A key that no schema names.
const UNKNOWN: &str = "unknown";
/// The largest map that is written without a repetition.
const WRITTEN: usize = 32;

impl<'s> Walk<'s, '_> {
    pub(super) fn object(&mut self, schema: Schema<'s>, spot: &Spot) {
        let Some(members) = spot.members().cloned() else {
            return;
        };
        for (key, property) in schema.map("properties") {
            self.property(key, property, spot);
        }
        for key in schema.texts("required") {
            let mut members = members.clone();
            if members.shift_remove(key).is_some() {
                self.broken(
                    spot,
                    &format!("without `{key}`"),
                    Json::Object(members),
                    "required",
                );
            }
        }
        self.unknown(schema, spot, &members);
        if let Some(names) = schema.under("propertyNames") {
            self.keys(names, spot, &members);
        }
        self.sizes(schema, spot);
        self.dependent(schema, spot);
        for (pattern, property) in schema.map("patternProperties") {
            let key = matching(pattern);
            self.property(&key, property, &spot.unsure());
        }
    }

    /// A member of the object. A missing member is added.
    fn property(&mut self, key: &str, property: Schema<'s>, spot: &Spot) {
        if property.is_never() {
            if let Some(with) = spot.member(key, || Some(Json::Null)) {
                let claim = super::Claim::Open {
                    keyword: "properties",
                };
                self.cases.add(
                    with.named("a member that must not be"),
                    with.document,
                    None,
                    claim,
                );
            }
            return;
        }
        let is_there = spot
            .members()
            .is_some_and(|members| members.contains_key(key));
        let Some(child) = spot.member(key, || sample(property, Fill::Least)) else {
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
    fn unknown(&mut self, schema: Schema<'s>, spot: &Spot, members: &Map<String, Json>) {
        let named = schema.map("properties");
        let with = |value: Json| {
            let mut members = members.clone();
            members.insert(UNKNOWN.to_owned(), value);
            Json::Object(members)
        };
        let what = "an unknown member";
        if named.iter().any(|(key, _)| *key == UNKNOWN) {
            return;
        }
        match schema.under("additionalProperties") {
            Some(rest) if rest.is_never() => {
                self.broken(spot, what, with(Json::Null), "additionalProperties");
            }
            Some(rest) => {
                let key = keys(schema, 1).and_then(|keys| keys.into_iter().next());
                let key = key.unwrap_or_else(|| UNKNOWN.to_owned());
                self.property(&key, rest, spot);
            }
            None if schema.get("unevaluatedProperties").is_some() => {
                self.open(spot, what, with(Json::Null), "unevaluatedProperties");
            }
            None if schema.get("propertyNames").is_some() || spot.shared => {
                self.open(spot, what, with(Json::Null), "propertyNames");
            }
            None if types(schema) == ["object"] && !named.is_empty() => {
                self.valid(spot, what, with(Json::Null));
            }
            None => {}
        }
    }

    /// Keys that `propertyNames` refuses.
    fn keys(&mut self, names: Schema<'s>, spot: &Spot, members: &Map<String, Json>) {
        let texts = Texts::new(plain(names));
        let value = members.values().next().cloned();
        for key in texts.wrong() {
            let mut members = members.clone();
            members.insert(
                key.clone(),
                value.clone().unwrap_or_else(|| self.filler(spot)),
            );
            let what = format!("the key {}", Json::from(key));
            self.open(spot, &what, Json::Object(members), "propertyNames");
        }
    }

    /// A valid value for a member of the map at the place.
    fn filler(&self, spot: &Spot) -> Json {
        let schema = self.stack.last().filter(|_| spot.members().is_some());
        let rest = schema.and_then(|schema| schema.under("additionalProperties"));
        rest.and_then(|rest| sample(rest, Fill::Least))
            .unwrap_or(Json::Null)
    }

    /// Objects with the allowed number of members, with a member less and with a member more.
    fn sizes(&mut self, schema: Schema<'s>, spot: &Spot) {
        let filler = self.filler(spot);
        let required = schema.texts("required");
        let kept: Map<String, Json> = spot
            .members()
            .into_iter()
            .flatten()
            .filter(|(key, _)| required.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let is_open = schema.get("propertyNames").is_none() && kept.is_empty();
        let mut add = |count: usize, keyword: Option<&'static str>| {
            let what = format!("{count} members");
            if count > WRITTEN && is_open {
                let one = Json::Object(Map::from_iter([("k".to_owned(), filler.clone())]));
                return self.repeated(spot, &what, one, Some(count), keyword);
            }
            let Some(keys) = count
                .checked_sub(kept.len())
                .and_then(|more| keys(schema, more))
            else {
                return;
            };
            let more = keys.into_iter().map(|key| (key, filler.clone()));
            let members = kept.clone().into_iter().chain(more).collect();
            self.repeated(spot, &what, Json::Object(members), None, keyword);
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
    fn dependent(&mut self, schema: Schema<'s>, spot: &Spot) {
        let named = schema.map("properties");
        let value = |key: &str| {
            let property = named.iter().find(|(name, _)| *name == key);
            property.map_or(Some(Json::Null), |(_, property)| {
                sample(*property, Fill::Least)
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
            let mut full = spot.members().cloned().unwrap_or_default();
            for key in others.iter().copied().chain([key.as_str()]) {
                full.entry(key)
                    .or_insert_with(|| value(key).unwrap_or(Json::Null));
            }
            self.open(
                spot,
                &format!("`{key}` and all that it asks for"),
                Json::Object(full.clone()),
                "dependentRequired",
            );
            for other in others {
                let mut members = full.clone();
                members.shift_remove(other);
                let what = format!("`{key}` without `{other}`");
                self.open(spot, &what, Json::Object(members), "dependentRequired");
            }
        }
        for (key, inner) in schema.map("dependentSchemas") {
            if let Some(child) = spot.member(key, || value(key)) {
                let with = Spot {
                    pointer: spot.pointer.clone(),
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
