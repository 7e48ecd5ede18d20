//! The folder of the contexts.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use varpulis_sdk::types::{Config, NatsConfig};

use crate::terminal::error::CommandError;

/// The files of the contexts.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder of the user. It need not exist.
    pub(super) fn of_user() -> Result<Self, CommandError> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        let parent = set("XDG_CONFIG_HOME").map(PathBuf::from);
        let parent = parent.or_else(|| Some(PathBuf::from(set("HOME")?).join(".config")));
        let parent = parent.ok_or_else(|| CommandError::Settings {
            reason: "there is no folder for contexts".to_owned(),
            advice: "set HOME or XDG_CONFIG_HOME".to_owned(),
        })?;
        Ok(Self(parent.join("varpulis")))
    }

    /// The file of a context.
    pub(super) fn file(&self, name: &str) -> Result<PathBuf, CommandError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.is_empty() || name.starts_with('.') || !name.bytes().all(is_plain) {
            return Err(CommandError::Settings {
                reason: format!("{name:?} is no name of a context"),
                advice: "use letters, digits, `-`, `_` and `.`".to_owned(),
            });
        }
        Ok(self.0.join("contexts").join(format!("{name}.json")))
    }

    /// The connection of a context.
    pub(super) fn read(&self, name: &str) -> Result<NatsConfig, CommandError> {
        let file = self.file(name)?;
        if !file.exists() {
            let known = self.names()?.join(", ");
            return Err(CommandError::Settings {
                reason: format!("there is no context {name:?}"),
                advice: format!("`varpulis context add {name}` adds it; known: {known}"),
            });
        }
        let config = Config::load(Some(&file), [("", ""); 0])?;
        config.nats.ok_or_else(|| CommandError::Settings {
            reason: format!("{} has no member `nats`", file.display()),
            advice: format!("add it again: `varpulis context add {name}`"),
        })
    }

    /// Writes a context.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf, CommandError> {
        let file = self.file(name)?;
        self.replace(&file, text)?;
        Ok(file)
    }

    /// Removes a context.
    pub(super) fn remove(&self, name: &str) -> Result<(), CommandError> {
        // An absent context is an error that names the others.
        self.read(name)?;
        let remove = |file: &Path| fs::remove_file(file).map_err(|error| failed(file, &error));
        remove(&self.file(name)?)?;
        if self.selected()?.as_deref() == Some(name) {
            remove(&self.selection())?;
        }
        Ok(())
    }

    /// The names of all contexts, sorted.
    pub(super) fn names(&self) -> Result<Vec<String>, CommandError> {
        let folder = self.0.join("contexts");
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(&folder, &error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| failed(&folder, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            names.extend(name.strip_suffix(".json").map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// The name of the selected context.
    pub(super) fn selected(&self) -> Result<Option<String>, CommandError> {
        match fs::read_to_string(self.selection()) {
            Ok(name) => Ok(Some(name.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&self.selection(), &error)),
        }
    }

    /// Selects a context.
    pub(super) fn select(&self, name: &str) -> Result<(), CommandError> {
        self.read(name)?;
        self.replace(&self.selection(), name)
    }

    fn selection(&self) -> PathBuf {
        self.0.join("context")
    }

    /// Writes a file that only its owner may read. An interrupted write leaves the old file.
    fn replace(&self, file: &Path, text: &str) -> Result<(), CommandError> {
        let new = file.with_extension("new");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = fs::create_dir_all(self.0.join("contexts"))
            .and_then(|()| options.open(&new))
            .and_then(|mut opened| opened.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&new, file));
        written.map_err(|error| failed(file, &error))
    }
}

fn failed(file: &Path, error: &io::Error) -> CommandError {
    CommandError::Failed(format!("{}: {error}", file.display()))
}
