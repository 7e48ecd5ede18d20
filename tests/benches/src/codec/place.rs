//! Where the schemas of the messages are; the build script reads it, too.

/// Name of each message, its document below `schema/` and the pointer in it.
pub(crate) const PLACES: [(&str, &str); 4] = [
    ("register", "coordinator/register.json#/$defs/Request"),
    ("deploy", "worker/deploy.json#/$defs/Request"),
    ("heartbeat", "coordinator/heartbeat.json#/$defs/Message"),
    ("inject_batch", "worker/inject_batch.json#/$defs/Request"),
];
