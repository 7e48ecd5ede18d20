//! Compares the validator with the crate `jsonschema` on random schemas and values. Both must agree on validity and on
//! the location of an error.

use std::collections::BTreeSet;

use natsgen_runtime::ValueRef;
use natsgen_runtime::assertion::Assertion;
use serde_json::{Map, Value, json};

use crate::schema;

const SCHEMAS: u64 = 3_000;
const VALUES: u64 = 30;

/// Pseudorandom numbers that depend only on a seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    fn one_of<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn key(&mut self) -> String {
        self.one_of(&["a", "b", "c", "xa", "ü"]).to_owned()
    }

    fn array(&mut self, max: usize, mut item: impl FnMut(&mut Self) -> Value) -> Value {
        let count = self.below(max + 1);
        Value::Array((0..count).map(|_| item(self)).collect())
    }

    fn members(&mut self, max: usize, mut value: impl FnMut(&mut Self) -> Value) -> Value {
        let count = self.below(max + 1);
        let pairs: Map<String, Value> = (0..count).map(|_| (self.key(), value(self))).collect();
        Value::Object(pairs)
    }

    fn number(&mut self) -> Value {
        self.one_of(&[
            json!(0),
            json!(-0.0),
            json!(1),
            json!(1.0),
            json!(2),
            json!(3),
            json!(-1),
            json!(0.5),
            json!(1.5),
            json!(0.1),
            json!(0.3),
            json!(9_007_199_254_740_993_u64),
            json!(9_007_199_254_740_992_u64),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e3),
        ])
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 5 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 | 3 => self.number(),
            4 => json!(self.one_of(&["", "a", "b", "ab", "äöü", "😀", "xx"])),
            5 | 6 => self.array(4, |random| random.value(depth - 1)),
            _ => self.members(4, |random| random.value(depth - 1)),
        }
    }

    fn schema(&mut self, depth: usize, defs: usize) -> Value {
        match self.below(12) {
            0 => return json!(true),
            1 if depth < 3 => return json!(false),
            _ => {}
        }
        let mut schema = Map::new();
        for _ in 0..=self.below(3) {
            self.keyword(depth, defs, &mut schema);
        }
        Value::Object(schema)
    }

    fn schemas(&mut self, depth: usize, defs: usize) -> Value {
        let mut schemas = self.array(2, |random| random.schema(depth, defs));
        schemas
            .as_array_mut()
            .unwrap()
            .push(self.schema(depth, defs));
        schemas
    }

    fn keyword(&mut self, depth: usize, defs: usize, schema: &mut Map<String, Value>) {
        let (name, value) = if depth == 0 || self.below(2) == 0 {
            self.plain_keyword(depth, defs)
        } else {
            self.deep_keyword(depth - 1, defs, schema)
        };
        schema.insert(name.to_owned(), value);
    }

    /// A keyword without subschemas.
    fn plain_keyword(&mut self, depth: usize, defs: usize) -> (&'static str, Value) {
        let small = |random: &mut Self| json!(random.below(4));
        match self.below(17) {
            0 | 1 => (
                "type",
                self.one_of(&[
                    json!("null"),
                    json!("boolean"),
                    json!("integer"),
                    json!("number"),
                    json!("string"),
                    json!("array"),
                    json!("object"),
                    json!(["object", "array"]),
                    json!(["integer", "string"]),
                ]),
            ),
            2 => ("const", self.value(1)),
            3 => ("enum", json!([self.value(1), 1, "a", {"a": 1}])),
            4 => (self.one_of(&["minimum", "exclusiveMinimum"]), self.number()),
            5 => (self.one_of(&["maximum", "exclusiveMaximum"]), self.number()),
            6 => (
                "multipleOf",
                self.one_of(&[json!(2), json!(0.1), json!(0.5), json!(3), json!(1e-3)]),
            ),
            7 => (self.one_of(&["minLength", "maxLength"]), small(self)),
            8 => (
                "pattern",
                self.one_of(&[json!("^a"), json!("b$"), json!("^.$"), json!("^x?$")]),
            ),
            9 => (self.one_of(&["minItems", "maxItems"]), small(self)),
            10 => ("uniqueItems", json!(true)),
            11 => (
                self.one_of(&["minProperties", "maxProperties"]),
                small(self),
            ),
            12 => ("required", json!([self.key()])),
            13 => ("dependentRequired", json!({self.key(): [self.key()]})),
            14 => ("unevaluatedItems", json!(false)),
            15 => ("unevaluatedProperties", json!(false)),
            16 if defs > 0 => ("$ref", json!(format!("#/$defs/{}", self.below(defs)))),
            _ => ("const", self.value(depth)),
        }
    }

    /// A keyword with subschemas of this depth. Companion keywords go into `schema`.
    fn deep_keyword(
        &mut self,
        depth: usize,
        defs: usize,
        schema: &mut Map<String, Value>,
    ) -> (&'static str, Value) {
        let small = |random: &mut Self| json!(random.below(4));
        match self.below(18) {
            0 => ("prefixItems", self.schemas(depth, defs)),
            1 => ("items", self.schema(depth, defs)),
            2 => {
                if self.below(2) == 0 {
                    schema.insert("minContains".to_owned(), small(self));
                }
                if self.below(2) == 0 {
                    schema.insert("maxContains".to_owned(), small(self));
                }
                ("contains", self.schema(depth, defs))
            }
            3..=5 => (
                "properties",
                self.members(3, |random| random.schema(depth, defs)),
            ),
            6 => (
                "patternProperties",
                json!({"^x": self.schema(depth, defs), "a$": self.schema(depth, defs)}),
            ),
            7 => ("additionalProperties", self.schema(depth, defs)),
            8 => ("propertyNames", self.schema(depth, defs)),
            9 => (
                "dependentSchemas",
                self.members(2, |random| random.schema(depth, defs)),
            ),
            10 => ("unevaluatedItems", self.schema(depth, defs)),
            11 => ("unevaluatedProperties", self.schema(depth, defs)),
            12 => ("allOf", self.schemas(depth, defs)),
            13 | 14 => ("anyOf", self.schemas(depth, defs)),
            15 => ("oneOf", self.schemas(depth, defs)),
            16 => ("not", self.schema(depth, defs)),
            _ => {
                for branch in ["then", "else"] {
                    if self.below(3) > 0 {
                        schema.insert(branch.to_owned(), self.schema(depth, defs));
                    }
                }
                ("if", self.schema(depth, defs))
            }
        }
    }
}

