//! Defaults: a default that contains itself has no end.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::Index;
use super::decode::Decoder;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Field, Name, Presence, Shape, TypeDef, Value};
use crate::plan::rings;

/// The maximal number of types in a row with the same JSON value. A longer row is a cycle, which another check reports.
const HOPS: usize = 64;

/// Reports the defaults that contain themselves. A default contains another default if it has an object without the member
/// of the other default.
pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let defaults = Defaults::of(index);
    let arrows: Vec<Vec<usize>> = defaults
        .all
        .iter()
        .map(|(field, value)| {
            let mut found = Vec::new();
            if !(field.nullable && value.is_null()) {
                defaults.contained(&field.value, value, 0, &mut found);
            }
            found
        })
        .collect();
    let rings = rings(&arrows);
    for (at, (field, _)) in defaults.all.iter().enumerate() {
        if arrows[at].iter().any(|found| rings[*found] == rings[at]) {
            let mut source = field.source.clone();
            source.pointer += "/default";
            let message = format!("the default of `{}` contains itself", field.key);
            let help = "write the member in the default, or remove the default";
            out.report(Code::EndlessDefault, source, message, help);
        }
    }
}

/// All defaults of a protocol.
struct Defaults<'a> {
    index: &'a Index<'a>,
    all: Vec<(&'a Field, &'a Json)>,
    /// The positions of a struct's defaults in `all`.
    of_type: HashMap<&'a Name, Vec<usize>>,
}

impl<'a> Defaults<'a> {
    fn of(index: &'a Index<'a>) -> Self {
        let mut all = Vec::new();
        let mut of_type: HashMap<&Name, Vec<usize>> = HashMap::new();
        for def in &index.protocol.types {
            for field in fields(def) {
                if let Presence::Default(value) = &field.presence {
                    of_type.entry(&def.name).or_default().push(all.len());
                    all.push((field, value));
                }
            }
        }
        Self {
            index,
            all,
            of_type,
        }
    }

    /// Adds the defaults that a value contains; `hops` types in a row had the same JSON value.
    fn contained(&self, value: &Value, json: &Json, hops: usize, found: &mut Vec<usize>) {
        match (value, json) {
            (Value::Nullable(inner), json) if !json.is_null() => {
                self.contained(inner, json, hops, found);
            }
            (Value::Array { item, .. }, Json::Array(items)) => {
                for json in items {
                    self.contained(item, json, 0, found);
                }
            }
            (Value::Map { value, .. }, Json::Object(members)) => {
                for json in members.values() {
                    self.contained(value, json, 0, found);
                }
            }
            (Value::Named(name), json) => {
                let def = self.index.get(name);
                if let Some(def) = def.filter(|_| hops < HOPS) {
                    self.contained_by_type(def, json, hops + 1, found);
                }
            }
            _ => {}
        }
    }

    fn contained_by_type(&self, def: &TypeDef, json: &Json, hops: usize, found: &mut Vec<usize>) {
        match (&def.shape, json) {
            (Shape::Alias(value), json) => self.contained(value, json, hops, found),
            (Shape::Struct(shape), Json::Object(members)) => {
                for at in self.of_type.get(&def.name).into_iter().flatten() {
                    if !members.contains_key(&self.all[*at].0.key) {
                        found.push(*at);
                    }
                }
                for field in &shape.fields {
                    if let Some(json) = members.get(&field.key).filter(|json| !json.is_null()) {
                        self.contained(&field.value, json, 0, found);
                    }
                }
            }
            (Shape::Union(union), json) => {
                let decoder = Decoder { index: self.index };
                if let Some((value, content)) = decoder.content(union, json) {
                    self.contained(value, content, hops, found);
                }
            }
            _ => {}
        }
    }
}

fn fields(def: &TypeDef) -> &[Field] {
    match &def.shape {
        Shape::Struct(shape) => &shape.fields,
        _ => &[],
    }
}
