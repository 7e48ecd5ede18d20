//! A protocol with a single tested type, and parts of types.

use std::collections::BTreeMap;

use natsgen::Language;
use natsgen::model::{
    AdditionalMembers, Field, Integer, Length, Name, Presence, Protocol, Shape, Source, Struct,
    Tagging, Text, TypeDef, Union, Value, Variant,
};

/// A protocol with the type `Thing` and the types that it can refer to. These are a string `Key`, an integer `Count`, an
/// array `Things` of things, and a `Holder` of a thing.
pub(crate) fn protocol(shape: Shape, open: bool, assertion: Option<&str>) -> Protocol {
    let list = Value::Array {
        item: Box::new(thing()),
        length: Length::default(),
    };
    let types = [
        ("Thing", shape, assertion),
        ("Key", Shape::Text(Text::default()), None),
        ("Count", Shape::Integer(Integer { min: 0, max: 255 }), None),
        ("Things", Shape::Alias(list), None),
        (
            "Holder",
            object(vec![required("held", thing())], AdditionalMembers::Ignore),
            None,
        ),
    ];
    let types = types.map(|(name, shape, assertion)| TypeDef {
        title: None,
        deprecated: false,
        partial: false,
        schema: serde_json::Value::Null,
        name: pascal(name),
        description: format!("A {}.", name.to_lowercase()),
        source: Source {
            file: "types/thing.json".to_owned(),
            pointer: format!("/$defs/{name}"),
        },
        module: "types/thing".to_owned(),
        shape,
        assertion: assertion.map(pascal),
        open: open && name == "Thing",
        examples: Vec::new(),
    });
    Protocol {
        name: pascal("Things"),
        version: "1.0.0".to_owned(),
        description: "Things.".to_owned(),
        prefix: "acme.things".to_owned(),
        roles: Vec::new(),
        errors: Vec::new(),
        error_form: None,
        operations: Vec::new(),
        types: types.into(),
        assertions: Vec::new(),
        resources: Vec::new(),
    }
}

pub(crate) fn pascal(name: &str) -> Name {
    Name::from_pascal(name).expect("a name")
}

pub(crate) fn emitted(protocol: &Protocol) -> BTreeMap<String, String> {
    natsgen::emit(Language::Rust, protocol, "schema")
}

/// The code of `Thing`, without docs and without the first line of derives.
pub(crate) fn text(shape: Shape, open: bool, assertion: Option<&str>) -> String {
    let files = emitted(&protocol(shape, open, assertion));
    let text = &files["types/thing.rs"];
    let start = text.find("#[derive").expect("the first type");
    let end = text.find("/// A key.").expect("the second type");
    let lines = text[start..end].lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("///"));
    let lines: Vec<_> = lines.collect();
    lines.join("\n").trim_end().to_owned()
}

fn source() -> Source {
    Source {
        file: "types/thing.json".to_owned(),
        pointer: "/$defs/Thing".to_owned(),
    }
}

pub(crate) fn field(name: &str, value: Value, nullable: bool, presence: Presence) -> Field {
    let name = Name::from_snake(name).expect("a name");
    let pascal = name.pascal();
    Field {
        title: None,
        deprecated: false,
        key: pascal[..1].to_lowercase() + &pascal[1..],
        name,
        description: "A field.".to_owned(),
        value,
        nullable,
        presence,
        source: source(),
    }
}

pub(crate) fn required(name: &str, value: Value) -> Field {
    field(name, value, false, Presence::Required)
}

pub(crate) fn object(fields: Vec<Field>, additional: AdditionalMembers) -> Shape {
    Shape::Struct(Struct { fields, additional })
}

pub(crate) fn named(name: &str) -> Value {
    Value::Named(pascal(name))
}

pub(crate) fn thing() -> Value {
    named("Thing")
}

pub(crate) fn nullable(value: Value) -> Value {
    Value::Nullable(Box::new(value))
}

pub(crate) fn string(min: u64, max: Option<u64>) -> Value {
    let length = Length { min, max };
    Value::Text(Text {
        length,
        ..Text::default()
    })
}

pub(crate) fn integer(min: i128, max: i128) -> Value {
    Value::Integer(Integer { min, max })
}

pub(crate) fn list(item: Value, min: u64, max: Option<u64>) -> Value {
    Value::Array {
        item: Box::new(item),
        length: Length { min, max },
    }
}

pub(crate) fn map(key: Option<&str>, value: Value, max: Option<u64>) -> Value {
    Value::Map {
        key: key.map(pascal),
        value: Box::new(value),
        length: Length { min: 0, max },
    }
}

pub(crate) fn variant(tag: &str, value: Option<Value>) -> Variant {
    Variant {
        deprecated: false,
        tag: tag.to_owned(),
        name: Name::from_wire(tag).expect("a name"),
        description: String::new(),
        value,
        source: source(),
    }
}

pub(crate) fn union(tagging: Tagging, variants: Vec<Variant>) -> Shape {
    Shape::Union(Union { tagging, variants })
}
