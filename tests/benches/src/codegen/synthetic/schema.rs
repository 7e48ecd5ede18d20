//! The synthetic protocol as JSON Schema with `x-nats`.

use serde_json::{Map, Value, json};

use super::{ERRORS, Field, GRADES, Kind, Operation, PLACE, Role, Text, error};

/// The dialect of every document.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The role that calls all other roles.
const KEEPER: &str = "keeper";

/// The manifest, and the types and operations of each role.
pub(super) fn texts(roles: &[Role]) -> Vec<Text> {
    let mut texts = vec![("manifest.json".to_owned(), manifest(roles).to_string())];
    for role in roles {
        texts.push((format!("types/{}.json", role.name), types(role).to_string()));
        for operation in &role.operations {
            let path = format!("{}/{}.json", role.name, operation.name);
            texts.push((path, document(role, operation).to_string()));
        }
    }
    texts
}

fn manifest(roles: &[Role]) -> Value {
    let mut parties = Map::new();
    parties.insert(
        KEEPER.to_owned(),
        json!({ "description": "Keeps all shelves in order." }),
    );
    for role in roles {
        let party = json!({ "description": "Holds items in places.", "instance": "shelf_id" });
        parties.insert(role.name.clone(), party);
    }
    let errors = (0..ERRORS).map(|index| {
        let code = error(index);
        let text = format!("{}: {{detail}}", code.replace('_', " "));
        let description =
            "The shelf could not do it; the detail says which item stands in the way.";
        (
            code,
            json!({ "description": description, "status": 409, "text": text }),
        )
    });
    json!({
        "$schema": "meta/manifest.json",
        "name": "synthetic",
        "version": "0.1.0",
        "description": "A protocol that exists to be large.",
        "prefix": "benches.synthetic",
        "roles": parties,
        "defaults": { "timeout": "5s" },
        "errors": errors.collect::<Map<_, _>>(),
    })
}

fn types(role: &Role) -> Value {
    let pascal = &role.pascal;
    let mut definitions = Map::new();
    let id = json!({
        "description": "Identifies one shelf or item.",
        "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "minLength": 1, "maxLength": 64,
        "examples": ["shelf-7"],
    });
    definitions.insert(format!("{pascal}Id"), id);
    let grades =
        GRADES.map(|grade| json!({ "const": grade, "description": "A state of an item." }));
    let grade =
        json!({ "description": "How good an item is.", "oneOf": grades, "examples": ["good"] });
    definitions.insert(format!("{pascal}Grade"), grade);
    definitions.insert(
        format!("{pascal}Place"),
        object(role, "Where an item is.", &PLACE),
    );
    json!({
        "$schema": DIALECT,
        "$id": format!("https://benches.example/types/{}.json", role.name),
        "title": "Shared types",
        "description": "Types that several operations of a shelf share.",
        "$defs": definitions,
    })
}

fn document(role: &Role, operation: &Operation) -> Value {
    let mut nats = json!({
        "kind": "publish",
        "subject": format!("{{prefix}}.event.{}.{{shelf_id}}.{}", role.name, operation.name),
        "params": { "shelf_id": format!("../types/{}.json#/$defs/{}Id", role.name, role.pascal) },
        "from": KEEPER,
        "to": role.name,
        "message": "#/$defs/Message",
        "delivery": "broadcast",
    });
    let mut definitions = Map::new();
    if let Some(reply) = operation.reply {
        nats["kind"] = json!("request");
        nats["subject"] = json!(format!(
            "{{prefix}}.cmd.{}.{{shelf_id}}.{}",
            role.name, operation.name
        ));
        nats["delivery"] = json!("instance");
        nats["request"] = json!("#/$defs/Request");
        nats["reply"] = json!("#/$defs/Reply");
        nats["errors"] = json!(operation.errors.map(error));
        nats["timeout"] = json!("2s");
        nats["ordering"] = json!("item_id");
        if let Value::Object(members) = &mut nats {
            members.remove("message");
        }
        definitions.insert(
            "Request".to_owned(),
            object(role, "What to do.", operation.request),
        );
        definitions.insert("Reply".to_owned(), object(role, "What was done.", reply));
    } else {
        definitions.insert(
            "Message".to_owned(),
            object(role, "What happened.", operation.request),
        );
    }
    json!({
        "$schema": DIALECT,
        "$id": format!("https://benches.example/{}/{}.json", role.name, operation.name),
        "title": operation.pascal,
        "description": "Changes one item of a shelf.\n\nThe shelf replies when the change is complete.",
        "x-nats": nats,
        "$defs": definitions,
    })
}

/// An object schema with an example.
fn object(role: &Role, description: &str, fields: &[Field]) -> Value {
    let properties: Map<_, _> = fields
        .iter()
        .map(|field| (field.name.to_owned(), property(role, field)))
        .collect();
    let required: Vec<_> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    let example: Map<_, _> = fields
        .iter()
        .map(|field| (field.name.to_owned(), example(field.kind)))
        .collect();
    json!({
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
        "examples": [example],
    })
}

fn property(role: &Role, field: &Field) -> Value {
    let shared = |name: &str| {
        let reference = format!("../types/{}.json#/$defs/{}{name}", role.name, role.pascal);
        json!({ "$ref": reference })
    };
    let mut property = match field.kind {
        Kind::Id => shared("Id"),
        Kind::Grade => shared("Grade"),
        Kind::Place => shared("Place"),
        Kind::Text => json!({ "type": "string", "minLength": 1, "maxLength": 200 }),
        Kind::Time => json!({ "type": "string", "format": "date-time", "maxLength": 40 }),
        Kind::Integer => json!({ "type": "integer", "minimum": 0, "maximum": 1_000_000 }),
        Kind::Number => json!({ "type": "number", "minimum": 0 }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Texts => {
            let item = json!({ "type": "string", "maxLength": 200 });
            json!({ "type": "array", "items": item, "maxItems": 16 })
        }
    };
    property["description"] = json!(format!("The {} of the item.", field.name.replace('_', " ")));
    property
}

fn example(kind: Kind) -> Value {
    match kind {
        Kind::Id => json!("shelf-7"),
        Kind::Grade => json!("good"),
        Kind::Place => json!({ "row": 3, "column": 14, "remark": "at the back" }),
        Kind::Text => json!("a box of nails"),
        Kind::Time => json!("2026-01-02T03:04:05Z"),
        Kind::Integer => json!(12),
        Kind::Number => json!(2.5),
        Kind::Flag => json!(true),
        Kind::Texts => json!(["heavy", "blue"]),
    }
}
