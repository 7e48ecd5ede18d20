//! Tests of the generated protocol of `schema/`, over the in-process transport and over a real nats-server.

mod any_subject;
mod canned_service;
mod config;
mod corpus;
mod faults;
mod generated_code;
mod invalid_ids;
mod language;
mod malformed_payloads;
mod network;
mod operations;
mod protocol;
mod raw_peers;
mod readme;
mod recordings;
mod services;
mod support;
mod timeouts;
