//! Tests of the command line: its output, the files that it writes and its exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/invalid/base");

/// An empty directory for a single test.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        fs::remove_dir_all(&path).expect("the directory of an earlier run is removed");
    }
    fs::create_dir_all(&path).expect("the directory is made");
    path
}

/// Runs the command in a directory. Returns exit code, standard output and standard error.
fn natsgen(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_natsgen"))
        .args(arguments)
        .current_dir(directory)
        .output();
    let output = output.expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("the command prints UTF-8");
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Copies the base protocol to `schema` below a directory.
fn schema(directory: &Path) {
    for file in [
        "manifest.json",
        "lamp/dim.json",
        "panel/glow.json",
        "types/lamp.json",
    ] {
        let target = directory.join("schema").join(file);
        fs::create_dir_all(target.parent().expect("a parent")).expect("the folder is made");
        fs::copy(Path::new(BASE).join(file), target).expect("the file is copied");
    }
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("the file is readable");
    assert!(text.contains(from), "{from} is in {}", path.display());
    fs::write(path, text.replace(from, to)).expect("the file is writable");
}

#[test]
fn check_invalid_schema_prints_errors_and_exits_with_1() {
    let directory = directory("check");
    schema(&directory);
    let passed = (
        0,
        "schema: 2 operations, 9 types, no errors or warnings\n".to_owned(),
        String::new(),
    );
    assert_eq!(natsgen(&directory, &["check"]), passed);
    assert_eq!(
        natsgen(&directory, &["check", "schema", "--deny-warnings"]),
        passed
    );

    let manifest = directory.join("schema/manifest.json");
    replace(&manifest, "\"description\": \"Gives light.\", ", "");
    let warning = "schema/manifest.json#/roles/lamp: warning[missing-description]: the role has no \
                   description\n  help: add a `description`; it becomes the documentation of generated code\n --> schema/manifest.json:9:5\n  |\n\
                   9 |     \"lamp\": { \"instance\": \"lamp_id\" },\n  |     ^^^^^^\n\n0 errors, 1 warning\n";
    assert_eq!(
        natsgen(&directory, &["check"]),
        (0, warning.to_owned(), String::new())
    );
    assert_eq!(
        natsgen(&directory, &["check", "--deny-warnings"]),
        (1, warning.to_owned(), String::new())
    );

    replace(&manifest, "1.2.0", "1.2");
    let (code, printed, _) = natsgen(&directory, &["check", "--format", "json"]);
    let first: serde_json::Value =
        serde_json::from_str(printed.lines().next().expect("a line")).expect("JSON");
    assert_eq!((code, printed.lines().count()), (1, 1));
    assert_eq!(first["severity"], "error");
    assert_eq!(first["code"], "invalid-value");
    assert_eq!(first["pointer"], "/version");

    let (code, printed, errors) = natsgen(&directory, &["model"]);
    assert_eq!((code, printed), (1, String::new()));
    assert!(errors.ends_with("1 error, 0 warnings\n"), "{errors}");
}

#[test]
fn check_warns_of_unknown_formats_unless_they_annotate() {
    let directory = directory("formats");
    schema(&directory);
    let types = directory.join("schema/types/lamp.json");
    replace(
        &types,
        "\"type\": \"string\",",
        "\"type\": \"string\", \"format\": \"lamp\",",
    );
    let (code, printed, _) = natsgen(&directory, &["check"]);
    assert_eq!(code, 0);
    assert!(printed.contains("unknown format `lamp`"), "{printed}");
    let (code, printed, _) = natsgen(&directory, &["check", "--formats", "annotate"]);
    assert_eq!(code, 0);
    assert!(!printed.contains("unknown format"), "{printed}");
}

#[test]
fn check_validates_examples_and_defaults() {
    let directory = directory("examples");
    schema(&directory);
    let odd = r#"{
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Odd", "description": "Odd things.",
        "$defs": {
            "Set": { "description": "Numbers.", "type": "array", "items": { "type": "integer", "minimum": 0, "maximum": 9 },
                     "maxItems": 9, "uniqueItems": true, "examples": [[1, 2], [1, 1]] },
            "Mail": { "description": "Whom to write to.", "type": "string", "format": "email", "maxLength": 99,
                      "examples": ["me@example.com", "me"] },
            "Thing": { "description": "A thing.", "type": "object", "properties": {
                "place": { "description": "Where.", "type": "string", "maxLength": 9, "not": { "const": "here" },
                           "default": "here" },
                "size": { "description": "How large.", "type": "integer", "minimum": 1, "maximum": 9, "default": 0 } } }
        }
    }"#;
    fs::write(directory.join("schema/types/odd.json"), odd).expect("the file is written");
    let wrong = [
        ("Mail/examples/1", "example", "expected a mail address"),
        (
            "Set/examples/1",
            "example",
            "expected items that differ from each other",
        ),
        (
            "Thing/properties/place/default",
            "default",
            "expected a value that `not` allows",
        ),
        (
            "Thing/properties/size/default",
            "default",
            "expected a number from 1",
        ),
    ];
    let lines = wrong.map(|(place, what, reason)| {
        format!(
            "schema/types/odd.json#/$defs/{place}: warning[invalid-{what}]: the {what} is not valid: {reason}\n  \
             help: correct the {what} or the schema\n"
        )
    });
    let (code, printed, _) = natsgen(&directory, &["check", "--deny-warnings"]);
    let is_excerpt = |line: &&str| {
        let start = line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
        start.is_empty() || start.starts_with(['|', '-'])
    };
    let without_excerpts: Vec<_> = printed
        .split_inclusive('\n')
        .filter(|line| !is_excerpt(&line.trim_end()))
        .collect();
    assert_eq!(
        (code, without_excerpts.concat()),
        (1, lines.concat() + "0 errors, 4 warnings\n")
    );
}

