//! What holds for every family, however it is made up.

use kith_genogram::{
    Apart, Bond, By, Child, Family, Home, Line, Person, Picture, Rect, Sex, Stands, Tie, TieKind, Union,
};
use proptest::prelude::*;
use proptest::sample::Index;

const NAMES: [&str; 8] = [
    "Al",
    "Ann Marsh",
    "Maria-Magdalena Featherstonehaugh-Cholmondeley of Wolverhampton",
    "小雨 林",
    "يوسف الهلالي",
    "",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "O’Brien (known as “Bee”)",
];

prop_compose! {
    fn somebody()(
        name in 0..NAMES.len(), sex in 0..3_u8, generation in -2..=1_i8, beside in 0..6_u8, born in 0..30_i64,
        note in 0..NAMES.len(), dead in any::<bool>(), unborn in any::<bool>(),
    ) -> Person {
        Person {
            name: NAMES[name].into(),
            notes: vec![NAMES[note].into()],
            sex: [Sex::Male, Sex::Female, Sex::NotKnown][usize::from(sex)],
            born: (born > 4).then_some(born),
            unborn,
            dead,
            index: false,
            stands: if beside == 0 { Stands::Beside } else { Stands::Generation(generation) },
        }
    }
}

type Chosen = (Index, Option<Index>, Vec<(Index, u8)>, u8);

fn choice() -> impl Strategy<Value = Chosen> {
    (any::<Index>(), any::<Option<Index>>(), prop::collection::vec((any::<Index>(), 0..9_u8), 0..5), 0..3_u8)
}

/// Couples of whoever can be one, and children who have no other parents yet.
fn unions(people: &[Person], chosen: &[Chosen]) -> Vec<Union> {
    let of = |generation: i8| -> Vec<usize> {
        (0..people.len()).filter(|at| people[*at].stands == Stands::Generation(generation)).collect()
    };
    let mut taken = Vec::new();
    let mut unions = Vec::new();
    for (one, other, children, bond) in chosen {
        let one = one.index(people.len());
        let Stands::Generation(generation) = people[one].stands else { continue };
        let other = other.map(|other| *other.get(&of(generation))).filter(|other| *other != one);
        let below = of(generation + 1);
        let mut born = Vec::new();
        for (child, by) in children.iter().filter(|_| !below.is_empty()) {
            let person = *child.get(&below);
            if !taken.contains(&person) {
                taken.push(person);
                let by_ = [By::Birth, By::Adoption, By::Fostering][usize::from(by % 3)];
                born.push(Child { person, by: by_, twins: (*by > 6).then_some(1) });
            }
        }
        let bond = [Bond::NotSaid, Bond::Separated, Bond::Divorced][usize::from(*bond)];
        unions.push(Union { one, other, bond, children: born });
    }
    unions
}

prop_compose! {
    fn family()(
        mut people in prop::collection::vec(somebody(), 1..=40),
        index in any::<Index>(),
        chosen in prop::collection::vec(choice(), 0..14),
        homes in prop::collection::vec(prop::collection::vec(any::<Index>(), 1..5), 0..4),
        ties in prop::collection::vec((any::<Index>(), any::<bool>(), 0..NAMES.len()), 0..12),
        apart in prop::collection::vec((any::<Index>(), any::<Index>()), 0..5),
    ) -> Family {
        let many = people.len();
        people[index.index(many)].index = true;
        Family {
            unions: unions(&people, &chosen),
            homes: homes.iter().map(|home| Home {
                people: home.iter().map(|of| of.index(many)).collect(),
                words: "With somebody whose name is rather long: foster care, long term (U4)".into(),
            }).collect(),
            ties: ties.iter().map(|(person, sees, words)| Tie {
                person: person.index(many),
                kind: if *sees { TieKind::Sees } else { TieKind::Barred },
                words: NAMES[*words].into(),
            }).collect(),
            apart: apart.iter().map(|(one, other)| (one.index(many), other.index(many)))
                .filter(|(one, other)| one != other)
                .map(|(one, other)| Apart { one, other }).collect(),
            people,
        }
    }
}

