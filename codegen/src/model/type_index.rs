//! Types by their names.

use std::collections::HashMap;

use super::{Name, Shape, TypeDef, Value};

/// The types of a protocol by their names.
#[derive(Clone, Debug)]
pub(crate) struct TypeIndex<'t>(HashMap<&'t Name, &'t TypeDef>);

impl<'t> TypeIndex<'t> {
    pub(crate) fn new(types: &'t [TypeDef]) -> Self {
        Self(types.iter().map(|def| (&def.name, def)).collect())
    }

    /// The type of this name.
    pub(crate) fn get(&self, name: &Name) -> Option<&'t TypeDef> {
        self.0.get(name).copied()
    }

    /// The type that a name resolves to, through all aliases.
    pub(crate) fn resolve(&self, name: &Name) -> Option<&'t TypeDef> {
        let mut def = self.get(name)?;
        // The loop also ends if the aliases form a cycle, which the check of recursion reports.
        for _ in 0..self.0.len() {
            match &def.shape {
                Shape::Alias(Value::Named(next)) => def = self.get(next)?,
                _ => return Some(def),
            }
        }
        None
    }
}
