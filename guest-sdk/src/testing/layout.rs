//! A line's event as a row of a call, byte by byte as in `docs/PLUGIN-ABI.md`: what the host would hand to the
//! component.

use serde_json::Value;

use super::line::Line;
use crate::features::Features;
use crate::fields::{FieldNeed, Fields, Kind};
use crate::state::writer::NAN;

/// Flags of a row: its features and the state after it are asked for.
const EMIT_AND_MARK: u8 = 0b110;
/// Flag of a row that changes the state.
const APPLY: u8 = 0b001;
/// Type of an event the plugin does not fold.
const OTHER: u16 = u16::MAX;
/// Length of a text that is missing.
const MISSING: u32 = u32::MAX;

/// The rows of one call: every event applied if the plugin folds its type, every row asked for its
/// features and its state.
pub(super) fn rows<F: Features>(lines: &[&Line]) -> Result<Vec<u8>, String> {
    let fields = <F::Event<'_> as Fields>::FIELDS;
    let (mut rows, mut arena) = (Vec::new(), Vec::new());
    rows.extend((lines.len() as u32).to_le_bytes());
    rows.extend((16 + 8 * fields.len() as u32).to_le_bytes());
    for line in lines {
        let kind = F::EVENTS.iter().position(|kind| *kind == line.kind);
        rows.extend(line.place.time.0.to_le_bytes());
        rows.extend(kind.map_or(OTHER, |kind| kind as u16).to_le_bytes());
        rows.push(EMIT_AND_MARK | if kind.is_some() { APPLY } else { 0 });
        rows.extend([0; 5]);
        for field in fields {
            let value = line.data.get(field.name).unwrap_or(&Value::Null);
            rows.extend(cell(field, value, &mut arena)?);
        }
    }
    rows.append(&mut arena);
    Ok(rows)
}

fn cell(field: &FieldNeed, value: &Value, arena: &mut Vec<u8>) -> Result<[u8; 8], String> {
    match (field.kind, value) {
        (Kind::Text, Value::Null) => Ok(text(0, MISSING)),
        (Kind::Text, Value::String(value)) => {
            let offset = arena.len() as u32;
            arena.extend(value.as_bytes());
            Ok(text(offset, value.len() as u32))
        }
        (Kind::Number | Kind::Integer | Kind::Boolean, Value::Null) => Ok(NAN.to_le_bytes()),
        (Kind::Boolean, Value::Bool(value)) => Ok(f64::from(u8::from(*value)).to_le_bytes()),
        (Kind::Number | Kind::Integer, Value::Number(number)) => match number.as_f64() {
            Some(number) if field.kind == Kind::Number || number.fract() == 0.0 => {
                Ok(number.to_le_bytes())
            }
            _ => Err(misfit(field, value)),
        },
        _ => Err(misfit(field, value)),
    }
}

fn text(offset: u32, length: u32) -> [u8; 8] {
    (u64::from(length) << 32 | u64::from(offset)).to_le_bytes()
}

fn misfit(field: &FieldNeed, value: &Value) -> String {
    let FieldNeed { name, kind, .. } = field;
    format!("`data.{name}` is {value}; the plugin reads it as {kind:?}")
}
