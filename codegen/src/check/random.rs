//! Random schemas and values of a few small parts.

use serde_json::{Value as Json, json};

/// A generator with a fixed seed (`SplitMix64`).
pub(super) struct Random(pub(super) u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bound = u64::try_from(bound.max(1)).expect("a bound of 64 bits");
        usize::try_from((mixed ^ (mixed >> 31)) % bound).expect("less than the bound")
    }

    fn of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// A value of a few small parts, so that it often satisfies a schema.
    fn value(&mut self, depth: usize) -> Json {
        let scalars = [
            json!(null),
            json!(true),
            json!(false),
            json!(0),
            json!(1),
            json!(2.0),
            json!(-1),
            json!(1.5),
            json!("a"),
            json!("b"),
            json!("ab"),
            json!(""),
            json!("\u{e9}"),
        ];
        match self.below(if depth == 0 { 4 } else { 8 }) {
            0..=3 => self.of(&scalars),
            4 => {
                let count = self.below(4);
                (0..count).map(|_| self.value(depth - 1)).collect()
            }
            _ => {
                let count = self.below(4);
                let member = |random: &mut Self| (random.key(), random.value(depth - 1));
                Json::Object((0..count).map(|_| member(self)).collect())
            }
        }
    }

    /// A value that is probably valid.
    pub(super) fn like(&mut self, schema: &Json, document: &Json, depth: usize) -> Json {
        let schema = match schema["$ref"].as_str() {
            Some(reference) => document.pointer(&reference[1..]).unwrap_or(schema),
            None => schema,
        };
        let branches = ["oneOf", "anyOf", "allOf"].map(|key| schema[key].as_array());
        let branch = branches.into_iter().flatten().next();
        let ty = schema["type"]
            .as_array()
            .map_or(&schema["type"], |types| &types[0]);
        match ty.as_str() {
            _ if depth == 0 || self.below(8) == 0 => self.value(1),
            _ if schema.get("const").is_some() => schema["const"].clone(),
            Some("object") => self.object_like(schema, document, depth),
            Some("array") => {
                let count = self.below(4);
                let item = |random: &mut Self| random.like(&schema["items"], document, depth - 1);
                (0..count).map(|_| item(self)).collect()
            }
            Some("string") => self.of(&[json!("a"), json!("b"), json!("ab")]),
            Some("integer" | "number") => self.of(&[json!(0), json!(1), json!(2)]),
            Some("boolean") => json!(true),
            _ => match (schema["enum"].as_array(), branch) {
                (Some(values), _) if !values.is_empty() => self.of(values),
                (_, Some(branches)) if !branches.is_empty() => {
                    let branch = self.of(branches);
                    self.like(&branch, document, depth - 1)
                }
                _ => self.value(depth),
            },
        }
    }

    fn object_like(&mut self, schema: &Json, document: &Json, depth: usize) -> Json {
        let mut object = json!({});
        for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
            if self.below(4) > 0 {
                object[key] = self.like(schema, document, depth - 1);
            }
        }
        if self.below(2) == 0 {
            object[self.key()] = self.like(&schema["additionalProperties"], document, depth - 1);
        }
        object
    }

    fn key(&mut self) -> String {
        self.of(&["a", "b", "kind", "\u{e9}"]).to_owned()
    }

    /// A schema; most schemas have a type.
    pub(super) fn schema(&mut self, depth: usize) -> Json {
        if depth == 0 || self.below(12) == 0 {
            return self.leaf();
        }
        let mut schema = match self.below(10) {
            0 => json!({}),
            1 | 2 => {
                let items = self.schema(depth - 1);
                json!({ "type": "array", "items": items })
            }
            3 => json!({ "type": "object", "additionalProperties": self.schema(depth - 1) }),
            4 => return self.leaf(),
            5 => {
                let branches = self.schemas(depth - 1);
                let key = self.of(&["oneOf", "anyOf", "allOf"]);
                json!({ key: branches })
            }
            6 => self.tagged(depth),
            _ => self.object(depth),
        };
        for _ in 0..self.below(3) {
            let (key, value) = self.keyword(depth);
            schema[key] = value;
        }
        schema
    }

    fn object(&mut self, depth: usize) -> Json {
        let mut properties = json!({});
        let mut required = Vec::new();
        for _ in 0..self.below(4) {
            let key = self.key();
            if self.below(2) == 0 && !required.contains(&key) {
                required.push(key.clone());
            }
            properties[key] = self.schema(depth - 1);
        }
        let mut schema =
            json!({ "type": "object", "properties": properties, "required": required });
        if self.below(4) == 0 {
            schema["additionalProperties"] =
                self.of(&[json!(false), json!(true), json!({ "type": "integer" })]);
        }
        schema
    }

    /// A union of objects, most with a tag member.
    fn tagged(&mut self, depth: usize) -> Json {
        let branch = |random: &mut Self| {
            let mut branch = random.object(depth);
            branch["properties"]["kind"] = json!({ "const": random.of(&["a", "b", "ab"]) });
            if random.below(4) > 0 {
                branch["required"] = json!(["kind"]);
            }
            branch
        };
        let branches: Vec<Json> = (0..=self.below(2)).map(|_| branch(self)).collect();
        let key = self.of(&["oneOf", "anyOf"]);
        json!({ key: branches })
    }

    fn schemas(&mut self, depth: usize) -> Vec<Json> {
        (0..=self.below(2)).map(|_| self.schema(depth)).collect()
    }

    fn leaf(&mut self) -> Json {
        let leaves = [
            json!(true),
            json!(false),
            json!({ "type": "null" }),
            json!({ "type": "boolean" }),
            json!({ "type": "string", "maxLength": 1 }),
            json!({ "type": ["string", "null"], "pattern": "^[a-b]+$" }),
            json!({ "type": "string", "pattern": "a" }),
            json!({ "type": "integer" }),
            json!({ "type": "integer", "exclusiveMinimum": -0.5, "maximum": 1.5 }),
            json!({ "type": "integer", "multipleOf": 2 }),
            json!({ "type": "number", "minimum": 0 }),
            json!({ "type": "number", "exclusiveMinimum": 0, "format": "double" }),
            json!({ "type": ["integer", "null"], "minimum": 1, "maximum": 2 }),
            json!({ "type": ["string", "integer"] }),
            json!({ "const": "a" }),
            json!({ "const": 1 }),
            json!({ "const": null }),
            json!({ "const": "\u{e9}" }),
            json!({ "enum": ["a", "b"] }),
            json!({ "enum": ["a", null] }),
            json!({ "enum": [0, 1, null] }),
            json!({ "enum": [-1, 1] }),
            json!({ "type": "string", "enum": ["a", "b"], "not": { "const": "a" } }),
            json!({ "type": "array" }),
            json!({ "type": "object" }),
            json!({ "$ref": "#/$defs/Other" }),
            json!({ "$ref": "#/$defs/Word" }),
            json!({ "$ref": "#/$defs/Maybe" }),
            json!({ "oneOf": [{ "$ref": "#/$defs/Maybe" }, { "type": "null" }] }),
            json!({ "anyOf": [{ "$ref": "#/$defs/Word" }, { "type": "null" }] }),
            json!({ "$ref": "#/$defs/Word", "maxLength": 1 }),
            json!({ "$ref": "#/$defs/Other", "required": ["b"] }),
        ];
        self.of(&leaves)
    }

    /// A keyword to add to a schema.
    fn keyword(&mut self, depth: usize) -> (&'static str, Json) {
        let depth = depth - 1;
        match self.below(14) {
            0 => ("not", self.schema(depth)),
            1 => ("allOf", self.schemas(depth).into()),
            2 => ("anyOf", self.schemas(depth).into()),
            3 => ("minProperties", json!(self.below(3))),
            4 => ("maxProperties", json!(self.below(3))),
            5 => ("propertyNames", self.schema(0)),
            6 => ("patternProperties", json!({ "^a": self.schema(depth) })),
            7 => ("uniqueItems", json!(true)),
            8 => ("minItems", json!(self.below(3))),
            9 => ("prefixItems", self.schemas(depth).into()),
            10 => ("unevaluatedProperties", json!(self.below(2) == 0)),
            11 => ("required", json!([self.key()])),
            12 => ("dependentRequired", json!({ "a": ["b"] })),
            _ => ("contains", self.schema(depth)),
        }
    }
}

/// A document with this schema at its root.
pub(super) fn document(schema: Json) -> Json {
    let mut document = match schema {
        Json::Object(_) => schema,
        schema => json!({ "allOf": [schema] }),
    };
    document["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    document["$defs"] = json!({
        "Other": { "type": "object", "properties": { "a": { "type": "integer" } }, "required": ["a"] },
        "Word": { "type": "string", "maxLength": 2 },
        "Maybe": { "type": ["string", "null"], "minLength": 1 },
    });
    document
}
