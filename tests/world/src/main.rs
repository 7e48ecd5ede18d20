//! Schemas that packages of npm and `PyPI` ship, as they are: accepted, typed, compiled, and compared with the `jsonschema`
//! crate over the documents of these packages.
//!
//! `cargo run --release -p world` installs the packages of `packages.json` below `target/world`, with checksums. It prints
//! a line for each family of schemas, the misses with their reasons, and the sums beside the aims.

mod crates;
mod documents;
mod family;
mod install;
mod packages;
mod reference;
mod report;
mod typed;
mod typify;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use clap::Parser;

use crates::{Crates, Generator};
use family::Compiled;
use install::Installed;
use packages::Packages;
use report::Line;

/// The reason why the measurement cannot run.
type Failure = Box<dyn Error + Send + Sync>;

/// Measures natsgen with the schemas of published packages.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only these families, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Compiles no generated code, so documents are not decoded.
    #[arg(long)]
    no_build: bool,
    /// Also measures typify with the same schemas and documents.
    #[arg(long)]
    typify: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let directory = target().join("world");
    fs::create_dir_all(&directory)?;
    let packages = Packages::read()?;
    let installed = Installed::install(&packages, &directory)?;
    let families = packages.families.iter();
    let wanted = families
        .filter(|family| arguments.only.is_empty() || arguments.only.contains(&family.name));
    let mut compiled = Vec::new();
    for family in wanted {
        compiled.push(Compiled::new(family, &installed)?);
    }
    let crates = if arguments.no_build {
        None
    } else {
        let members: Vec<_> = compiled.iter().filter_map(Compiled::member).collect();
        Some(Crates::build(Generator::Natsgen, &members, &directory)?)
    };
    let mut lines = Vec::new();
    for family in &compiled {
        let documents = match &crates {
            Some(_) => documents::of(family, &compiled, &installed)?,
            None => Vec::new(),
        };
        lines.push(Line::new(family, crates.as_ref(), &documents)?);
    }
    report::print(&lines, crates.as_ref());
    if arguments.typify {
        beside_typify(&compiled, &installed, &directory, arguments.no_build)?;
    }
    Ok(())
}

/// Prints the table of typify.
fn beside_typify(
    compiled: &[Compiled<'_>],
    installed: &Installed,
    directory: &Path,
    no_build: bool,
) -> Result<(), Failure> {
    // Panics are counted, not printed.
    std::panic::set_hook(Box::new(|_| {}));
    let mut outcomes = Vec::new();
    let mut members = Vec::new();
    for family in compiled {
        let declared = family.declared();
        let mut outcome = typify::run(family, &declared);
        if let typify::Outcome::Accepted(accepted) = &mut outcome {
            members.extend(accepted.member.take());
        }
        outcomes.push((family, declared.declared, outcome));
    }
    let crates = if no_build {
        None
    } else {
        Some(Crates::build(Generator::Typify, &members, directory)?)
    };
    let mut counts = report::Counts::default();
    if let Some(crates) = &crates {
        for member in &members {
            let family = compiled
                .iter()
                .find(|found| found.family.name == member.family);
            let Some(family) = family.filter(|_| crates.error(&member.family).is_none()) else {
                continue;
            };
            let documents = documents::of(family, compiled, installed)?;
            let verdicts = crates.decode(&member.family, &documents)?;
            for (at, document) in documents.iter().enumerate() {
                counts.add(document, verdicts.get(at));
            }
        }
    }
    report::print_typify(&outcomes, &members, crates.as_ref(), counts);
    Ok(())
}

/// The root of the repository.
fn root() -> &'static Path {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.unwrap_or(Path::new("/"))
}

/// The target directory of Cargo.
fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}
