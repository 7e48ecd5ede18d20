//! The languages and the commands of their programs.

use std::path::PathBuf;
use std::process::Command;

use crate::Failure;

/// A language and its program.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// The command that builds the program, in the root of the repository.
    build: &'static [&'static str],
    /// The command of the program, without its arguments. The path starts at the root of the repository.
    command: &'static [&'static str],
    /// The folder in which the program runs.
    folder: &'static str,
}

/// All languages.
pub(crate) const LANGUAGES: [Language; 3] = [
    Language {
        name: "python",
        build: &["sdk/python/install"],
        command: &["target/python/venv/bin/python", "-m", "bench"],
        folder: "sdk/python/tests",
    },
    Language {
        name: "go",
        build: &[
            "go",
            "build",
            "-C",
            "sdk/go",
            "-o",
            "../../target/bench-go",
            "./internal/bench",
        ],
        command: &["target/bench-go"],
        folder: "sdk/go",
    },
    Language {
        name: "typescript",
        build: &["sdk/typescript/build"],
        command: &[
            "sdk/typescript/node_modules/.bin/node",
            "dist/bench/main.js",
        ],
        folder: "sdk/typescript/tests",
    },
];

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Language {
    /// Builds the program.
    ///
    /// # Errors
    /// If the command fails. The error contains its output.
    pub(crate) fn build(&self) -> Result<(), Failure> {
        let command = self.build.join(" ");
        let output = Command::new(self.build[0])
            .args(&self.build[1..])
            .current_dir(root())
            .output()
            .map_err(|error| format!("{}: cannot run `{command}`: {error}", self.name))?;
        if output.status.success() {
            return Ok(());
        }
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        Err(format!("{}: `{command}` failed\n{text}", self.name).into())
    }

    /// The command of the program, without its arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(root().join(self.command[0]));
        command.args(&self.command[1..]);
        command.current_dir(root().join(self.folder));
        command
    }
}
