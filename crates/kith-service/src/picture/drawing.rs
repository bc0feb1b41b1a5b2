//! From what a file says to who stands where in the picture.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use kith_domain::calendar::{age_on, day_number, long_date};
use kith_domain::codes::{self, PlacementType, Relationship, SiblingHome, SiblingSeen};
use kith_domain::form::{Fields, lower_first};
use kith_domain::ids::PersonId;
use kith_domain::person::Birth;
use kith_genogram::{Apart, Bond, By, Family, Home, Person, Sex, Stands, Tie, TieKind, Union};
use kith_store::{Child, ContactOrder, Plan, Relative};

use super::contact::{briefly, in_force, lines, ordered, whole, why};
use super::siblings::{ParentOf, SiblingFile, is_parent, parents};
use super::{InPicture, PictureView};
use crate::ServiceError;
use crate::fact::Elsewhere;

/// What the picture is drawn from.
pub(super) struct Ground {
    pub(super) child: Child,
    pub(super) family: Vec<Relative>,
    pub(super) plans: Vec<Plan>,
    pub(super) orders: Vec<ContactOrder>,
    pub(super) siblings: Vec<SiblingFile>,
    pub(super) elsewhere: HashMap<PersonId, Vec<Elsewhere>>,
    pub(super) today: Date,
}

const PARENTS: Stands = Stands::Generation(-1);
const CHILDREN: Stands = Stands::Generation(0);

/// Draws it.
pub(super) fn drawn(ground: &Ground) -> Result<PictureView, ServiceError> {
    let mut drawing =
        Drawing { ground, family: Family::default(), words: Vec::new(), rows: Vec::new(), beings: HashMap::new() };
    drawing.child();
    for relative in &ground.family {
        drawing.relative(relative);
    }
    let siblings = drawing.siblings();
    drawing.couples(&siblings);
    drawing.named_siblings();
    drawing.homes(&siblings);
    drawing.apart();
    let Drawing { family, words, rows, .. } = drawing;
    let told = family.told();
    let picture = if family.people.len() > 1 {
        Some(family.picture().map_err(|_| ServiceError::Broken("a family picture contradicts itself"))?)
    } else {
        None
    };
    // The child is who it is about and no row of the table.
    let people = words.into_iter().skip(1).chain(rows).collect();
    Ok(PictureView { child: ground.child.name(), picture, told, people, planned: in_force(&ground.plans).is_some() })
}

struct Drawing<'a> {
    ground: &'a Ground,
    family: Family,
    /// What is said in words of each of the people.
    words: Vec<InPicture>,
    /// Who is told of in words only.
    rows: Vec<InPicture>,
    /// Whose shape is whose, by the human being.
    beings: HashMap<PersonId, usize>,
}

const fn sex(of: Option<codes::Sex>) -> Sex {
    match of {
        Some(codes::Sex::Female) => Sex::Female,
        Some(codes::Sex::Male) => Sex::Male,
        Some(codes::Sex::NotKnown) | None => Sex::NotKnown,
    }
}

/// Brother or sister, as far as the sex is known.
fn sibling_words(of: Sex, half: bool) -> String {
    match (of, half) {
        (Sex::Male, false) => "Brother",
        (Sex::Female, false) => "Sister",
        (Sex::NotKnown, false) => Relationship::Sibling.label(),
        (Sex::Male, true) => "Half-brother",
        (Sex::Female, true) => "Half-sister",
        (Sex::NotKnown, true) => "Half-brother or half-sister",
    }
    .to_owned()
}

