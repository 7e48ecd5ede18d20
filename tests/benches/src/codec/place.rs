//! The places of the message schemas. The build script includes this file, too.

/// The name of each message, its document below `schema/`, and the pointer.
pub(crate) const PLACES: [(&str, &str); 4] = [
    ("register", "coordinator/register.json#/$defs/Request"),
    ("deploy", "worker/deploy.json#/$defs/Request"),
    ("heartbeat", "coordinator/heartbeat.json#/$defs/Message"),
    ("inject_batch", "worker/inject_batch.json#/$defs/Request"),
];
