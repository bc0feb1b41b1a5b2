//! What the lines of the picture say, in sentences.

use crate::family::{Bond, By, Family};

fn joined(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

impl Family {
    fn name(&self, person: usize) -> &str {
        self.people.get(person).map_or("", |person| &person.name)
    }

    /// Who is whose child, who lives together and who is kept apart, a sentence each: what lines and boundaries show.
    /// Children are named in order of birth, with whole names.
    pub fn told(&self) -> Vec<String> {
        let mut said = Vec::new();
        for union in &self.unions {
            let parents: Vec<&str> =
                [Some(union.one), union.other].into_iter().flatten().map(|of| self.name(of)).collect();
            let mut children = union.children.clone();
            children.sort_by_key(|child| self.age_order(child.person));
            let of = |by: &[By]| -> Vec<&str> {
                children.iter().filter(|child| by.contains(&child.by)).map(|child| self.name(child.person)).collect()
            };
            let bond = match union.bond {
                Bond::NotSaid => "",
                Bond::Separated => ", who are separated,",
                Bond::Divorced => ", who are divorced,",
            };
            let who = joined(&parents);
            for (by, one, several) in [
                (&[By::Birth][..], "parent of", "parents of"),
                (&[By::Adoption], "adoptive parent of", "adoptive parents of"),
                (&[By::Fostering], "foster carer of", "foster carers of"),
            ] {
                let children = of(by);
                if children.is_empty() {
                    continue;
                }
                let (are, what) = if parents.len() == 1 { ("is", one) } else { ("are", several) };
                said.push(format!("{who}{bond} {are} {what} {}.", joined(&children)));
            }
            let mut twins: Vec<u8> = children.iter().filter_map(|child| child.twins).collect();
            twins.sort_unstable();
            twins.dedup();
            for group in twins {
                let born = children.iter().filter(|child| child.twins == Some(group));
                let born: Vec<&str> = born.map(|child| self.name(child.person)).collect();
                if born.len() > 1 {
                    said.push(format!("{} were born together.", joined(&born)));
                }
            }
        }
        for home in self.homes.iter().filter(|home| !home.people.is_empty()) {
            let people: Vec<&str> = home.people.iter().map(|person| self.name(*person)).collect();
            let live = if people.len() == 1 { "lives" } else { "live together" };
            // With whom goes on in the sentence; anything else stands by itself.
            let words = home.words.trim_end_matches('.');
            let words =
                words.strip_prefix("With ").map_or_else(|| format!(": {words}"), |whom| format!(" with {whom}"));
            said.push(format!("{} {live}{words}.", joined(&people)));
        }
        for apart in &self.apart {
            said.push(format!("{} and {} must be kept apart.", self.name(apart.one), self.name(apart.other)));
        }
        said
    }
}
