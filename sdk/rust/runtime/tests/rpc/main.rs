//! Calls, serving, events and the codec over the in-memory transport, by a protocol as the generator would write it.

mod admission;
mod calls;
mod codec;
mod events;
mod protocol;
mod refusals;
mod remembering;
mod serving;
mod texts;
mod workshop;
