//! `--map`: which columns of a file say what.

use crate::output::Failure;

/// What a column can say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    GivenName,
    FamilyName,
    FormerNames,
    Birth,
    Sex,
    HouseNumber,
    Street,
    Locality,
    Postcode,
    County,
    Phone,
    Identifier,
}

/// Each field with its name on the command line.
pub(super) const FIELDS: [(&str, Field); 13] = [
    ("id", Field::Id),
    ("given_name", Field::GivenName),
    ("family_name", Field::FamilyName),
    ("former_names", Field::FormerNames),
    ("birth", Field::Birth),
    ("sex", Field::Sex),
    ("house_number", Field::HouseNumber),
    ("street", Field::Street),
    ("locality", Field::Locality),
    ("postcode", Field::Postcode),
    ("county", Field::County),
    ("phone", Field::Phone),
    ("identifier", Field::Identifier),
];

/// For each field named the columns that say it: each a column's name, or several joined with a plus sign.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Map(pub(super) Vec<(Field, String)>);

/// A field's name on the command line.
pub(super) fn name(field: Field) -> &'static str {
    FIELDS.iter().find(|(_, known)| *known == field).map_or("", |(name, _)| name)
}

impl Map {
    /// Reads `FIELD=COLUMN,FIELD=COLUMN`; `option` is named in what is said of mistakes.
    pub(super) fn parse(option: &str, given: &[String]) -> Result<Map, Failure> {
        let mut map = Map::default();
        for part in given.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty()) {
            let Some((name, column)) = part.split_once('=') else {
                return Err(Failure(format!("{option}: “{part}” is not FIELD=COLUMN")));
            };
            let (name, column) = (name.trim(), column.trim());
            let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) else {
                let known: Vec<&str> = FIELDS.iter().map(|(known, _)| *known).collect();
                return Err(Failure(format!("{option}: there is no field “{name}”. Fields are {}", known.join(", "))));
            };
            if column.is_empty() {
                return Err(Failure(format!("{option}: {name} names no column")));
            }
            map.0.push((*field, column.to_owned()));
        }
        Ok(map)
    }

    /// This map, with the fields that `other` names as that says them.
    pub(super) fn with(&self, other: &Map) -> Map {
        let kept = self.0.iter().filter(|(field, _)| other.0.iter().all(|(replaced, _)| replaced != field));
        Map(kept.chain(&other.0).cloned().collect())
    }
}
