//! A PNG: its chunks with their checksums to the last (W3C, PNG specification, section 5).

use std::io::{BufReader, Read};

use flate2::Crc;

use super::{of_reading, points, take};
use crate::FileFault;

pub(super) fn check(source: &mut dyn Read) -> Result<(), FileFault> {
    let source = &mut BufReader::new(source);
    take::<8>(source)?;
    let (mut first, mut data) = (true, false);
    let mut part = vec![0; 16 * 1024];
    loop {
        let mut left = usize::try_from(u32::from_be_bytes(take(source)?)).map_err(|_| FileFault::Damaged)?;
        let kind = take::<4>(source)?;
        let mut crc = Crc::new();
        crc.update(&kind);
        if first != (&kind == b"IHDR") || !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(FileFault::Damaged);
        }
        if first {
            let head = take::<8>(source)?;
            left = left.checked_sub(8).ok_or(FileFault::Damaged)?;
            crc.update(&head);
            let both = u64::from_be_bytes(head);
            points(both >> 32, both & u64::from(u32::MAX))?;
        }
        while left > 0 {
            let now = left.min(part.len());
            source.read_exact(&mut part[..now]).map_err(|error| of_reading(&error))?;
            crc.update(&part[..now]);
            left -= now;
        }
        if u32::from_be_bytes(take(source)?) != crc.sum() {
            return Err(FileFault::Damaged);
        }
        first = false;
        data |= &kind == b"IDAT";
        if &kind == b"IEND" {
            return if data { Ok(()) } else { Err(FileFault::Damaged) };
        }
    }
}
