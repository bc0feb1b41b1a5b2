//! A Word document: a zip (PKWARE APPNOTE 6.3.10) of parts (ECMA-376, part 2). Every part is unpacked, as far as that goes, and
//! thrown away: what it says of its size is not believed. What the directory at the end says must be what was there, part by
//! part: a reader that goes by the directory sees what was looked at.
//!
//! Refused are macros, controls and embedded programs, and what is loaded from elsewhere when the document is opened.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::{of_reading, swells, take};
use crate::FileFault;

/// Most bytes that the parts of a document come to.
const UNPACKED_MAX: u64 = 256 * 1024 * 1024;
/// Most parts.
const PARTS_MAX: usize = 4_096;
/// Longest part that is read as text: relationships and the list of kinds.
const TEXT_MAX: u64 = 4 * 1024 * 1024;
/// What a part's head, a line of the directory and the end begin with.
const PART: u32 = 0x0403_4b50;
const LINE: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Flags: enciphered; sizes after the part.
const ENCIPHERED: u16 = 1 | 1 << 6;
const SIZES_AFTER: u16 = 1 << 3;

/// Reads on, and knows how far it is.
struct At<'r> {
    source: BufReader<&'r mut dyn Read>,
    at: u64,
}

impl Read for At<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl io::BufRead for At<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.source.fill_buf()
    }
    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
        self.source.consume(amount);
    }
}

pub(super) fn check(source: &mut dyn Read) -> Result<(), FileFault> {
    let mut at = At { source: BufReader::new(source), at: 0 };
    // Where each part begins, by its name.
    let mut parts: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    let mut unpacked = 0;
    let mut offset = 0;
    let mut signature = u32::from_le_bytes(take(&mut at)?);
    while signature == PART {
        let name = part(&mut at, &mut unpacked)?;
        if parts.len() == PARTS_MAX {
            return Err(FileFault::Bomb);
        }
        if parts.insert(name, offset).is_some() {
            return Err(FileFault::Damaged);
        }
        offset = at.at;
        signature = u32::from_le_bytes(take(&mut at)?);
    }
    let count = parts.len();
    if !parts.contains_key(b"[content_types].xml".as_slice()) || !parts.contains_key(b"word/document.xml".as_slice()) {
        return Err(FileFault::NotWord);
    }
    let directory = offset;
    while signature == LINE {
        let (name, offset) = line(&mut at)?;
        if parts.remove(&name) != Some(offset) {
            return Err(FileFault::Damaged);
        }
        signature = u32::from_le_bytes(take(&mut at)?);
    }
    if signature != END || !parts.is_empty() {
        return Err(FileFault::Damaged);
    }
    let [disk_1, disk_2, dir_1, dir_2, _, _, all_1, all_2, _, _, _, _, a, b, c, d, long_1, long_2] =
        take::<18>(&mut at)?;
    let said = usize::from(u16::from_le_bytes([all_1, all_2]));
    let begins = u64::from(u32::from_le_bytes([a, b, c, d]));
    if [disk_1, disk_2, dir_1, dir_2] != [0; 4] || said != count || begins != directory {
        return Err(FileFault::Damaged);
    }
    // The comment; nothing follows it.
    let comment = io::copy(&mut at, &mut io::sink()).map_err(|error| of_reading(&error))?;
    if comment == u64::from(u16::from_le_bytes([long_1, long_2])) { Ok(()) } else { Err(FileFault::Damaged) }
}

/// Reads a part after its signature, and unpacks it to nowhere; gives its name in small letters.
fn part(at: &mut At<'_>, unpacked: &mut u64) -> Result<Vec<u8>, FileFault> {
    let head = take::<26>(at)?;
    let word = |from: usize| u16::from_le_bytes([head[from], head[from + 1]]);
    let long =
        |from: usize| u64::from(u32::from_le_bytes([head[from], head[from + 1], head[from + 2], head[from + 3]]));
    let (flags, method, crc, packed, size) = (word(2), word(4), long(10), long(14), long(18));
    let name = text(at, word(22))?;
    text(at, word(24))?;
    if flags & ENCIPHERED != 0 {
        return Err(FileFault::OldWord);
    }
    harmless(&name)?;
    let after = flags & SIZES_AFTER != 0;
    let begun = at.at;
    let (mut seen, length) = match method {
        // What is not packed says its length before, or nobody knows where it ends.
        0 if after && packed == 0 && size == 0 && name.ends_with(b"/") => (Crc::new(), 0),
        0 if after || packed != size => return Err(FileFault::Damaged),
        0 => looked(&name, &mut Read::by_ref(at).take(packed), |_| u64::MAX, unpacked)?,
        8 => looked(&name, &mut DeflateDecoder::new(&mut *at), DeflateDecoder::total_in, unpacked)?,
        _ => return Err(FileFault::Damaged),
    };
    let came = at.at - begun;
    let (mut crc, mut packed, mut size) = (crc, packed, size);
    if after {
        let mut first = u32::from_le_bytes(take(at)?);
        // The signature before them may be left out.
        if first == 0x0807_4b50 {
            first = u32::from_le_bytes(take(at)?);
        }
        crc = u64::from(first);
        packed = u64::from(u32::from_le_bytes(take(at)?));
        size = u64::from(u32::from_le_bytes(take(at)?));
    }
    let sum = u64::from(std::mem::take(&mut seen).sum());
    if (crc, packed, size) == (sum, came, length) { Ok(name) } else { Err(FileFault::Damaged) }
}

