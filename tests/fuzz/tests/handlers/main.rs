//! Mutations of every recorded message, and of the corpora, to every handler of running nodes.
//!
//! No handler panics, every request gets a reply or a typed error, and all nodes still answer afterwards.

mod answer;
mod nodes;
mod sender;

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};

use fuzz::mutate::damaged;
use fuzz::random::Random;
use fuzz::seeds::{recorded, seeds};

use self::answer::{EVENTS, REQUESTS};
use self::nodes::Nodes;
use self::sender::Sender;

/// The mutations of each message for each handler in the short form; the variable `MUTATIONS` sets another number.
const SHORT: usize = 5;

/// The panics of this process, those of background tasks included.
static PANICS: AtomicUsize = AtomicUsize::new(0);

#[tokio::test(flavor = "multi_thread")]
async fn handlers_answer_every_mutated_message() {
    count_panics();
    let mutations =
        std::env::var("MUTATIONS").map_or(SHORT, |count| count.parse().expect("a number"));
    let messages = [
        recorded().expect("recordings are readable"),
        seeds().expect("corpora are readable"),
    ]
    .concat();
    let mut random = Random::new(1);
    let nodes = Nodes::start().await;
    let mut sender = Sender::start(&nodes.broker).await;
    let mut sent = 0;
    for subject in EVENTS {
        for message in &messages {
            for _ in 0..mutations {
                sender.publish(subject, damaged(message, &mut random)).await;
            }
        }
    }
    for (subject, is_reply) in REQUESTS {
        for message in &messages {
            // The unchanged message goes first.
            let unchanged = random.of(&message.documents).to_string().into_bytes();
            let mut payloads = vec![unchanged];
            payloads.extend((0..mutations).map(|_| damaged(message, &mut random)));
            sent += payloads.len();
            sender.call_all(subject, payloads, is_reply).await;
        }
    }
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "panics");
    nodes.verify().await;
    println!("{sent} requests, {} of them accepted", sender.accepted);
    assert!(sender.accepted > 0 && sender.accepted < sent);
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "panics at the end");
}

fn count_panics() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        print(panic);
    }));
}
