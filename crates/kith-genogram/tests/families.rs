//! Families that were thought of, drawn whole: a change of the drawing is seen where it is reviewed.
//! `INSTA_UPDATE=always cargo test -p kith-genogram` writes them anew. Everybody is invented.

use kith_genogram::{
    Apart, Bond, By, Child, Family, Home, Person, Picture, Sex, Stands, Tie, TieKind, Tone, Union, Unsound,
};

fn person(name: &str, sex: Sex, generation: i8, note: &str) -> Person {
    Person {
        name: name.into(),
        notes: vec![note.into()],
        sex,
        born: None,
        unborn: false,
        dead: false,
        index: false,
        stands: Stands::Generation(generation),
    }
}

fn child(name: &str, sex: Sex, born: i64) -> Person {
    Person { born: Some(born), ..person(name, sex, 0, &format!("born {born}")) }
}

fn born(person: usize) -> Child {
    Child { person, by: By::Birth, twins: None }
}

fn couple(one: usize, other: Option<usize>, children: &[usize]) -> Union {
    Union { one, other, bond: Bond::NotSaid, children: children.iter().copied().map(born).collect() }
}

fn sees(person: usize, words: &str) -> Tie {
    Tie { person, kind: TieKind::Sees, words: words.into() }
}

fn barred(person: usize) -> Tie {
    Tie { person, kind: TieKind::Barred, words: "Must not attend".into() }
}

fn svg(picture: &Picture) -> String {
    picture.svg("family", "The family of Robin Marsh", "The table beneath says the same.")
}

/// Two parents, the child, an elder brother.
fn small() -> Family {
    let mut robin = child("Robin Marsh", Sex::Female, 2021);
    robin.index = true;
    Family {
        people: vec![
            robin,
            child("Jay Marsh", Sex::Male, 2014),
            person("Ann Marsh", Sex::Female, -1, "Mother"),
            person("Joe Marsh", Sex::Male, -1, "Father"),
        ],
        unions: vec![couple(2, Some(3), &[0, 1])],
        homes: vec![Home { people: vec![0, 1], words: "With Priya Dale: foster care".into() }],
        ties: vec![sees(2, "At least twice a week, supervised"), barred(3)],
        apart: vec![Apart { one: 2, other: 3 }],
    }
}

/// A mother with three partners, grandparents, twins, an uncle who is barred, friends, three homes: twelve and more.
fn messy() -> Family {
    let mut robin = child("Robin Marsh", Sex::Female, 2021);
    robin.index = true;
    let mut unborn = child("Expected in March 2027", Sex::NotKnown, 2027);
    unborn.unborn = true;
    let mut dead = person("Wilfred Marsh", Sex::Male, -2, "Grandparent");
    dead.dead = true;
    let beside = |name: &str, note: &str| Person { stands: Stands::Beside, ..person(name, Sex::NotKnown, 0, note) };
    let mut family = Family {
        people: vec![
            robin,
            child("Jay Marsh", Sex::Male, 2014),
            child("Ada Marsh", Sex::Female, 2016),
            child("Sam Okafor-Featherstonehaugh", Sex::Male, 2018),
            child("Tom Okafor", Sex::Male, 2018),
            unborn,
            person("Ann Marsh", Sex::Female, -1, "Mother"),
            person("Joe Marsh", Sex::Male, -1, "Father"),
            person("Len Okafor", Sex::Male, -1, "Father of Sam and Tom"),
            person("Dale Ridley", Sex::NotKnown, -1, "Step-parent"),
            person("Bertha Marsh", Sex::Female, -2, "Grandparent"),
            dead,
            person("Conny Marsh", Sex::NotKnown, -1, "Aunt or uncle"),
            child("Zoë Ridley", Sex::NotKnown, 2012),
            beside("Olu Barnes", "Friend of the family"),
            beside("Maria-Magdalena Cholmondeley", "Other family"),
        ],
        unions: vec![
            couple(6, Some(7), &[0, 1, 2]),
            couple(6, Some(8), &[3, 4]),
            couple(6, Some(9), &[5]),
            couple(10, Some(11), &[6, 12]),
        ],
        homes: vec![
            Home { people: vec![0, 2], words: "With Priya Dale: foster care, long term (U4)".into() },
            Home { people: vec![3, 4], words: "In another placement".into() },
            Home { people: vec![6, 9], words: "Live together".into() },
        ],
        ties: vec![
            sees(6, "At least twice a week, 90 minutes, supervised"),
            sees(10, "Once a month, supported"),
            sees(1, "Once a fortnight, unsupervised"),
            sees(14, "Once a school holiday"),
            barred(7),
            barred(12),
            barred(15),
        ],
        apart: vec![Apart { one: 6, other: 7 }, Apart { one: 10, other: 7 }, Apart { one: 14, other: 15 }],
    };
    family.unions[0].bond = Bond::Separated;
    family.unions[1].bond = Bond::Divorced;
    for twin in &mut family.unions[1].children {
        twin.twins = Some(1);
    }
    family
}

