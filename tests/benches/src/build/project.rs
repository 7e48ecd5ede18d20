//! A package of generated code, compiled by Cargo.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;
use std::{fmt, fs};

use super::folder::{directory, workspace};
use super::source::Source;
use crate::Failure;

/// The Cargo profile.
#[derive(Clone, Copy, Debug)]
pub(super) enum Profile {
    /// The profile for development.
    Dev,
    /// The profile for production.
    Release,
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Dev => "dev",
            Self::Release => "release",
        })
    }
}

/// A package below [`directory`].
#[derive(Debug)]
pub(super) struct Project {
    root: PathBuf,
}

impl Project {
    /// Writes the package. Its dependencies have the versions of this workspace.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub(super) fn new(source: &Source) -> Result<Self, Failure> {
        let root = directory().join(source.name);
        fs::create_dir_all(&root)?;
        let manifest = format!(
            "[package]\nname = \"benches-{}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}\n",
            source.name, source.dependencies
        );
        fs::write(root.join("Cargo.toml"), manifest)?;
        fs::copy(workspace().join("Cargo.lock"), root.join("Cargo.lock"))?;
        let project = Self { root };
        for (path, text) in &source.files {
            let path = project.root.join("src").join(path);
            fs::create_dir_all(path.parent().unwrap_or(&project.root))?;
            fs::write(path, text)?;
        }
        Ok(project)
    }

    /// Compiles the package, and returns the time in seconds. Compiled dependencies are reused.
    ///
    /// # Errors
    /// If the package does not compile.
    pub(super) fn compile(&self, profile: Profile) -> Result<f64, Failure> {
        let root = self.root.join("src/lib.rs");
        fs::write(&root, fs::read(&root)?)?;
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--offline"])
            .env("CARGO_TARGET_DIR", directory().join("target"))
            .current_dir(&self.root);
        if let Profile::Release = profile {
            cargo.arg("--release");
        }
        let start = Instant::now();
        let output = cargo.output()?;
        let elapsed = start.elapsed().as_secs_f64();
        if output.status.success() {
            Ok(elapsed)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into())
        }
    }
}