#[test]
fn explain_code_prints_cause_example_and_fix() {
    let directory = Path::new(BASE);
    let (code, printed, _) = natsgen(directory, &["explain", "subject-overlap"]);
    assert_eq!(code, 0);
    for part in [
        "error[subject-overlap]: ",
        "\nCause: ",
        "\nExample, a part of `panel/glow.json`:\n",
        "\nFix: ",
    ] {
        assert!(printed.contains(part), "{part} is in {printed}");
    }
    let (code, printed, errors) = natsgen(directory, &["explain", "overlap"]);
    assert_eq!((code, printed), (1, String::new()));
    assert!(errors.starts_with("there is no code `overlap`\n  help: "));
    let (code, printed, _) = natsgen(directory, &["explain"]);
    assert_eq!(
        (code, printed.lines().count()),
        (0, natsgen::Code::all().len())
    );
}

#[test]
fn explain_markdown_is_the_committed_document() {
    let (code, printed, _) = natsgen(Path::new(BASE), &["explain", "--markdown"]);
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../DIAGNOSTICS.md");
    let committed = fs::read_to_string(committed).expect("the document is readable");
    assert_eq!(code, 0);
    assert!(
        printed == committed,
        "run `cargo natsgen explain --markdown > codegen/DIAGNOSTICS.md`"
    );
}

#[test]
fn model_valid_schema_prints_json() {
    let (code, printed, _) = natsgen(Path::new(BASE), &["model", "."]);
    let model: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(
        (code, &model["prefix"]),
        (0, &serde_json::json!("acme.lamps"))
    );
}

#[test]
fn model_schema_is_the_committed_document() {
    let (code, printed, _) = natsgen(Path::new(BASE), &["model", "--schema"]);
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../model.schema.json");
    let committed = fs::read_to_string(committed).expect("the schema is readable");
    assert_eq!(code, 0);
    assert!(
        printed == committed,
        "run `cargo natsgen model --schema > codegen/model.schema.json`"
    );
}

#[test]
fn model_satisfies_its_schema() {
    let json = |arguments: &[&str]| -> serde_json::Value {
        let (_, printed, _) = natsgen(Path::new(BASE), arguments);
        serde_json::from_str(&printed).expect("JSON")
    };
    let schema = json(&["model", "--schema"]);
    let reference = jsonschema::validator_for(&schema).expect("a schema");
    for directory in [".", "../../../schema", "../../keyvalue/schema"] {
        let model = json(&["model", directory]);
        let errors: Vec<String> = reference
            .iter_errors(&model)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{directory}: {errors:?}");
    }
}

#[test]
fn expand_word_prints_matching_files() {
    let directory = directory("expand");
    schema(&directory);
    let (code, printed, _) = natsgen(&directory, &["expand", "DimReply"]);
    assert_eq!(code, 0);
    assert!(
        printed.starts_with("// lamp/dim.rs\n") && printed.contains("pub struct DimReply"),
        "{printed}"
    );
    let (code, printed, errors) = natsgen(&directory, &["expand", "nonsense"]);
    assert_eq!((code, printed), (1, String::new()));
    assert!(
        errors.starts_with("no generated file is or defines `nonsense`\n  help: "),
        "{errors}"
    );
}

