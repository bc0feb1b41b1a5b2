//! What `kith link` writes, and what it says of files that are none.

use std::fs;
use std::path::{Path, PathBuf};

use super::{LinkArgs, run};

const LEFT: &str = "\
ref,first,last,dob,no,road,area
1,Sarah,Whitfield,1991-03-07,12,Mill Lane,Easthaven
2,Jan,Kowalski,14/03/1985,7,High Street,
3,Adaeze,Okafor,20190307,12,Mill Lane,Easthaven
";
const RIGHT: &str = "\
ref,first,last,dob,no,road,area
a,Sara,Whitfeild,07031991,12,Mill Ln,Easthaven
b,Janek,Kowalska,1985-03-14,7,High St,
c,Blessing,Okafor,2019-03-07,12,Mill Lane,Easthaven
";
const MAP: &str = "id=ref,given_name=first,family_name=last,birth=dob,house_number=no,street=road+area";

fn args(directory: &Path, left: &[u8], right: &[u8], map: &str) -> LinkArgs {
    let (one, other) = (directory.join("left.csv"), directory.join("right.csv"));
    fs::write(&one, left).unwrap();
    fs::write(&other, right).unwrap();
    LinkArgs {
        left: one,
        right: other,
        map: vec![map.to_owned()],
        map_left: Vec::new(),
        map_right: Vec::new(),
        out: directory.join("pairs.csv"),
        least: 0.5,
        json: false,
    }
}

