//! The expected output after reading a document: defaults are filled in, and ignored members are removed.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use natsgen::model::{
    AdditionalMembers, Name, Presence, Protocol, Shape, Source, Struct, Tagging, TypeDef, Union,
    Value, Variant,
};

use crate::ReferenceValidator;

/// The types of a protocol, by name.
pub(super) struct ExpectedOutput<'p> {
    types: HashMap<&'p Name, &'p TypeDef>,
    validator: &'p ReferenceValidator,
}

impl<'p> ExpectedOutput<'p> {
    pub(super) fn new(protocol: &'p Protocol, validator: &'p ReferenceValidator) -> Self {
        Self {
            types: protocol.types.iter().map(|def| (&def.name, def)).collect(),
            validator,
        }
    }

    /// The expected output for a valid document of this type.
    pub(super) fn of(&self, def: &TypeDef, json: &Json) -> Json {
        match &def.shape {
            Shape::Struct(shape) => self.object(shape, json),
            Shape::Union(union) => self.union(union, json),
            Shape::Alias(value) => self.value(value, json),
            _ => json.clone(),
        }
    }

    fn value(&self, value: &Value, json: &Json) -> Json {
        match (value, json) {
            (Value::Named(name), _) => match self.types.get(name) {
                Some(def) => self.of(def, json),
                None => json.clone(),
            },
            (Value::Nullable(value), json) if !json.is_null() => self.value(value, json),
            (Value::Array { item, .. }, Json::Array(items)) => {
                items.iter().map(|json| self.value(item, json)).collect()
            }
            (Value::Map { value, .. }, Json::Object(members)) => {
                let output = |(key, json): (&String, &Json)| (key.clone(), self.value(value, json));
                Json::Object(members.iter().map(output).collect())
            }
            _ => json.clone(),
        }
    }

    fn object(&self, shape: &Struct, json: &Json) -> Json {
        let Json::Object(members) = json else {
            return json.clone();
        };
        let mut output = Map::new();
        for field in &shape.fields {
            let value = match (members.get(&field.key), &field.presence) {
                (Some(json), _) | (None, Presence::Default(json)) => {
                    if field.nullable && json.is_null() {
                        Json::Null
                    } else {
                        // The value of a default can have defaults of its own.
                        self.value(&field.value, json)
                    }
                }
                (None, _) => continue,
            };
            output.insert(field.key.clone(), value);
        }
        if let AdditionalMembers::Flatten(value) = &shape.additional {
            let is_field = |key: &str| shape.fields.iter().any(|field| field.key == key);
            for (key, json) in members.iter().filter(|(key, _)| !is_field(key)) {
                output.insert(key.clone(), self.value(value, json));
            }
        }
        Json::Object(output)
    }

    fn union(&self, union: &Union, json: &Json) -> Json {
        let form = |tag: &str| union.variants.iter().find(|variant| variant.tag == tag);
        match (&union.tagging, json) {
            (Tagging::External, Json::Object(members)) => {
                let output = members.iter().map(|(tag, json)| {
                    let value = form(tag).and_then(|variant| variant.value.as_ref());
                    let json = value.map_or_else(|| json.clone(), |value| self.value(value, json));
                    (tag.clone(), json)
                });
                Json::Object(output.collect())
            }
            (Tagging::Member(key), _) => {
                let tag = json.get(key).and_then(Json::as_str);
                let value = tag
                    .and_then(form)
                    .and_then(|variant| variant.value.as_ref());
                value.map_or_else(|| json.clone(), |value| self.value(value, json))
            }
            (Tagging::Untagged, _) => match self.variant(&union.variants, json) {
                Some(value) => self.value(value, json),
                None => json.clone(),
            },
            _ => json.clone(),
        }
    }

    /// The value of the first variant of an untagged union that accepts a document.
    fn variant<'v>(&self, variants: &'v [Variant], json: &Json) -> Option<&'v Value> {
        let candidates = variants.iter().filter(|variant| variant.may_accept(json));
        let candidates: Vec<&Variant> = candidates.collect();
        if let [only] = candidates[..] {
            return only.value.as_ref();
        }
        let accepts = |variant: &&&Variant| match &variant.value {
            None | Some(Value::Any) => true,
            Some(_) => {
                let Source { file, pointer } = &variant.source;
                let validator = self.validator.of(&format!("{file}#{pointer}"));
                validator.is_ok_and(|validator| validator.accepts(json))
            }
        };
        candidates.iter().find(accepts)?.value.as_ref()
    }
}
