//! Calls and events that test a client of any language against a server of any language.

use std::collections::HashMap;

use natsgen::model::{Kind, Name, Operation, Protocol, Request, TypeDef};
use natsgen::{Schemas, compile};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::case::{Corpus, Invalid};
use super::expected::ExpectedOutput;
use super::{ReferenceValidator, VectorsError, corpora, message};

/// The maximal number of successful calls of an operation.
const SUCCESSES: usize = 8;

/// The maximal number of calls of an operation with an invalid request, and of calls with an invalid reply.
const VIOLATIONS: usize = 3;

/// The maximal length of a document.
const LONGEST_DOCUMENT: usize = 4_000;

/// A call or an event, the answer of the server, and the result for the client.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallCase {
    /// The operation and what the case tests; unique.
    pub case: String,
    /// The role of the server.
    pub role: String,
    /// The operation.
    pub operation: String,
    /// The parameters of the subject, by name.
    pub params: Map<String, Json>,
    /// The id of the server; absent if the role has no instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<Json>,
    /// The request, or the event.
    pub request: Json,
    /// The answer of the server; absent for an event, and for a request that must not reach a handler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The result line of the client without `case`.
    pub expect: Json,
}

/// The answer of a server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A reply.
    Ok(Json),
    /// A declared error.
    Fault {
        /// Its code.
        code: String,
        /// Its detail; empty if the error has no detail.
        detail: String,
    },
    /// A payload that no generated server sends: of a newer, an older or a broken peer.
    Text(String),
}

/// The calls and events of a protocol, by operation.
///
/// # Errors
///
/// Fails if [`corpora`] fails.
pub fn calls(schemas: &Schemas) -> Result<Vec<CallCase>, VectorsError> {
    let (protocol, _) = compile(schemas).map_err(VectorsError::Schemas)?;
    let corpora = corpora(schemas)?;
    let validator = ReferenceValidator::new(schemas).map_err(VectorsError::ReferenceValidator)?;
    let calls = Calls::new(&protocol, &corpora, &validator);
    Ok(protocol
        .operations
        .iter()
        .flat_map(|operation| calls.of(operation))
        .collect())
}

/// Writes the cases, each on a line of its own.
#[must_use]
pub fn call_lines(cases: &[CallCase]) -> String {
    let lines: Vec<_> = cases
        .iter()
        .map(|case| format!("{}\n", json!(case)))
        .collect();
    lines.concat()
}

struct Calls<'p> {
    protocol: &'p Protocol,
    types: HashMap<&'p Name, (&'p TypeDef, &'p Corpus)>,
    expected: ExpectedOutput<'p>,
}

impl<'p> Calls<'p> {
    fn new(
        protocol: &'p Protocol,
        corpora: &'p [Corpus],
        validator: &'p ReferenceValidator,
    ) -> Self {
        let named = protocol.types.iter().filter_map(|def| {
            let corpus = corpora
                .iter()
                .find(|corpus| corpus.message == message(def))?;
            Some((&def.name, (def, corpus)))
        });
        Self {
            protocol,
            types: named.collect(),
            expected: ExpectedOutput::new(protocol, validator),
        }
    }

    fn of(&self, operation: &Operation) -> Vec<CallCase> {
        let base = self.base(operation);
        match &operation.kind {
            Kind::Publish(event) => {
                let events = (1..).zip(self.valid(event));
                let cases = events.map(|(number, event)| CallCase {
                    case: format!("{}.{number}", base.operation),
                    request: event,
                    expect: json!({ "ok": null }),
                    ..base.clone()
                });
                cases.collect()
            }
            Kind::Request(request) => {
                let mut cases = self.successes(request, &base);
                let first = cases.first().cloned();
                if let Some(first) = first {
                    cases.extend(self.faults(request, &first));
                    cases.extend(self.invalid_requests(request, &first));
                    cases.extend(self.foreign_replies(request, &first));
                }
                cases
            }
        }
    }

    /// A case of the operation, without request and result.
    fn base(&self, operation: &Operation) -> CallCase {
        let params = operation.params.iter().map(|param| {
            let example = self.valid(&param.ty).next();
            (param.name.snake(), example.unwrap_or_default())
        });
        let params: Map<String, Json> = params.collect();
        let role = self
            .protocol
            .roles
            .iter()
            .find(|role| role.name == operation.to);
        let instance = role
            .and_then(|role| role.instance.as_ref())
            .and_then(|name| params.get(&name.snake()));
        CallCase {
            case: String::new(),
            role: operation.to.snake(),
            operation: operation.name.snake(),
            instance: instance.cloned(),
            params,
            request: Json::Null,
            answer: None,
            expect: Json::Null,
        }
    }

    /// Pairs of valid requests and replies.
    fn successes(&self, request: &Request, base: &CallCase) -> Vec<CallCase> {
        let requests: Vec<Json> = self.valid(&request.request).collect();
        let replies: Vec<Json> = self.valid(&request.reply).collect();
        let count = requests.len().max(replies.len());
        let pairs = requests.iter().cycle().zip(replies.iter().cycle());
        let cases = (1..)
            .zip(pairs.take(count))
            .map(|(number, (request, reply))| CallCase {
                case: format!("{}.ok_{number}", base.operation),
                request: request.clone(),
                answer: Some(Answer::Ok(reply.clone())),
                expect: json!({ "ok": reply }),
                ..base.clone()
            });
        cases.collect()
    }

