//! The `use` lines of a file, found by reading its items: bare names below, imports on top.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

use super::Emitter;

/// Names of the runtime that generated code uses.
const RUNTIME: &str = "Call CallError CallOptions Caller Connection Context ErrorKind Event EventInfo \
    False Fault Format Limited Listen Map Micros Millis Nanos Nullable OrderingKey Param Params Prefix PublishFailure Ranged \
    Request RequestInfo Router Run Secs ServeOptions Server StartError Subject Template TextConstraint Tokens True Value \
    Violation";

/// Names of the prelude that generated code means by themselves.
const PRELUDE: &str = "Box Clone Copy Debug Default Eq Err Future Hash None Ok Option Ord PartialEq PartialOrd Result \
    Self Send Some String Sync Vec";

/// Macros of the runtime that generated code calls.
const MACROS: &[&str] = &[
    "enumeration",
    "integer",
    "newtype",
    "number",
    "object",
    "secret_text",
    "tagged",
    "text",
    "union",
];

/// Names of the standard library that generated code imports.
const STD: &[(&str, &str)] = &[
    ("BTreeMap", "std::collections"),
    ("Duration", "std::time"),
    ("Error", "std::error"),
    ("Infallible", "std::convert"),
    ("fmt", "std"),
];

/// Whether generated code means something else by `name`, so that no type of a protocol can be called so.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    let library = STD.iter().any(|(known, _)| *known == name);
    library
        || RUNTIME
            .split_whitespace()
            .chain(PRELUDE.split_whitespace())
            .any(|known| known == name)
}

/// Columns of a source line.
pub(super) const COLUMNS: usize = 100;

/// The import lines of what is `used`: the standard library, other crates, this crate.
pub(super) fn lines(emitter: &Emitter<'_>, used: &Used) -> String {
    let mut groups: [BTreeMap<String, BTreeSet<String>>; 3] = Default::default();
    for name in used.names.difference(&used.defined) {
        if let Some((group, path)) = origin(emitter, name) {
            groups[group]
                .entry(path)
                .or_default()
                .insert(name.trim_end_matches('!').to_owned());
        }
    }
    let blocks = groups
        .iter()
        .filter(|group| !group.is_empty())
        .map(|group| {
            let mut lines: Vec<_> = group
                .iter()
                .map(|(path, names)| import(path, names))
                .collect();
            lines.sort();
            lines.concat() + "\n"
        });
    blocks.collect()
}

/// Where a name comes from: its group and path.
fn origin(emitter: &Emitter<'_>, name: &str) -> Option<(usize, String)> {
    let root = &emitter.options.root;
    if let Some((_, path)) = STD.iter().find(|(known, _)| *known == name) {
        return Some((0, (*path).to_owned()));
    }
    if RUNTIME.split_whitespace().any(|known| known == name)
        || name
            .strip_suffix('!')
            .is_some_and(|name| MACROS.contains(&name))
    {
        return Some((1, "natsgen_runtime".to_owned()));
    }
    match name {
        "error" | "assertion" | "subject" => Some((2, root.clone())),
        _ => emitter
            .module_of(name)
            .map(|module| (2, format!("{root}::{module}"))),
    }
}

fn import(path: &str, names: &BTreeSet<String>) -> String {
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    use_line("use", path, &names, 0)
}

/// A `use` or `pub use` of `names` in `path`, in as many lines as it needs, indented by `indent` columns.
pub(super) fn use_line(keyword: &str, path: &str, names: &[&str], indent: usize) -> String {
    let margin = " ".repeat(indent);
    if let [name] = names {
        return format!("{margin}{keyword} {path}::{name};\n");
    }
    let line = format!("{margin}{keyword} {path}::{{{}}};\n", names.join(", "));
    if line.len() <= COLUMNS {
        return line;
    }
    let mut rows = vec![String::new()];
    for name in names {
        if rows
            .last()
            .is_some_and(|row| indent + 3 + row.len() + name.len() + 2 > COLUMNS)
        {
            rows.push(String::new());
        }
        if let Some(row) = rows.last_mut() {
            row.extend([" ", name, ","]);
        }
    }
    let rows = rows.join(&format!("\n{margin}   "));
    format!("{margin}{keyword} {path}::{{\n{margin}   {rows}\n{margin}}};\n")
}

/// The bare names that items use and define.
#[derive(Default)]
pub(super) struct Used {
    names: BTreeSet<String>,
    defined: BTreeSet<String>,
}

impl Used {
    /// Whether the items begin a path by this name.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Adds a name; that of a macro ends in `!`.
    pub(super) fn add(&mut self, name: String) {
        self.names.insert(name);
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => _ = self.names.insert(ident.to_string()),
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Used {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let Some(first) = path.segments.first() {
            self.names.insert(first.ident.to_string());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta
            && list.path.is_ident("derive")
        {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.defined.insert(item.ident.to_string());
        syn::visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.defined.insert(item.ident.to_string());
        syn::visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.defined.insert(item.ident.to_string());
        syn::visit::visit_item_trait(self, item);
    }
}