fn pairs(path: &PathBuf) -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    assert_eq!(reader.headers().unwrap(), vec!["left_id", "right_id", "probability", "reasons"]);
    let row = |row: csv::StringRecord| {
        assert!(row[2].parse::<f64>().is_ok_and(|probability| (0.5..=1.0).contains(&probability)));
        assert!(!row[3].is_empty());
        (row[0].to_owned(), row[1].to_owned())
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn pair(one: &str, other: &str) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

#[test]
fn two_files_are_linked() {
    let directory = tempfile::tempdir().unwrap();
    let args = args(directory.path(), LEFT.as_bytes(), RIGHT.as_bytes(), MAP);
    run(&args).map_err(|failure| failure.0).unwrap();
    assert_eq!(pairs(&args.out), [pair("1", "a"), pair("2", "b")]);
}

#[test]
fn columns_may_have_other_names_in_the_other_file_and_be_several() {
    let directory = tempfile::tempdir().unwrap();
    let right = RIGHT.replacen("ref,first", "\u{feff}ref,forename", 1);
    let map = "id=ref,given_name=first,family_name=last,birth=dob,house_number=no,street=road,street=area";
    let mut args = args(directory.path(), LEFT.as_bytes(), right.as_bytes(), map);
    args.map_right = vec!["given_name=forename".to_owned()];
    run(&args).map_err(|failure| failure.0).unwrap();
    assert_eq!(pairs(&args.out).len(), 2);
}

/// As a spreadsheet saves it: a mark before the text, CRLF, quotation marks with commas and line ends in them, empty lines, every
/// way of writing a date, empty cells.
#[test]
fn a_file_is_read_as_spreadsheets_write_it() {
    let directory = tempfile::tempdir().unwrap();
    let left = "\u{feff}\"ref\",first,last,dob,no,road,area\r\n1,Sarah,\"Whitfield, Dr\",07/03/1991,,,\r\n\r\n\
                2,Siân,Ó Briain,1985-3-14,7,\"Flat 2\nHigh Street\",\r\n3,,,,,,\r\n";
    let right = "ref,first,last,dob,no,road,area\na,SARAH,WHITFIELD,19910307,,,\nb,Sian,O'Briain,14031985,7,High Street,\nc,,,,,,\n";
    let args = args(directory.path(), left.as_bytes(), right.as_bytes(), MAP);
    run(&args).map_err(|failure| failure.0).unwrap();
    assert_eq!(pairs(&args.out), [pair("1", "a"), pair("2", "b")]);
}

#[test]
fn a_column_that_one_file_has_alone_is_not_compared() {
    let directory = tempfile::tempdir().unwrap();
    let right = RIGHT.replacen("no,road", "house,road", 1).replacen("first,", "forename,", 1);
    let mut args = args(directory.path(), LEFT.as_bytes(), right.as_bytes(), &format!("{MAP},given_name=forename"));
    run(&args).map_err(|failure| failure.0).unwrap();
    assert_eq!(pairs(&args.out), [pair("1", "a"), pair("2", "b")]);
    // What is said of one file must be in it, and something must be in both.
    args.map_right = vec!["house_number=no".to_owned()];
    let failure = run(&args).err().map(|failure| failure.0).unwrap();
    assert!(failure.contains("right.csv: line 1: there is no column “no” for house_number"), "{failure}");
    args.map_right.clear();
    args.map = vec!["id=ref,house_number=no".to_owned()];
    let failure = run(&args).err().map(|failure| failure.0).unwrap();
    assert!(failure.contains("right.csv: line 1: has none of the columns"), "{failure}");
}

/// Each way in which a person is written down a second time, among others of their household and street.
#[test]
fn each_change_is_found_in_a_file_of_a_few() {
    const HEAD: &str = "ref,first,last,was,dob,no,road,area,tel\n";
    const OTHERS: &str = "\
        s,Grace,Mensah,,2011-09-02,5,Mill Lane,Easthaven,01632 960001\n\
        t,Daniel,Mensah,,2013-01-30,5,Mill Lane,Easthaven,01632 960001\n\
        u,Tomasz,Zielinski,,1979-10-11,3,High Street,Easthaven,\n";
    const MAP: &str = "id=ref,given_name=first,family_name=last,former_names=was,birth=dob,house_number=no,street=road,locality=area,phone=tel";
    for (what, left, right) in [
        (
            "former name",
            "Esther,Mensah,Owusu,1984-05-06,5,Mill Lane,Easthaven,",
            "Esther,Owusu,,1984-05-06,9,Park Road,Northbridge,",
        ),
        (
            "day and month swapped",
            "Esther,Mensah,,1984-05-06,5,Mill Lane,Easthaven,",
            "Esther,Mensah,,1984-06-05,,,Easthaven,",
        ),
        ("misspelling", "Esther,Mensah,,1984-05-06,5,Mill Lane,Easthaven,", "Ester,Mensha,,1984-05-06,,,,"),
        ("nickname", "Elizabeth,Carver,,1984-05-06,5,Mill Lane,Easthaven,", "Liz,Carver,,1984-05-06,,,,"),
        ("hyphen", "Ann,Carver-Lloyd,,1984-05-06,5,Mill Lane,Easthaven,", "Ann,Carver Lloyd,,1984-05-06,,,,"),
        ("half a double name", "Ann,Carver-Lloyd,,1984-05-06,5,Mill Lane,Easthaven,", "Ann,Lloyd,,1984-05-06,,,,"),
        (
            "changed number",
            "Ann,Carver,,1984-05-06,5,Mill Lane,Easthaven,01632 960123",
            "Ann,Carver,,1984-05-06,5,Mill Lane,Easthaven,07700 900456",
        ),
        ("transliteration", "Юлія,Шевченко,,1984-05-06,5,Mill Lane,Easthaven,", "Yuliia,Shevchenko,,1984-05-06,,,,"),
        ("names swapped", "Ngozi,Eze,,1984-05-06,5,Mill Lane,Easthaven,", "Eze,Ngozi,,1984-05-06,,,,"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let args = args(
            directory.path(),
            format!("{HEAD}1,{left}\n{OTHERS}").as_bytes(),
            format!("{HEAD}a,{right}\n{OTHERS}").as_bytes(),
            MAP,
        );
        run(&args).map_err(|failure| failure.0).unwrap();
        assert_eq!(pairs(&args.out), [pair("1", "a"), pair("s", "s"), pair("t", "t"), pair("u", "u")], "{what}");
    }
}

#[test]
fn one_file_twice_gives_each_pair_once_and_nobody_themselves() {
    let directory = tempfile::tempdir().unwrap();
    let both = format!("{LEFT}{}", RIGHT.split_once('\n').unwrap().1);
    let mut args = args(directory.path(), both.as_bytes(), b"", MAP);
    args.right = directory.path().join(".").join("left.csv");
    run(&args).map_err(|failure| failure.0).unwrap();
    assert_eq!(pairs(&args.out), [pair("1", "a"), pair("2", "b")]);
}

#[test]
fn what_is_wrong_is_named_by_file_line_and_column_without_what_stands_there() {
    let long = format!("{LEFT}4,{},Smith,,,,\n", "x".repeat(1_000_000));
    let open = format!("{LEFT}4,\"Ann,Smith,,,,\n{}", "5,Eve,Smith,,,,\n".repeat(1_000));
    let (line_of, ragged) = (|text: &str| format!("{LEFT}{text}"), format!("{LEFT}4,Ann\n"));
    for (file, map, expected) in [
        (b"".to_vec(), MAP, "left.csv: is empty"),
        (b" \n".to_vec(), MAP, "left.csv: is empty"),
        (b"ref,first,last,dob,no,road,area\n".to_vec(), MAP, "left.csv: has column names and no people"),
        (LEFT.into(), "id=ref,family_name=surname", "left.csv: line 1: there is no column “surname” for family_name"),
        (LEFT.replace(',', ";").into(), MAP, "there is no column “ref” for id. The columns are divided by semicolons"),
        (line_of("2,Ann,Smith,,,,\n").into(), MAP, "left.csv: line 5, column ref: the id is that of line 3 already"),
        (line_of(" ,Ann,Smith,,,,\n").into(), MAP, "left.csv: line 5, column ref: there is no id"),
        (ragged.into(), MAP, "left.csv: line 5: has 2 columns, the line of column names has 7"),
        (long.into(), MAP, "left.csv: line 5, column first: the value is longer than 10000 bytes"),
        (open.into(), MAP, "left.csv: line 5, column first: the value is longer than 10000 bytes"),
        (
            b"ref,first,last,dob,no,road,area\n1,Zo\xEB,Smith,,,,\n".to_vec(),
            MAP,
            "left.csv: line 2, column 2, byte 5: the text is not UTF-8",
        ),
        (b"\xFF\xFEr\0e\0f\0".to_vec(), MAP, "left.csv: line 1: the text is UTF-16"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), MAP, "left.csv: line 3: this is not CSV"),
        (b"PK\x03\x04xl/workbook.xml".to_vec(), MAP, "left.csv: line 1: this is a spreadsheet"),
        (LEFT.into(), "given_name=first", "--map: names no column for id"),
        (LEFT.into(), "id=ref", "--map: names nothing to compare"),
        (LEFT.into(), "id=ref,shoe=last", "--map: there is no field “shoe”"),
        (LEFT.into(), "id=ref,family_name", "--map: “family_name” is not FIELD=COLUMN"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let args = args(directory.path(), &file, RIGHT.as_bytes(), map);
        fs::write(&args.out, "what stood there before").unwrap();
        let failure = run(&args).err().map(|failure| failure.0).expect(expected);
        assert!(failure.contains(expected), "{failure}");
        // The directory's own name is left to chance.
        let said = failure.replace(&directory.path().display().to_string(), "");
        for name in ["Ann", "Smith", "Whitfield", "xxx", "Zo"] {
            assert!(!said.contains(name), "{failure}");
        }
        assert_eq!(fs::read_to_string(&args.out).unwrap(), "what stood there before");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3, "nothing half written is left");
    }
}

#[test]
fn a_file_that_is_read_is_not_written() {
    let directory = tempfile::tempdir().unwrap();
    let mut args = args(directory.path(), LEFT.as_bytes(), RIGHT.as_bytes(), MAP);
    args.out.clone_from(&args.right);
    assert!(run(&args).is_err());
    assert_eq!(fs::read_to_string(&args.right).unwrap(), RIGHT);
}

#[test]
fn a_file_or_directory_that_is_not_there_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let mut args = args(directory.path(), LEFT.as_bytes(), RIGHT.as_bytes(), MAP);
    args.out = directory.path().join("none").join("pairs.csv");
    assert!(run(&args).err().is_some_and(|failure| failure.0.contains("pairs.csv: cannot be written")));
    args.out = directory.path().to_owned();
    assert!(run(&args).err().is_some_and(|failure| failure.0.contains("is no file. Name a file for --out")));
    args.out = directory.path().join("pairs.csv");
    args.left = directory.path().join("nobody.csv");
    assert!(run(&args).err().is_some_and(|failure| failure.0.contains("nobody.csv: cannot be read")));
}
