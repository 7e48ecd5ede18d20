#[test]
fn base() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/invalid/base");
    let schemas = natsgen::Schemas::read_dir(dir).unwrap();
    match natsgen::compile(&schemas) {
        Ok((p, w)) => {
            println!("{}", serde_json::to_string_pretty(&p).unwrap());
            for w in w {
                println!("{w}");
            }
        }
        Err(e) => panic!("{e}"),
    }
}