#[test]
fn validator_random_schemas_agree_with_jsonschema() {
    let mut wrong_values = 0;
    for seed in 0..SCHEMAS {
        let random = &mut Random(seed);
        let (mut defs, mut assertions) = (Map::new(), Vec::<&'static Assertion<'static>>::new());
        for index in 0..2 {
            let def = random.schema(1, index);
            assertions.push(Box::leak(Box::new(schema::assertion(&def, &assertions))));
            defs.insert(index.to_string(), def);
        }
        let mut schema = random.schema(3, 2);
        let assertion: &'static Assertion<'static> =
            Box::leak(Box::new(schema::assertion(&schema, &assertions)));
        if let Value::Object(members) = &mut schema {
            members.insert("$defs".to_owned(), Value::Object(defs));
        }
        let reference = jsonschema::draft202012::new(&schema).unwrap();
        for _ in 0..VALUES {
            let value = random.value(3);
            let places: BTreeSet<String> = reference
                .iter_errors(&value)
                .map(|error| error.instance_path().to_string())
                .collect();
            let result = assertion.validate(&ValueRef::from(value.clone()));
            let ours = result.err().map(|violation| violation.pointer().to_owned());
            wrong_values += u32::from(ours.is_some());
            let agrees = match &ours {
                None => places.is_empty(),
                Some(place) => places.contains(place),
            };
            assert!(
                agrees,
                "seed {seed}: {schema} of {value}: {ours:?}, not {places:?}"
            );
        }
    }
    assert!(
        wrong_values > 1_000,
        "only {wrong_values} values were wrong"
    );
}
