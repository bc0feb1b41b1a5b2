//! What a document is, and whether it is whole and harmless to show: read from its bytes while they come in.
//!
//! This is no virus scanner: it refuses what a document of a case never needs. What each part looks for is said there.

mod docx;
mod jpeg;
mod pdf;
mod png;

use std::io::{self, ErrorKind, Read};

use crate::{FileFault, Media};

/// Most points of a picture: more than any scanner of an office makes, and what a browser can still show.
const POINTS_MAX: u64 = 100_000_000;

/// Reads a document to its end and says what it is, or why it is not taken.
pub(crate) fn check(source: &mut dyn Read) -> Result<Media, FileFault> {
    let mut head = [0; 16];
    let mut length = 0;
    while length < head.len() {
        match source.read(&mut head[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) => return Err(of_reading(&error)),
        }
    }
    let head = &head[..length];
    let mut whole = head.chain(source);
    let media = match head {
        [] => return Err(FileFault::Empty),
        [b'%', b'P', b'D', b'F', b'-', ..] => pdf::check(&mut whole).map(|()| Media::Pdf)?,
        [0xff, 0xd8, 0xff, ..] => jpeg::check(&mut whole).map(|()| Media::Jpeg)?,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => png::check(&mut whole).map(|()| Media::Png)?,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => docx::check(&mut whole).map(|()| Media::Docx)?,
        // Programs of Windows, Linux and macOS, and scripts.
        [b'M', b'Z', ..]
        | [0x7f, b'E', b'L', b'F', ..]
        | [b'#', b'!', ..]
        | [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..]
        | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..]
        | [0xca, 0xfe, 0xba, 0xbe, ..] => return Err(FileFault::Program),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => return Err(FileFault::OldWord),
        [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm', ..] => return Err(FileFault::Heic),
        _ => return Err(FileFault::Unknown),
    };
    // To its end, whatever is there: what is kept is what was read.
    io::copy(&mut whole, &mut io::sink()).map_err(|error| of_reading(&error))?;
    Ok(media)
}

/// What an error of reading says of a document: the parts of it that end too soon.
fn of_reading(error: &io::Error) -> FileFault {
    match error.kind() {
        ErrorKind::UnexpectedEof => FileFault::CutShort,
        ErrorKind::ConnectionAborted => FileFault::Interrupted,
        _ => FileFault::Damaged,
    }
}

/// Whether far more comes out of something packed than out of anything that is written: a bomb is known early by it.
const fn swells(packed: u64, unpacked: u64) -> bool {
    const FROM: u64 = 8 * 1024 * 1024;
    const TIMES: u64 = 100;
    unpacked > FROM && unpacked / TIMES > packed
}

/// Reads exactly as many bytes.
fn take<const N: usize>(source: &mut dyn Read) -> Result<[u8; N], FileFault> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes).map_err(|error| of_reading(&error))?;
    Ok(bytes)
}

/// Reads over as many bytes.
fn skip(source: &mut dyn Read, count: u64) -> Result<(), FileFault> {
    let skipped = io::copy(&mut source.take(count), &mut io::sink()).map_err(|error| of_reading(&error))?;
    if skipped == count { Ok(()) } else { Err(FileFault::CutShort) }
}

/// Whether a picture has no more points than are taken; none of it has no width or height.
fn points(width: u64, height: u64) -> Result<(), FileFault> {
    match width * height {
        0 => Err(FileFault::Damaged),
        points if points > POINTS_MAX => Err(FileFault::Huge),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
