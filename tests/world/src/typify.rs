//! The same schemas with typify.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use syn::visit::{self, Visit};
use typify::{TypeSpace, TypeSpaceSettings};

use crate::crates::Member;
use crate::family::Compiled;
use crate::typed::Typed;

/// The stack of typify, in bytes. It recurses once for each level of a schema.
const STACK: usize = 1 << 28;
/// The time that typify has for a family.
const LIMIT: Duration = Duration::from_mins(1);

/// The result of typify for a family.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The message of the panic, or the exceeded limit.
    Panic(String),
    /// The error.
    Refused(String),
    Accepted(Accepted),
}

/// The result of typify for an accepted schema.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// Whether typify gives the type of the schema itself a name.
    pub(crate) member: Option<Member>,
    /// The declared properties with a field whose type is not any JSON value, by key.
    pub(crate) typed: usize,
}

/// Runs typify on the schema of a family. typify does not read the other documents of a family.
pub(crate) fn run(compiled: &Compiled<'_>, declared: &Typed) -> Outcome {
    let text = compiled.texts[0].clone();
    let (sender, receiver) = mpsc::channel();
    let thread = thread::Builder::new().stack_size(STACK);
    let spawned = thread.spawn(move || {
        let result = panic::catch_unwind(AssertUnwindSafe(|| generate(&text)));
        // The receiver is gone after the limit.
        let _ = sender.send(result.map_err(|payload| message(&*payload)));
    });
    if let Err(error) = spawned {
        return Outcome::Panic(error.to_string());
    }
    match receiver.recv_timeout(LIMIT) {
        Err(_) => Outcome::Panic(format!("no result after {} s", LIMIT.as_secs())),
        Ok(Err(panic)) => Outcome::Panic(panic),
        Ok(Ok(Err(error))) => Outcome::Refused(error),
        Ok(Ok(Ok(generated))) => Outcome::Accepted(accepted(compiled, declared, generated)),
    }
}

/// The code, and the type of the schema.
struct Generated {
    text: String,
    root: Option<String>,
    /// Whether the code needs `chrono`, `uuid` and `regress`.
    needs: [bool; 3],
}

fn generate(text: &str) -> Result<Generated, String> {
    let schema = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut space = TypeSpace::new(&TypeSpaceSettings::default());
    let root = space
        .add_root_schema(schema)
        .map_err(|error| error.to_string())?;
    let root = root.and_then(|root| Some(space.get_type(&root).ok()?.name()));
    Ok(Generated {
        text: space.to_stream().to_string(),
        root,
        needs: [space.uses_chrono(), space.uses_uuid(), space.uses_regress()],
    })
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("unknown")
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn accepted(compiled: &Compiled<'_>, declared: &Typed, generated: Generated) -> Accepted {
    let mut fields = Fields::default();
    if let Ok(file) = syn::parse_str::<syn::File>(&generated.text) {
        fields.visit_file(&file);
    }
    let typed = declared.keys.iter();
    let typed =
        typed.map(|(key, count)| fields.typed.get(key).map_or(0, |found| *found.min(count)));
    let dependencies = [
        "chrono = { version = \"0.4\", features = [\"serde\"] }",
        "uuid = { version = \"1\", features = [\"serde\"] }",
        "regress = \"0.11\"",
    ];
    let dependencies = dependencies
        .iter()
        .zip(generated.needs)
        .filter(|(_, needs)| *needs);
    let dependencies: Vec<_> = dependencies.map(|(line, _)| *line).collect();
    let dependencies = dependencies.join("\n");
    let member = generated.root.map(|root| Member {
        family: compiled.family.name.clone(),
        dependencies: format!("serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n{dependencies}\n"),
        files: BTreeMap::from([(
            "lib.rs".to_owned(),
            format!("{}\n\n/// The type of the schema.\npub type Root = {root};\n", generated.text),
        )]),
        has_root: true,
    });
    Accepted {
        member,
        typed: typed.sum(),
    }
}

/// The fields of the generated structs whose type is not any JSON value.
#[derive(Default)]
struct Fields {
    typed: BTreeMap<String, usize>,
}

impl<'a> Visit<'a> for Fields {
    fn visit_field(&mut self, field: &'a syn::Field) {
        let ty = &field.ty;
        let text = quote::quote!(#ty).to_string();
        if let Some(ident) = &field.ident
            && !text.contains("serde_json")
        {
            let key = renamed(field)
                .unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned());
            *self.typed.entry(key).or_default() += 1;
        }
        visit::visit_field(self, field);
    }

    /// Builders repeat the fields of the structs.
    fn visit_item_mod(&mut self, _: &'a syn::ItemMod) {}
}

/// The key that `serde(rename = "…")` gives a field.
fn renamed(field: &syn::Field) -> Option<String> {
    let attributes = field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"));
    let mut key = None;
    for attribute in attributes {
        // Other arguments than `rename` end the search, and `rename` comes first.
        let _ = attribute.parse_nested_meta(|meta| {
            let value = meta.value()?.parse::<syn::LitStr>()?;
            if meta.path.is_ident("rename") {
                key = Some(value.value());
            }
            Ok(())
        });
    }
    key
}
