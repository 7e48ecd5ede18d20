//! The crates of the generated code: a library for each family, and a program that decodes documents.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use natsgen::Output;
use serde_json::{Value as Json, json};

use crate::Failure;
use crate::documents::Document;
use crate::root;

/// The settings of each crate.
const PACKAGE: &str = "version = \"0.1.0\"\nedition = \"2024\"\npublish = false\n";

/// The program that decodes documents. Its first argument is the family, and each line of its input is a document.
const MAIN: &str = include_str!("decode.rs.txt");

/// The generator of a set of crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generator {
    Natsgen,
    Typify,
}

/// The generated code of a family.
#[derive(Debug)]
pub(crate) struct Member {
    /// The name of the family.
    pub(crate) family: String,
    /// Further dependencies, as lines of a manifest.
    pub(crate) dependencies: String,
    /// The files below `src`.
    pub(crate) files: BTreeMap<String, String>,
    /// Whether `lib.rs` defines the type `Root`.
    pub(crate) has_root: bool,
}

/// The compiled crates.
#[derive(Debug)]
pub(crate) struct Crates {
    program: PathBuf,
    /// The first error of each family that does not compile.
    failed: BTreeMap<String, String>,
    /// The time of the compiler for all crates.
    pub(crate) time: Duration,
}

/// The verdict of generated code for a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Valid,
    Invalid(String),
    /// The forms of decoding and encoding differ, e.g. a document is read and cannot be written.
    Contradiction(String),
}

impl Crates {
    /// Writes and compiles the crates of all families.
    ///
    /// # Errors
    /// If a file cannot be written, if Cargo is missing, or if the program does not compile.
    pub(crate) fn build(
        generator: Generator,
        members: &[Member],
        directory: &Path,
    ) -> Result<Self, Failure> {
        let directory = directory.join(match generator {
            Generator::Natsgen => "crates",
            Generator::Typify => "typify",
        });
        let mut names = vec!["decode".to_owned()];
        for member in members {
            let name = crate_name(&member.family);
            let folder = directory.join(&name);
            let dependencies = &member.dependencies;
            let manifest =
                format!("[package]\nname = \"{name}\"\n{PACKAGE}\n[dependencies]\n{dependencies}");
            write(&folder.join("Cargo.toml"), &manifest)?;
            Output::new(&folder.join("src"), &member.files).write()?;
            names.push(name);
        }
        fs::copy(root().join("Cargo.lock"), directory.join("Cargo.lock"))?;
        let names = json!(names).to_string();
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = {names}\n\n[profile.dev]\ndebug = false\nincremental = false\n"
        );
        write(&directory.join("Cargo.toml"), &manifest)?;
        decode(generator, &directory, members, &BTreeMap::new())?;
        let started = Instant::now();
        let mut build = cargo(&directory);
        build.args(["--workspace", "--exclude", "decode", "--keep-going"]);
        let failed = failures(&mut build)?;
        decode(generator, &directory, members, &failed)?;
        let mut build = cargo(&directory);
        build.args(["--package", "decode"]);
        if let Some((name, error)) = failures(&mut build)?.pop_first() {
            return Err(format!("{name} does not compile: {error}").into());
        }
        Ok(Self {
            program: directory.join("target/debug/decode"),
            failed,
            time: started.elapsed(),
        })
    }

    /// The first compile error of a family.
    pub(crate) fn error(&self, family: &str) -> Option<&str> {
        self.failed.get(&crate_name(family)).map(String::as_str)
    }

    /// The verdicts for documents, in their order. If the program ends early, its output is shorter.
    ///
    /// # Errors
    /// If the program cannot be run.
    pub(crate) fn decode(
        &self,
        family: &str,
        documents: &[Document],
    ) -> Result<Vec<Verdict>, Failure> {
        let mut child = Command::new(&self.program)
            .arg(crate_name(family))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut input = child.stdin.take().ok_or("no input")?;
        let mut lines = String::new();
        for document in documents {
            writeln!(lines, "{}", Json::from(document.text.as_str()))?;
        }
        // The program may end before it has read all documents.
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = child.wait_with_output()?;
        let _ = writer.join();
        let text = String::from_utf8(output.stdout)?;
        Ok(text.lines().map(verdict).collect())
    }
}

fn verdict(line: &str) -> Verdict {
    match line.split_once(' ') {
        Some(("invalid", reason)) => Verdict::Invalid(reason.to_owned()),
        Some((_, reason)) => Verdict::Contradiction(reason.to_owned()),
        None => Verdict::Valid,
    }
}

/// Writes the program, without the families that do not compile.
fn decode(
    generator: Generator,
    directory: &Path,
    members: &[Member],
    failed: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let mut dependencies = format!("{}serde = \"1\"\nserde_json = \"1\"\n", runtime());
    let mut arms = String::new();
    let validate = match generator {
        Generator::Natsgen => "validate::validate",
        Generator::Typify => "by_serde",
    };
    for member in members {
        let name = crate_name(&member.family);
        if member.has_root && !failed.contains_key(&name) {
            writeln!(dependencies, "{name} = {{ path = \"../{name}\" }}")?;
            writeln!(arms, "        \"{name}\" => {validate}::<{name}::Root>,")?;
        }
    }
    let folder = directory.join("decode");
    let manifest =
        format!("[package]\nname = \"decode\"\n{PACKAGE}\n[dependencies]\n{dependencies}");
    write(&folder.join("Cargo.toml"), &manifest)?;
    let source = |file| {
        let path = root().join("tests/conformance/src").join(file);
        path.display().to_string()
    };
    let main = MAIN
        .replace("SUITE", &source("suite.rs"))
        .replace("VALIDATE", &source("validate.rs"))
        .replace("        ARMS\n", &arms);
    write(&folder.join("src/main.rs"), &main)
}

/// The dependency on the runtime of this checkout, without calls.
pub(crate) fn runtime() -> String {
    let path = root().join("sdk/rust/runtime").display().to_string();
    format!("natsgen-runtime = {{ path = {path:?}, default-features = false }}\n")
}

fn crate_name(family: &str) -> String {
    let name = family.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("family_{name}")
}

fn cargo(directory: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--quiet", "--message-format", "json"])
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", directory.join("target"));
    cargo
}

/// The first error of each package that does not compile.
fn failures(build: &mut Command) -> Result<BTreeMap<String, String>, Failure> {
    let output = build.output()?;
    let mut failed = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Json = serde_json::from_str(line).unwrap_or_default();
        if message["message"]["level"] == "error" {
            let id = message["package_id"].as_str().unwrap_or_default();
            let name = id.rsplit('/').next().unwrap_or_default();
            let name = name.split('#').next().unwrap_or_default();
            let text = message["message"]["rendered"].as_str().unwrap_or_default();
            failed
                .entry(name.to_owned())
                .or_insert_with(|| text.to_owned());
        }
    }
    if !output.status.success() && failed.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(failed)
}

/// Writes a file, unless it has this text already.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    Ok(fs::write(path, text)?)
}
