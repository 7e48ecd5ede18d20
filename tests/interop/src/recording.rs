//! Recorded replies of Varpulis 0.11, which have no codes, as answers of a raw server.

use std::fs;

use serde_json::{Map, Value as Json, json};

use crate::Error;
use crate::case::Case;
use crate::language::root;

/// A case for each recorded exchange with a request that our schemas accept.
pub(crate) fn cases() -> Result<Vec<Case>, Error> {
    let vectors = root().join("tests/vectors");
    let expected: Json = serde_json::from_str(&fs::read_to_string(vectors.join("expected.json"))?)?;
    let expected = expected["exchanges"].as_array().ok_or("no exchanges")?;
    let lines = fs::read_to_string(vectors.join("varpulis-0.11/exchanges.jsonl"))?;
    let mut cases = Vec::new();
    for (line, expected) in lines.lines().zip(expected) {
        cases.extend(case(&serde_json::from_str(line)?, expected)?);
    }
    Ok(cases)
}

fn case(exchange: &Json, expected: &Json) -> Result<Option<Case>, Error> {
    let (Some(request), Some(reply)) =
        (exchange["request"].as_str(), exchange["response"].as_str())
    else {
        return Ok(None);
    };
    let subject = exchange["subject"].as_str().unwrap_or_default();
    let tokens: Vec<&str> = subject.split('.').skip(2).collect();
    let Some((role, operation, params)) = operation(&tokens) else {
        return Ok(None);
    };
    if expected["request"]["verdict"] != "valid" {
        return Ok(None);
    }
    let request = written(&expected["request"], request)?;
    let result = &expected["reply"];
    let expect = match (expected.get("fault"), result["verdict"].as_str()) {
        (Some(fault), _) => json!({ "fault": fault }),
        (None, Some("valid")) => json!({ "ok": written(result, reply)? }),
        _ => return Ok(None),
    };
    let name = exchange["name"].as_str().unwrap_or_default();
    Ok(Some(Case {
        name: format!("recorded.{name}"),
        role: role.to_owned(),
        operation: operation.to_owned(),
        params,
        request,
        answer: Some(json!({ "text": reply })),
        expect,
    }))
}

/// Role, operation and parameters of the tokens behind the prefix.
fn operation<'t>(tokens: &[&'t str]) -> Option<(&'static str, &'t str, Map<String, Json>)> {
    match tokens {
        [operation @ "register"] => Some(("coordinator", operation, Map::new())),
        ["cmd", worker, operation] => {
            let params = Map::from_iter([("worker_id".to_owned(), json!(worker))]);
            Some(("worker", operation, params))
        }
        _ => None,
    }
}

/// The document as our codec writes it.
fn written(expected: &Json, text: &str) -> Result<Json, Error> {
    match expected.get("reencoded") {
        Some(document) => Ok(document.clone()),
        None => Ok(serde_json::from_str(text)?),
    }
}
