//! Tables as spreadsheets take them (RFC 4180).

/// A line: every field in quotation marks.
pub fn line(fields: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quoted = |field: &str| format!("\"{}\"", field.replace('"', "\"\""));
    fields.into_iter().map(|field| quoted(field.as_ref())).collect::<Vec<_>>().join(",") + "\r\n"
}
