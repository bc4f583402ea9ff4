//! Follows the amendments of a node from a thread of its own. Takes a stream of server-sent events; gives
//! the amendments in their order.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::client::Client;
use crate::wire::Amendment;

/// How long the next amendment may take that the node has published.
const PATIENCE: Duration = Duration::from_secs(10);

/// A follower of amendments; its thread ends with the node's stream.
pub struct Follower(Receiver<anyhow::Result<Amendment>>);

impl Follower {
    /// Begins to follow, from now on.
    ///
    /// # Errors
    /// When the node refuses.
    pub fn start(client: &Client) -> anyhow::Result<Follower> {
        let stream = client.amendments()?;
        let (sender, receiver) = channel();
        thread::spawn(move || follow(stream, &sender));
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

/// Reads the stream to its end, or until nobody listens.
fn follow(stream: impl Read, to: &Sender<anyhow::Result<Amendment>>) {
    let mut kind = String::new();
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        if let Some(name) = line.strip_prefix("event: ") {
            name.clone_into(&mut kind);
        }
        if let Some(data) = line.strip_prefix("data: ")
            && to.send(read(&kind, data)).is_err()
        {
            return;
        }
    }
}

fn read(kind: &str, data: &str) -> anyhow::Result<Amendment> {
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

    #[test]
    fn amendments_come_in_order_between_comments() {
        let amendment = |decision| {
            format!(
                "event: amendment\nid: 4\ndata: {{\"decision\":\"{decision}\",\"event\":\"a\",\
                 \"source\":\"t\",\"revision\":2,\"old\":{{\"score\":0.1,\"outcome\":\"approve\"}},\
                 \"new\":{{\"score\":0.5,\"outcome\":\"review\"}},\"cause\":{{\"what\":\"caught-up\"}}}}\n\n"
            )
        };
        let stream = [amendment("d1"), ": still here\n\n".into(), amendment("d2")].concat();
        let (sender, receiver) = channel();
        follow(stream.as_bytes(), &sender);
        drop(sender);
        let decisions: Vec<String> = receiver.iter().map(|next| next.unwrap().decision).collect();
        assert_eq!(decisions, ["d1", "d2"]);
    }

    #[test]
    fn a_gap_is_told() {
        let (sender, receiver) = channel();
        follow(&b"event: gap\ndata: {\"from\":1,\"to\":9}\n\n"[..], &sender);
        let error = receiver.recv().unwrap().unwrap_err().to_string();
        assert!(
            error.starts_with("found a `gap` among the amendments"),
            "{error}"
        );
    }
}
