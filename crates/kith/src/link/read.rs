//! A file of people.
//!
//! Errors name the file, the line and the column, never what stands there: it is about somebody.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use kith_linkage::{Birth, Person, Sex};

use super::map::{self, Field, Map};
use crate::output::Failure;

/// Longest value that a column may have, in bytes: ten times the longest text a form takes.
const LONGEST_BYTES: usize = 10_000;
/// Marks between several values in one column.
const SEVERAL: [char; 3] = [';', '|', '\n'];

/// A file as text, with the names of its columns.
pub(super) struct File<'a> {
    path: &'a Path,
    bytes: Vec<u8>,
    headers: csv::StringRecord,
}

impl File<'_> {
    /// Reads a file, and says what is wrong with it as a whole.
    pub(super) fn read(path: &Path) -> Result<File<'_>, Failure> {
        let bytes = fs::read(path).map_err(|error| at(path, &format!("cannot be read: {error}")))?;
        let text = utf8(path, &bytes)?;
        if text.trim().is_empty() {
            return Err(at(path, "is empty: it needs a line of column names and a line for each person"));
        }
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|error| csv_error(path, &error))?.clone();
        Ok(File { path, bytes, headers })
    }

    fn has(&self, column: &str) -> bool {
        self.headers.iter().any(|header| header.trim() == column)
    }
}

/// The people of a file.
pub(super) struct Table {
    /// Their ids, in the file's order.
    pub(super) ids: Vec<String>,
    /// What is said of them.
    pub(super) people: Vec<Person>,
    /// Dates of birth that are no dates.
    pub(super) unread_births: usize,
    /// The line of the first of these.
    pub(super) first_unread_birth: Option<u64>,
    /// Fields that only the other file has a column for.
    pub(super) absent: Vec<&'static str>,
}

impl Table {
    /// Reads the people of a file by its map. A column that the map names for both files may be in one of them alone: `other` is
    /// the other file, if there is one, and `own` are the fields that are mapped for this file alone.
    pub(super) fn read(file: &File<'_>, map: &Map, own: &Map, other: Option<&File<'_>>) -> Result<Table, Failure> {
        let path = file.path;
        // How many columns a line has is looked at after its values: a quotation mark that is not closed makes few of many.
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(utf8(path, &file.bytes)?.as_bytes());
        let headers = &file.headers;
        let columns = Columns::find(file, map, own, other)?;
        let absent =
            map.0.iter().map(|(field, _)| *field).filter(|field| !columns.has(*field)).map(map::name).collect();
        let mut table =
            Table { ids: Vec::new(), people: Vec::new(), unread_births: 0, first_unread_birth: None, absent };
        let mut lines: HashMap<String, u64> = HashMap::new();
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).map_err(|error| csv_error(path, &error))? {
            let line = row.position().map_or(0, csv::Position::line);
            if let Some(long) = row.iter().position(|value| value.len() > LONGEST_BYTES) {
                let column = headers.get(long).map_or_else(|| (long + 1).to_string(), column_name);
                return Err(at(
                    path,
                    &format!(
                        "line {line}, column {column}: the value is longer than {LONGEST_BYTES} bytes. Is a quotation mark not closed?"
                    ),
                ));
            }
            if row.len() != headers.len() {
                let (has, of) = (row.len(), headers.len());
                return Err(at(
                    path,
                    &format!(
                        "line {line}: has {has} columns, the line of column names has {of}. Is a comma in a value without quotation marks?"
                    ),
                ));
            }
            let id = row[columns.id].trim().to_owned();
            let id_column = column_name(&headers[columns.id]);
            if id.is_empty() {
                return Err(at(path, &format!("line {line}, column {id_column}: there is no id. Give each line one")));
            }
            if let Some(first) = lines.insert(id.clone(), line) {
                return Err(at(
                    path,
                    &format!(
                        "line {line}, column {id_column}: the id is that of line {first} already. Give each line its own"
                    ),
                ));
            }
            table.ids.push(id);
            let person = columns.person(&row);
            let birth_said = columns.of(Field::Birth, &row).any(|value| !value.is_empty());
            if birth_said && person.birth.is_none() {
                table.unread_births += 1;
                table.first_unread_birth.get_or_insert(line);
            }
            table.people.push(person);
        }
        if table.people.is_empty() {
            return Err(at(path, "has column names and no people"));
        }
        Ok(table)
    }
}

fn at(path: &Path, words: &str) -> Failure {
    Failure(format!("{}: {words}", path.display()))
}

/// A column's name as it is said in errors: cut, since a file without a line of names has a person there.
fn column_name(name: &str) -> String {
    name.chars().take(40).filter(|letter| !letter.is_control()).collect()
}

/// The text of a file, without the mark that some programs put before it.
fn utf8<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, Failure> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let line_of = |place: usize| bytes[..place].split(|byte| *byte == b'\n').count();
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(at(path, "line 1: the text is UTF-16. Save it as “CSV UTF-8”"));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(at(path, "line 1: this is a spreadsheet or archive, not CSV. Save it as “CSV UTF-8”"));
    }
    if let Some(place) = bytes.iter().position(|byte| *byte == 0) {
        return Err(at(path, &format!("line {}: this is not CSV, it holds bytes that no text has", line_of(place))));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to();
        let start = bytes[..place].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        // Commas in quotation marks are counted too: the place in the line is exact, the column a help.
        let column = bytes[start..place].split(|byte| *byte == b',').count();
        let words = format!(
            "line {}, column {column}, byte {}: the text is not UTF-8. Save it as “CSV UTF-8”",
            line_of(place),
            place - start + 1
        );
        at(path, &words)
    })
}

