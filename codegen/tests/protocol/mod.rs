//! The small valid protocol that tests edit.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use natsgen::Schemas;
use serde_json::Value as Json;

const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/invalid/base");

/// The documents of a protocol.
#[derive(Clone)]
pub(crate) struct Protocol {
    /// JSON documents by path.
    pub(crate) files: BTreeMap<String, Json>,
    /// Texts that are not JSON, by path.
    pub(crate) raw: BTreeMap<String, Vec<u8>>,
}

impl Protocol {
    /// The protocol in `tests/invalid/base`.
    pub(crate) fn base() -> Self {
        let mut files = BTreeMap::new();
        for path in [
            "manifest.json",
            "lamp/dim.json",
            "panel/glow.json",
            "types/lamp.json",
        ] {
            let text = fs::read(Path::new(BASE).join(path)).expect("the base is readable");
            files.insert(
                path.to_owned(),
                serde_json::from_slice(&text).expect("the base is JSON"),
            );
        }
        Self {
            files,
            raw: BTreeMap::new(),
        }
    }

    /// The documents as texts.
    pub(crate) fn schemas(&self) -> Schemas {
        let files = self
            .files
            .iter()
            .map(|(path, json)| (path.clone(), json.to_string().into_bytes()));
        Schemas::from_texts(files.chain(self.raw.clone()))
    }
}
