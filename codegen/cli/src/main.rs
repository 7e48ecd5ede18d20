//! The `natsgen` command: its arguments and subcommands.

mod acl;
mod bundle;
mod check;
mod emit;
mod expand;
mod explain;
mod failure;
mod files;
mod formats;
mod import_path;
mod input;
mod model;
mod output;
mod position;
mod report;
mod vectors;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The text below the help.
const EXAMPLES: &str = "Examples:
  natsgen check                          check the schemas in ./schema
  natsgen check other --deny-warnings    check another directory; warnings are errors
  natsgen check --format github          annotate the changed files of a pull request
  natsgen explain subject-overlap        cause, example and fix of a code
  natsgen model | jq '.operations'       print the operations of the model
  natsgen expand deploy                  print the files with `deploy` in a path or item name
  natsgen emit rust --out src/protocol   write the code in Rust
  natsgen emit python --out src/shop     write the code in Python
  natsgen emit rust --out src/protocol --check
                                         only check whether the code is up to date
  natsgen emit rust schemas --types-only --out src/types
                                         write only types, for schemas without a manifest
  natsgen emit go --out protocol         write the code in Go, below a go.mod
  natsgen vectors --out tests/corpus     write valid and invalid documents, for tests in any language
  natsgen bundle --strict                print all types as a single JSON Schema document, for other tools
  natsgen bundle --operation deploy      print the messages of an operation as JSON Schema
  natsgen bundle --out docs/schema       write a JSON Schema document for each operation
  natsgen acl --user w0=worker:w0        print the permissions of a user for nats-server

Exit codes: 0 success; 1 the schemas have errors, or files are out of date; 2 the command could not be run.";

/// Generates typed NATS clients and servers from JSON Schema.
#[derive(Debug, Parser)]
#[command(name = "natsgen", version, about, after_help = EXAMPLES, subcommand_required = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks schemas and prints each error with its place in the source and a fix.
    Check(check::Arguments),
    /// Explains the code of a diagnostic: cause, example and fix.
    Explain(explain::Arguments),
    /// Prints the model of the schemas as JSON. All code is generated from this model.
    Model(model::Arguments),
    /// Prints generated Rust without writing it.
    Expand(expand::Arguments),
    /// Writes generated code.
    Emit(emit::Arguments),
    /// Writes test documents for each message: valid ones, and ones that break the schema in a single place.
    Vectors(vectors::Arguments),
    /// Writes self-contained JSON Schema documents for other tools, without the keywords of natsgen.
    Bundle(bundle::Arguments),
    /// Writes NATS permissions: the users of a nats-server with the least permissions of their roles.
    Acl(acl::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Model(arguments) => model::run(&arguments),
        Command::Expand(arguments) => expand::run(&arguments),
        Command::Emit(arguments) => emit::run(&arguments),
        Command::Vectors(arguments) => vectors::run(&arguments),
        Command::Bundle(arguments) => bundle::run(&arguments),
        Command::Acl(arguments) => acl::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprint!("{failure}");
            ExitCode::from(failure.code())
        }
    }
}
