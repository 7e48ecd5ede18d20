//! Sends the outcomes of messages to the server: acknowledgements, rejections, dead letters, and word of long work.

use std::time::Duration;

use natsgen_runtime::transport::{Message, TransportEvent};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use super::dead_letter;
use super::error::DurableError;
use super::jetstream::JetStream;
use super::ledger::{Delivery, Ledger, Outcome, Settled};
use super::pull::{OnFailure, RECONNECT_PAUSE};
use super::settings::Settings;

/// The interval between checks whether the connection is closed.
const CLOSED_PAUSE: Duration = Duration::from_millis(250);

/// The first and the longest pause before the server delivers a rejected message again.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(30)];

const IN_PROGRESS: &str = "+WPI";

/// The acknowledgement of a message that must not be delivered again, although it was not processed.
const TERM: &str = "+TERM";

/// Sends the outcomes of the messages of a reader.
pub(super) struct Keeper<'a> {
    api: &'a JetStream,
    settings: &'a Settings,
    ledger: &'a Ledger,
    on_failure: &'a OnFailure,
    /// The dead letters that are being stored.
    refused: JoinSet<(Delivery, Result<(), DurableError>)>,
    rounds: Interval,
    events: mpsc::UnboundedReceiver<TransportEvent>,
    is_closed: bool,
}

/// The next task of a keeper.
pub(super) enum Work {
    Settled(Vec<Settled>),
    /// A dead letter is stored, or its publish has failed.
    Refused(Box<Delivery>, Result<(), DurableError>),
    /// The next round of messages that are in work.
    Round,
}

/// The progress of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    None,
    Committed,
    Rejected,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(
        api: &'a JetStream,
        settings: &'a Settings,
        ledger: &'a Ledger,
        on_failure: &'a OnFailure,
    ) -> Self {
        // Two rounds pass before the first word, and a word may be late by a round.
        let mut rounds = interval(settings.ack_wait / 4);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            api,
            settings,
            ledger,
            on_failure,
            refused: JoinSet::new(),
            rounds,
            events: api.connection.transport().events(),
            is_closed: false,
        }
    }

    /// Waits for work. Loses none if the caller drops the future.
    pub(super) async fn next(&mut self) -> Work {
        let connection = &self.api.connection;
        let settled = async {
            // An acknowledgement is valid on the next connection, too.
            while !connection.is_connected() {
                sleep(RECONNECT_PAUSE).await;
            }
            self.ledger.settled().await
        };
        tokio::select! {
            biased;
            settled = settled => Work::Settled(settled),
            Some(Ok((delivery, stored))) = self.refused.join_next() => Work::Refused(Box::new(delivery), stored),
            _ = self.rounds.tick() => Work::Round,
        }
    }

    pub(super) async fn run(&mut self, work: Work) -> Progress {
        match work {
            Work::Settled(settled) => self.send(settled).await,
            Work::Refused(delivery, Ok(())) => {
                self.publish(delivery.reply, TERM.to_owned()).await;
                Progress::Committed
            }
            Work::Refused(delivery, Err(error)) => {
                (self.on_failure)(&error);
                self.reject(*delivery).await;
                Progress::Rejected
            }
            Work::Round => {
                // Takes the events, whose channel has no limit.
                self.is_closed();
                for reply in self.ledger.begin_round() {
                    self.publish(reply, IN_PROGRESS.to_owned()).await;
                }
                Progress::None
            }
        }
    }

    /// Returns true after the connection is closed.
    pub(super) fn is_closed(&mut self) -> bool {
        while let Ok(event) = self.events.try_recv() {
            self.is_closed |= event == TransportEvent::Closed;
        }
        self.is_closed
    }

    /// Sends the outcomes of the settled messages.
    pub(super) async fn acknowledge(&mut self) {
        let settled = self.ledger.take_settled();
        self.send(settled).await;
    }

    /// Works until all messages are settled, and the server has received all outcomes. Ends early if the connection is
    /// closed.
    pub(super) async fn finish(mut self) {
        while self.ledger.in_flight() > 0 || !self.refused.is_empty() {
            let work = self.next();
            if let Ok(work) = timeout(CLOSED_PAUSE, work).await {
                self.run(work).await;
            } else if self.is_closed() {
                return;
            }
        }
        self.acknowledge().await;
        self.api.connection.flush().await;
    }

    async fn send(&mut self, settled: Vec<Settled>) -> Progress {
        let mut progress = Progress::None;
        for Settled {
            sequence,
            delivery,
            outcome,
        } in settled
        {
            match outcome {
                Outcome::Committed => {
                    self.publish(delivery.reply, String::new()).await;
                    if progress == Progress::None {
                        progress = Progress::Committed;
                    }
                }
                Outcome::Rejected => {
                    self.reject(delivery).await;
                    progress = Progress::Rejected;
                }
                Outcome::Refused(refusal) => {
                    let letter = dead_letter::letter(self.settings, sequence, refusal);
                    let connection = self.api.connection.clone();
                    self.refused.spawn(async move {
                        let stored = match letter {
                            Some(letter) => dead_letter::store(&connection, letter).await,
                            None => Ok(()),
                        };
                        (delivery, stored)
                    });
                }
            }
        }
        progress
    }

    /// Asks the server to deliver a message again after a pause. A single reader resets its consumer instead, because
    /// later messages would overtake.
    async fn reject(&self, delivery: Delivery) {
        if !self.settings.single_reader {
            let doublings = u32::try_from(delivery.attempt.saturating_sub(1)).unwrap_or(u32::MAX);
            let pause = PAUSES[0].saturating_mul(2_u32.saturating_pow(doublings));
            let pause = pause.min(PAUSES[1]).as_nanos();
            self.publish(delivery.reply, format!("-NAK {{\"delay\":{pause}}}"))
                .await;
        }
    }

    async fn publish(&self, reply: String, payload: String) {
        let message = Message {
            subject: reply,
            payload: payload.into(),
            ..Message::default()
        };
        if let Err(error) = self.api.connection.transport().publish(message).await {
            // The connection is closed. The server delivers the message again.
            tracing::debug!(%error, "message not acknowledged");
        }
    }
}
