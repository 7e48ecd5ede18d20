//! Writes files, or reports that they are out of date.

use natsgen::{Difference, Output};

use crate::failure::Failure;

/// Writes each file that differs, or with `check` fails if a file differs. Returns a line for each file.
///
/// `command` is the command that writes the files; the error message names it.
pub(super) fn write_or_check(
    output: &Output<'_>,
    check: bool,
    command: &str,
) -> Result<String, Failure> {
    let outcome = if check {
        output.differences()
    } else {
        output.write()
    };
    let differences = outcome.map_err(|error| Failure::Broken(format!("{error}\n")))?;
    let mut listed = String::new();
    for difference in &differences {
        let line = if check {
            difference.to_string()
        } else {
            describe(difference)
        };
        listed.extend([&line, "\n"]);
    }
    if check && !differences.is_empty() {
        return Err(Failure::Wrong(format!("{listed}  help: run `{command}`\n")));
    }
    Ok(listed)
}

/// Reports the change that a difference caused.
fn describe(difference: &Difference) -> String {
    let path = difference.path().display();
    match difference {
        Difference::Missing(_) => format!("new: {path}"),
        Difference::Changed(_) => format!("updated: {path}"),
        Difference::Stale(_) => format!("removed: {path}"),
    }
}
