//! Calls, serving, events and the codec over the in-process transport, with a protocol in the form of generated code.

mod calls;
mod codec;
mod deduplication;
mod errors;
mod events;
mod fixture;
mod options;
mod protocol;
mod serving;
mod state;
mod strings;
