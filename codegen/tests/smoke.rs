#[test]
fn base() {
    for dir in [
        "../tests/invalid/base",
        "../schema",
        "../tests/keyvalue/schema",
    ] {
        let schemas = natsgen::Schemas::read_dir(dir).unwrap();
        match natsgen::compile(&schemas) {
            Ok((_, w)) => {
                println!("ok");
                for w in w {
                    println!("{w}");
                }
            }
            Err(e) => println!("{e}"),
        }
    }
}
