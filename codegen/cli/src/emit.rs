//! `natsgen emit`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use natsgen::{Language, Output};

use crate::failure::Failure;
use crate::files;
use crate::formats::Formats;
use crate::import_path;
use crate::input::{compile, read_types};
use crate::output::print;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The programming language.
    #[arg(value_parser = PossibleValuesParser::new(Language::ALL.map(Language::name))
        .try_map(|name| Language::from_name(&name).ok_or("unknown language")))]
    language: Language,
    /// The schema directory.
    #[arg(default_value = "schema", value_name = "DIR")]
    directory: String,
    /// How `format` is treated in the schemas.
    #[arg(long, value_enum, default_value_t)]
    formats: Formats,
    /// Read each document as a schema of types: there is no manifest, and the code has no subjects, clients and servers.
    #[arg(long)]
    types_only: bool,
    /// The output directory. Generated files that no schema needs any more are removed; all other files are left alone.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write nothing; fail if a file is out of date.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments {
        directory,
        formats,
        types_only,
        ..
    } = arguments;
    let schemas = read_types(directory, *formats, *types_only)?.language(arguments.language);
    let protocol = compile(&schemas)?;
    let files = match arguments.language {
        Language::Go => {
            let import_path = import_path::of(&arguments.out)?;
            natsgen::emit_package(Language::Go, &protocol, directory, &import_path)
        }
        language => natsgen::emit(language, &protocol, directory),
    };
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
        language,
        directory,
        out,
        formats,
        types_only,
        ..
    } = arguments;
    let types_only = if *types_only { " --types-only" } else { "" };
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
        "natsgen emit {}{directory}{types_only} --out {}{formats}",
        language.name(),
        out.display()
    )
}
