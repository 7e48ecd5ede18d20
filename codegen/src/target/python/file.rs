//! A module: its header, imports and items, with the blank lines between them.

use std::collections::BTreeSet;

use super::super::writer::Writer;
use super::expression::Expression;
use super::imports::Imports;
use super::{Emitter, module, reserved};
use crate::model::Name;

/// The indentation of a level.
const INDENT: &str = "    ";

/// A module under construction.
pub(super) struct File<'e> {
    pub(super) emitter: &'e Emitter<'e>,
    pub(super) imports: Imports,
    pub(super) body: Writer,
    /// The source documents of the module, below the schema directory.
    source: String,
    /// The folder of the module; without a folder, the module is beside the folders.
    folder: Option<String>,
    /// The path of the document, if the module belongs to one.
    pub(super) path: String,
    /// The docstring.
    summary: String,
    /// The names that the module defines.
    defined: BTreeSet<String>,
    /// The members of the class under construction.
    members: BTreeSet<String>,
    /// Whether the last item is a class; no item has no last item.
    last_is_class: Option<bool>,
    first_is_class: bool,
}

impl<'e> File<'e> {
    /// A module with the source documents `source`.
    pub(super) fn new(
        emitter: &'e Emitter<'e>,
        source: &str,
        folder: Option<&str>,
        summary: &str,
    ) -> Self {
        Self {
            emitter,
            imports: Imports::default(),
            body: Writer::new(INDENT, INDENT.len()),
            source: source.to_owned(),
            folder: folder.map(str::to_owned),
            path: String::new(),
            summary: summary.to_owned(),
            defined: BTreeSet::new(),
            members: BTreeSet::new(),
            last_is_class: None,
            first_is_class: false,
        }
    }

    /// Starts a class with these members. `name` is the name that the class defines.
    pub(super) fn class(&mut self, name: &str, members: impl IntoIterator<Item = String>) {
        self.gap(true);
        self.defined.insert(name.to_owned());
        self.members = members.into_iter().collect();
    }

    /// Starts a statement that defines `name`.
    pub(super) fn statement(&mut self, name: &str) {
        self.gap(false);
        self.defined.insert(name.to_owned());
        self.members = BTreeSet::new();
    }

    /// Writes the blank lines before an item: two around a class, otherwise one.
    fn gap(&mut self, is_class: bool) {
        match self.last_is_class {
            None => self.first_is_class = is_class,
            Some(last) => {
                let lines = if is_class || last { 2 } else { 1 };
                (0..lines).for_each(|_| self.body.line(""));
            }
        }
        self.last_is_class = Some(is_class);
    }

    /// A name of `typing`.
    pub(super) fn typing(&mut self, name: &'static str) -> String {
        self.outside("typing", name)
    }

    /// A name of another package: the bare name, unless a type of the protocol has the same name.
    pub(super) fn outside(&mut self, module: &'static str, name: &'static str) -> String {
        if self.emitter.modules.contains_key(name) {
            return self.runtime(name);
        }
        self.imports.outside(module, name);
        name.to_owned()
    }

    /// A name of the runtime.
    pub(super) fn runtime(&mut self, name: &str) -> String {
        self.imports.runtime();
        format!("rt.{name}")
    }

    /// A built-in type, qualified if a member of the class has the same name.
    pub(super) fn builtin(&mut self, name: &str) -> String {
        debug_assert!(reserved::BUILTINS.contains(&name));
        if !self.members.contains(name) {
            return name.to_owned();
        }
        self.imports.builtins();
        format!("builtins.{name}")
    }

    /// A type of the protocol.
    pub(super) fn named(&mut self, name: &Name) -> Expression {
        let def = self.emitter.plan.get(name);
        let name = name.pascal();
        if let Some(def) = def
            && self.emitter.cycles.is_late(&self.path, &def.module)
        {
            let (_, module) = module::place(&def.module);
            let text = format!("_{module}.{name}");
            self.imports.late(module);
            return Expression::plain(text);
        }
        self.imports.name(&name);
        Expression::plain(name)
    }

    /// A constant of an operation.
    pub(super) fn constant(&mut self, name: &Name) -> String {
        let name = name.screaming();
        self.imports.name(&name);
        name
    }

    /// A name in a module beside the folders.
    pub(super) fn in_module(&mut self, module: &'static str, name: &str) -> String {
        self.imports.module(module);
        format!("{module}.{name}")
    }

    /// The text: header, docstring, imports and items.
    pub(super) fn render(mut self) -> String {
        let header = header(self.emitter, &self.source, &self.summary);
        let folder = self.folder.as_deref();
        let imports = self.imports.lines(self.emitter, folder, &self.defined);
        let gap = if self.first_is_class { "\n\n" } else { "\n" };
        let late = self.imports.late_lines();
        if !late.is_empty() {
            self.gap(false);
        }
        format!("{header}\n{imports}{gap}{}{late}", self.body.finish())
    }
}

/// Line 1 of a module, and its docstring.
pub(super) fn header(emitter: &Emitter<'_>, source: &str, summary: &str) -> String {
    let mut docstring = Writer::new(INDENT, INDENT.len());
    super::docs::write(&mut docstring, &super::docs::paragraphs(summary, &[]));
    format!(
        "# Generated by `natsgen emit python` from {}/{source}; do not edit.\n{}",
        emitter.plan.directory,
        docstring.finish()
    )
}
