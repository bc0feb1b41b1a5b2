//! Documents for tests, here and in the crates above (feature `testing`): small ones that are whole, and attacks.

// What cannot be made fails a test by panicking.
#![allow(clippy::missing_panics_doc, clippy::expect_used)]

use std::io::Write as _;

use flate2::write::{DeflateEncoder, ZlibEncoder};
use flate2::{Compression, Crc};

/// A PDF of one page with these bytes among its objects.
pub fn pdf_with(objects: &[u8]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n".to_vec();
    pdf.extend_from_slice(objects);
    let at = pdf.len();
    pdf.extend_from_slice(
        format!("xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n")
            .as_bytes(),
    );
    pdf
}

/// A PDF without anything else.
pub fn pdf() -> Vec<u8> {
    pdf_with(b"")
}

/// A PDF of about so many bytes, which do not repeat.
pub fn pdf_of(length: usize) -> Vec<u8> {
    let mut object = format!("9 0 obj\n<< /Length {length} >>\nstream\n").into_bytes();
    let mut state = 7_u64;
    object.extend((0..length).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    }));
    object.extend_from_slice(b"\nendstream\nendobj\n");
    pdf_with(&object)
}

/// Objects packed together, as a PDF holds them.
pub fn packed_objects(plain: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(plain).expect("packed");
    let packed = packed.finish().expect("packed");
    let mut object =
        format!("8 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {} >>\nstream\r\n", packed.len())
            .into_bytes();
    object.extend_from_slice(&packed);
    object.extend_from_slice(b"\r\nendstream\nendobj\n");
    object
}

/// A PNG of one point.
pub fn png() -> Vec<u8> {
    png_of(1, 1)
}

/// A PNG that says it has so many points.
pub fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], content: &[u8]| {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(content);
        png.extend_from_slice(&u32::try_from(content.len()).expect("short").to_be_bytes());
        png.extend_from_slice(kind);
        png.extend_from_slice(content);
        png.extend_from_slice(&crc.sum().to_be_bytes());
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    chunk(b"IHDR", &head);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&[0, 128]).expect("packed");
    chunk(b"IDAT", &packed.finish().expect("packed"));
    chunk(b"IEND", b"");
    png
}

/// A JPEG of one point, as far as its segments go.
pub fn jpeg() -> Vec<u8> {
    let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe0, 0, 16];
    jpeg.extend_from_slice(b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0");
    jpeg.extend_from_slice(&[0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
    jpeg.extend_from_slice(&[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x2a, 0xff, 0, 0x2b, 0xff, 0xd9]);
    jpeg
}

/// The head of a program for Windows.
pub fn program() -> Vec<u8> {
    [b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".as_slice(), &[0; 200]].concat()
}

/// A zip of these parts, packed; `after` writes the sizes after each part, as some programs do.
pub fn zip(parts: &[(&str, &[u8])], after: bool) -> Vec<u8> {
    let (mut zip, mut lines) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let mut crc = Crc::new();
        crc.update(content);
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
        packed.write_all(content).expect("packed");
        let packed = packed.finish().expect("packed");
        let long = |length: usize| u32::try_from(length).expect("short").to_le_bytes();
        let sizes = [crc.sum().to_le_bytes(), long(packed.len()), long(content.len())].concat();
        let offset = long(zip.len());
        let flags = [if after { 8 } else { 0 }, 0];
        let length = u16::try_from(name.len()).expect("short").to_le_bytes();
        let said = if after { vec![0; 12] } else { sizes.clone() };
        zip.extend(
            [&b"PK\x03\x04\x14\0"[..], &flags, &[8, 0, 0, 0, 0, 0], &said, &length, &[0, 0], name.as_bytes(), &packed]
                .concat(),
        );
        if after {
            zip.extend([b"PK\x07\x08", sizes.as_slice()].concat());
        }
        lines.extend(
            [
                &b"PK\x01\x02\x14\0\x14\0"[..],
                &flags,
                &[8, 0, 0, 0, 0, 0],
                &sizes,
                &length,
                &[0; 12],
                &offset,
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let count = u16::try_from(parts.len()).expect("short").to_le_bytes();
    let long = |length: usize| u32::try_from(length).expect("short").to_le_bytes();
    let (size, at) = (long(lines.len()), long(zip.len()));
    zip.extend(lines);
    zip.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &size, &at, &[0, 0]].concat());
    zip
}

/// The parts of a Word document.
pub const WORD: [(&str, &[u8]); 3] = [
    ("[Content_Types].xml", br#"<?xml version="1.0"?><Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#),
    ("_rels/.rels", br#"<?xml version="1.0"?><Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#),
    ("word/document.xml", br#"<?xml version="1.0"?><w:document><w:body><w:p/></w:body></w:document>"#),
];

/// A Word document with further parts.
pub fn docx_with(more: &[(&str, &[u8])]) -> Vec<u8> {
    zip(&[&WORD[..], more].concat(), false)
}

/// A Word document.
pub fn docx() -> Vec<u8> {
    docx_with(&[])
}

/// A Word document of a few kilobytes that unpacks to 20 MiB.
pub fn docx_bomb() -> Vec<u8> {
    docx_with(&[("word/media/image1.bmp", &vec![0; 20 * 1024 * 1024])])
}
