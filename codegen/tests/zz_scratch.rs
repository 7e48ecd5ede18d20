use natsgen::{Schemas, compile};
use serde_json::Value as Json;
const MANIFEST: &str = r#"{"name": "conformance", "version": "0.1.0",
    "description": "A group of the official test suite.", "prefix": "conformance",
    "roles": {"reader": {"description": "Judges instances."}}}"#;
#[test]
fn scratch() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/conformance/suite");
    let mut n = 0;
    for (draft, dialect) in [
        (
            "draft2020-12",
            "https://json-schema.org/draft/2020-12/schema",
        ),
        ("draft7", "http://json-schema.org/draft-07/schema#"),
    ] {
        let dir = format!("{root}/tests/{draft}");
        let mut files: Vec<_> = std::fs::read_dir(&dir)
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.is_file())
            .collect();
        files.sort();
        for path in files {
            let groups: Vec<Json> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            for g in groups {
                let mut s = g["schema"].clone();
                if let Some(o) = s.as_object_mut() {
                    if !o.contains_key("$schema") {
                        o.insert("$schema".into(), dialect.into());
                    }
                } else {
                    s = serde_json::json!({"$schema": dialect, "$defs": {"case": s}});
                }
                let name = format!(
                    "{draft} {} {}",
                    path.file_stem().unwrap().to_string_lossy(),
                    g["description"]
                );
                let r = std::panic::catch_unwind(|| {
                    compile(&Schemas::from_texts([
                        ("manifest.json", MANIFEST.to_owned()),
                        ("types/thing.json", s.to_string()),
                    ]))
                });
                n += 1;
                match r {
                    Err(_) => println!("PANIC {name}"),
                    Ok(Err(e)) => println!(
                        "ERR {name}: {}",
                        e.as_slice()
                            .iter()
                            .filter(|d| d.severity == natsgen::Severity::Error)
                            .map(|d| format!("{}: {}", d.pointer, d.message))
                            .collect::<Vec<_>>()
                            .join("; ")
                    ),
                    Ok(Ok((p, _))) => {
                        let o = natsgen::emit::rust::Options {
                            root: "crate".into(),
                            schemas: "schema".into(),
                        };
                        if let Err(e) = natsgen::emit::rust::files(&p, &o) {
                            println!("EMIT {name}: {e}");
                        }
                        if std::env::var_os("SHOW").is_some() {
                            println!(
                                "OK {name}: {}",
                                p.types
                                    .iter()
                                    .map(|t| format!(
                                        "{} = {} {}",
                                        t.name.pascal(),
                                        serde_json::to_string(&t.shape).unwrap(),
                                        if t.rule.is_some() { "+rule" } else { "" }
                                    ))
                                    .collect::<Vec<_>>()
                                    .join(" | ")
                            );
                        }
                    }
                }
            }
        }
    }
    println!("{n} groups");
}