#[test]
fn emit_outdated_files_are_written_and_stale_ones_removed() {
    let directory = directory("emit");
    schema(&directory);
    let emit = ["emit", "rust", "--out", "out"];
    let check = [&emit[..], &["--check"]].concat();
    let (code, _, errors) = natsgen(&directory, &check);
    assert_eq!(code, 1);
    assert!(errors.contains("missing: out/lamp/dim.rs\n"), "{errors}");
    assert!(
        errors.ends_with("help: run `natsgen emit rust --out out`\n"),
        "{errors}"
    );

    let (code, printed, _) = natsgen(&directory, &emit);
    assert!(
        code == 0 && printed.contains("new: out/mod.rs\n"),
        "{printed}"
    );
    let (code, printed, _) = natsgen(&directory, &check);
    assert!(
        code == 0 && printed.ends_with(" files up to date\n"),
        "{printed}"
    );

    fs::write(directory.join("out/own.rs"), "// Written by hand.\n").expect("a file");
    fs::write(
        directory.join("out/old.rs"),
        "// Generated by `natsgen emit rust` from x; do not edit.\n",
    )
    .expect("a file");
    replace(&directory.join("out/lamp/dim.rs"), "DimReply", "DimAnswer");
    let (code, _, errors) = natsgen(&directory, &check);
    assert_eq!(code, 1);
    assert!(
        errors.starts_with("changed: out/lamp/dim.rs\nstale: out/old.rs\n"),
        "{errors}"
    );
    let (code, printed, _) = natsgen(&directory, &emit);
    assert!(
        code == 0 && printed.starts_with("updated: out/lamp/dim.rs\nremoved: out/old.rs\n"),
        "{printed}"
    );
    assert!(directory.join("out/own.rs").exists() && !directory.join("out/old.rs").exists());
}

#[test]
fn emit_types_only_needs_no_manifest_in_any_language() {
    let directory = directory("types_only");
    let folder = directory.join("schema/shapes");
    fs::create_dir_all(&folder).expect("the folder is made");
    let plan = r#"{ "title": "Plan", "type": "object", "examples": "none", "item": {},
        "properties": { "point": { "$schema": "http://json-schema.org/draft-07/schema#", "$ref": "shapes/point.json" } } }"#;
    fs::write(directory.join("schema/plan.schema.json"), plan).expect("the schema is written");
    let point = r#"{ "type": "object", "properties": { "x": { "type": "number", "not": { "const": 1 } } } }"#;
    fs::write(folder.join("point.json"), point).expect("the schema is written");
    fs::write(directory.join("go.mod"), "module plans\n").expect("go.mod is written");
    let (code, printed, errors) = natsgen(&directory, &["check", "--types-only"]);
    assert_eq!(code, 0, "{printed}{errors}");
    for ignored in ["/item", "/examples", "/properties/point/$schema"] {
        let warning = format!("schema/plan.schema.json#{ignored}: warning[ignored-keyword]");
        assert!(printed.contains(&warning), "{warning}: {printed}");
    }
    for (language, expected) in [
        (
            "rust",
            "assertion.rs mod.rs types/plan_schema.rs types/point.rs",
        ),
        (
            "typescript",
            "assertion.ts index.ts types/plan_schema.ts types/point.ts",
        ),
        (
            "python",
            "__init__.py assertion.py types/__init__.py types/plan_schema.py types/point.py",
        ),
        (
            "go",
            "internal/assertions/assertions.go types/plan_schema.go types/point.go",
        ),
    ] {
        let arguments = ["emit", language, "--types-only", "--out", language];
        let (code, printed, errors) = natsgen(&directory, &arguments);
        assert_eq!(code, 0, "{language}: {errors}");
        let new = printed
            .lines()
            .filter_map(|line| line.strip_prefix("new: "));
        let mut new: Vec<_> = new
            .map(|path| path.trim_start_matches(language).trim_start_matches('/'))
            .collect();
        new.sort_unstable();
        assert_eq!(new.join(" "), expected, "{language}");
        let check = [&arguments[..], &["--check"]].concat();
        assert_eq!(natsgen(&directory, &check).0, 0, "{language}");
    }
    fs::write(directory.join("schema/manifest.json"), "{}").expect("a manifest is written");
    let (code, printed, _) = natsgen(&directory, &["check", "--types-only"]);
    assert!(
        code == 1 && printed.contains("leave `--types-only` out"),
        "{printed}"
    );
}

#[test]
fn emit_go_finds_the_import_path_in_go_mod() {
    let directory = directory("emit_go");
    schema(&directory);
    let emit = ["emit", "go", "--out", "out/protocol"];
    let (code, _, errors) = natsgen(&directory, &emit);
    assert_eq!(code, 2);
    assert!(errors.contains("out/protocol is in no module"), "{errors}");
    fs::write(directory.join("go.mod"), "module example.com/a\n").expect("a file");
    assert_eq!(natsgen(&directory, &emit).0, 0);
    let path = directory.join("out/protocol/lamp/dim.go");
    let text = fs::read_to_string(path).expect("the file is there");
    let import = "\"example.com/a/out/protocol/types\"";
    assert!(text.contains(import), "{text}");
}

