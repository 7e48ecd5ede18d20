//! The `use` lines of a file: the runtime, and the names of the protocol that the items of the file use.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::Visit;

use super::Emitter;

/// Columns of a source line.
pub(super) const COLUMNS: usize = 100;

/// The single import of the runtime.
pub(super) const RUNTIME: &str = "use natsgen_runtime::generated as rt;\n\n";

/// The modules beside the modules of the folders.
const MODULES: [&str; 3] = ["assertion", "error", "subject"];

/// The import lines of a file in `folder`; its items use the names `used`.
pub(super) fn lines(emitter: &Emitter<'_>, folder: Option<&str>, used: &Used) -> String {
    let root = if folder.is_some() {
        "super::super"
    } else {
        "super"
    };
    let mut paths: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for name in used.names.difference(&used.defined) {
        let path = match emitter.folders.get(name) {
            Some(exporter) if folder == Some(exporter) => "super".to_owned(),
            Some(exporter) => format!("{root}::{exporter}"),
            None if MODULES.contains(&name.as_str()) => root.to_owned(),
            None => continue,
        };
        paths.entry(path).or_default().insert(name);
    }
    let mut lines: Vec<String> = paths
        .iter()
        .map(|(path, names)| use_line("use", path, &names.iter().copied().collect::<Vec<_>>(), 0))
        .collect();
    lines.sort();
    if !lines.is_empty() {
        lines.push("\n".to_owned());
    }
    let runtime = if used.names.contains("rt") {
        RUNTIME
    } else {
        ""
    };
    format!("{runtime}{}", lines.concat())
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

/// The names that start a path in the items of a file, and the names that the items define.
#[derive(Default)]
pub(super) struct Used {
    names: BTreeSet<String>,
    defined: BTreeSet<String>,
}

impl Used {
    /// Adds a name.
    pub(super) fn add(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }
}

impl<'ast> Visit<'ast> for Used {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let is_type = |name: &String| name.starts_with(|c: char| c.is_ascii_uppercase());
        if let Some(first) = path.segments.first() {
            let name = first.ident.to_string();
            // A lower-case name with a single segment is a variable or an attribute.
            if path.segments.len() > 1 || is_type(&name) {
                self.names.insert(name);
            }
        }
        syn::visit::visit_path(self, path);
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