fn csv_error(path: &Path, error: &csv::Error) -> Failure {
    at(path, &format!("is not CSV{}", error.position().map_or(String::new(), |pos| format!(", line {}", pos.line()))))
}

/// Which places in a line say what.
struct Columns {
    id: usize,
    fields: Vec<(Field, Vec<usize>)>,
}

impl Columns {
    fn find(file: &File<'_>, map: &Map, own: &Map, other: Option<&File<'_>>) -> Result<Columns, Failure> {
        let (path, headers) = (file.path, &file.headers);
        let place = |name: &str| headers.iter().position(|header| header.trim() == name);
        let mut columns = Columns { id: usize::MAX, fields: Vec::new() };
        for (field, said) in &map.0 {
            let in_other = |name: &str| {
                other.is_some_and(|other| other.has(name)) && own.0.iter().all(|(mapped, _)| mapped != field)
            };
            // A column that has a plus sign in its own name is meant by it.
            let names: Vec<&str> = if place(said).is_some() || in_other(said) {
                vec![said]
            } else {
                said.split('+').map(str::trim).collect()
            };
            let mut places = Vec::new();
            for name in names {
                let Some(found) = place(name) else {
                    if in_other(name) {
                        continue;
                    }
                    return Err(missing(file, *field, name, other.is_some()));
                };
                if headers.iter().filter(|header| header.trim() == name).count() > 1 {
                    return Err(at(path, &format!("line 1: there are two columns “{}”", column_name(name))));
                }
                places.push(found);
            }
            if places.is_empty() {
                continue;
            }
            if *field == Field::Id {
                if places.len() > 1 || columns.id != usize::MAX {
                    return Err(at(path, "--map: id names more than one of its columns"));
                }
                columns.id = places[0];
            } else if let Some((_, held)) = columns.fields.iter_mut().find(|(held, _)| held == field) {
                held.extend(places);
            } else {
                columns.fields.push((*field, places));
            }
        }
        if columns.id == usize::MAX {
            return Err(match map.0.iter().find(|(field, _)| *field == Field::Id) {
                Some((_, name)) => missing(file, Field::Id, name, false),
                None => Failure("--map: names no column for id, such as id=COLUMN".to_owned()),
            });
        }
        if map.0.iter().all(|(field, _)| *field == Field::Id) {
            return Err(Failure("--map: names nothing to compare, such as family_name=COLUMN".to_owned()));
        }
        if columns.fields.is_empty() {
            return Err(at(path, "line 1: has none of the columns that --map names beside the id"));
        }
        Ok(columns)
    }

    fn has(&self, field: Field) -> bool {
        field == Field::Id || self.fields.iter().any(|(held, _)| *held == field)
    }

    /// What the columns of a field say, in their order.
    fn of<'a>(&'a self, field: Field, row: &'a csv::StringRecord) -> impl Iterator<Item = &'a str> {
        let places = self.fields.iter().filter(move |(held, _)| *held == field).flat_map(|(_, places)| places);
        places.map(|place| row[*place].trim())
    }

    fn person(&self, row: &csv::StringRecord) -> Person {
        let joined = |field| {
            let values: Vec<&str> = self.of(field, row).filter(|value| !value.is_empty()).collect();
            values.join(" ")
        };
        let several = |field| -> Vec<String> {
            let values = self.of(field, row).flat_map(|value| value.split(SEVERAL)).map(str::trim);
            values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
        };
        let birth = self.of(Field::Birth, row).find_map(Birth::parse).or_else(|| Birth::parse(&self.joined_date(row)));
        Person {
            given_name: joined(Field::GivenName),
            family_name: joined(Field::FamilyName),
            former_names: several(Field::FormerNames),
            birth,
            sex: self.of(Field::Sex, row).find_map(Sex::parse),
            house_number: joined(Field::HouseNumber),
            streets: self.of(Field::Street, row).filter(|value| !value.is_empty()).map(str::to_owned).collect(),
            locality: joined(Field::Locality),
            postcode: joined(Field::Postcode),
            county: joined(Field::County),
            phones: several(Field::Phone),
            identifiers: several(Field::Identifier),
        }
    }

    /// A date whose day, month and year, or year, month and day, are columns of their own.
    fn joined_date(&self, row: &csv::StringRecord) -> String {
        let parts: Vec<&str> = self.of(Field::Birth, row).map(|part| part.strip_suffix(".0").unwrap_or(part)).collect();
        if parts.len() == 3 { parts.join("-") } else { String::new() }
    }
}

fn missing(file: &File<'_>, field: Field, name: &str, both: bool) -> Failure {
    let headers = &file.headers;
    let hint = match headers.as_slice() {
        line if headers.len() == 1 && line.contains(';') => "The columns are divided by semicolons; Kith reads commas",
        line if headers.len() == 1 && line.contains('\t') => "The columns are divided by tabs; Kith reads commas",
        _ if headers.iter().any(|header| header.trim().eq_ignore_ascii_case(name)) => {
            "There is one in other letters, capital or small: write it as the file does"
        }
        _ if both => "Nor has the other file one. Name a column as line 1 has it",
        _ => "Name a column as line 1 has it",
    };
    at(file.path, &format!("line 1: there is no column “{}” for {}. {hint}", column_name(name), map::name(field)))
}
