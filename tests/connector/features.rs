//! The crates that each set of features compiles.

use std::collections::BTreeSet;
use std::process::Command;

/// Returns the crates of the package with these features, without the crates of build scripts and tests.
fn crates(features: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--package",
            "varpulis-sdk",
            "--no-default-features",
        ])
        .args([
            "--features",
            features,
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    let name = |line: &str| line.split(" (").next().unwrap_or_default().to_owned();
    lines
        .lines()
        .map(name)
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn features_compile_few_crates() {
    let none = crates("");
    let transport = crates("nats-transport");
    let connector = crates("nats");
    let both = crates("nats,nats-transport");
    let has = |crates: &BTreeSet<String>, name: &str| {
        crates
            .iter()
            .any(|found| found.starts_with(&format!("{name} ")))
    };
    assert!(none.len() <= 20, "{none:#?}");
    assert!(!has(&none, "tokio") && !has(&none, "async-nats") && !has(&none, "tracing"));
    assert!(transport.len() <= 92, "{} crates", transport.len());
    let added: Vec<_> = both.difference(&transport).collect();
    assert!(added.len() <= 10, "{added:?}");
    assert!(connector.len() <= transport.len() + 10);
}
