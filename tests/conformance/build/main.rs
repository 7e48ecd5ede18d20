//! Runs natsgen on the schema of every test group. Writes the generated code and a table of all tests.

mod group;
mod protocol;
mod remote;
mod schema;
mod table;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use group::{DRAFTS, Group, Section};
use protocol::Generated;
use remote::Remote;
use table::Table;

/// The files of the official suite.
const SUITE: &str = "suite";

/// The reason why the suite cannot be read or the code cannot be written.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed={SUITE}");
    let output = PathBuf::from(env::var_os("OUT_DIR").ok_or("`OUT_DIR` is not set")?);
    let suite = Path::new(SUITE);
    let mut table = Table::default();
    for draft in DRAFTS {
        let remotes = remote::read(suite, draft)?;
        for section in [Section::Required, Section::Optional, Section::Format] {
            for group in group::read(suite, draft, section)? {
                let module = format!("case_{:04}", table.len());
                let outcome = generate(&group, &remotes, &module, &output)?;
                table.push(&group, &module, outcome);
            }
        }
    }
    fs::write(output.join("cases.rs"), table.finish())?;
    Ok(())
}

/// Writes the code of a group, or returns the errors of natsgen for its schema.
fn generate(
    group: &Group,
    remotes: &[Remote],
    module: &str,
    output: &Path,
) -> Result<Result<String, String>, Failure> {
    let directory = output.join(module);
    Ok(match protocol::generate(group, remotes) {
        Ok(Generated { files, path }) => {
            natsgen::Output::new(&directory, &files).write()?;
            Ok(path)
        }
        Err(why) => Err(why),
    })
}
