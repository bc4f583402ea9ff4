//! Follows the amendments of a node from a thread of its own, and comes back to them when the node does.
//! Takes streams of server-sent events; gives the amendments in their order.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::client::{Client, until_answered};
use crate::wire::Amendment;

/// How long the next amendment may take that the node has published.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a follower hears, or why it hears no more.
type Heard = anyhow::Result<Amendment>;

/// A follower of amendments; its thread ends when nobody takes them any more.
pub struct Follower(Receiver<Heard>);

impl Follower {
    /// Begins to follow, from now on.
    ///
    /// # Errors
    /// When the node refuses.
    pub fn start(client: &Client) -> anyhow::Result<Follower> {
        let (client, stream) = (client.clone(), client.amendments(None)?);
        let (sender, receiver) = channel();
        thread::spawn(move || follow(&client, stream, &sender));
        Ok(Follower(receiver))
    }

    /// The amendments up to the last of these: revisions that the node has published, by decision.
    ///
    /// # Errors
    /// When one of them does not come, or cannot be read.
    pub fn take(self, mut published: HashMap<&str, u32>) -> anyhow::Result<Vec<Amendment>> {
        let mut amendments = Vec::new();
        while !published.is_empty() {
            let Ok(amendment) = self.0.recv_timeout(PATIENCE) else {
                bail!(
                    "{} amendments were published but did not come",
                    published.len()
                );
            };
            let amendment = amendment?;
            let decision = amendment.decision.as_str();
            if published.get(decision) == Some(&amendment.revision) {
                published.remove(decision);
            }
            amendments.push(amendment);
        }
        Ok(amendments)
    }
}

/// Follows one stream after the other, each from where the one before broke off, until nobody listens.
fn follow(client: &Client, stream: impl Read, to: &Sender<Heard>) {
    let mut seen = None;
    let mut listening = hear(stream, &mut seen, to);
    while listening {
        listening = match until_answered(|| client.amendments(seen.as_deref())) {
            Ok((stream, _)) => hear(stream, &mut seen, to),
            Err(error) => return drop(to.send(Err(error.context("follow the amendments again")))),
        };
    }
}

/// Reads a stream to its end, and notes the position of what was last heard whole; tells whether anybody
/// listens.
fn hear(stream: impl Read, seen: &mut Option<String>, to: &Sender<Heard>) -> bool {
    let (mut id, mut kind, mut data) = (None, String::new(), String::new());
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        match line.split_once(": ") {
            Some(("id", value)) => id = Some(value.to_owned()),
            Some(("event", value)) => value.clone_into(&mut kind),
            Some(("data", value)) => value.clone_into(&mut data),
            _ if line.is_empty() => {
                if !data.is_empty() && to.send(read(&kind, &data)).is_err() {
                    return false;
                }
                *seen = id.take().or(seen.take());
                data.clear();
            }
            _ => {}
        }
    }
    true
}

fn read(kind: &str, data: &str) -> Heard {
    match kind {
        "amendment" => {
            serde_json::from_str(data).with_context(|| format!("read the amendment `{data}`"))
        }
        other => bail!("found a `{other}` among the amendments: {data}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amendment(position: u32, decision: &str) -> String {
        format!(
            "id: {position}\nevent: amendment\ndata: {{\"decision\":\"{decision}\",\"event\":\"a\",\
             \"source\":\"t\",\"revision\":2,\"old\":{{\"score\":0.1,\"outcome\":\"approve\"}},\
             \"new\":{{\"score\":0.5,\"outcome\":\"review\"}},\"cause\":{{\"what\":\"caught-up\"}}}}\n\n"
        )
    }

    fn heard(stream: &str) -> (Option<String>, Vec<Heard>) {
        let (sender, receiver) = channel();
        let mut seen = None;
        assert!(hear(stream.as_bytes(), &mut seen, &sender));
        drop(sender);
        (seen, receiver.iter().collect())
    }

    #[test]
    fn amendments_come_in_order_between_comments() {
        let (_, heard) = heard(
            &[
                amendment(4, "d1"),
                ": still here\n\n".into(),
                amendment(6, "d2"),
            ]
            .concat(),
        );
        let decisions: Vec<String> = heard
            .into_iter()
            .map(|next| next.unwrap().decision)
            .collect();
        assert_eq!(decisions, ["d1", "d2"]);
    }

    #[test]
    fn what_breaks_off_is_not_heard_and_not_passed_over() {
        let greeting = ": following\nid: 3\n\n";
        let whole = [greeting, &amendment(4, "d1"), &amendment(6, "d2")].concat();
        for (length, last, count) in [
            (greeting.len(), "3", 0),
            (greeting.len() + 9, "3", 0),
            (whole.len() - 1, "4", 1),
            (whole.len(), "6", 2),
        ] {
            let (seen, heard) = heard(&whole[..length]);
            assert_eq!((seen.as_deref(), heard.len()), (Some(last), count));
        }
    }

    #[test]
    fn a_gap_is_told() {
        let (_, mut heard) = heard("event: gap\ndata: {\"from\":1,\"to\":9}\n\n");
        let error = heard.remove(0).unwrap_err().to_string();
        assert!(
            error.starts_with("found a `gap` among the amendments"),
            "{error}"
        );
    }
}
