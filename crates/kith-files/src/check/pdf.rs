//! A PDF (ISO 32000-2): looked through for what starts by itself. Every action of script, of starting a program and of media
//! has a name that is written out somewhere in the file; names are found wherever they stand, also in what lies between
//! objects, with `#` for letters read as a viewer reads it. Objects that are packed together (7.5.7) are unpacked for it; what
//! cannot be unpacked, or is locked, is not taken.

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::ZlibDecoder;

use super::{of_reading, swells};
use crate::FileFault;

/// Most bytes that packed objects come to.
const UNPACKED_MAX: u64 = 64 * 1024 * 1024;
/// Longest name that is looked at: those of ours are shorter.
const NAME_MAX: usize = 32;
/// How near to the end the mark of the end must be, bytes, after what viewers allow.
const END_MAX: usize = 2_048;

/// What is between `obj` and `stream`: what an object says of the bytes that follow.
#[derive(Default)]
struct Said {
    packed_objects: bool,
    first: bool,
    count: bool,
    filter: bool,
    deflated: bool,
    otherwise: bool,
}

/// Reads names and the words `obj`, `stream` and `%%EOF` from bytes.
#[derive(Default)]
struct Names {
    /// A name that has begun, and its letters of which one is written by its number.
    name: Option<(Vec<u8>, Vec<u8>)>,
    /// The last bytes, to know words by.
    last: [u8; 7],
    said: Said,
}

/// What has just been read.
#[derive(PartialEq, Eq)]
enum Now {
    /// Nothing of note.
    On,
    /// The word `stream`: bytes follow.
    Stream,
    /// The mark of the end.
    End,
}

pub(super) fn check(source: &mut dyn Read) -> Result<(), FileFault> {
    let mut source = BufReader::new(source);
    let mut names = Names::default();
    let mut unpacked = 0;
    // Bytes since the mark of the end.
    let mut since_end: Option<usize> = None;
    loop {
        let some = source.fill_buf().map_err(|error| of_reading(&error))?;
        if some.is_empty() {
            break;
        }
        let (mut used, mut packed) = (some.len(), false);
        for (at, byte) in some.iter().enumerate() {
            since_end = since_end.map(|since| since + 1);
            match names.read(*byte)? {
                Now::On => {}
                Now::End => since_end = Some(0),
                Now::Stream => {
                    packed = names.said.is_packed()?;
                    names.said = Said::default();
                    if packed {
                        used = at + 1;
                        break;
                    }
                }
            }
        }
        source.consume(used);
        if packed {
            line_ends(&mut source)?;
            objects(&mut source, &mut unpacked)?;
        }
    }
    names.ends()?;
    match since_end {
        Some(since) if since <= END_MAX => Ok(()),
        _ => Err(FileFault::CutShort),
    }
}

/// Reads over the end of the line after `stream`, as leniently as viewers do.
fn line_ends(source: &mut BufReader<&mut dyn Read>) -> Result<(), FileFault> {
    loop {
        match source.fill_buf().map_err(|error| of_reading(&error))?.first() {
            Some(b' ' | b'\t' | b'\r') => source.consume(1),
            Some(b'\n') => {
                source.consume(1);
                return Ok(());
            }
            _ => return Ok(()),
        }
    }
}

/// Unpacks objects that are packed together, and reads the names in them.
fn objects(source: &mut BufReader<&mut dyn Read>, unpacked: &mut u64) -> Result<(), FileFault> {
    let mut content = ZlibDecoder::new(source);
    let (mut names, mut some, mut length) = (Names::default(), vec![0; 16 * 1024], 0);
    loop {
        let read = content.read(&mut some).map_err(|error| match of_reading(&error) {
            FileFault::Damaged => FileFault::Opaque,
            other => other,
        })?;
        if read == 0 {
            return names.ends();
        }
        length += read as u64;
        *unpacked += read as u64;
        if swells(content.total_in(), length) || *unpacked > UNPACKED_MAX {
            return Err(FileFault::Bomb);
        }
        for byte in &some[..read] {
            names.read(*byte)?;
        }
    }
}

impl Said {
    /// Whether the bytes that follow are packed objects; [`FileFault::Opaque`] when they are packed in a way that is not
    /// looked into. Viewers know such objects by how many there are and where the first is.
    fn is_packed(&self) -> Result<bool, FileFault> {
        if !(self.packed_objects || (self.first && self.count)) || !self.filter {
            return Ok(false);
        }
        if self.deflated && !self.otherwise { Ok(true) } else { Err(FileFault::Opaque) }
    }
}

impl Names {
    fn read(&mut self, byte: u8) -> Result<Now, FileFault> {
        self.last.rotate_left(1);
        self.last[6] = byte;
        let ends = matches!(
            byte,
            0 | b'\t'
                | b'\n'
                | 0x0c
                | b'\r'
                | b' '
                | b'('
                | b')'
                | b'<'
                | b'>'
                | b'['
                | b']'
                | b'{'
                | b'}'
                | b'/'
                | b'%'
        );
        if ends {
            self.ends()?;
            if byte == b'/' {
                self.name = Some((Vec::with_capacity(NAME_MAX), Vec::new()));
            }
        } else if let Some((name, number)) = &mut self.name {
            letter(name, number, byte);
            if name.len() > NAME_MAX {
                self.name = None;
            }
        }
        if self.last.ends_with(b"obj") {
            self.said = Said::default();
        }
        // Not the end of `endstream`.
        if self.last.ends_with(b"stream") && self.last[0] != b'd' {
            return Ok(Now::Stream);
        }
        Ok(if self.last.ends_with(b"%%EOF") { Now::End } else { Now::On })
    }

    /// Looks at the name that ends here, if one does.
    fn ends(&mut self) -> Result<(), FileFault> {
        let Some((mut name, number)) = self.name.take() else { return Ok(()) };
        name.extend_from_slice(&number);
        match name.as_slice() {
            b"JavaScript" | b"Launch" | b"Rendition" | b"RichMedia" | b"ImportData" => return Err(FileFault::Active),
            b"Encrypt" => return Err(FileFault::Locked),
            b"ObjStm" => self.said.packed_objects = true,
            b"First" => self.said.first = true,
            b"N" => self.said.count = true,
            b"Filter" | b"F" => self.said.filter = true,
            b"FlateDecode" | b"Fl" => self.said.deflated = true,
            b"ASCIIHexDecode" | b"AHx" | b"ASCII85Decode" | b"A85" | b"LZWDecode" | b"LZW" | b"RunLengthDecode"
            | b"RL" | b"Crypt" | b"BrotliDecode" | b"Predictor" => self.said.otherwise = true,
            _ => {}
        }
        Ok(())
    }
}

/// Takes in a letter of a name: one may be written as `#` with its number in two hexadecimal digits (7.3.5). `number` is such a
/// one that has begun.
fn letter(name: &mut Vec<u8>, number: &mut Vec<u8>, byte: u8) {
    match (number.as_slice(), char::from(byte).to_digit(16)) {
        ([], _) if byte == b'#' => number.push(byte),
        ([], _) => name.push(byte),
        ([_], Some(_)) => number.push(byte),
        ([_, high], Some(low)) => {
            let high = char::from(*high).to_digit(16).unwrap_or_default();
            name.push(u8::try_from(high * 16 + low).unwrap_or_default());
            number.clear();
        }
        // It was a `#` and no more.
        _ => {
            name.append(number);
            if byte == b'#' { number.push(byte) } else { name.push(byte) }
        }
    }
}
