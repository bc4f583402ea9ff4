//! Blocks to events, on all cores: a reader deals blocks out to decoders in turn, and whoever takes the
//! batches asks the decoders in the same turn, so that the file's order is kept. Every channel is bounded.

use std::io;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope};

use crate::replay::block::{Block, Blocks};
use crate::replay::decode::{Batch, Decoder};

/// Blocks waiting for each decoder, and batches waiting behind it.
const WAITING_MAX: usize = 1;

/// The batches of an archive, in the file's order.
pub struct Batches {
    decoders: Vec<Receiver<io::Result<Batch>>>,
    turn: usize,
}

/// Starts reading and decoding; the threads end with the archive, or when nobody takes its batches.
pub fn read<'scope>(
    scope: &'scope Scope<'scope, '_>,
    blocks: Blocks,
    decoder: &Decoder<'scope>,
) -> Batches {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut decoders = Vec::new();
    let mut dealt: Vec<SyncSender<io::Result<Block>>> = Vec::new();
    for _ in 0..cores {
        let (deal, hand) = sync_channel::<io::Result<Block>>(WAITING_MAX);
        let (give, taken) = sync_channel(WAITING_MAX);
        let decoder = decoder.clone();
        scope.spawn(move || {
            for block in hand {
                let batch = block.map(|block| decoder.decode(block));
                if give.send(batch).is_err() {
                    break;
                }
            }
        });
        dealt.push(deal);
        decoders.push(taken);
    }
    scope.spawn(move || {
        for (block, decoder) in blocks.zip(dealt.iter().cycle()) {
            if decoder.send(block).is_err() {
                break;
            }
        }
    });
    Batches { decoders, turn: 0 }
}

impl Iterator for Batches {
    type Item = io::Result<Batch>;

    /// The next decoder in turn has the next batch; it has none once the archive has ended.
    fn next(&mut self) -> Option<io::Result<Batch>> {
        let decoder = self.decoders.get(self.turn % self.decoders.len().max(1))?;
        self.turn += 1;
        decoder.recv().ok()
    }
}
