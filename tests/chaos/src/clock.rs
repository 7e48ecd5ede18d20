//! Clocks of child processes that jump, with libfaketime.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use tokio::process::Command;

use crate::Failure;

/// The package with the library, and the library inside.
const PACKAGE: &str = "libfaketime";
const LIBRARY: &str = "libfaketimeMT.so.1";

/// The variable with the path of the library, for systems without `apt-get`.
const VARIABLE: &str = "FAKETIME_LIBRARY";

const ADVICE: &str =
    "install the package `faketime`, or set FAKETIME_LIBRARY to the path of libfaketimeMT.so.1";

/// The library that gives a process another time of day. The monotonic clock stays, because it never jumps.
#[derive(Clone, Debug)]
pub(crate) struct FakeClock {
    library: PathBuf,
}

impl FakeClock {
    /// Finds the library, or downloads its package to the directory of this program.
    pub(crate) async fn find() -> Result<Self, Failure> {
        if let Some(library) = std::env::var_os(VARIABLE) {
            return Ok(Self {
                library: library.into(),
            });
        }
        let program = std::env::current_exe()?;
        let folder = program.with_file_name(PACKAGE);
        if let Some(library) = find(Path::new("/usr/lib"), 2).or_else(|| find(&folder, 4)) {
            return Ok(Self { library });
        }
        let downloaded = download(&folder).await;
        match find(&folder, 4) {
            Some(library) => Ok(Self { library }),
            None => Err(format!("no {LIBRARY}: {downloaded:?}; {ADVICE}").into()),
        }
    }

    /// The variables of a process that reads its clock from a file beside `path`.
    pub(crate) fn variables(&self, path: &Path) -> Vec<(&'static str, OsString)> {
        vec![
            ("LD_PRELOAD", self.library.clone().into()),
            ("FAKETIME_TIMESTAMP_FILE", file(path).into()),
            // The process reads the file each second.
            ("FAKETIME_CACHE_DURATION", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
        ]
    }
}

/// Moves the clock of a process that has the [variables](FakeClock::variables) of `path` to `seconds` after the clock of
/// this machine.
pub(crate) fn set(path: &Path, seconds: i64) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, format!("{seconds:+}"))?;
    fs::rename(new, file(path))
}

fn file(path: &Path) -> PathBuf {
    path.with_extension("clock")
}

/// Searches the library in a folder and `depth` levels below.
fn find(folder: &Path, depth: u32) -> Option<PathBuf> {
    let library = folder.join(LIBRARY);
    if library.is_file() {
        return Some(library);
    }
    let depth = depth.checked_sub(1)?;
    let mut entries = fs::read_dir(folder).ok()?.flatten();
    entries.find_map(|entry| find(&entry.path(), depth))
}

/// Downloads and unpacks the package; needs no rights of an administrator.
async fn download(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    run(Command::new("apt-get")
        .args(["download", PACKAGE])
        .current_dir(folder))
    .await?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(&path).arg(folder)).await?;
        }
    }
    Ok(())
}

async fn run(command: &mut Command) -> Result<(), Failure> {
    let output = command.output().await?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{command:?} ended with {}: {errors}", output.status).into())
}
