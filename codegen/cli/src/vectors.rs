//! `natsgen vectors`.

use std::path::PathBuf;

use clap::Args;
use natsgen::Output;
use natsgen_vectors::{Corpus, VectorsError};
use serde_json::json;

use crate::failure::Failure;
use crate::files;
use crate::formats::Formats;
use crate::input::read;
use crate::output::print;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The schema directory.
    #[arg(default_value = "schema", value_name = "DIR")]
    directory: String,
    /// The output directory, with a file for each message. Generated files that no message needs any more are removed;
    /// all other files are left alone.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write nothing; fail if a file is out of date.
    #[arg(long)]
    check: bool,
    /// Print the number of documents in each corpus as JSON, an object for each message.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let directory = &arguments.directory;
    let schemas = read(directory, Formats::Assert)?;
    let corpora = natsgen_vectors::corpora(&schemas).map_err(|error| match error {
        VectorsError::Schemas(diagnostics) => Failure::from(diagnostics),
        other => Failure::Wrong(format!("{other}\n")),
    })?;
    let written = natsgen_vectors::files(&corpora);
    let help = format!(
        "natsgen vectors {directory} --out {}",
        arguments.out.display()
    );
    let listed = files::write_or_check(
        &Output::new(&arguments.out, &written),
        arguments.check,
        &help,
    )?;
    if arguments.json {
        let lines = corpora
            .iter()
            .map(|corpus| format!("{}\n", counted(corpus)));
        return print(&lines.collect::<String>());
    }
    let valid: usize = corpora.iter().map(|corpus| corpus.valid.len()).sum();
    let invalid: usize = corpora.iter().map(|corpus| corpus.invalid.len()).sum();
    print(&format!(
        "{listed}{}: {} files up to date, {valid} valid and {invalid} invalid documents\n",
        arguments.out.display(),
        written.len()
    ))
}

/// The number of documents in a corpus.
fn counted(corpus: &Corpus) -> serde_json::Value {
    json!({
        "message": corpus.message,
        "file": corpus.path(),
        "valid": corpus.valid.len(),
        "invalid": corpus.invalid.len(),
    })
}
