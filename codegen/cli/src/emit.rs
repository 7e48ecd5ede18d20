//! `natsgen emit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use natsgen::Output;
use natsgen::target::rust;

use crate::failure::Failure;
use crate::files;
use crate::formats::Formats;
use crate::input::compile;
use crate::output::print;

#[derive(Debug, Subcommand)]
pub(super) enum Language {
    /// Writes Rust: `mod.rs` and the files that it includes.
    Rust(Arguments),
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The schema directory.
    #[arg(default_value = "schema", value_name = "DIR")]
    directory: String,
    /// How `format` is treated in the schemas.
    #[arg(long, value_enum, default_value_t)]
    formats: Formats,
    /// The output directory. Generated files that no schema needs any more are removed; all other files are left alone.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write nothing; fail if a file is out of date.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(language: &Language) -> Result<(), Failure> {
    let Language::Rust(arguments) = language;
    let protocol = compile(&arguments.directory, arguments.formats)?;
    let files = rust::files(&protocol, &arguments.directory);
    let output = Output::new(&arguments.out, &files);
    let listed = files::write_or_check(&output, arguments.check, &command(arguments))?;
    print(&format!(
        "{listed}{}: {} files up to date\n",
        arguments.out.display(),
        files.len()
    ))
}

/// The command that writes the files that `--check` reports.
fn command(arguments: &Arguments) -> String {
    let Arguments {
        directory,
        out,
        formats,
        ..
    } = arguments;
    let directory = if directory == "schema" {
        String::new()
    } else {
        format!(" {directory}")
    };
    let formats = match formats {
        Formats::Assert => "",
        Formats::Annotate => " --formats annotate",
    };
    format!(
        "natsgen emit rust{directory} --out {}{formats}",
        out.display()
    )
}
