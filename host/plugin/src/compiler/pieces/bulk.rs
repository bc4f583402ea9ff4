//! Which bulk instructions are done in pieces, and the functions that do. Takes an instruction and what stands
//! before it; gives the function that computes the same. Must not know where in a module that function goes.

use wasm_encoder::{BlockType, Function, InstructionSink, ValType};
use wasmparser::Operator;

/// Most bytes written by one instruction: a fraction of a millisecond, were every page of them new.
pub(super) const PIECE: u32 = 64 << 10;

/// The same as code has it.
const ONE: i32 = PIECE.cast_signed();

/// An instruction on a memory whose length is known only when it runs, or known to be more than a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bulk {
    /// `memory.fill`.
    Fill,
    /// `memory.copy`.
    Copy,
    /// `memory.init`.
    Init {
        /// The segment of data that it reads.
        segment: u32,
        /// How long that is.
        bytes: u32,
    },
}

impl Bulk {
    /// What an instruction is, if it can take long; `segments` are the lengths of the module's data. A constant
    /// length stands right before the instruction: where that is small, it is quick as it is.
    pub(super) fn of(
        operator: &Operator<'_>,
        before: Option<i32>,
        segments: &[u32],
    ) -> Option<Bulk> {
        let (bulk, most) = match operator {
            Operator::MemoryFill { .. } => (Bulk::Fill, u32::MAX),
            Operator::MemoryCopy { .. } => (Bulk::Copy, u32::MAX),
            Operator::MemoryInit { data_index, .. } => {
                let (segment, bytes) = (*data_index, segments[*data_index as usize]);
                (Bulk::Init { segment, bytes }, bytes)
            }
            _ => return None,
        };
        let length = before.map_or(u32::MAX, i32::cast_unsigned);
        (length.min(most) > PIECE).then_some(bulk)
    }

    /// The name of the function, for traps in it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Bulk::Fill => FILL,
            Bulk::Copy => COPY,
            Bulk::Init { .. } => INIT,
        }
    }

    /// The function: the instruction itself, after as many pieces as leave it no more than one. What is out of
    /// bounds is left to it as a whole, so that it traps, as it would have, before anything is written.
    pub(super) fn function(self) -> Function {
        let mut function = Function::new([]);
        let mut code = function.instructions();
        code.block(BlockType::Empty);
        code.local_get(LENGTH).i32_const(ONE);
        code.i32_le_u().br_if(0);
        leave_if_beyond_memory(&mut code, TO);
        match self {
            Bulk::Fill => self.upward(&mut code),
            Bulk::Copy => {
                leave_if_beyond_memory(&mut code, FROM);
                // What overlaps is read before it is written over.
                code.local_get(TO).local_get(FROM).i32_le_u();
                code.if_(BlockType::Empty);
                self.upward(&mut code);
                code.else_();
                self.downward(&mut code);
                code.end();
            }
            Bulk::Init { bytes, .. } => {
                end_of(&mut code, FROM);
                code.i64_const(bytes.into()).i64_gt_u().br_if(0);
                self.upward(&mut code);
            }
        }
        code.end();
        code.local_get(TO).local_get(FROM).local_get(LENGTH);
        self.instruction(&mut code);
        code.end();
        function
    }

    fn instruction(self, code: &mut InstructionSink<'_>) {
        match self {
            Bulk::Fill => code.memory_fill(MEMORY),
            Bulk::Copy => code.memory_copy(MEMORY, MEMORY),
            Bulk::Init { segment, .. } => code.memory_init(MEMORY, segment),
        };
    }

    /// Pieces from the lowest on, while there is more than one.
    fn upward(self, code: &mut InstructionSink<'_>) {
        code.loop_(BlockType::Empty);
        code.local_get(TO).local_get(FROM);
        code.i32_const(ONE);
        self.instruction(code);
        add(code, TO, ONE);
        if self != Bulk::Fill {
            add(code, FROM, ONE);
        }
        add(code, LENGTH, -ONE);
        again_if_more_than_one(code);
    }

    /// Pieces from the highest on, while there is more than one.
    fn downward(self, code: &mut InstructionSink<'_>) {
        code.loop_(BlockType::Empty);
        add(code, LENGTH, -ONE);
        for start in [TO, FROM] {
            code.local_get(start).local_get(LENGTH).i32_add();
        }
        code.i32_const(ONE);
        self.instruction(code);
        again_if_more_than_one(code);
    }
}

/// Whether a name is that of one of these functions.
pub(crate) fn is_done_in_pieces(name: &str) -> bool {
    [FILL, COPY, INIT].contains(&name)
}

const FILL: &str = "memory.fill";
const COPY: &str = "memory.copy";
const INIT: &str = "memory.init";

/// What the functions take, as the instructions do.
pub(super) const PARAMETERS: [ValType; 3] = [ValType::I32; 3];

/// Where the bytes go.
const TO: u32 = 0;

/// Where they come from; to fill, the byte itself.
const FROM: u32 = 1;

/// How many there are, still.
const LENGTH: u32 = 2;

/// The one memory that a module has.
const MEMORY: u32 = 0;

/// Bytes of a page of memory, as a power of two.
const PAGE_BITS: i64 = 16;

/// What follows the last byte, in 64 bits: it may be beyond what 32 can say.
fn end_of(code: &mut InstructionSink<'_>, start: u32) {
    for part in [start, LENGTH] {
        code.local_get(part).i64_extend_i32_u();
    }
    code.i64_add();
}

fn leave_if_beyond_memory(code: &mut InstructionSink<'_>, start: u32) {
    end_of(code, start);
    code.memory_size(MEMORY).i64_extend_i32_u();
    code.i64_const(PAGE_BITS).i64_shl();
    code.i64_gt_u().br_if(0);
}

fn add(code: &mut InstructionSink<'_>, local: u32, bytes: i32) {
    code.local_get(local).i32_const(bytes);
    code.i32_add().local_set(local);
}

fn again_if_more_than_one(code: &mut InstructionSink<'_>) {
    code.local_get(LENGTH).i32_const(ONE);
    code.i32_gt_u().br_if(0).end();
}
