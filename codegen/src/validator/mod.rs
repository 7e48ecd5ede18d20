//! The runtime's validator over assertions of the model.

mod arena;
mod build;

use std::collections::HashMap;

use natsgen_runtime::Violation;
use natsgen_runtime::assertion::Assertion;
use serde_json::Value as Json;

pub(crate) use self::arena::Memory;
use self::build::Builder;
use crate::model::{AssertionDef, Name, Resource};

/// Validates values against named assertions.
pub(crate) struct Validator<'s> {
    assertions: HashMap<&'s Name, &'s Assertion<'s>>,
}

impl<'s> Validator<'s> {
    /// Builds the runtime's form of these assertions. It is kept in `memory`.
    pub(crate) fn new(
        assertions: &'s [AssertionDef],
        resources: &'s [Resource],
        memory: &'s Memory<'s>,
    ) -> Self {
        let builder = Builder::new(assertions, resources, memory);
        let assertions = assertions.iter().filter_map(|def| {
            let assertion = builder.definition(def)?;
            Some((&def.name, assertion))
        });
        Self {
            assertions: assertions.collect(),
        }
    }

    /// Validates a value against an assertion. A value is valid if the assertion does not exist.
    pub(crate) fn validate(&self, name: &Name, json: &Json) -> Result<(), Violation> {
        let value = natsgen_runtime::Value::from(json.clone());
        match self.assertions.get(name) {
            Some(assertion) => assertion.validate(&value.borrowed()),
            None => Ok(()),
        }
    }
}
