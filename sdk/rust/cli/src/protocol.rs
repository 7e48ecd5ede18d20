//! The protocol of a command: the protocol of Varpulis, or that of a schema directory.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use include_dir::{Dir, DirEntry, include_dir};
use jsonschema::Validator;
use natsgen::model::{self, ErrorKind, Name, Operation};
use natsgen::{BundleForm, Bundler, Schemas};
use serde_json::{Value as Json, json};

use crate::terminal::error::CommandError;

/// The schemas of Varpulis.
static SCHEMAS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../../schema");

/// Selects the protocol.
#[derive(Debug, Default, Args)]
pub(crate) struct Selection {
    /// Use the protocol of this schema directory, instead of the protocol of Varpulis.
    #[arg(long, value_name = "FOLDER")]
    schema: Option<PathBuf>,
}

/// A protocol whose messages can be validated.
pub(crate) struct Protocol {
    pub(crate) model: model::Protocol,
    pub(crate) schemas: Schemas,
}

/// The schemas of the messages and parameters of an operation.
pub(crate) struct Types(Json);

/// A value that breaks its schema.
#[derive(Debug)]
pub(crate) struct Invalid {
    /// The JSON pointer of the invalid part.
    pub(crate) pointer: String,
    pub(crate) reason: String,
}

impl Selection {
    /// Reads the protocol.
    pub(crate) fn load(&self) -> Result<Protocol, CommandError> {
        let schemas = match &self.schema {
            Some(folder) => read(folder)?,
            None => Schemas::from_texts(documents(&SCHEMAS)),
        };
        let model = compile(&schemas)?;
        Ok(Protocol { model, schemas })
    }
}

/// Reads a schema directory.
pub(crate) fn read(folder: &Path) -> Result<Schemas, CommandError> {
    Schemas::read_dir(folder).map_err(|error| CommandError::Settings {
        reason: error.to_string(),
        advice: "name a folder of schemas with a manifest.json".to_owned(),
    })
}

/// Compiles schemas.
pub(crate) fn compile(schemas: &Schemas) -> Result<model::Protocol, CommandError> {
    let compiled = natsgen::compile(schemas);
    let (protocol, _) = compiled.map_err(|errors| CommandError::Settings {
        reason: errors.to_string().trim_end().to_owned(),
        advice: format!("run `natsgen check {}`", schemas.directory()),
    })?;
    Ok(protocol)
}

/// The texts of the JSON documents, by path.
fn documents<'a>(folder: &Dir<'a>) -> Vec<(String, &'a str)> {
    let mut texts = Vec::new();
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(inner) => texts.extend(documents(inner)),
            DirEntry::File(file) if entry.path().extension().is_some_and(|name| name == "json") => {
                let path = entry.path().to_string_lossy().replace('\\', "/");
                texts.extend(file.contents_utf8().map(|text| (path, text)));
            }
            DirEntry::File(_) => {}
        }
    }
    texts
}

impl Protocol {
    /// Finds an operation by its name.
    pub(crate) fn operation(&self, name: &str) -> Result<&Operation, CommandError> {
        let mut operations = self.model.operations.iter();
        let found = operations.find(|operation| operation.name.snake() == name);
        found.ok_or_else(|| {
            let names = self.model.operations.iter();
            let mut names: Vec<_> = names.map(|operation| operation.name.snake()).collect();
            names.sort();
            CommandError::Settings {
                reason: format!("the protocol has no operation {name:?}"),
                advice: format!("it has {}", names.join(", ")),
            }
        })
    }

    /// Finds an error of the catalogue.
    pub(crate) fn error(&self, code: &str) -> Option<&ErrorKind> {
        let mut errors = self.model.errors.iter();
        errors.find(|error| error.code.snake() == code)
    }

    /// The schemas of an operation.
    pub(crate) fn types(&self, operation: &Operation) -> Result<Types, CommandError> {
        let bundler = Bundler::new(&self.schemas, &self.model, BundleForm::Faithful);
        let document = bundler.operation(&operation.name.snake(), None);
        let document = document.map_err(|error| CommandError::unexpected(&error))?;
        let document = serde_json::from_str(&document);
        document
            .map(Types)
            .map_err(|error| CommandError::unexpected(&error))
    }
}

impl Types {
    /// The first example of a type.
    pub(crate) fn example(&self, name: &Name) -> Option<&Json> {
        self.0["$defs"][name.pascal()]["examples"].get(0)
    }

    /// The description of a type.
    pub(crate) fn description(&self, name: &Name) -> &str {
        let description = &self.0["$defs"][name.pascal()]["description"];
        description.as_str().unwrap_or_default()
    }

    /// Validates a value.
    pub(crate) fn check(&self, name: &Name, value: &Json) -> Result<(), Invalid> {
        let validator = self.validator(name);
        let validator = validator.map_err(|reason| Invalid {
            pointer: String::new(),
            reason,
        })?;
        let Err(error) = validator.validate(value) else {
            return Ok(());
        };
        Err(Invalid {
            pointer: error.instance_path().as_str().to_owned(),
            reason: error.to_string(),
        })
    }

    /// Replaces the values whose schema says `sensitive`.
    pub(crate) fn hide_secrets(&self, name: &Name, value: &mut Json) {
        self.hide(&self.0["$defs"][name.pascal()], value);
    }

    fn hide(&self, schema: &Json, value: &mut Json) {
        if schema["sensitive"] == true {
            *value = Json::from("***");
            return;
        }
        let reference = schema["$ref"]
            .as_str()
            .and_then(|text| text.strip_prefix('#'));
        if let Some(target) = reference.and_then(|pointer| self.0.pointer(pointer)) {
            self.hide(target, value);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for branch in schema[keyword].as_array().into_iter().flatten() {
                self.hide(branch, value);
            }
        }
        for (key, member) in value.as_object_mut().into_iter().flatten() {
            let declared = schema["properties"].get(key);
            self.hide(declared.unwrap_or(&schema["additionalProperties"]), member);
        }
        for item in value.as_array_mut().into_iter().flatten() {
            self.hide(&schema["items"], item);
        }
    }

    fn validator(&self, name: &Name) -> Result<Validator, String> {
        let schema = json!({
            "$schema": self.0["$schema"],
            "$ref": format!("#/$defs/{}", name.pascal()),
            "$defs": self.0["$defs"],
        });
        let options = jsonschema::options().should_validate_formats(true);
        options.build(&schema).map_err(|error| error.to_string())
    }
}

impl Invalid {
    /// The reason and the place.
    pub(crate) fn text(&self) -> String {
        let mut text = self.reason.clone();
        if !self.pointer.is_empty() {
            // Writing to a string never fails.
            let _ = write!(text, " at {}", self.pointer);
        }
        text
    }
}
