//! A configuration that is not validated.

use std::fs;
use std::path::{Path, PathBuf};

use natsgen_runtime::{DecodeError, Map, Side, Value, codec};

use super::error::ConfigError;
use super::origin::Origin;
use super::variable::Variable;
use crate::types::Config;

/// The file and the variables, merged. Variables take precedence.
pub(super) struct Draft {
    file: Option<PathBuf>,
    variables: Vec<Variable>,
    document: Value,
}

impl Draft {
    pub(super) fn new(file: Option<&Path>, variables: Vec<Variable>) -> Result<Self, ConfigError> {
        let document = match file {
            Some(path) => read(path)?,
            None => Value::Object(Map::new()),
        };
        let mut draft = Self {
            file: file.map(Path::to_owned),
            variables,
            document,
        };
        for Variable { name, path, text } in &draft.variables {
            if let Some(refused) = unknown(path) {
                return Err(ConfigError::UnknownMember {
                    origin: Origin::variable(name),
                    pointer: refused.pointer,
                    member: None,
                    reason: refused.reason,
                });
            }
            set(&mut draft.document, path, Value::Text(text.clone()));
        }
        Ok(draft)
    }

    /// Validates the configuration and decodes it. A variable's value starts as a string. If the type refuses the
    /// string, it is replaced by the string's JSON value.
    pub(super) fn decode(mut self) -> Result<Config, ConfigError> {
        loop {
            let refused = match decode(&self.document) {
                Ok(config) => return Ok(config),
                Err(refused) => refused,
            };
            let mut variables = self.variables.iter();
            let variable = variables.find(|variable| variable.pointer() == refused.pointer);
            let Some((path, json)) = variable.and_then(|variable| {
                let is_text = self.document.pointer(&refused.pointer)?.as_str().is_some();
                let json = is_text.then(|| json(&variable.text))??;
                Some((variable.path.clone(), json))
            }) else {
                return Err(self.locate(refused));
            };
            let is_scalar = json.as_array().is_none() && json.as_object().is_none();
            set(&mut self.document, &path, json);
            // The message about the expected string is more useful than the message about the expected number.
            if is_scalar
                && decode(&self.document).is_err_and(|again| again.pointer == refused.pointer)
            {
                return Err(self.locate(refused));
            }
        }
    }

    /// Finds the file or the variables that set the refused value.
    fn locate(&self, refused: DecodeError) -> ConfigError {
        let DecodeError { pointer, reason } = refused;
        let setter = self
            .variables
            .iter()
            .find(|variable| is_within(&pointer, &variable.pointer()));
        if let Some(variable) = setter {
            return ConfigError::Invalid {
                origin: Origin::variable(&variable.name),
                pointer,
                reason,
            };
        }
        let file = self.file.clone();
        if let Some(member) = self.unknown_member(&pointer) {
            return ConfigError::UnknownMember {
                origin: Origin {
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
        ConfigError::Invalid {
            origin: Origin {
                file,
                variables: inside.map(|variable| variable.name.clone()).collect(),
            },
            pointer,
            reason,
        }
    }

    /// The member of an object that the object's type does not know.
    fn unknown_member(&self, object: &str) -> Option<String> {
        let mut members = self.document.pointer(object)?.as_object()?.keys();
        let outer: Vec<_> = object.split('/').skip(1).map(str::to_owned).collect();
        let empty = refusal(&outer, Value::Object(Map::new()));
        let member = members.find(|member| {
            let refused = unknown(&[outer.as_slice(), &[(*member).to_owned()]].concat());
            // If the type expects no object here at all, the member is not the cause.
            refused.is_some() && refused != empty
        });
        member.map(str::to_owned)
    }
}

fn read(path: &Path) -> Result<Value, ConfigError> {
    let origin = Origin::file(path);
    let bytes = fs::read(path).map_err(|error| ConfigError::Unreadable {
        origin: origin.clone(),
        path: path.to_owned(),
        error,
    })?;
    codec::decode(&bytes, Side::Request).map_err(|DecodeError { pointer, reason }| {
        ConfigError::Invalid {
            origin,
            pointer,
            reason,
        }
    })
}

fn decode(document: &Value) -> Result<Config, DecodeError> {
    codec::decode(document.to_string().as_bytes(), Side::Request)
}

/// The value of a text that contains JSON.
fn json(text: &str) -> Option<Value> {
    let value: Value = codec::decode(text.as_bytes(), Side::Request).ok()?;
    value.as_str().is_none().then_some(value)
}

/// Sets a value, and creates missing objects around it. A value of another type on the path is left for the type to
/// refuse.
fn set(document: &mut Value, path: &[String], value: Value) {
    let [first, rest @ ..] = path else {
        *document = value;
        return;
    };
    let Value::Object(members) = document else {
        return;
    };
    if !members.contains_key(first) {
        members.insert(first.clone(), Value::Object(Map::new()));
    }
    if let Some(member) = members.get_mut(first) {
        set(member, rest, value);
    }
}

/// Whether the schema has a member with this path.
pub(super) fn is_member(path: &[String]) -> bool {
    unknown(path).is_none()
}

/// The error for a member that the type does not know: it equals the error for a member with an empty name, which no
/// type knows.
fn unknown(path: &[String]) -> Option<DecodeError> {
    let (_, outer) = path.split_last()?;
    let nameless = [outer, &[String::new()]].concat();
    let refused = refusal(path, Value::Null)?;
    (refusal(&nameless, Value::Null)? == refused).then_some(refused)
}

/// The error for a configuration that contains only this value.
fn refusal(path: &[String], value: Value) -> Option<DecodeError> {
    let mut document = Value::Object(Map::new());
    set(&mut document, path, value);
    decode(&document).err()
}

/// Whether a JSON pointer leads to the value at `outer`, or to a value inside it.
fn is_within(pointer: &str, outer: &str) -> bool {
    let rest = pointer.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
