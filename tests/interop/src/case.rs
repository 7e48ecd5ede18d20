//! The cases of `cases.jsonl`, the recordings, and the calls that they give for a pair.

use std::fs;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::language::{Language, root};
use crate::{Error, recording};

/// A call or an event, the answer of the server, and the result for the client.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Case {
    #[serde(rename = "case")]
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) operation: String,
    pub(crate) params: Map<String, Json>,
    pub(crate) request: Json,
    /// `ok`, `fault` or `text`. Absent for an event, and for a request that must not reach a handler.
    pub(crate) answer: Option<Json>,
    /// The result line of a client without `case`.
    pub(crate) expect: Json,
}

/// All cases.
pub(crate) fn all() -> Result<Vec<Case>, Error> {
    let text = fs::read_to_string(root().join("tests/interop/cases.jsonl"))?;
    let mut cases = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Case>, _>>()?;
    cases.extend(recording::cases()?);
    Ok(cases)
}

impl Case {
    pub(crate) fn is_event(&self) -> bool {
        self.expect == json!({ "ok": null })
    }

    /// The text that a raw server answers.
    fn text(&self) -> Option<&str> {
        self.answer.as_ref()?.get("text")?.as_str()
    }

    /// Whether this client and this server can execute the case.
    pub(crate) fn suits(&self, server: &Language) -> bool {
        let Some(answer) = &self.answer else {
            // A raw server answers no request without an answer, so a raw client would wait for it.
            return !server.is_raw;
        };
        let is_text = self.text().is_some();
        let is_fault = answer.get("fault").is_some();
        // Only a raw server can send any text. It knows no code and no text of an error.
        if server.is_raw { !is_fault } else { !is_text }
    }

    /// The order for a client.
    pub(crate) fn order(&self) -> String {
        let Self {
            name,
            role,
            operation,
            params,
            request,
            ..
        } = self;
        let order = json!({
            "case": name, "role": role, "operation": operation, "params": params, "request": request,
            "is_event": self.is_event(),
        });
        order.to_string()
    }

    /// The result that is expected of a client.
    pub(crate) fn expected(&self, client: &Language) -> Json {
        let refused = |code: &Json| json!({ "refused": code });
        if !client.is_raw {
            return self.expect.clone();
        }
        if let (Some(_), Some(text)) = (self.expect.get("unknown"), self.text()) {
            return json!({ "ok": serde_json::from_str::<Json>(text).unwrap_or_default() });
        }
        match (self.expect.get("fault"), self.expect.get("error")) {
            (Some(fault), _) => refused(&fault["code"]),
            (_, Some(_)) => refused(&json!("bad_request")),
            _ => self.expect.clone(),
        }
    }

    /// The line for the server of the role, if the case has an answer.
    pub(crate) fn answer_line(&self) -> Option<String> {
        let answer = self.answer.as_ref()?;
        let line =
            json!({ "operation": self.operation, "request": self.request, "answer": answer });
        Some(line.to_string())
    }

    /// The line that a server prints for the event.
    pub(crate) fn event_line(&self) -> Json {
        json!({ "event": self.operation, "params": self.params, "message": self.request })
    }
}
