//! The list of packages and families, `packages.json`.

use serde::Deserialize;

use crate::Failure;

/// The content of `packages.json`.
#[derive(Debug, Deserialize)]
pub(crate) struct Packages {
    pub(crate) npm: Vec<NpmPackage>,
    pub(crate) pypi: Vec<PypiPackage>,
    pub(crate) families: Vec<Family>,
}

/// A package of the npm registry.
#[derive(Debug, Deserialize)]
pub(crate) struct NpmPackage {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The checksum in npm's notation: `sha512-` and base64.
    pub(crate) integrity: String,
}

/// A wheel of the Python package index.
#[derive(Debug, Deserialize)]
pub(crate) struct PypiPackage {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The checksum of the wheel in hexadecimal digits.
    pub(crate) sha256: String,
}

/// A schema, with the schemas that it refers to.
#[derive(Debug, Deserialize)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) package: String,
    /// The files below the root of the package; the first file is the schema itself.
    pub(crate) schemas: Vec<String>,
    /// Documents for the schema.
    #[serde(default)]
    pub(crate) documents: Vec<Files>,
    /// Whether the schema is a meta-schema. Its documents are the schemas of all families that name it.
    #[serde(default)]
    pub(crate) meta_schema: Option<String>,
}

/// Files of a package.
#[derive(Debug, Deserialize)]
pub(crate) struct Files {
    pub(crate) package: String,
    /// A file below the root of the package; `*.json` as its name means all JSON files of the folder.
    pub(crate) files: String,
}

impl Packages {
    /// Reads the list.
    pub(crate) fn read() -> Result<Self, Failure> {
        Ok(serde_json::from_str(include_str!("../packages.json"))?)
    }
}