#[test]
fn command_that_cannot_run_exits_with_2() {
    let directory = directory("usage");
    let (code, _, errors) = natsgen(&directory, &["check"]);
    assert_eq!(code, 2);
    assert!(errors.starts_with("cannot read schema: "), "{errors}");
    assert_eq!(natsgen(&directory, &["emit", "cobol"]).0, 2);
    assert_eq!(natsgen(&directory, &[]).0, 2);
    let (code, help, _) = natsgen(&directory, &["--help"]);
    assert!(
        code == 0 && help.contains("Examples:") && help.contains("Exit codes:"),
        "{help}"
    );
}

#[test]
fn vectors_outdated_files_are_written_and_stale_removed() {
    let directory = directory("vectors");
    schema(&directory);
    let write = ["vectors", "--out", "out"];
    let check = [&write[..], &["--check"]].concat();
    let (code, _, errors) = natsgen(&directory, &check);
    assert_eq!(code, 1);
    assert!(
        errors.contains("missing: out/lamp/dim.Request.json\n"),
        "{errors}"
    );
    assert!(
        errors.ends_with("help: run `natsgen vectors schema --out out`\n"),
        "{errors}"
    );

    let (code, printed, _) = natsgen(&directory, &write);
    assert_eq!(code, 0);
    assert!(
        printed.contains("new: out/lamp/dim.Request.json\n"),
        "{printed}"
    );
    let path = directory.join("out/lamp/dim.Request.json");
    let text = fs::read_to_string(&path).expect("the corpus is there");
    let corpus: natsgen_vectors::Corpus = serde_json::from_str(&text).expect("a corpus");
    assert_eq!(corpus.message, "lamp/dim#Request");
    assert!(
        !corpus.valid.is_empty() && !corpus.invalid.is_empty(),
        "{text}"
    );

    fs::write(directory.join("out/mine.json"), "{}").expect("a file of somebody else");
    fs::rename(&path, directory.join("out/lamp/gone.json")).expect("the corpus is moved");
    let (code, printed, _) = natsgen(&directory, &write);
    assert_eq!(code, 0);
    let done = "removed: out/lamp/gone.json\n";
    assert!(
        printed.contains(done) && printed.contains("new: out/lamp/dim.Request.json\n"),
        "{printed}"
    );
    assert_eq!(natsgen(&directory, &check).0, 0);
    assert!(directory.join("out/mine.json").exists());

    let (_, printed, _) = natsgen(&directory, &[&write[..], &["--json"]].concat());
    let first: serde_json::Value =
        serde_json::from_str(printed.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["file"], "lamp/dim.Outcome.json");
}

#[test]
fn bundle_is_printed_or_written_and_checked() {
    let directory = directory("bundle");
    schema(&directory);
    let (code, printed, _) = natsgen(&directory, &["bundle", "--operation", "dim"]);
    assert_eq!(code, 0);
    let bundle: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
    assert!(bundle["$defs"].get("DimRequest").is_some(), "{printed}");
    assert_eq!(bundle["$defs"].get("Glow"), None);

    let (code, _, errors) = natsgen(&directory, &["bundle", "--operation", "din"]);
    let expected = "there is no operation `din`\n  help: did you mean `dim`?\n";
    assert_eq!((code, &*errors), (1, expected));

    let url = "https://example.com/lamps";
    let write = ["bundle", "--strict", "--id", url, "--out", "out"];
    let check = [&write[..], &["--check"]].concat();
    let (code, _, errors) = natsgen(&directory, &check);
    let help =
        "help: run `natsgen bundle schema --strict --id https://example.com/lamps --out out`\n";
    assert!(code == 1 && errors.ends_with(help), "{errors}");
    assert_eq!(natsgen(&directory, &write).0, 0);
    let path = directory.join("out/lamp/dim.json");
    let text = fs::read_to_string(&path).expect("the bundle is there");
    let id = "\"$id\": \"https://example.com/lamps/lamp/dim.json\"";
    assert!(text.contains(id), "{text}");
    let gone = directory.join("out/lamp/gone.json");
    fs::rename(&path, &gone).expect("the bundle is moved");

    let (code, _, _) = natsgen(&directory, &["bundle", "--out", "out/all.json"]);
    assert!(code == 0 && gone.exists(), "other files are left alone");
    fs::remove_file(directory.join("out/all.json")).expect("the bundle is removed");
    let (code, printed, _) = natsgen(&directory, &write);
    let done = "new: out/lamp/dim.json\nremoved: out/lamp/gone.json\n";
    assert!(code == 0 && printed.starts_with(done), "{printed}");
    assert_eq!(natsgen(&directory, &check).0, 0);
    let both = ["bundle", "--operation", "dim", "--out", "out"];
    assert_eq!(natsgen(&directory, &both).0, 2);
}