/// Reads what is in a part, of which so much has been `packed`; of a list of relationships or kinds also what it says.
fn looked<R: Read>(
    name: &[u8],
    content: &mut R,
    packed: impl Fn(&R) -> u64,
    unpacked: &mut u64,
) -> Result<(Crc, u64), FileFault> {
    let is_text = name.ends_with(b".rels") || name == b"[content_types].xml";
    let (mut crc, mut length, mut words, mut some) = (Crc::new(), 0, Vec::new(), vec![0; 16 * 1024]);
    loop {
        let read = content.read(&mut some).map_err(|error| of_reading(&error))?;
        if read == 0 {
            break;
        }
        crc.update(&some[..read]);
        length += read as u64;
        *unpacked += read as u64;
        if swells(packed(content), length) || *unpacked > UNPACKED_MAX || (is_text && length > TEXT_MAX) {
            return Err(FileFault::Bomb);
        }
        if is_text {
            words.extend_from_slice(&some[..read]);
        }
    }
    if is_text {
        says(&words)?;
    }
    Ok((crc, length))
}

/// A name or another field of this length; a name in small letters, with slashes.
fn text(at: &mut At<'_>, length: u16) -> Result<Vec<u8>, FileFault> {
    let mut text = vec![0; usize::from(length)];
    at.read_exact(&mut text).map_err(|error| of_reading(&error))?;
    text.make_ascii_lowercase();
    for byte in &mut text {
        if *byte == b'\\' {
            *byte = b'/';
        }
    }
    Ok(text)
}

/// A line of the directory after its signature: the part's name, and where it begins.
fn line(at: &mut At<'_>) -> Result<(Vec<u8>, u64), FileFault> {
    let head = take::<42>(at)?;
    let word = |from: usize| u16::from_le_bytes([head[from], head[from + 1]]);
    let offset = u64::from(u32::from_le_bytes([head[38], head[39], head[40], head[41]]));
    let name = text(at, word(24))?;
    text(at, word(26))?;
    text(at, word(28))?;
    Ok((name, offset))
}

/// Whether a part of this name is one that documents of a case have.
fn harmless(name: &[u8]) -> Result<(), FileFault> {
    let name = String::from_utf8_lossy(name);
    let program = [".bin", ".exe", ".dll", ".vbs", ".js", ".ocx", ".ole", ".com", ".bat", ".cmd", ".ps1", ".scr"];
    let printer = name.contains("printersettings");
    let end = program.iter().any(|end| name.ends_with(end)) && !printer;
    if end || name.contains("vbaproject") || name.contains("vbadata") || name.contains("/activex/") {
        return Err(FileFault::Macros);
    }
    if name.contains("..") || name.starts_with('/') {
        return Err(FileFault::Damaged);
    }
    Ok(())
}

/// Whether a list of relationships or kinds speaks of macros, or of something elsewhere that is loaded without being asked
/// for: everything outside but a link that somebody clicks.
fn says(words: &[u8]) -> Result<(), FileFault> {
    let words: Vec<u8> = words.iter().copied().filter(|byte| *byte != 0).collect();
    let words = String::from_utf8_lossy(&words).to_ascii_lowercase();
    // A letter that is written by its number has no other reason here.
    if words.contains("macroenabled")
        || words.contains("vbaproject")
        || words.contains("activex")
        || words.contains("&#")
    {
        return Err(FileFault::Macros);
    }
    let elsewhere = words.split('<').filter(|tag| tag.contains("targetmode") && tag.contains("external"));
    if elsewhere.into_iter().any(|tag| !tag.contains("/relationships/hyperlink")) {
        return Err(FileFault::Remote);
    }
    Ok(())
}
