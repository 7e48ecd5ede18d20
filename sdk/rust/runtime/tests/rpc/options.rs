//! Builders of options: the order of calls does not matter, and each setting replaces the one before.

use std::fmt::Debug;
use std::time::Duration;

use natsgen_runtime::{CallOptions, DedupOptions, NatsOptions, Retry, ServeOptions, ServingState};
use tokio::runtime::Handle;
use tokio::sync::watch;

const SECOND: Duration = Duration::from_secs(1);

/// One call of a builder.
type Step<T> = Box<dyn Fn(T) -> T>;

/// Checks that `steps` give the same options in every order.
fn check<T: Debug>(new: impl Fn() -> T, steps: &[Step<T>]) {
    let build = |order: &[usize]| {
        let options = order.iter().fold(new(), |options, at| steps[*at](options));
        format!("{options:?}")
    };
    let mut order: Vec<usize> = (0..steps.len()).collect();
    let expected = build(&order);
    assert_ne!(expected, build(&[]));
    permute(&mut order, 0, &mut |order| {
        assert_eq!(build(order), expected);
    });
}

/// Calls `visit` with each permutation of the elements from `start` on.
fn permute(order: &mut Vec<usize>, start: usize, visit: &mut dyn FnMut(&[usize])) {
    if start == order.len() {
        return visit(order);
    }
    for at in start..order.len() {
        order.swap(start, at);
        permute(order, start + 1, visit);
        order.swap(start, at);
    }
}

#[test]
fn call_options_commute() {
    check(
        CallOptions::new,
        &[
            Box::new(|options| options.timeout(SECOND)),
            Box::new(|options| options.retry(Retry::new(3))),
            Box::new(|options| options.traceparent("00-1-2-01")),
            Box::new(|options| options.request_id("id")),
        ],
    );
}

#[test]
fn retry_settings_commute() {
    check(
        || Retry::new(3),
        &[
            Box::new(Retry::deduplicated),
            Box::new(|retry| retry.attempt_timeout(SECOND)),
            Box::new(|retry| retry.pauses(SECOND, 2 * SECOND)),
        ],
    );
}

#[test]
fn dedup_options_commute() {
    check(
        DedupOptions::new,
        &[
            Box::new(|options| options.requests(7)),
            Box::new(|options| options.bytes(8)),
            Box::new(|options| options.age(SECOND)),
        ],
    );
}

#[tokio::test]
async fn serve_options_commute() {
    let (_sender, state) = watch::channel(ServingState::Paused);
    check(
        ServeOptions::new,
        &[
            Box::new(|options| options.concurrency(3)),
            Box::new(|options| options.queue(4)),
            Box::new(|options| options.drain(SECOND)),
            Box::new(|options| options.deduplicate(DedupOptions::new().requests(7))),
            Box::new(|options| options.handlers(Handle::current())),
            Box::new(move |options| options.state(state.clone())),
        ],
    );
}

#[test]
fn nats_options_commute() {
    check(
        || NatsOptions::new("nats://localhost"),
        &[
            Box::new(|options: NatsOptions| options.user("user", "secret")),
            Box::new(|options| options.name("name")),
            Box::new(|options| options.prefix("prefix")),
            Box::new(|options| options.inbox_prefix("_INBOX_w1")),
            Box::new(|options| options.ping_interval(SECOND)),
            Box::new(|options| options.wait(SECOND)),
            Box::new(|options| options.root_certificates("ca.pem")),
        ],
    );
}
