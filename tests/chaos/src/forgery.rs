//! Forged messages: corpora and captured messages, damaged; values at the limits; strange headers.
//!
//! A forged message contains no API key and no id of the cluster.

use std::io;

use fastrand::Rng;
use fuzz::mutate::damaged;
use fuzz::random::Random;
use fuzz::seeds::{self, Seeds};
use natsgen_runtime::transport::{Headers, Message};
use serde_json::{Value, json};

use crate::cluster::{COORDINATORS, WORKERS};
use crate::connection::subject;

/// The messages of Raft and of registration, and their subjects below the prefix.
const OPERATIONS: [(&str, Target, &str); 9] = [
    ("raft/append#Request", Target::Raft, "append"),
    ("raft/vote#Request", Target::Raft, "vote"),
    ("raft/snapshot#Request", Target::Raft, "snapshot"),
    ("raft/write#Request", Target::Raft, "write"),
    ("raft/read_index#Request", Target::Raft, "read_index"),
    ("raft/status#Request", Target::Raft, "status"),
    ("coordinator/register#Request", Target::Register, ""),
    ("coordinator/heartbeat#Message", Target::Worker, "heartbeat"),
    (
        "worker/registration#Message",
        Target::Worker,
        "registration",
    ),
];

/// Values at the limits of integers, of 2^53 and of ordinary terms and indexes.
const LIMITS: [u64; 10] = [
    0,
    1,
    2,
    3,
    99,
    1 << 40,
    (1 << 53) - 1,
    1 << 53,
    u64::MAX - 1,
    u64::MAX,
];

/// The secrets of a message, by member.
const SECRETS: [&str; 2] = ["api_key", "cluster_id"];

/// Members with numbers of Raft.
const NUMBERS: [&str; 4] = ["term", "index", "node_id", "offset"];

/// Headers that a server reads, or that only a reply has.
const HEADERS: [&str; 7] = [
    "Request-Id",
    "Request-Timeout",
    "traceparent",
    "Nats-Service-Error",
    "Nats-Service-Error-Code",
    "Nats-Msg-Id",
    "Status",
];

/// The kind of the receiver.
#[derive(Clone, Copy, Debug)]
enum Target {
    Raft,
    Register,
    Worker,
}

/// Makes forged messages.
#[derive(Debug)]
pub(crate) struct Forgery {
    seeds: Vec<Seeds>,
    random: Random,
    rng: Rng,
}

impl Forgery {
    /// Reads the corpora.
    pub(crate) fn new(rng: &mut Rng) -> io::Result<Self> {
        Ok(Self {
            seeds: seeds::seeds()?,
            random: Random::new(rng.u64(..)),
            rng: rng.fork(),
        })
    }

    /// A message of a random operation, from the corpora.
    pub(crate) fn made(&mut self) -> Message {
        let (name, target, operation) = *self.random.of(&OPERATIONS);
        let seeds = self.seeds.iter().find(|seeds| seeds.message == name);
        let payload = match seeds {
            Some(seeds) if self.rng.bool() => damaged(seeds, &mut self.random),
            Some(seeds) => self.random.of(&seeds.documents).to_string().into(),
            None => b"{}".to_vec(),
        };
        message(self.receiver(target, operation), payload)
    }

    /// A captured message with other values: small changes, and numbers at the limits.
    pub(crate) fn altered(&mut self, captured: &Message) -> Message {
        let mut document = serde_json::from_slice(&captured.payload).unwrap_or_default();
        strip(&mut document);
        let payload = if self.rng.bool() {
            self.tamper(&mut document);
            document.to_string().into_bytes()
        } else {
            let seeds = Seeds {
                message: String::new(),
                schema: String::new(),
                documents: vec![document],
                valid: 1,
            };
            damaged(&seeds, &mut self.random)
        };
        message(captured.subject.clone(), payload)
    }

