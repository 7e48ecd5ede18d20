//! temp
fn main() {
    let root = std::env::var("CARGO_PKG_NAME").unwrap();
    let root = if root == "keyvalue" {
        "crate::protocol"
    } else {
        "crate"
    };
    let out = std::path::PathBuf::from(std::env::var("OUT_DIR").unwrap());
    let schemas = natsgen::Schemas::read_dir(std::path::Path::new("schema")).unwrap();
    let (p, _) = natsgen::compile(&schemas)
        .map_err(|e| e.to_string())
        .unwrap();
    let o = natsgen::emit::rust::Options {
        root: root.into(),
        schemas: "schema".into(),
    };
    for (path, text) in natsgen::emit::rust::files(&p, &o).unwrap() {
        let path = out.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    println!("cargo:rerun-if-changed=schema");
}