/// A child whose family nobody knows, and one foster carer.
fn alone() -> Family {
    let mut robin = child("小雨 林", Sex::Female, 2018);
    robin.index = true;
    let mut by = couple(1, None, &[0]);
    by.children[0].by = By::Fostering;
    Family {
        people: vec![robin, person("Hermione Gaddesby", Sex::NotKnown, -1, "Foster carer")],
        unions: vec![by],
        ..Family::default()
    }
}

#[test]
fn families_as_they_are_drawn() {
    for (name, family) in [("small", small()), ("messy", messy()), ("alone", alone())] {
        let picture = family.picture().expect("a family without contradictions");
        insta::assert_snapshot!(name, svg(&picture));
    }
}

#[test]
fn families_as_they_are_told() {
    insta::assert_snapshot!("told", [small(), messy(), alone()].map(|of| of.told().join("\n")).join("\n\n"));
}

#[test]
fn what_is_typed_is_never_markup() {
    let mut family = small();
    family.people[2].name = "<script>&\"'".into();
    let svg = svg(&family.picture().expect("drawn"));
    assert!(!svg.contains("<script"), "{svg}");
    assert!(svg.contains("&lt;script&gt;&amp;&quot;&#39;"), "{svg}");
    assert!(!svg.contains("style="), "the policy of the pages allows no styles in them");
}

#[test]
fn whoever_must_not_attend_has_the_words_and_a_bar_and_not_only_a_colour() {
    // WCAG 2.2, 1.4.1.
    let picture = small().picture().expect("drawn");
    let joe = &picture.labels[3];
    assert!(joe.words.iter().any(|word| word.tone == Tone::Barred && word.text == "Must not attend"));
    assert!(joe.words.iter().any(|word| word.tone == Tone::Apart && word.text.starts_with("Kept apart")));
    assert_eq!((picture.drawn.bars.len(), picture.drawn.dots.len(), picture.drawn.apart_words.len()), (1, 1, 1));
}

#[test]
fn what_contradicts_itself_is_not_drawn() {
    let with = |change: fn(&mut Family)| {
        let mut family = small();
        change(&mut family);
        family.picture().map(|_| ())
    };
    assert_eq!(with(|family| family.people[0].index = false), Err(Unsound::Index));
    assert_eq!(with(|family| family.people[1].index = true), Err(Unsound::Index));
    assert_eq!(with(|family| family.apart[0].other = 9), Err(Unsound::Nobody));
    assert_eq!(with(|family| family.unions[0].other = Some(2)), Err(Unsound::Nobody));
    assert_eq!(with(|family| family.people[2].stands = Stands::Beside), Err(Unsound::Generation));
    assert_eq!(with(|family| family.people[0].stands = Stands::Generation(1)), Err(Unsound::Generation));
}
