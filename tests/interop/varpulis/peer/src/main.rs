//! Peers of the published Varpulis 0.11 as processes. A peer executes orders from the standard input, a JSON document a line,
//! and writes a reply per order.

mod coordinator;
mod node;
mod worker;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

/// The reason why an order fails.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["worker", url, id, key, quota] => worker::run(url, id, key, quota).await,
        ["coordinator", url] => coordinator::run(url).await,
        ["node", url, id] => node::run(url, id.parse()?).await,
        _ => Err("usage: worker URL ID KEY QUOTA | coordinator URL | node URL NUMBER".into()),
    }
}

/// Writes `started`, and executes orders until the standard input ends.
pub(crate) async fn execute(
    started: Value,
    mut order: impl AsyncFnMut(Value) -> Result<Value, Error>,
) -> Result<(), Error> {
    println!("{started}");
    let mut orders = BufReader::new(stdin()).lines();
    while let Some(line) = orders.next_line().await? {
        let reply = match order(serde_json::from_str(&line)?).await {
            Ok(reply) => json!({ "ok": reply }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        println!("{reply}");
    }
    Ok(())
}
