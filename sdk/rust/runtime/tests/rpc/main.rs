//! Calls, serving, events and the codec over the in-memory transport, by a protocol as the generator would write it.

mod calls;
mod codec;
mod deduplication;
mod events;
mod protocol;
mod refusals;
mod serving;
mod state;
mod texts;
mod workshop;
