//! Tests of the Python code for names, cycles and unions that the golden files do not have.

mod protocol;

use std::collections::BTreeMap;

use natsgen::Language;
use protocol::Protocol;
use serde_json::{Value as Json, json};

/// The Python files of the base protocol with these further definitions in `types/lamp.json`.
fn emitted(definitions: &Json, others: &[(&str, Json)]) -> BTreeMap<String, String> {
    let mut protocol = Protocol::base();
    let lamp = protocol.files.get_mut("types/lamp.json").expect("types");
    for (name, definition) in definitions.as_object().expect("definitions") {
        lamp["$defs"][name] = definition.clone();
    }
    for (file, document) in others {
        protocol.files.insert((*file).to_owned(), document.clone());
    }
    let (protocol, _) = natsgen::compile(&protocol.schemas()).expect("a valid protocol");
    natsgen::emit(Language::Python, &protocol, "schema")
}

/// Checks that the Python of `types/lamp.json` contains these lines in this order.
fn check(definitions: &Json, expected: &[&str]) {
    check_file(&emitted(definitions, &[]), "types/lamp.py", expected);
}

fn check_file(files: &BTreeMap<String, String>, file: &str, expected: &[&str]) {
    let text = &files[file];
    let mut lines = text.lines().map(str::trim);
    for line in expected {
        assert!(lines.any(|found| found == *line), "no `{line}` in\n{text}");
    }
}

fn object(properties: &Json) -> Json {
    json!({ "description": "x", "type": "object", "properties": properties })
}

#[test]
fn python_member_is_the_key_if_the_key_is_an_identifier() {
    let thing = object(&json!({
        "eventList": { "description": "x", "type": "array", "items": { "type": "boolean" }, "default": [] },
        "class": { "description": "x", "title": "kind of thing", "type": "boolean" },
        "type": { "description": "x", "title": "event type", "type": "boolean" },
        "$at": { "description": "x", "title": "time", "type": "boolean", "default": true },
    }));
    check(
        &json!({ "Thing": thing }),
        &[
            "class Thing(rt.Message, kw_only=True):",
            "event_list: list[bool] = rt.empty(list, name=\"eventList\")",
            "kind_of_thing: bool | UnsetType = rt.field(name=\"class\", default=UNSET)",
            "type: bool | UnsetType = UNSET",
            "time: bool = rt.field(name=\"$at\", default=True)",
        ],
    );
}

#[test]
fn python_member_called_like_a_built_in_type_does_not_hide_it() {
    let thing = object(&json!({
        "str": { "description": "x", "type": "string", "maxLength": 9 },
        "list": { "description": "x", "type": "array", "items": { "type": "string" }, "maxItems": 2, "default": [] },
    }));
    let line = "list: Annotated[builtins.list[builtins.str], Meta(max_length=2)] = rt.empty(";
    check(
        &json!({ "Thing": thing }),
        &[
            "import builtins",
            "str: Annotated[builtins.str, Meta(max_length=9)] | UnsetType = UNSET",
            line,
            "builtins.list,",
        ],
    );
}

#[test]
fn python_name_of_typing_that_a_type_has_is_qualified() {
    let meta = json!({ "description": "x", "type": "string", "maxLength": 9 });
    check(
        &json!({ "Meta": meta.clone(), "Annotated": meta }),
        &[
            "Meta: TypeAlias = rt.Annotated[str, rt.Meta(max_length=9)]",
            "Annotated: TypeAlias = rt.Annotated[str, rt.Meta(max_length=9)]",
        ],
    );
}

#[test]
fn python_alias_that_contains_itself_is_deferred() {
    let tree = json!({
        "description": "x",
        "type": "array",
        "items": { "$ref": "#/$defs/Tree" },
        "maxItems": 2,
    });
    check(
        &json!({ "Tree": tree }),
        &[
            "if TYPE_CHECKING:",
            "Tree: TypeAlias = \"Annotated[list[Tree], Meta(max_length=2)]\"",
            "else:",
            "Tree = rt.recursive(",
            "\"Tree\",",
            "__name__,",
            "lambda: Annotated[list[Tree], Meta(max_length=2)],",
        ],
    );
}

#[test]
fn python_documents_that_refer_to_each_other_import_late() {
    let list = |name: &str| {
        let reference = format!(
            "{name}.json#/$defs/{}",
            if name == "lamp" { "A" } else { "B" }
        );
        json!({ "description": "x", "type": "array", "items": { "$ref": reference }, "maxItems": 2 })
    };
    let member = object(&json!({ "c": { "$ref": "other.json#/$defs/C" } }));
    let plain = json!({ "description": "x", "type": "boolean" });
    let other = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": { "B": plain, "C": object(&json!({ "a": { "$ref": "lamp.json#/$defs/A" } })), "D": list("lamp") },
    });
    let lamp = json!({ "A": member });
    let files = emitted(&lamp, &[("types/other.json", other.clone())]);
    let late = "from . import other as _other  # noqa: E402";
    check_file(
        &files,
        "types/lamp.py",
        &["c: _other.C | UnsetType = UNSET", late],
    );
    let early = [
        "from .lamp import A",
        "D: TypeAlias = Annotated[list[A], Meta(max_length=2)]",
    ];
    check_file(&files, "types/other.py", &early);

    // Both documents have an alias of the other's types: both aliases are deferred.
    let lamp = json!({ "A": lamp["A"], "E": list("other") });
    let files = emitted(&lamp, &[("types/other.json", other)]);
    check_file(
        &files,
        "types/lamp.py",
        &[
            "E = rt.recursive(",
            "lambda: Annotated[list[_other.B], Meta(max_length=2)],",
            late,
        ],
    );
    let late = "from . import lamp as _lamp  # noqa: E402";
    check_file(&files, "types/other.py", &["D = rt.recursive(", late]);
}

#[test]
fn python_assertions_are_a_json_schema() {
    let limited = json!({ "description": "x", "type": "integer", "multipleOf": 0.1, "minimum": 0, "not": { "const": 3 } });
    let files = emitted(&json!({ "Limited": limited }), &[]);
    check_file(
        &files,
        "assertion.py",
        &[
            "_SCHEMAS: Final = rt.Schemas(r\"\"\"",
            "\"Limited\": {",
            "\"multipleOf\": 0.1,",
            "LIMITED: Final = _SCHEMAS[\"Limited\"]",
        ],
    );
}
