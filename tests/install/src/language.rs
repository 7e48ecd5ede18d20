//! The languages, and how a user installs their packages.

use crate::Error;

/// A language. In its files and commands, `{root}` is this checkout, `{target}` the target directory of Cargo,
/// `{version}` the version of the packages, `{program}` the path of a program and `{name}` its name.
#[derive(Debug)]
pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// The README with the programs.
    pub(crate) readme: &'static str,
    /// The languages of the code blocks that belong to the project.
    pub(crate) blocks: &'static [&'static str],
    /// The folder of the examples.
    pub(crate) examples: Option<&'static str>,
    /// The command that builds the packages in this checkout.
    pub(crate) build: Option<&'static str>,
    /// Further files of the project.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// The commands that install the packages and compile the programs, in the folder of the project.
    pub(crate) install: &'static [&'static str],
    /// The programs of the README that need a server.
    pub(crate) programs: &'static [&'static str],
    /// The command of a program.
    pub(crate) program: &'static str,
    /// The commands of the unit tests and of programs that need no server.
    pub(crate) tests: &'static [&'static str],
}

/// Replaces the released packages by those of this checkout. The dependencies that this checkout has compiled are used
/// again.
const CARGO_CONFIG: &str = r#"[build]
target-dir = "{target}"

[patch.crates-io]
natsgen = { path = "{root}/codegen" }
natsgen-runtime = { path = "{root}/sdk/rust/runtime" }
varpulis-sdk = { path = "{root}" }

[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false
"#;

const LANGUAGES: [Language; 5] = [
    Language {
        name: "quickstart",
        readme: "README.md",
        blocks: &["toml", "json", "rs"],
        examples: None,
        build: None,
        files: &[(".cargo/config.toml", CARGO_CONFIG)],
        install: &["cp {root}/Cargo.lock ."],
        programs: &[],
        program: "",
        tests: &["cargo test --quiet", "cargo run --quiet"],
    },
    Language {
        name: "rust",
        readme: "README.md",
        blocks: &["rust"],
        examples: Some("sdk/rust/examples"),
        build: None,
        files: &[
            (".cargo/config.toml", CARGO_CONFIG),
            ("src/lib.rs", ""),
            (
                "Cargo.toml",
                r#"[package]
name = "app"
edition = "2024"

[dependencies]
natsgen-runtime = "0.1"
tokio = { version = "1", features = ["macros", "rt-multi-thread", "signal"] }
varpulis-sdk = "0.1"
"#,
            ),
        ],
        install: &["cp {root}/Cargo.lock .", "cargo build --quiet --examples"],
        programs: &["client", "server"],
        program: "cargo run --quiet --example {name}",
        tests: &[],
    },
    Language {
        name: "typescript",
        readme: "sdk/typescript/README.md",
        blocks: &["ts"],
        examples: Some("sdk/typescript/examples"),
        build: Some("sdk/typescript/build"),
        files: &[
            ("package.json", r#"{ "type": "module" }"#),
            (
                "tsconfig.json",
                r#"{
  "compilerOptions": {
    "module": "nodenext",
    "target": "es2023",
    "lib": ["es2023", "dom", "esnext.disposable"],
    "types": ["node"],
    "strict": true
  }
}"#,
            ),
        ],
        install: &[
            "npm pack --loglevel=error {root}/sdk/typescript/runtime {root}/sdk/typescript/varpulis",
            "npm install --no-audit --no-fund --loglevel=error natsgen-runtime-{version}.tgz varpulis-sdk-{version}.tgz \
             @nats-io/transport-node@3 typescript@6 @types/node@22",
            "node_modules/.bin/tsc",
        ],
        programs: &["client", "server", "subscriber", "worker"],
        program: "{root}/sdk/typescript/node_modules/.bin/node {program}.js",
        tests: &["{root}/sdk/typescript/node_modules/.bin/node --test coordinator.test.js"],
    },
    Language {
        name: "python",
        readme: "sdk/python/README.md",
        blocks: &["python"],
        examples: Some("sdk/python/examples"),
        build: Some("sdk/python/install"),
        files: &[],
        install: &[
            "python3 -m venv venv",
            "venv/bin/pip install --quiet --disable-pip-version-check pytest \
             {root}/target/python/wheels/natsgen_runtime-{version}-py3-none-any.whl \
             {root}/target/python/wheels/varpulis_sdk-{version}-py3-none-any.whl",
        ],
        programs: &["client", "server", "subscriber", "worker"],
        program: "venv/bin/python {program}.py",
        tests: &["venv/bin/python -m pytest --quiet test_coordinator.py"],
    },
    Language {
        name: "go",
        readme: "sdk/go/README.md",
        blocks: &["go"],
        examples: Some("sdk/go/examples"),
        build: None,
        files: &[],
        install: &[
            "go mod init example.com/app",
            "go mod edit -require=github.com/varpulis/varpulis-sdk/sdk/go@v{version} \
             -replace=github.com/varpulis/varpulis-sdk/sdk/go={root}/sdk/go",
            "go mod tidy",
            "go build -o bin/ ./client ./server ./subscriber ./node",
            "go build -o bin/examples/ ./examples/...",
        ],
        programs: &["client", "server", "subscriber"],
        program: "bin/{program}",
        tests: &["go test ./test"],
    },
];

/// The languages with these names; without names, all languages.
pub(crate) fn selected(names: &[String]) -> Result<Vec<Language>, Error> {
    for name in names {
        if !LANGUAGES.iter().any(|language| language.name == *name) {
            let known = LANGUAGES.map(|language| language.name).join(", ");
            return Err(format!("unknown language `{name}`; known are {known}").into());
        }
    }
    let is_selected =
        |language: &Language| names.is_empty() || names.iter().any(|name| name == language.name);
    Ok(LANGUAGES.into_iter().filter(is_selected).collect())
}
