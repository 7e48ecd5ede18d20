//! The synthetic protocol as an `OpenAPI` 3.0 document.

use serde_json::{Map, Value, json};

use super::{Field, GRADES, Kind, Operation, PLACE, Role};

/// All roles in a single document.
pub(super) fn text(roles: &[Role]) -> String {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    let text = json!({ "type": "string" });
    let properties = json!({ "error": text, "code": text });
    let error = json!({ "type": "object", "properties": properties, "required": ["error"] });
    schemas.insert("Error".to_owned(), error);
    for role in roles {
        shared(role, &mut schemas);
        for operation in &role.operations {
            let path = format!("/{}/{{shelf_id}}/{}", role.name, operation.name);
            paths.insert(path, json!({ "post": post(role, operation) }));
            let name = format!("{}Request", operation.pascal);
            schemas.insert(name, object(role, "What to do.", operation.request));
            if let Some(reply) = operation.reply {
                let name = format!("{}Reply", operation.pascal);
                schemas.insert(name, object(role, "What was done.", reply));
            }
        }
    }
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "synthetic", "version": "0.1.0" },
        "paths": paths,
        "components": { "schemas": schemas },
    });
    document.to_string()
}

fn shared(role: &Role, schemas: &mut Map<String, Value>) {
    let id = json!({
        "description": "Identifies one shelf or item.",
        "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "minLength": 1, "maxLength": 64,
    });
    schemas.insert(format!("{}Id", role.pascal), id);
    let grade = json!({ "description": "How good an item is.", "type": "string", "enum": GRADES });
    schemas.insert(format!("{}Grade", role.pascal), grade);
    schemas.insert(
        format!("{}Place", role.pascal),
        object(role, "Where an item is.", &PLACE),
    );
}

fn post(role: &Role, operation: &Operation) -> Value {
    let body = |name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "application/json": { "schema": schema } })
    };
    let done = match operation.reply {
        Some(_) => json!({ "200": {
            "description": "Done.",
            "content": body(&format!("{}Reply", operation.pascal)),
        } }),
        None => json!({ "204": { "description": "Taken." } }),
    };
    let mut responses = done;
    responses["4XX"] = json!({ "description": "Refused.", "content": body("Error") });
    let id = json!({ "$ref": format!("#/components/schemas/{}Id", role.pascal) });
    json!({
        "operationId": operation.name,
        "description": "Does one thing to one item of a shelf.",
        "parameters": [{ "name": "shelf_id", "in": "path", "required": true, "schema": id }],
        "requestBody": { "required": true, "content": body(&format!("{}Request", operation.pascal)) },
        "responses": responses,
    })
}

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
    json!({
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
    })
}

fn property(role: &Role, field: &Field) -> Value {
    let shared = |name: &str| json!({ "allOf": [{ "$ref": format!("#/components/schemas/{}{name}", role.pascal) }] });
    let mut property = match field.kind {
        Kind::Id => shared("Id"),
        Kind::Grade => shared("Grade"),
        Kind::Place => shared("Place"),
        Kind::Text => json!({ "type": "string", "minLength": 1, "maxLength": 200 }),
        Kind::Time => json!({ "type": "string", "format": "date-time" }),
        Kind::Integer => json!({ "type": "integer", "format": "uint32", "minimum": 0 }),
        Kind::Number => json!({ "type": "number", "format": "double" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
    };
    property["description"] = json!(format!("The {} of the item.", field.name.replace('_', " ")));
    property
}
