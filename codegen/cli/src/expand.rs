//! `natsgen expand`.

use clap::Args;
use natsgen::Language;

use crate::failure::Failure;
use crate::formats::Formats;
use crate::input::{compile, read};
use crate::output::print;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print the files with this word in their path or in the name of an item that they define; case is ignored.
    name: String,
    /// The schema directory.
    #[arg(long, default_value = "schema", value_name = "DIR")]
    schema: String,
    /// How `format` is treated in the schemas.
    #[arg(long, value_enum, default_value_t)]
    formats: Formats,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let protocol = compile(&read(&arguments.schema, arguments.formats)?)?;
    let files = natsgen::emit(Language::Rust, &protocol, &arguments.schema);
    let word = arguments.name.to_lowercase();
    let mut text = String::new();
    for (path, source) in files
        .iter()
        .filter(|(path, source)| path.contains(&word) || defines(source, &word))
    {
        text.extend(["// ", path, "\n", source, "\n"]);
    }
    if text.is_empty() {
        let help = "try a part of the name of an operation, a type or a role";
        return Err(Failure::Wrong(format!(
            "no generated file is or defines `{}`\n  help: {help}\n",
            arguments.name
        )));
    }
    print(&text)
}

/// Whether a source defines an item with this word in its name.
fn defines(source: &str, word: &str) -> bool {
    let items = ["struct ", "enum ", "trait ", "fn ", "const ", "type "];
    source.lines().map(str::trim_start).any(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = items.iter().find_map(|item| line.strip_prefix(item));
        let name = name.and_then(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
        });
        name.is_some_and(|name| name.to_lowercase().contains(word))
    })
}
