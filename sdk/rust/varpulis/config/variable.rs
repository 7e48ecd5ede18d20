//! Variables of the environment that set members of the configuration.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::ConfigError;
use super::place::Place;

/// What the name of each variable begins with.
const PREFIX: &str = "VARPULIS_";

/// What the name of a variable ends with that names a file.
const FILE: &str = "_FILE";

/// What stands between the members that a name leads through.
const SEPARATOR: &str = "__";

/// A variable that sets a member.
pub(super) struct Variable {
    pub(super) name: String,
    /// The members that lead to the one that it sets.
    pub(super) path: Vec<String>,
    pub(super) text: String,
}

impl Variable {
    /// Those of the environment that are ours, by name.
    pub(super) fn all<N: Into<OsString>, T: Into<OsString>>(
        environment: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Vec<Self>, ConfigError> {
        let mut variables = Vec::new();
        for (name, text) in environment {
            let name = name.into();
            if name.as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
                variables.push(Self::new(&name.to_string_lossy(), text.into())?);
            }
        }
        variables.sort_by(|left, right| left.name.cmp(&right.name));
        for inner in &variables {
            let outer = variables
                .iter()
                .find(|outer| outer.name != inner.name && inner.path.starts_with(&outer.path));
            if let Some(outer) = outer {
                let mut names = [outer.name.clone(), inner.name.clone()];
                names.sort();
                return Err(ConfigError::SetTwice(names));
            }
        }
        Ok(variables)
    }

    fn new(name: &str, text: OsString) -> Result<Self, ConfigError> {
        let text = text.into_string().map_err(|_| ConfigError::Wrong {
            place: Place::variable(name),
            pointer: String::new(),
            reason: "expected UTF-8".to_owned(),
        })?;
        let member = &name[PREFIX.len()..];
        let (member, text) = match member.strip_suffix(FILE) {
            Some(member) => (member, content(name, Path::new(&text))?),
            None => (member, text),
        };
        Ok(Self {
            name: name.to_owned(),
            path: member.split(SEPARATOR).map(str::to_lowercase).collect(),
            text,
        })
    }

    /// Where in the configuration its member is, as a JSON pointer.
    pub(super) fn pointer(&self) -> String {
        self.path.iter().flat_map(|member| ["/", member]).collect()
    }
}

/// What is in a file that a variable names, without the line feed at its end.
fn content(name: &str, path: &Path) -> Result<String, ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
        place: Place::variable(name),
        path: path.to_owned(),
        error,
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
