//! The floor: a bare server that reads every request to its end and answers the same bytes. What HTTP alone costs
//! on this machine, with the same requests and an answer of the same size.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use hyper::body::Bytes;

use super::http::{self, Answers};
use super::{Arm, own};
use crate::server::Server;

/// Starts the floor on this processor; it answers as `answer` does.
pub fn start(core: usize, folder: &Path, answer: &str) -> anyhow::Result<Arm> {
    let file = folder.join("answer.json");
    fs::write(&file, answer).with_context(|| format!("write {}", file.display()))?;
    let command = own(&["floor"], &file)?;
    let server = Server::start(&[core], &command, &folder.join("floor.log"))?;
    Ok(Arm::new("floor", server, false))
}

struct Floor(Bytes);

impl Answers for Floor {
    async fn answer(&self, _path: &str, _body: Bytes) -> Bytes {
        self.0.clone()
    }
}

/// Serves the bytes of a file.
pub fn serve(answer: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(answer).with_context(|| format!("read {}", answer.display()))?;
    http::serve(Floor(bytes.into()))
}