fn same(one: &str, other: &str) -> bool {
    !one.trim().is_empty() && one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Where somebody lives, in words: with whom, and what kind of placement it is. Never the address.
fn home_words(child: &Child) -> Option<String> {
    let placement = child.body.placement.as_ref()?;
    let kind = match placement.kind {
        PlacementType::WithParents => return Some(placement.kind.label().to_owned()),
        kind => lower_first(kind.label()),
    };
    Some(match placement.carer.trim() {
        "" => placement.kind.label().to_owned(),
        carer => format!("With {carer}: {kind}"),
    })
}

impl Drawing<'_> {
    fn add(&mut self, name: String, sex: Sex, stands: Stands, relationship: String) -> usize {
        self.family.people.push(Person {
            name: name.clone(),
            notes: vec![relationship.clone()],
            sex,
            born: None,
            unborn: false,
            dead: false,
            index: false,
            stands,
        });
        self.words.push(InPicture { name, relationship, ..InPicture::default() });
        self.family.people.len() - 1
    }

    /// Says of a child when it was born or is expected.
    fn birth(&mut self, person: usize, birth: Birth) {
        let of = &mut self.family.people[person];
        of.born = Some(day_number(birth.latest()));
        of.unborn = matches!(birth, Birth::Expected { .. });
        of.notes.push(match birth {
            Birth::On { day } => format!("{}, age {}", long_date(day), age_on(day, self.ground.today)),
            other => other.label(),
        });
    }

    fn child(&mut self) {
        let child = &self.ground.child;
        let facts = child.body.facts.as_ref();
        let at = self.add(child.name(), sex(facts.and_then(|of| of.sex)), CHILDREN, String::new());
        self.family.people[at].notes.clear();
        self.family.people[at].index = true;
        if let Some(facts) = facts {
            self.birth(at, facts.birth);
        }
    }

    fn relative(&mut self, relative: &Relative) {
        let (relation, person) = (&relative.relation, relative.person.id);
        let disputed = if relation.known.disputed.contains("relationship") { " (disputed)" } else { "" };
        let relationship = format!("{}{disputed}", relation.relationship.label());
        if relation.ended && !is_parent(relation.relationship) {
            let gone = "No longer in the child’s family or contact".to_owned();
            self.rows.push(InPicture { name: relative.name(), relationship, sees: vec![gone], ..InPicture::default() });
            return;
        }
        let said = codes::Sex::from_code(relative.person.body.known.values.get("sex"));
        let (by_relationship, stands) = match relation.relationship {
            Relationship::Mother => (Sex::Female, PARENTS),
            Relationship::Father => (Sex::Male, PARENTS),
            Relationship::Parent | Relationship::StepParent | Relationship::AuntUncle => (Sex::NotKnown, PARENTS),
            Relationship::Grandparent => (Sex::NotKnown, Stands::Generation(-2)),
            Relationship::Sibling => (Sex::NotKnown, CHILDREN),
            Relationship::Guardian | Relationship::OtherFamily | Relationship::Friend => {
                (Sex::NotKnown, Stands::Beside)
            }
        };
        // What somebody said of the person goes before what the word for them says.
        let sex = match sex(said) {
            Sex::NotKnown => by_relationship,
            said => said,
        };
        let at = self.add(relative.name(), sex, stands, relationship);
        self.beings.entry(relative.person.canonical).or_insert(at);
        if let Some(day) = relative.person.body.known.values.date("birth_date") {
            self.family.people[at].born = Some(day_number(day));
            self.family.people[at].notes.push(format!("born {}", day.year()));
        }
        self.words[at].why = why(relative);
        for known in self.ground.elsewhere.get(&person).into_iter().flatten().filter(|known| known.barred) {
            let whose = known.child.as_ref().map_or("another child", |(_, name)| name);
            self.words[at].why.push(format!("In the file of {whose}: must not attend"));
        }
        if relation.ended {
            self.family.people[at].notes.push("No longer in the family or contact".to_owned());
            self.words[at].sees.push("No longer in the child’s family or contact".to_owned());
        } else if relation.is_barred() {
            let disputed = if relation.known.disputed.contains("may_attend") { " (disputed)" } else { "" };
            self.bar(at, format!("Must not attend{disputed}"));
        } else {
            self.contact(at, person);
        }
    }

    fn bar(&mut self, at: usize, words: String) {
        self.words[at].sees.push(words.clone());
        self.words[at].barred = true;
        self.family.ties.push(Tie { person: at, kind: TieKind::Barred, words });
    }

    /// How often the child sees somebody who may attend.
    fn contact(&mut self, at: usize, person: PersonId) {
        let today = self.ground.today;
        let planned: Vec<_> =
            in_force(&self.ground.plans).into_iter().flat_map(|plan| lines(plan, person, today)).collect();
        let ordered = ordered(&self.ground.orders, person, today);
        let words = &mut self.words[at].sees;
        words.extend(planned.iter().map(|line| whole(line)));
        words.extend(ordered.iter().map(|owed| format!("By order of the court: {owed}.")));
        // An order stands until a plan says how it is kept.
        let brief: Vec<String> = if planned.is_empty() {
            ordered.iter().map(|owed| format!("By order: {owed}")).collect()
        } else {
            planned.iter().map(|line| format!("Sees: {}", briefly(line, today))).collect()
        };
        if brief.is_empty() {
            words.push("May attend. No contact is planned or ordered.".to_owned());
            self.family.people[at].notes.push("No contact planned".to_owned());
        }
        let ties = brief.into_iter().map(|words| Tie { person: at, kind: TieKind::Sees, words });
        self.family.ties.extend(ties);
    }

    /// Puts in the brothers and sisters with files of their own; where each stands in the picture.
    fn siblings(&mut self) -> Vec<usize> {
        let own: Vec<PersonId> = parents(&self.ground.family).iter().map(|of| of.being).collect();
        let mut places = Vec::new();
        for sibling in &self.ground.siblings {
            let Some(facts) = &sibling.child.body.facts else { continue };
            let theirs: Vec<PersonId> = sibling.parents.iter().map(|of| of.being).collect();
            // Half is said where two parents of each are known and one of them is another.
            let half = own.len() == 2 && theirs.len() == 2 && theirs.iter().filter(|of| own.contains(of)).count() == 1;
            let words = sibling_words(sex(facts.sex), half);
            let name = sibling.child.name();
            // Two of one name are two.
            let known = self.sibling_called(&[&name]).filter(|at| !places.contains(at));
            let at = known.unwrap_or_else(|| self.add(name, Sex::NotKnown, CHILDREN, String::new()));
            self.family.people[at].sex = sex(facts.sex);
            self.family.people[at].notes.retain(|note| !note.is_empty() && note != Relationship::Sibling.label());
            self.family.people[at].notes.insert(0, words.clone());
            self.words[at].relationship = words;
            self.birth(at, facts.birth);
            places.push(at);
        }
        places
    }

    /// A brother or sister of this name who is in the picture already.
    fn sibling_called(&self, names: &[&str]) -> Option<usize> {
        let called = |person: &Person| names.iter().any(|name| same(&person.name, name));
        self.family.people.iter().position(|of| !of.index && of.stands == CHILDREN && called(of))
    }

    /// Joins the child, and those of the brothers and sisters, with their parents.
    fn couples(&mut self, siblings: &[usize]) {
        let mut unions: BTreeMap<(usize, Option<usize>), Vec<usize>> = BTreeMap::new();
        let own = parents(&self.ground.family);
        if let Some(couple) = self.couple(&own, None) {
            unions.entry(couple).or_default().push(0);
        }
        for (sibling, at) in self.ground.siblings.iter().zip(siblings) {
            let given = sibling.child.first_name();
            if let Some(couple) = self.couple(&sibling.parents, Some(&given)) {
                unions.entry(couple).or_default().push(*at);
            }
        }
        let born = |person| kith_genogram::Child { person, by: By::Birth, twins: None };
        self.family.unions = unions
            .into_iter()
            .map(|((one, other), children)| Union {
                one,
                other,
                bond: Bond::NotSaid,
                children: children.into_iter().map(born).collect(),
            })
            .collect();
    }

    /// Of whom somebody is the child, as far as that is sure: where more than two parents are recorded, the one mother, or the
    /// one father; the others stand beside. `of` is the sibling whose file knows them.
    fn couple(&mut self, all: &[ParentOf], of: Option<&str>) -> Option<(usize, Option<usize>)> {
        let only = |relationship: Relationship| {
            let mut these = all.iter().filter(|of| of.relationship == relationship);
            these.next().filter(|_| these.next().is_none())
        };
        let sure: Vec<&ParentOf> = match all {
            [] => return None,
            [one] => vec![one],
            [one, other] => vec![one, other],
            _ => vec![only(Relationship::Mother).or_else(|| only(Relationship::Father))?],
        };
        let mut places: Vec<usize> = sure.into_iter().filter_map(|parent| self.parent(parent, of)).collect();
        places.sort_unstable();
        places.dedup();
        let one = *places.first()?;
        Some((one, places.get(1).copied()))
    }

    /// Where a parent stands; `None` for one who is of another generation to this child.
    fn parent(&mut self, parent: &ParentOf, of: Option<&str>) -> Option<usize> {
        let sex = match parent.relationship {
            Relationship::Mother => Sex::Female,
            Relationship::Father => Sex::Male,
            _ => Sex::NotKnown,
        };
        let words = of.map(|given| format!("{} of {given}", parent.relationship.label()));
        let Some(at) = self.beings.get(&parent.being).copied() else {
            let at = self.add(parent.name.clone(), sex, PARENTS, words.unwrap_or_default());
            self.words[at].sees.push("Not in this child’s file".to_owned());
            self.beings.insert(parent.being, at);
            return Some(at);
        };
        let person = &mut self.family.people[at];
        match person.stands {
            Stands::Beside => person.stands = PARENTS,
            PARENTS => {}
            Stands::Generation(_) => return None,
        }
        if person.sex == Sex::NotKnown {
            person.sex = sex;
        }
        let own = parents(&self.ground.family).iter().any(|of| of.being == parent.being);
        if let Some(words) = words.filter(|words| !own && !person.notes.contains(words)) {
            person.notes.push(words.clone());
            let relationship = &mut self.words[at].relationship;
            *relationship = format!("{relationship}; {}", lower_first(&words));
        }
        Some(at)
    }

    /// Puts in the brothers and sisters of whom this file says something by name.
    fn named_siblings(&mut self) {
        for row in self.ground.child.body.known.values.rows("siblings", "name") {
            let name = row.get("name").trim().to_owned();
            if name.is_empty() {
                continue;
            }
            let given = self.ground.siblings.iter().find(|of| same(&of.child.first_name(), &name));
            let whole = given.map(|of| of.child.name()).unwrap_or_default();
            let known = self.sibling_called(&[&name, &whole]);
            let at = known
                .unwrap_or_else(|| self.add(name, Sex::NotKnown, CHILDREN, Relationship::Sibling.label().to_owned()));
            self.named_sibling(at, &row);
        }
        // Whoever has a file, and of whom this one says nothing.
        for at in 1..self.family.people.len() {
            if self.family.people[at].stands == CHILDREN && self.words[at].sees.is_empty() {
                self.words[at].sees.push("This file does not say".to_owned());
            }
        }
    }

    fn named_sibling(&mut self, at: usize, row: &Fields) {
        if let Some(lives) = SiblingHome::from_code(row.get("lives")) {
            match lives {
                SiblingHome::Together => self.at_home(at),
                SiblingHome::NotKnown => {}
                SiblingHome::Adopted => self.family.people[at].notes.push(lives.label().to_owned()),
                lives => self.family.people[at].notes.push(format!("Lives {}", lower_first(lives.label()))),
            }
        }
        let note = Some(row.get("note").trim().to_owned()).filter(|note| !note.is_empty());
        let seen = SiblingSeen::from_code(row.get("seen"));
        match seen {
            Some(SiblingSeen::No) => self.bar(at, "Must not see each other".to_owned()),
            Some(SiblingSeen::Undecided) => {
                self.family.people[at].notes.push("Seeing each other: not decided".to_owned());
                self.words[at].sees.push("Whether they see each other is not decided".to_owned());
            }
            Some(SiblingSeen::Yes) => self.may_see(at, "May see each other"),
            Some(SiblingSeen::Supervised) => self.may_see(at, "May see each other, supervised"),
            Some(SiblingSeen::Letters) => self.may_see(at, "Only letters, calls or video"),
            None => {}
        }
        let words = &mut self.words[at];
        if words.barred { words.why.extend(note) } else { words.sees.extend(note) }
    }

    fn may_see(&mut self, at: usize, words: &str) {
        self.words[at].sees.push(words.to_owned());
        self.family.ties.push(Tie { person: at, kind: TieKind::Sees, words: words.to_owned() });
    }

    /// Somebody lives with the child.
    fn at_home(&mut self, at: usize) {
        let words = home_words(&self.ground.child).unwrap_or_else(|| "In the same home".to_owned());
        if self.family.homes.is_empty() {
            self.family.homes.push(Home { people: vec![0], words });
        }
        let home = &mut self.family.homes[0];
        if !home.people.contains(&at) {
            home.people.push(at);
        }
    }

    /// Who lives together: at one address, with one carer.
    fn homes(&mut self, siblings: &[usize]) {
        let placed = |child: &Child| {
            let placement = child.body.placement.as_ref()?;
            let whole = !placement.address.trim().is_empty();
            whole.then(|| (placement.address.trim().to_lowercase(), placement.carer.trim().to_lowercase()))
        };
        if home_words(&self.ground.child).is_some() {
            self.at_home(0);
        }
        let own = placed(&self.ground.child);
        let mut others: Vec<(Option<(String, String)>, Home)> = Vec::new();
        for (sibling, at) in self.ground.siblings.iter().zip(siblings) {
            let theirs = placed(&sibling.child);
            if theirs.is_some() && theirs == own {
                self.at_home(*at);
                continue;
            }
            let Some(words) = home_words(&sibling.child) else { continue };
            match others.iter_mut().find(|(of, _)| of.is_some() && *of == theirs) {
                Some((_, home)) => home.people.push(*at),
                None => others.push((theirs, Home { people: vec![*at], words })),
            }
        }
        self.family.homes.extend(others.into_iter().map(|(_, home)| home));
    }

    fn apart(&mut self) {
        for row in self.ground.child.body.known.values.rows("keep_apart", "one") {
            let place = |field: &str| {
                let id: PersonId = row.get(field).parse().ok()?;
                let relative = self.ground.family.iter().find(|of| of.person.id == id)?;
                self.beings.get(&relative.person.canonical).copied()
            };
            let why = Some(row.get("why").trim()).filter(|why| !why.is_empty());
            let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
            let (one, other) = (place("one"), place("other"));
            let outsider = row.get("other_name").trim();
            match (one, other) {
                (Some(one), Some(other)) if one != other => {
                    self.family.apart.push(Apart { one, other });
                    for (of, from) in [(one, other), (other, one)] {
                        let words = format!("{}{why}", self.words[from].name);
                        self.words[of].apart.push(words);
                    }
                }
                (Some(one), None) if !outsider.is_empty() => {
                    self.family.people[one].notes.push(format!("Kept apart from {outsider}"));
                    self.words[one].apart.push(format!("{outsider}{why}"));
                }
                _ => {}
            }
        }
    }
}
