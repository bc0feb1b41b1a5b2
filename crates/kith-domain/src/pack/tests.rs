use super::*;

const ME: AccountId = AccountId(Uuid::from_u128(7));

fn found_in(text: &str, name: &str) -> Vec<String> {
    occurrences(text, &[Wanted::name(name, 0)]).into_iter().map(|(from, to, _)| text[from..to].to_owned()).collect()
}

fn part(texts: &[&str]) -> PackPart {
    PackPart {
        title: "Contact session on 3 November 2026".to_owned(),
        at_ms: 0,
        lines: texts.iter().map(|text| Line::new("Seen", *text)).collect(),
        by_name: false,
        theirs: None,
        found: Vec::new(),
        marks: Vec::new(),
        document: None,
    }
}

fn with_names(mut part: PackPart, names: &[&str]) -> PackPart {
    let wanted: Vec<Wanted> = names.iter().enumerate().map(|(whose, name)| Wanted::name(name, whose)).collect();
    for (line, of) in part.lines.iter().enumerate() {
        let places = occurrences(&of.text, &wanted);
        let found =
            places.into_iter().map(|(from, to, whose)| Found { place: Place { line, from, to }, whose, decided: None });
        part.found.extend(found);
    }
    part
}

fn text_of(of: &Redacted) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Removed(number) => format!("[{number}]"),
    };
    of.lines.iter().map(|line| line.pieces.iter().map(piece).collect::<String>()).collect::<Vec<_>>().join("\n")
}

fn removed(words: &str, line: usize) -> PartChange {
    PartChange::Remove { line, words: Some(words.to_owned()), at: None, reason: Reason::Harm, note: None }
}

fn changed(mut part: PackPart, change: PartChange) -> PackPart {
    assert!(part.change(change, ME, 5).is_ok());
    part
}

#[test]
fn a_name_is_found_however_it_is_written() {
    for (text, name, seen) in [
        ("KAROLINA came. karolina left.", "Karolina", vec!["KAROLINA", "karolina"]),
        ("Sian said so", "Siân", vec!["Sian"]),
        ("Sia\u{302}n said so", "Siân", vec!["Sia\u{302}n"]),
        ("Mr Gri\u{FB03}ths came", "Griffiths", vec!["Gri\u{FB03}ths"]),
        ("with Karolina\nNowak today", "Karolina Nowak", vec!["Karolina\nNowak"]),
        ("with Anna\u{2011}Maria and Anna Maria", "Anna-Maria", vec!["Anna\u{2011}Maria", "Anna Maria"]),
        ("Ka\u{AD}ro\u{200B}lina", "Karolina", vec!["Ka\u{AD}ro\u{200B}lina"]),
        ("O\u{2019}Hara, O'Hara", "O'Hara", vec!["O\u{2019}Hara", "O'Hara"]),
        ("Karolina\u{2019}s bag", "Karolina", vec!["Karolina"]),
        ("\u{645}\u{62D}\u{645}\u{62F} came", "\u{645}\u{62D}\u{645}\u{62F}", vec!["\u{645}\u{62D}\u{645}\u{62F}"]),
    ] {
        assert_eq!(found_in(text, name), seen, "{text}");
    }
}

#[test]
fn a_name_inside_another_word_is_not_found() {
    for (text, name) in
        [("Rosewood Lane", "Rose"), ("a primrose", "Rose"), ("Karol", "Karolina"), ("", "Rose"), ("Rose", "")]
    {
        assert!(found_in(text, name).is_empty(), "{text}");
    }
    assert_eq!(
        found_in("She rose. Rose came", "Rose"),
        ["rose", "Rose"],
        "a name that is also a word is for a person to decide"
    );
}

#[test]
fn the_longest_of_several_names_is_found_and_none_over_another() {
    let wanted = [Wanted::name("Nowak", 0), Wanted::name("Karolina Nowak", 1), Wanted::name("Karolina", 2)];
    let found = occurrences("Karolina Nowak and Karolina", &wanted);
    assert_eq!(found, [(0, 14, 1), (19, 27, 2)]);
}

#[test]
fn half_a_word_takes_the_whole_of_it() {
    for (text, half, whole) in [
        ("Karolina came", "Karo", "Karolina"),
        ("to Smith-Jones today", "Smith", "Smith-Jones"),
        ("Karolina\u{2019}s bag", "Karolina", "Karolina\u{2019}s"),
        ("one, two", "one,", "one,"),
        ("Sia\u{302}n", "Sia", "Sia\u{302}n"),
    ] {
        let from = text.find(half).unwrap_or_default();
        let (from, to) = whole_words(text, from, from + half.len());
        assert_eq!(&text[from..to], whole);
    }
}