    /// Each declared error, with its code and only as a text.
    fn faults(&self, request: &Request, first: &CallCase) -> Vec<CallCase> {
        let kinds = self.protocol.errors.iter();
        let declared = kinds.filter(|kind| request.errors.contains(&kind.code));
        let cases = declared.flat_map(|kind| {
            let code = kind.code.snake();
            let detail = if kind.has_detail {
                "8 of 8 \u{2013} \u{e4}"
            } else {
                ""
            };
            let text = json!({ "error": format!("{}{detail}", kind.text) });
            let fault = Answer::Fault {
                code: code.clone(),
                detail: detail.to_owned(),
            };
            let answers = [("", fault), ("_as_text", Answer::Text(text.to_string()))];
            answers.map(|(suffix, answer)| CallCase {
                case: format!("{}.{code}{suffix}", first.operation),
                answer: Some(answer),
                expect: json!({ "fault": { "code": code, "detail": detail } }),
                ..first.clone()
            })
        });
        cases.collect()
    }

    /// Requests that break the schema in a single place.
    fn invalid_requests(&self, request: &Request, first: &CallCase) -> Vec<CallCase> {
        let invalid = self.invalid(&request.request, &[]);
        let cases = (1..).zip(invalid).map(|(number, invalid)| CallCase {
            case: format!("{}.invalid_request_{number}", first.operation),
            request: invalid.document.clone(),
            answer: None,
            expect: error("request", &invalid.pointer),
            ..first.clone()
        });
        cases.collect()
    }

    /// Replies of broken and of newer servers.
    fn foreign_replies(&self, request: &Request, first: &CallCase) -> Vec<CallCase> {
        let mut cases = Vec::new();
        let mut add = |name: String, reply: &Json, expect: Json| {
            cases.push(CallCase {
                case: format!("{}.{name}", first.operation),
                answer: Some(Answer::Text(reply.to_string())),
                expect,
                ..first.clone()
            });
        };
        // A reader accepts unknown variants and values of enumerations in replies.
        let invalid = self.invalid(&request.reply, &["required", "type"]);
        for (number, invalid) in (1..).zip(invalid) {
            let name = format!("invalid_reply_{number}");
            add(name, &invalid.document, error("reply", &invalid.pointer));
        }
        let Some((def, _)) = self.types.get(&request.reply) else {
            return cases;
        };
        for (number, reply) in (1..).zip(self.valid(&request.reply).take(2)) {
            let mut newer = reply.clone();
            if let Some(members) = newer.as_object_mut() {
                members.insert("added_by_a_newer_peer".to_owned(), json!([{ "a": 1 }]));
            }
            let is_ignored = newer != reply && self.expected.of(def, &newer) == reply;
            if is_ignored {
                let name = format!("newer_member_{number}");
                add(name, &newer, json!({ "ok": reply }));
            }
        }
        let newer = self.invalid(&request.reply, &["enum"]);
        let newer = newer.filter(|case| {
            let value = case.document.pointer(&case.pointer);
            value.is_some_and(Json::is_string)
        });
        for (number, newer) in (1..).zip(newer) {
            let name = format!("newer_value_{number}");
            let unknown = json!({ "unknown": newer.pointer });
            add(name, &newer.document, unknown);
        }
        cases
    }

    /// Valid documents of a type, with all defaults and without ignored members.
    fn valid(&self, name: &Name) -> impl Iterator<Item = Json> {
        let found = self.types.get(name).into_iter();
        let documents = found.flat_map(|(def, corpus)| {
            let small = corpus
                .valid
                .iter()
                .filter(|valid| is_small(valid.repeat.is_some(), &valid.document));
            small.map(|valid| self.expected.of(def, &valid.document))
        });
        documents.take(SUCCESSES)
    }

    /// Invalid documents of a type that break one of the keywords; without keywords, any.
    fn invalid(&self, name: &Name, keywords: &[&str]) -> impl Iterator<Item = &'p Invalid> {
        let found = self.types.get(name).into_iter();
        let documents = found.flat_map(move |(_, corpus)| {
            corpus.invalid.iter().filter(move |invalid| {
                let is_such = keywords.is_empty() || keywords.contains(&invalid.keyword.as_str());
                is_such && is_small(invalid.repeat.is_some(), &invalid.document)
            })
        });
        let documents: Vec<_> = documents.collect();
        // The first documents break the whole object, the last ones its last members.
        let step = (documents.len() / VIOLATIONS).max(1);
        documents.into_iter().step_by(step).take(VIOLATIONS)
    }
}

fn is_small(is_repeated: bool, document: &Json) -> bool {
    !is_repeated && document.to_string().len() <= LONGEST_DOCUMENT
}

fn error(phase: &str, pointer: &str) -> Json {
    json!({ "error": { "phase": phase, "retryable": false, "pointer": pointer } })
}
