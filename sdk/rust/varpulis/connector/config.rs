//! Configuration of a connector of any type.

use std::collections::BTreeMap;
use std::fmt;

/// The words in the name of a property whose value is a secret.
const SECRET: [&str; 6] = ["password", "secret", "token", "apikey", "api_key", "seed"];

/// The configuration of a connector of any type, as pipelines declare it. Its `Debug` output contains no secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConnectorConfig {
    /// The type, e.g. `nats`.
    pub connector_type: String,
    /// The address of the system; may be empty if a property contains it.
    pub url: String,
    /// The topic of sources and sinks that name no other topic. For NATS, it is a subject.
    pub topic: Option<String>,
    /// Further settings. Each connector type defines its own properties and refuses unknown properties.
    pub properties: BTreeMap<String, String>,
}

impl ConnectorConfig {
    /// Creates a configuration without topic and properties.
    #[must_use]
    pub fn new(connector_type: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            connector_type: connector_type.into(),
            url: url.into(),
            ..Self::default()
        }
    }

    /// Sets the topic.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = Some(topic.into());
        self
    }

    /// Sets a property.
    #[must_use]
    pub fn property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.insert(name.into(), value.into());
        self
    }
}

impl fmt::Debug for ConnectorConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let properties = self.properties.iter();
        let properties: BTreeMap<_, _> = properties
            .map(|(name, value)| (name, shown(name, value)))
            .collect();
        f.debug_struct("ConnectorConfig")
            .field("connector_type", &self.connector_type)
            .field("url", &without_credentials(&self.url))
            .field("topic", &self.topic)
            .field("properties", &properties)
            .finish()
    }
}

/// Returns the value of a property, or `***` for a secret.
fn shown(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    if SECRET.iter().any(|word| name.contains(word)) {
        return "***".to_owned();
    }
    without_credentials(value)
}

/// Replaces the credentials in each URL of a list. A password may contain any character, a host contains no `@`.
fn without_credentials(list: &str) -> String {
    let Some((credentials, host)) = list.rsplit_once('@') else {
        return list.to_owned();
    };
    let scheme = credentials
        .split_once("://")
        .map_or("", |(scheme, _)| scheme);
    if scheme.is_empty() {
        format!("***@{host}")
    } else {
        format!("{scheme}://***@{host}")
    }
}
