//! A JPEG: its segments to the end of the picture (ITU-T T.81, annex B). What cameras put after that is not looked at.

use std::io::{BufReader, Read};

use super::{points, skip, take};
use crate::FileFault;

/// Begins a picture.
const SOI: u8 = 0xd8;
/// Ends it.
const EOI: u8 = 0xd9;
/// Begins what is coded.
const SOS: u8 = 0xda;

pub(super) fn check(source: &mut dyn Read) -> Result<(), FileFault> {
    let source = &mut BufReader::new(source);
    take::<2>(source)?;
    let (mut framed, mut scanned) = (false, false);
    let mut marker = marker_at(source)?;
    loop {
        match marker {
            EOI if framed && scanned => return Ok(()),
            EOI | SOI => return Err(FileFault::Damaged),
            // Markers without a length.
            0x01 | 0xd0..=0xd7 => marker = marker_at(source)?,
            _ => {
                let length = u64::from(u16::from_be_bytes(take(source)?));
                let mut left = length.checked_sub(2).ok_or(FileFault::Damaged)?;
                // Start of frame, but not the tables of Huffman, arithmetic coding and the reserved one.
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    let [_, high_1, low_1, high_2, low_2] = take::<5>(source)?;
                    left = left.checked_sub(5).ok_or(FileFault::Damaged)?;
                    let of = |high, low| u64::from(u16::from_be_bytes([high, low]));
                    points(of(high_2, low_2), of(high_1, low_1))?;
                    framed = true;
                }
                skip(source, left)?;
                marker = if marker == SOS {
                    scanned = true;
                    after_scan(source)?
                } else {
                    marker_at(source)?
                };
            }
        }
    }
}

/// The marker that stands here; it may be filled up with 0xff before it.
fn marker_at(source: &mut dyn Read) -> Result<u8, FileFault> {
    let [first] = take::<1>(source)?;
    if first != 0xff {
        return Err(FileFault::Damaged);
    }
    loop {
        match take::<1>(source)? {
            [0xff] => {}
            [0] => return Err(FileFault::Damaged),
            [marker] => return Ok(marker),
        }
    }
}

/// Reads over what is coded to the marker after it.
fn after_scan(source: &mut dyn Read) -> Result<u8, FileFault> {
    loop {
        if take::<1>(source)? != [0xff] {
            continue;
        }
        loop {
            match take::<1>(source)? {
                [0xff] => {}
                // A byte of 0xff among what is coded, and where decoding can take up again.
                [0 | 0xd0..=0xd7] => break,
                [marker] => return Ok(marker),
            }
        }
    }
}
