//! Calls, serving, events and the codec over the in-process transport and NATS, with a protocol in the form of generated code.

mod calls;
mod codec;
mod deduplication;
mod durations;
mod errors;
mod events;
mod fixture;
mod hostile_texts;
mod malformed;
mod options;
mod overload;
mod permissions;
mod protocol;
mod raw;
mod serving;
mod slow_connection;
mod state;
mod strings;
mod tokens;
mod topologies;