/// Everything that takes up room: shapes, words beneath people, words of homes and of those who are kept apart.
fn taken(picture: &Picture) -> Vec<Rect> {
    let shapes = picture.shapes.iter().map(|of| of.at);
    let labels = picture.labels.iter().map(|of| of.at);
    let captions = picture.homes.iter().map(|of| of.caption.at);
    shapes.chain(labels).chain(captions).chain(picture.drawn.apart_words.iter().copied()).collect()
}

/// The rectangles that the straight pieces of lines cover.
fn pieces(lines: &[Line]) -> Vec<Rect> {
    let ends = lines.iter().flat_map(|line| line.points.windows(2).map(|ends| (ends[0], ends[1])));
    let level = ends.filter(|((x, y), (to_x, to_y))| x == to_x || y == to_y);
    level
        .map(|((x, y), (to_x, to_y))| Rect {
            x: x.min(to_x),
            y: y.min(to_y),
            w: (x - to_x).abs().max(1),
            h: (y - to_y).abs().max(1),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_and_nothing_is_outside(family in family()) {
        let picture = family.picture().expect("made without contradictions");
        let all = taken(&picture);
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                prop_assert!(!one.meets(*other), "{one:?} meets {other:?}");
            }
        }
        let whole = Rect { x: 0, y: 0, w: picture.width, h: picture.height };
        for home in &picture.homes {
            prop_assert!(home.at.holds(home.caption.at), "{home:?}");
        }
        for rect in all.into_iter().chain(picture.homes.iter().map(|of| of.at)) {
            prop_assert!(whole.holds(rect), "{rect:?} is not in {whole:?}");
        }
        let drawn = &picture.drawn;
        for lines in [&drawn.family, &drawn.placed, &drawn.sees, &drawn.barred, &drawn.apart] {
            for (x, y) in lines.iter().flat_map(|line| &line.points) {
                prop_assert!((0..=picture.width).contains(x) && (0..=picture.height).contains(y), "{x}, {y}");
            }
        }
    }

    #[test]
    fn a_boundary_holds_those_who_live_there_and_nobody_else(family in family()) {
        let picture = family.picture().expect("made without contradictions");
        for home in &picture.homes {
            for shape in &picture.shapes {
                let inside = home.at.meets(shape.at);
                prop_assert!(!inside || family.homes[home.home].people.contains(&shape.person));
                let label = picture.labels[shape.person].at;
                prop_assert!(label.w == 0 || label.h == 0 || inside == home.at.meets(label));
            }
        }
    }

    #[test]
    fn no_line_goes_through_words(family in family()) {
        let picture = family.picture().expect("made without contradictions");
        let drawn = &picture.drawn;
        for lines in [&drawn.family, &drawn.placed, &drawn.sees, &drawn.barred, &drawn.apart] {
            for piece in pieces(lines) {
                for label in &picture.labels {
                    prop_assert!(!piece.meets(label.at), "{piece:?} through {label:?}");
                }
            }
        }
    }

    #[test]
    fn couples_are_in_one_row_with_children_beneath_and_the_eldest_on_the_left(family in family()) {
        let picture = family.picture().expect("made without contradictions");
        let at = |person: usize| picture.shapes[person].at;
        for union in &family.unions {
            if let Some(other) = union.other {
                prop_assert_eq!(at(union.one).y, at(other).y);
            }
            for child in &union.children {
                prop_assert!(at(child.person).y > at(union.one).y + at(union.one).h);
            }
            for one in &union.children {
                for other in &union.children {
                    if let (Some(elder), Some(younger)) = (family.people[one.person].born, family.people[other.person].born)
                        && elder < younger
                    {
                        prop_assert!(at(one.person).x < at(other.person).x);
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_family_is_drawn_the_same(family in family()) {
        let svg = |family: &Family| family.picture().expect("drawn").svg("id", "t", "d");
        prop_assert_eq!(svg(&family), svg(&family.clone()));
    }
}
