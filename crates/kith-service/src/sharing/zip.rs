//! Several files as one, for a recipient: ZIP (APPNOTE.TXT 6.3.10 of PKWARE), stored and not packed, since PDFs and pictures are packed
//! already. Every system opens it; nothing in it says when or by whom it was made.

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 1.0: stored, no folders.
const NEEDED: u16 = 10;
/// The first of January 1980: there is no earlier day in this format.
const DAY: u16 = 0x0021;

/// Puts files into one. Names are ASCII, without folders; all together are less than four gibibytes.
pub(super) fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let at = number(out.len());
        let mut head = Vec::new();
        // No flags, stored, no time.
        for value in [NEEDED, 0, 0, 0, DAY] {
            head.extend_from_slice(&value.to_le_bytes());
        }
        for value in [crc32(bytes), number(bytes.len()), number(bytes.len())] {
            head.extend_from_slice(&value.to_le_bytes());
        }
        head.extend_from_slice(&short(name.len()).to_le_bytes());
        head.extend_from_slice(&0_u16.to_le_bytes());
        out.extend_from_slice(&LOCAL.to_le_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(bytes);
        directory.extend_from_slice(&CENTRAL.to_le_bytes());
        directory.extend_from_slice(&NEEDED.to_le_bytes());
        directory.extend_from_slice(&head);
        // No comment, the first disk, no attributes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let at = number(out.len());
    out.extend_from_slice(&directory);
    out.extend_from_slice(&END.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    for _ in 0..2 {
        out.extend_from_slice(&short(files.len()).to_le_bytes());
    }
    out.extend_from_slice(&number(directory.len()).to_le_bytes());
    out.extend_from_slice(&at.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    out
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn short(value: usize) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

/// CRC-32 as ZIP has it (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_is_as_the_format_has_it() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let zip = zipped(&[("a.pdf".into(), b"%PDF-one".to_vec()), ("b.png".into(), b"two".to_vec())]);
        let end = &zip[zip.len() - 22..];
        let long = |at: usize| u32::from_le_bytes(end[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((&end[..4], end[10]), (&END.to_le_bytes()[..], 2));
        let (length, at) = (long(12), long(16));
        assert_eq!(at + length + 22, zip.len());
        assert_eq!(zip[at..at + 4], CENTRAL.to_le_bytes());
        assert_eq!(&zip[30..35], b"a.pdf");
        assert_eq!(&zip[35..43], b"%PDF-one");
        let second = zip.windows(4).rposition(|four| four == LOCAL.to_le_bytes()).unwrap();
        let directory = &zip[at + 46 + 5..at + length];
        assert_eq!(u32::from_le_bytes(directory[42..46].try_into().unwrap()) as usize, second);
    }
}
