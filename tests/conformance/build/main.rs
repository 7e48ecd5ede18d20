//! Runs natsgen on the schema of every test group. Writes the generated code and a table of all tests.

mod group;
mod modules;
mod protocol;
mod remote;
mod schema;
mod table;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use group::{DRAFTS, Section};
use modules::Modules;
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
    let mut modules = Modules::new(&output);
    for draft in DRAFTS {
        let remotes = remote::read(suite, draft)?;
        for section in [Section::Required, Section::Optional, Section::Format] {
            for group in group::read(suite, draft, section)? {
                let validator = match protocol::generate(&group, &remotes) {
                    Ok(generated) => Ok(modules.path(generated)?),
                    Err(why) => Err(why),
                };
                table.push(&group, validator);
            }
        }
    }
    fs::write(output.join("modules.rs"), modules.finish())?;
    fs::write(output.join("cases.rs"), table.finish())?;
    Ok(())
}
