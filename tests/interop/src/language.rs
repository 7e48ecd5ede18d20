//! The languages and the commands of their peers.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::Error;

/// A language and its peer.
#[derive(Debug)]
pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// Whether the peer sends and answers bytes without an SDK.
    pub(crate) is_raw: bool,
    /// The commands that build the peer.
    builds: &'static [&'static [&'static str]],
    /// The command of the peer, without its mode. Empty if the peer is part of this program.
    command: &'static [&'static str],
}

const LANGUAGES: [Language; 5] = [
    Language {
        name: "rust",
        is_raw: false,
        builds: &[],
        command: &[],
    },
    Language {
        name: "go",
        is_raw: false,
        builds: &[&[
            "go",
            "build",
            "-C",
            "tests/interop/go",
            "-o",
            "../../../target/interop-go",
            ".",
        ]],
        command: &["target/interop-go"],
    },
    Language {
        name: "typescript",
        is_raw: false,
        builds: &[&["sdk/typescript/build"]],
        command: &[
            "sdk/typescript/node_modules/.bin/node",
            "sdk/typescript/tests/dist/interop/main.js",
        ],
    },
    Language {
        name: "python",
        is_raw: false,
        builds: &[&["sdk/python/install"]],
        command: &[
            "target/python/venv/bin/python",
            "tests/interop/python/main.py",
        ],
    },
    Language {
        name: "raw",
        is_raw: true,
        builds: &[],
        command: &[],
    },
];

/// The languages with these names; without names, all languages.
pub(crate) fn selected(names: &[String]) -> Result<Vec<Language>, Error> {
    for name in names {
        if !LANGUAGES.iter().any(|language| language.name == *name) {
            let known = LANGUAGES.map(|language| language.name).join(", ");
            return Err(format!("unknown language `{name}`; known are {known}").into());
        }
    }
    let is_selected =
        |language: &Language| names.is_empty() || names.iter().any(|name| name == language.name);
    Ok(LANGUAGES.into_iter().filter(is_selected).collect())
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Language {
    /// Builds the peer.
    pub(crate) fn prepare(&self) -> Result<(), Error> {
        for build in self.builds {
            let [program, arguments @ ..] = build else {
                continue;
            };
            let status = Command::new(program)
                .args(arguments)
                .current_dir(root())
                .status()
                .map_err(|error| format!("{}: cannot run `{program}`: {error}", self.name))?;
            if !status.success() {
                return Err(format!("{}: `{}` failed", self.name, build.join(" ")).into());
            }
        }
        Ok(())
    }

    /// The command of the peer, without its mode.
    pub(crate) fn command(&self) -> Result<Command, Error> {
        let mut command = match self.command {
            [] => {
                let mut command = Command::new(env::current_exe()?);
                command.arg(self.name);
                command
            }
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments);
                command
            }
        };
        command.current_dir(root());
        Ok(command)
    }
}
