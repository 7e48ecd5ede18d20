//! `natsgen emit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use natsgen::emit::rust::{self, Options};
use natsgen::{Difference, Output};

use super::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Language {
    /// Writes Rust: `mod.rs`, and what it includes.
    Rust(Arguments),
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The schema directory.
    #[arg(default_value = "schema", value_name = "DIR")]
    directory: String,
    /// Where the files go. Emitted files that no schema stands for any more are removed, others are left alone.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The module that holds the generated code.
    #[arg(long, default_value = "crate", value_name = "PATH")]
    root: String,
    /// Write nothing; fail if there is anything to write.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(language: &Language) -> Result<(), Failure> {
    let Language::Rust(arguments) = language;
    let protocol = super::compile(&arguments.directory)?;
    let options = Options {
        root: arguments.root.clone(),
        schemas: arguments.directory.clone(),
    };
    let files =
        rust::files(&protocol, &options).map_err(|error| Failure::Wrong(format!("{error}\n")))?;
    let output = Output::new(&arguments.out, &files);
    let outcome = if arguments.check {
        output.differences()
    } else {
        output.write()
    };
    let differences = outcome.map_err(|error| Failure::Broken(format!("{error}\n")))?;
    let mut listed = String::new();
    for difference in &differences {
        let line = if arguments.check {
            difference.to_string()
        } else {
            done(difference)
        };
        listed.extend([&line, "\n"]);
    }
    if arguments.check && !differences.is_empty() {
        return Err(Failure::Wrong(format!(
            "{listed}  help: run `{}`\n",
            command(arguments)
        )));
    }
    super::print(&format!(
        "{listed}{}: {} files up to date\n",
        arguments.out.display(),
        files.len()
    ))
}

/// What was done about a difference.
fn done(difference: &Difference) -> String {
    let path = difference.path().display();
    match difference {
        Difference::Missing(_) => format!("new: {path}"),
        Difference::Changed(_) => format!("updated: {path}"),
        Difference::Stale(_) => format!("removed: {path}"),
    }
}

/// The command that writes what `--check` found missing.
fn command(arguments: &Arguments) -> String {
    let Arguments {
        directory,
        out,
        root,
        ..
    } = arguments;
    let directory = if directory == "schema" {
        String::new()
    } else {
        format!(" {directory}")
    };
    let root = if root == "crate" {
        String::new()
    } else {
        format!(" --root {root}")
    };
    format!("natsgen emit rust{directory} --out {}{root}", out.display())
}