#[test]
fn what_is_taken_out_is_in_no_line_and_what_nobody_decided_does_not_leave() {
    let part = with_names(part(&["Karolina hugged Robin. Karolina left."]), &["Karolina"]);
    assert_eq!(part.undecided(), 2);
    assert_eq!(text_of(&redact(&part, 4)), "[4.1] hugged Robin. [4.2] left.");
    let part = changed(part, PartChange::Decide(vec![(0, None), (1, Some(Reason::Another))]));
    assert_eq!(part.undecided(), 0);
    let of = redact(&part, 4);
    assert_eq!(text_of(&of), "Karolina hugged Robin. [4.1] left.");
    assert_eq!(
        (of.removals[0].words.as_str(), of.removals[0].reasons.as_slice()),
        ("Karolina", &[Reason::Another][..])
    );
}

#[test]
fn words_that_somebody_selects_are_taken_out_once_where_they_lie_over_what_was_found() {
    let part = with_names(part(&["Karolina\u{2019}s mother is ill"]), &["Karolina"]);
    let part = changed(part, removed("Karolina\u{2019}s moth", 0));
    let of = redact(&part, 1);
    assert_eq!(text_of(&of), "[1.1] is ill", "half a word is the whole of it");
    assert_eq!(of.removals.len(), 1);
    assert_eq!(of.removals[0].reasons, [Reason::Another, Reason::Harm]);
}

#[test]
fn words_are_taken_out_wherever_they_stand_in_a_line_or_at_one_place_alone() {
    let text = "He was ill. He was late. Ill again";
    let all = changed(part(&[text]), removed("ill", 0));
    assert_eq!(text_of(&redact(&all, 2)), "He was [2.1]. He was late. [2.2] again");
    let second =
        PartChange::Remove { line: 0, words: Some("He".to_owned()), at: Some(12), reason: Reason::Harm, note: None };
    assert_eq!(text_of(&redact(&changed(part(&[text]), second), 2)), "He was ill. [2.1] was late. Ill again");
    let mut none = part(&[text]);
    assert!(none.change(removed("well", 0), ME, 5).is_err());
    assert!(none.change(removed("ill", 1), ME, 5).is_err(), "there is one line");
    let line = PartChange::Remove { line: 0, words: None, at: None, reason: Reason::Harm, note: None };
    assert_eq!(text_of(&redact(&changed(part(&[text]), line), 2)), "[2.1]");
}

#[test]
fn a_part_is_left_out_whole_and_comes_back() {
    let out = changed(with_names(part(&["Karolina"]), &["Karolina"]), PartChange::LeaveOut(Reason::Privilege, None));
    assert_eq!((redact(&out, 3).lines.len(), redact(&out, 3).removals.len(), out.undecided()), (0, 1, 0));
    assert_eq!(changed(out, PartChange::TakeBack(0)).undecided(), 1);
}

#[test]
fn what_is_found_by_name_waits_until_somebody_says_whose_it_is() {
    let mut named = part(&["Ms Nowak rang"]);
    named.by_name = true;
    assert_eq!(named.undecided(), 1);
    assert_eq!(changed(named.clone(), PartChange::IsTheirs).undecided(), 0);
    assert_eq!(changed(named, PartChange::LeaveOut(Reason::NotTheirs, None)).undecided(), 0);
}

#[test]
fn two_packs_of_one_family_are_held_against_each_other() {
    let text = "Karolina said that Pat drinks";
    let robin = changed(part(&[text]), removed("drinks", 0));
    let jay = part(&[text]);
    let seen = differences(&robin, &jay, |_, _| false);
    assert_eq!(seen.len(), 1);
    assert!(seen[0].taken_out_here && seen[0].words == "drinks");
    assert!(!differences(&jay, &robin, |_, _| false)[0].taken_out_here);
    // What is about the other child is shown to that one.
    let robin = with_names(part(&["Jay cried"]), &["Jay"]);
    assert!(differences(&robin, &part(&["Jay cried"]), |_, _| true).is_empty());
    assert_eq!(differences(&robin, &part(&["Jay cried"]), |_, _| false).len(), 1);
}

#[test]
fn a_change_is_read_from_its_form() {
    let read = |pairs: &[(&str, &str)]| PartChange::read(&pairs.iter().copied().collect());
    assert!(read(&[("do", "theirs")]) == Ok(PartChange::IsTheirs));
    let decide = read(&[("do", "decide"), ("found-0", "keep"), ("found-2", "another"), ("found-3", "")]);
    assert!(decide == Ok(PartChange::Decide(vec![(0, None), (2, Some(Reason::Another))])));
    assert!(read(&[("do", "decide"), ("found-0", "because")]).is_err());
    assert!(read(&[("do", "remove"), ("line", "0"), ("reason", "harm")]).is_err(), "lines are counted from one");
    assert!(read(&[("do", "remove"), ("line", "1")]).is_err(), "a reason is asked for");
    assert!(read(&[("do", "leave_out")]).is_err());
    assert!(read(&[]).is_err());
}
