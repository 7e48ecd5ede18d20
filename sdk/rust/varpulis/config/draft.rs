//! A configuration that its type has not judged yet.

use std::fs;
use std::path::{Path, PathBuf};

use natsgen_runtime::{DecodeError, Map, Side, Value, codec};

use super::ConfigError;
use super::place::Place;
use super::variable::Variable;
use crate::types::Config;

/// What the file and the variables say, the variables over the file.
pub(super) struct Draft {
    file: Option<PathBuf>,
    variables: Vec<Variable>,
    tree: Value,
}

impl Draft {
    pub(super) fn new(file: Option<&Path>, variables: Vec<Variable>) -> Result<Self, ConfigError> {
        let tree = match file {
            Some(path) => read(path)?,
            None => Value::Object(Map::new()),
        };
        let mut draft = Self {
            file: file.map(Path::to_owned),
            variables,
            tree,
        };
        for Variable { name, path, text } in &draft.variables {
            if let Some(refused) = unknown(path) {
                return Err(ConfigError::Unknown {
                    place: Place::variable(name),
                    pointer: refused.pointer,
                    member: None,
                    reason: refused.reason,
                });
            }
            set(&mut draft.tree, path, Value::Text(text.clone()));
        }
        Ok(draft)
    }

    /// Has it judged. Only the type knows whether a variable's text is one, so where it refuses a text, it gets what the
    /// text says in JSON.
    pub(super) fn judge(mut self) -> Result<Config, ConfigError> {
        loop {
            let refused = match decode(&self.tree) {
                Ok(config) => return Ok(config),
                Err(refused) => refused,
            };
            let mut variables = self.variables.iter();
            let variable = variables.find(|variable| variable.pointer() == refused.pointer);
            let Some((path, json)) = variable.and_then(|variable| {
                let is_text = self.tree.pointer(&refused.pointer)?.as_str().is_some();
                let json = is_text.then(|| json(&variable.text))??;
                Some((variable.path.clone(), json))
            }) else {
                return Err(self.blame(refused));
            };
            let is_scalar = json.as_array().is_none() && json.as_object().is_none();
            set(&mut self.tree, &path, json);
            // What was expected in place of the text says more than what is expected in place of a number.
            if is_scalar && decode(&self.tree).is_err_and(|again| again.pointer == refused.pointer)
            {
                return Err(self.blame(refused));
            }
        }
    }

    /// Finds out who said what was refused.
    fn blame(&self, refused: DecodeError) -> ConfigError {
        let DecodeError { pointer, reason } = refused;
        let setter = self
            .variables
            .iter()
            .find(|variable| is_within(&pointer, &variable.pointer()));
        if let Some(variable) = setter {
            return ConfigError::Wrong {
                place: Place::variable(&variable.name),
                pointer,
                reason,
            };
        }
        let file = self.file.clone();
        if let Some(member) = self.unknown_member(&pointer) {
            return ConfigError::Unknown {
                place: Place {
                    file,
                    variables: Vec::new(),
                },
                pointer,
                member: Some(member),
                reason,
            };
        }
        let inside = self
            .variables
            .iter()
            .filter(|variable| !pointer.is_empty() && is_within(&variable.pointer(), &pointer));
        ConfigError::Wrong {
            place: Place {
                file,
                variables: inside.map(|variable| variable.name.clone()).collect(),
            },
            pointer,
            reason,
        }
    }

    /// The member of an object that its type does not know.
    fn unknown_member(&self, object: &str) -> Option<String> {
        let mut members = self.tree.pointer(object)?.as_object()?.keys();
        let outer: Vec<_> = object.split('/').skip(1).map(str::to_owned).collect();
        let empty = refusal(&outer, Value::Object(Map::new()));
        let member = members.find(|member| {
            let refused = unknown(&[outer.as_slice(), &[(*member).to_owned()]].concat());
            // Where no object is expected at all, it is not the member that is wrong.
            refused.is_some() && refused != empty
        });
        member.map(str::to_owned)
    }
}

fn read(path: &Path) -> Result<Value, ConfigError> {
    let place = Place::file(path);
    let bytes = fs::read(path).map_err(|error| ConfigError::Unreadable {
        place: place.clone(),
        path: path.to_owned(),
        error,
    })?;
    codec::decode(&bytes, Side::Request).map_err(|DecodeError { pointer, reason }| {
        ConfigError::Wrong {
            place,
            pointer,
            reason,
        }
    })
}

fn decode(tree: &Value) -> Result<Config, DecodeError> {
    codec::decode(tree.to_string().as_bytes(), Side::Request)
}

/// What a text says in JSON.
fn json(text: &str) -> Option<Value> {
    let value: Value = codec::decode(text.as_bytes(), Side::Request).ok()?;
    value.as_str().is_none().then_some(value)
}

/// Sets a value, and makes the objects around it that are not there. What stands in their place is left for the type to
/// refuse.
fn set(tree: &mut Value, path: &[String], value: Value) {
    let [first, rest @ ..] = path else {
        *tree = value;
        return;
    };
    let Value::Object(members) = tree else {
        return;
    };
    if !members.contains_key(first) {
        members.insert(first.clone(), Value::Object(Map::new()));
    }
    if let Some(member) = members.get_mut(first) {
        set(member, rest, value);
    }
}

/// What the type says of a member that it does not know: what it says of one without a name, which it cannot know.
fn unknown(path: &[String]) -> Option<DecodeError> {
    let (_, outer) = path.split_last()?;
    let nameless = [outer, &[String::new()]].concat();
    let refused = refusal(path, Value::Null)?;
    (refusal(&nameless, Value::Null)? == refused).then_some(refused)
}

/// What the type says of a configuration that has this value and nothing else.
fn refusal(path: &[String], value: Value) -> Option<DecodeError> {
    let mut tree = Value::Object(Map::new());
    set(&mut tree, path, value);
    decode(&tree).err()
}

/// Whether a JSON pointer leads to the value of another, or to one inside of it.
fn is_within(pointer: &str, outer: &str) -> bool {
    let rest = pointer.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