    /// Replaces some numbers of Raft.
    fn tamper(&mut self, document: &mut Value) {
        match document {
            Value::Object(members) => {
                for (name, value) in members {
                    if NUMBERS.contains(&name.as_str()) && self.rng.u8(..3) == 0 {
                        *value = json!(self.random.of(&LIMITS));
                    } else if name == "committed" {
                        *value = json!(true);
                    } else {
                        self.tamper(value);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.tamper(item)),
            _ => {}
        }
    }

    /// A captured message to another node or worker.
    pub(crate) fn redirected(&mut self, captured: &Message) -> Message {
        let mut tokens: Vec<String> = captured.subject.split('.').map(str::to_owned).collect();
        let place = subject("").split('.').count() - 1;
        match (
            tokens.get(place).map(String::as_str),
            tokens.len().saturating_sub(place),
        ) {
            (Some("raft"), 3) => tokens[place + 1] = self.node(),
            (Some("heartbeat" | "registration"), 2) => tokens[place + 1] = self.worker(),
            _ => {}
        }
        Message {
            subject: tokens.join("."),
            ..captured.clone()
        }
    }

    /// A notice that a worker was replaced, made from the worker's own registration.
    pub(crate) fn notice(captured: &Message) -> Option<Message> {
        let request: Value = serde_json::from_slice(&captured.payload).ok()?;
        let worker = request["worker_id"].as_str()?;
        let notice = json!({ "instance": "forged", "replaced": [request["instance"].as_str()?] });
        let subject = subject(&format!("registration.{worker}"));
        Some(message(subject, notice.to_string().into()))
    }

    /// A piece of a snapshot in the name of the leader that sent the captured append. Offset, position in the log,
    /// membership and content are false.
    pub(crate) fn piece(&mut self, captured: &Message) -> Option<Message> {
        let append: Value = serde_json::from_slice(&captured.payload).ok()?;
        let leader = append["vote"]["leader_id"].clone();
        let mut number = || *self.random.of(&LIMITS);
        let last = json!({ "leader_id": leader, "index": number() });
        let offset = number();
        let content = *self
            .random
            .of(&["", "{}", "[]", "{\"workers\":{}}", "\u{0}\u{1}"]);
        let content = content.repeat(*self.random.of(&[1, 1, 10_000]));
        let voter = *self.random.of(&[1, 9]);
        let piece = json!({
            "vote": append["vote"],
            "meta": {
                "last_log_id": self.random.of(&[last.clone(), Value::Null]),
                "last_membership": {
                    "log_id": last,
                    "membership": { "configs": [[voter]], "nodes": { voter.to_string(): { "addr": "" } } },
                },
                "snapshot_id": format!("forged-{}", self.rng.u8(..4)),
            },
            "offset": offset,
            "data": content.as_bytes(),
            "done": self.rng.bool(),
        });
        let receiver = self.receiver(Target::Raft, "snapshot");
        Some(message(receiver, piece.to_string().into()))
    }

    /// A reply to a guess of the reply subject of a later request.
    pub(crate) fn guessed_reply(&mut self, captured: &Message) -> Option<Message> {
        let (inbox, token) = captured.reply.as_deref()?.rsplit_once('.')?;
        let mut guess = token.get(..token.len().checked_sub(1)?)?.to_owned();
        guess.push(self.rng.alphanumeric());
        if guess == token {
            return None;
        }
        let replies = [r#"{"vote_granted":true}"#, r#""Success""#, "{}", ""];
        let reply = *self.random.of(&replies);
        Some(message(format!("{inbox}.{guess}"), reply.into()))
    }

    /// Any bytes to any receiver.
    pub(crate) fn garbage(&mut self) -> Message {
        let (_, target, operation) = *self.random.of(&OPERATIONS);
        let bytes = (0..self.rng.usize(..2_000)).map(|_| self.rng.u8(..));
        let payload = bytes.collect();
        message(self.receiver(target, operation), payload)
    }

    /// Adds strange headers to a message, and perhaps a reply subject that is a command.
    pub(crate) fn disguise(&mut self, message: &mut Message, inbox: &str) {
        let values = [
            "0",
            "1",
            "-1",
            "18446744073709551615",
            "\u{1b}[2J\u{202e}",
            "",
            "x",
        ];
        for _ in 0..self.rng.u8(..3) {
            let name = *self.random.of(&HEADERS);
            message.headers.append(name, *self.random.of(&values));
        }
        message.reply = match self.rng.u8(..8) {
            0 => None,
            1 => Some(subject(&format!("cmd.{}.drain", self.worker()))),
            2 => Some(message.subject.clone()),
            _ => Some(inbox.to_owned()),
        };
    }

    fn receiver(&mut self, target: Target, operation: &str) -> String {
        subject(&match target {
            Target::Raft => format!("raft.{}.{operation}", self.node()),
            Target::Register => "register".to_owned(),
            Target::Worker => format!("{operation}.{}", self.worker()),
        })
    }

    fn node(&mut self) -> String {
        self.rng.u64(1..=COORDINATORS).to_string()
    }

    /// A worker of the cluster, or an unknown worker.
    fn worker(&mut self) -> String {
        format!("w{}", self.rng.u64(1..=WORKERS + 1))
    }
}

/// Replaces the secrets in a captured document.
fn strip(document: &mut Value) {
    match document {
        Value::Object(members) => {
            for (name, value) in members {
                if SECRETS.contains(&name.as_str()) {
                    *value = json!("forged");
                } else {
                    strip(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

fn message(subject: String, payload: Vec<u8>) -> Message {
    Message {
        subject,
        headers: Headers::new(),
        payload: payload.into(),
        ..Message::default()
    }
}
