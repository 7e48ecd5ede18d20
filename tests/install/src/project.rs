//! The project of a user: an empty folder with the installed packages, the programs of a README and the examples.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::Error;
use crate::language::Language;
use crate::readme;

/// The address in the programs. It is replaced by the address of the server of the test.
const ADDRESS: &str = "nats://localhost:4222";

/// A project in a temporary folder, which is removed on drop.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) language: Language,
    pub(crate) folder: PathBuf,
    /// The address of the server that the programs use.
    pub(crate) url: String,
}

impl Project {
    /// Builds and installs the packages, and compiles the programs.
    pub(crate) fn create(language: Language, url: &str) -> Result<Self, Error> {
        if let Some(build) = language.build {
            run(command(build, &root(), url))?;
        }
        let folder = format!("varpulis-install-{}-{}", std::process::id(), language.name);
        let project = Self {
            folder: env::temp_dir().join(folder),
            url: url.to_owned(),
            language,
        };
        project.fill()?;
        for step in project.language.install {
            run(project.command(step))?;
        }
        Ok(project)
    }

    fn fill(&self) -> Result<(), Error> {
        let Language {
            readme,
            blocks,
            examples,
            files,
            ..
        } = self.language;
        for (name, text) in files {
            self.write(name, &filled(text))?;
        }
        let text = fs::read_to_string(root().join(readme))?;
        for block in readme::blocks(&text) {
            if blocks.contains(&block.language) {
                self.write(block.path, &block.text.replace(ADDRESS, &self.url))?;
            }
        }
        if let Some(examples) = examples {
            copy(&root().join(examples), &self.folder.join("examples"))?;
        }
        Ok(())
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        Ok(fs::write(path, text)?)
    }

    /// A command in the folder of the project.
    pub(crate) fn command(&self, text: &str) -> Command {
        command(text, &self.folder, &self.url)
    }

    /// The command of a program, such as `client` or `examples/worker`.
    pub(crate) fn program(&self, name: &str) -> Command {
        let command = self.language.program.replace("{program}", name);
        self.command(&command.replace("{name}", name.trim_start_matches("examples/")))
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // The folder is only temporary.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs a command. The error contains its output.
pub(crate) fn run(mut command: Command) -> Result<(), Error> {
    let output = command
        .output()
        .map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    Err(format!("{command:?}: {}\n{stdout}{stderr}", output.status).into())
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.unwrap_or(Path::new("/")).to_owned()
}

/// A command whose words are separated by spaces.
fn command(text: &str, folder: &Path, url: &str) -> Command {
    let mut words = text.split_whitespace().map(filled);
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(folder).env("NATS_URL", url);
    command
}

fn filled(text: &str) -> String {
    let root = root();
    let target = match env::var_os("CARGO_TARGET_DIR") {
        Some(target) => root.join(target),
        None => root.join("target"),
    };
    text.replace("{root}", &root.display().to_string())
        .replace("{target}", &target.display().to_string())
        .replace("{version}", env!("CARGO_PKG_VERSION"))
}

/// Copies a folder, without compiled files.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            fs::copy(entry.path(), target)?;
        } else if entry.file_name() != "dist" {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}
