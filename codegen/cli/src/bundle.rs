//! `natsgen bundle`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use natsgen::{BundleError, BundleForm, Bundler, Output};

use crate::failure::Failure;
use crate::files;
use crate::formats::Formats;
use crate::input::{compile, read};
use crate::output::print;

/// The text below the help.
const EXAMPLES: &str = "The definitions have the names of the generated types. The root is an object with a member for each type.

Examples:
  natsgen bundle > protocol.json                       all types
  natsgen bundle --strict --out protocol.json          all types, for strict tools such as ajv and code generators
  natsgen bundle --strict --out protocol.json --check  only check whether the file is up to date
  natsgen bundle --operation deploy                    the messages of an operation
  natsgen bundle --out docs --id https://example.com/docs
                                                       docs/<role>/<operation>.json for each operation, with `$id`";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The schema directory.
    #[arg(default_value = "schema", value_name = "DIR")]
    directory: String,
    /// How `format` is treated in the schemas.
    #[arg(long, value_enum, default_value_t)]
    formats: Formats,
    /// Only the messages and parameters of this operation, and the types that they contain.
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// Write an equivalent form for strict tools and code generators: constants in a `oneOf` become an `enum`, lists of types
    /// become an `anyOf`, formats such as `uint64` are left out, and descriptions beside a `$ref` move to the object.
    #[arg(long)]
    strict: bool,
    /// The URL of the document, or of the directory of the documents. It becomes `$id`.
    #[arg(long, value_name = "URL")]
    id: Option<String>,
    /// The file, which ends in `.json`, or the directory for a document of each operation. Without it, the document is
    /// printed.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Write nothing; fail if a file is out of date.
    #[arg(long, requires = "out")]
    check: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let schemas = read(&arguments.directory, arguments.formats)?;
    let protocol = compile(&schemas)?;
    let form = if arguments.strict {
        BundleForm::Strict
    } else {
        BundleForm::Faithful
    };
    let bundler = Bundler::new(&schemas, &protocol, form);
    let Some(out) = &arguments.out else {
        return print(&document(arguments, &bundler)?);
    };
    let (directory, documents) = match file(out) {
        Some(name) => {
            let text = document(arguments, &bundler)?;
            let directory = out.parent().unwrap_or_else(|| Path::new(""));
            (directory, BTreeMap::from([(name, text)]))
        }
        None if arguments.operation.is_some() => {
            let help = "name a file that ends in `.json`, or leave out `--operation`";
            return Err(Failure::Broken(format!(
                "`--out {}` is a directory, which holds all operations\n  help: {help}\n",
                out.display()
            )));
        }
        None => (&**out, bundler.operations(arguments.id.as_deref())?),
    };
    let output = Output::new(directory, &documents);
    let output = if directory == out {
        output
    } else {
        output.beside_others()
    };
    let listed = files::write_or_check(&output, arguments.check, &command(arguments, out))?;
    print(&format!(
        "{listed}{}: {} files up to date\n",
        out.display(),
        documents.len()
    ))
}

/// The document of the operation, or else of the protocol.
fn document(arguments: &Arguments, bundler: &Bundler<'_>) -> Result<String, BundleError> {
    let id = arguments.id.as_deref();
    match &arguments.operation {
        Some(name) => bundler.operation(name, id),
        None => bundler.protocol(id),
    }
}

/// The name of the file, if the path is one.
fn file(path: &Path) -> Option<String> {
    let is_file = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let name = path.file_name().filter(|_| is_file)?;
    Some(name.to_string_lossy().into_owned())
}

/// The command that writes the files that `--check` reports.
fn command(arguments: &Arguments, out: &Path) -> String {
    let mut command = format!("natsgen bundle {}", arguments.directory);
    if arguments.formats == Formats::Annotate {
        command += " --formats annotate";
    }
    if arguments.strict {
        command += " --strict";
    }
    for (option, value) in [
        ("--operation", &arguments.operation),
        ("--id", &arguments.id),
    ] {
        if let Some(value) = value {
            command.extend([" ", option, " ", value]);
        }
    }
    format!("{command} --out {}", out.display())
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        Self::Wrong(format!("{error}\n"))
    }
}
