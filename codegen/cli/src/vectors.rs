//! `natsgen vectors`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use natsgen::{Output, Schemas, compile};
use natsgen_vectors::{ByteCorpus, Corpus, VectorsError};
use serde_json::json;

use crate::failure::Failure;
use crate::files;
use crate::formats::Formats;
use crate::import_path;
use crate::input::read;
use crate::output::print;

#[derive(Debug, Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
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
    /// Write the byte-level cases instead of the documents: payloads that no JSON value can express.
    #[arg(long)]
    bytes: bool,
    /// Write `cases.jsonl` instead of the documents: calls and events that test clients against servers.
    #[arg(long, conflicts_with_all = ["bytes", "json"])]
    calls: bool,
    /// Write a table of the generated types of all messages instead of the documents, for the corpus tests of a language.
    #[arg(long, value_name = "LANGUAGE", conflicts_with_all = ["bytes", "calls", "json"])]
    table: Option<Table>,
    /// The folder of the generated code of Go, which the table imports; default: the output directory.
    #[arg(long, value_name = "DIR", requires = "table")]
    code: Option<PathBuf>,
    /// Print the number of documents in each corpus as JSON, an object for each message.
    #[arg(long)]
    json: bool,
}

/// The language of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Table {
    Rust,
    Go,
}

/// The files and the numbers of their cases.
struct Written {
    files: BTreeMap<String, String>,
    counts: Vec<Count>,
}

/// The number of cases of a message.
struct Count {
    message: String,
    file: String,
    valid: usize,
    invalid: usize,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let directory = &arguments.directory;
    let schemas = read(directory, Formats::Assert)?;
    if let Some(table) = arguments.table {
        return write_table(arguments, table, &schemas);
    }
    if arguments.calls {
        return write_calls(arguments, &schemas);
    }
    let (option, noun) = if arguments.bytes {
        (" --bytes", "payloads")
    } else {
        ("", "documents")
    };
    let written = written(&schemas, arguments.bytes).map_err(failure)?;
    let out = arguments.out.display();
    let help = format!("natsgen vectors {directory}{option} --out {out}");
    let output = Output::new(&arguments.out, &written.files);
    let listed = files::write_or_check(&output, arguments.check, &help)?;
    if arguments.json {
        let counts = written.counts.iter();
        let lines: Vec<_> = counts.map(|count| format!("{}\n", count.json())).collect();
        return print(&lines.concat());
    }
    let valid: usize = written.counts.iter().map(|count| count.valid).sum();
    let invalid: usize = written.counts.iter().map(|count| count.invalid).sum();
    print(&format!(
        "{listed}{out}: {} files up to date, {valid} valid and {invalid} invalid {noun}\n",
        written.files.len()
    ))
}

/// Writes the calls and events.
fn write_calls(arguments: &Arguments, schemas: &Schemas) -> Result<(), Failure> {
    let Arguments { directory, out, .. } = arguments;
    let cases = natsgen_vectors::calls(schemas).map_err(failure)?;
    let lines = natsgen_vectors::call_lines(&cases);
    let files = BTreeMap::from([("cases.jsonl".to_owned(), lines)]);
    let help = format!(
        "natsgen vectors {directory} --calls --out {}",
        out.display()
    );
    let listed = files::write_or_check(&Output::new(out, &files), arguments.check, &help)?;
    print(&format!(
        "{listed}{}: {} calls and events up to date\n",
        out.display(),
        cases.len()
    ))
}

/// Writes the table of a language, beside the tables of other protocols.
fn write_table(arguments: &Arguments, table: Table, schemas: &Schemas) -> Result<(), Failure> {
    let Arguments { directory, out, .. } = arguments;
    let (protocol, _) = compile(schemas).map_err(Failure::from)?;
    let name = protocol.name.snake();
    let (language, file, text) = match table {
        Table::Go => {
            let code = arguments.code.as_ref().unwrap_or(out);
            let import_path = import_path::of(code)?;
            let language = format!("go --code {}", code.display());
            let text = natsgen_vectors::go_table(&protocol, &import_path);
            (language, format!("{name}_test.go"), text)
        }
        Table::Rust => {
            let text = natsgen_vectors::rust_table(&protocol);
            ("rust".to_owned(), format!("{name}.rs"), text)
        }
    };
    let files = BTreeMap::from([(file, text)]);
    let shown = out.display();
    let help = format!("natsgen vectors {directory} --table {language} --out {shown}");
    let output = Output::new(out, &files).beside_others();
    let listed = files::write_or_check(&output, arguments.check, &help)?;
    print(&format!("{listed}{shown}: the table is up to date\n"))
}

fn failure(error: VectorsError) -> Failure {
    match error {
        VectorsError::Schemas(diagnostics) => Failure::from(diagnostics),
        other => Failure::Wrong(format!("{other}\n")),
    }
}

fn written(schemas: &Schemas, bytes: bool) -> Result<Written, VectorsError> {
    if bytes {
        let corpora = natsgen_vectors::byte_corpora(schemas)?;
        return Ok(Written {
            files: natsgen_vectors::byte_files(&corpora),
            counts: corpora.iter().map(Count::of_bytes).collect(),
        });
    }
    let corpora = natsgen_vectors::corpora(schemas)?;
    Ok(Written {
        files: natsgen_vectors::files(&corpora),
        counts: corpora.iter().map(Count::of_documents).collect(),
    })
}

impl Count {
    fn of_documents(corpus: &Corpus) -> Self {
        Self {
            message: corpus.message.clone(),
            file: corpus.path(),
            valid: corpus.valid.len(),
            invalid: corpus.invalid.len(),
        }
    }

    fn of_bytes(corpus: &ByteCorpus) -> Self {
        Self {
            message: corpus.message.clone(),
            file: corpus.path(),
            valid: corpus.valid.len(),
            invalid: corpus.invalid.len(),
        }
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "message": self.message,
            "file": self.file,
            "valid": self.valid,
            "invalid": self.invalid,
        })
    }
}
