//! What goes in: people, who is whose child, who lives together, who sees the child.

/// A family, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// Everybody who is drawn; others are named by their place in this list.
    pub people: Vec<Person>,
    /// Parents with their children.
    pub unions: Vec<Union>,
    /// Who lives together.
    pub homes: Vec<Home>,
    /// Whom the child sees, and who must not attend.
    pub ties: Vec<Tie>,
    /// Who is kept apart from whom.
    pub apart: Vec<Apart>,
}

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// What else stands beneath, each on a line of its own: the age, how they stand to the child.
    pub notes: Vec<String>,
    /// Which shape they have.
    pub sex: Sex,
    /// When they were born, in any unit that grows: only the order counts.
    pub born: Option<i64>,
    /// Not born yet: a triangle.
    pub unborn: bool,
    /// Dead: crossed through.
    pub dead: bool,
    /// The child whom the picture is about: a double border.
    pub index: bool,
    /// In which row.
    pub stands: Stands,
}

/// Sex, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// A square.
    Male,
    /// A circle.
    Female,
    /// A diamond.
    NotKnown,
}

/// In which row somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// In a generation: 0 the child's, -1 that of the parents, -2 that of the grandparents.
    Generation(i8),
    /// Of no generation that is known: in rows of their own beneath.
    Beside,
}

/// Parents of the same children: two, or one of whose partner nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union {
    /// One of them.
    pub one: usize,
    /// The other, if known.
    pub other: Option<usize>,
    /// Whether they are together.
    pub bond: Bond,
    /// Their children, in any order.
    pub children: Vec<Child>,
}

/// What is known of a couple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// That they have children together, or are a couple, and no more.
    NotSaid,
    /// Separated: one slash.
    Separated,
    /// Divorced: two slashes.
    Divorced,
}

/// A child of a couple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child {
    /// Who.
    pub person: usize,
    /// How the child came to them.
    pub by: By,
    /// Twins of this couple have the same number.
    pub twins: Option<u8>,
}

/// How a child came to a couple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Born.
    Birth,
    /// Adopted: a dashed line.
    Adoption,
    /// Fostered: a dashed line.
    Fostering,
}

/// People who live together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Who.
    pub people: Vec<usize>,
    /// Where or with whom, in words.
    pub words: String,
}

/// How the child stands to somebody by what is agreed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// To whom.
    pub person: usize,
    /// What it is.
    pub kind: TieKind,
    /// How often and how, or why not.
    pub words: String,
}

/// What a tie is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TieKind {
    /// They see each other.
    Sees,
    /// They must not.
    Barred,
}

/// Two who must not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Apart {
    /// One.
    pub one: usize,
    /// The other.
    pub other: usize,
}

/// Why a family cannot be drawn: it contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// The picture is about exactly one child.
    #[error("there is not exactly one child whom the picture is about")]
    Index,
    /// Somebody is named who is not there, or named twice where it can be once.
    #[error("somebody is named who is not there, or twice")]
    Nobody,
    /// A couple is of two generations, or a child not of the one after its parents.
    #[error("somebody is in a generation in which they cannot be")]
    Generation,
}

impl Family {
    /// The child whom the picture is about.
    pub(crate) fn index(&self) -> Option<usize> {
        self.people.iter().position(|person| person.index)
    }

    pub(crate) fn generation(&self, person: usize) -> Option<i8> {
        match self.people[person].stands {
            Stands::Generation(generation) => Some(generation),
            Stands::Beside => None,
        }
    }

    /// Whether it can be drawn.
    pub(crate) fn sound(&self) -> Result<(), Unsound> {
        if self.people.iter().filter(|person| person.index).count() != 1 {
            return Err(Unsound::Index);
        }
        let named = self.unions.iter().flat_map(|union| {
            let parents = [Some(union.one), union.other].into_iter().flatten();
            parents.chain(union.children.iter().map(|child| child.person))
        });
        let living = self.homes.iter().flat_map(|home| home.people.iter().copied());
        let tied = self.ties.iter().map(|tie| tie.person);
        let apart = self.apart.iter().flat_map(|apart| [apart.one, apart.other]);
        if named.chain(living).chain(tied).chain(apart).any(|person| person >= self.people.len()) {
            return Err(Unsound::Nobody);
        }
        let itself = self.unions.iter().any(|union| union.other == Some(union.one));
        if itself || self.apart.iter().any(|apart| apart.one == apart.other) {
            return Err(Unsound::Nobody);
        }
        for union in &self.unions {
            let Some(of) = self.generation(union.one) else { return Err(Unsound::Generation) };
            let partner = union.other.is_none_or(|other| self.generation(other) == Some(of));
            let below = of.checked_add(1);
            let children = union.children.iter().all(|child| below.is_some() && self.generation(child.person) == below);
            if !partner || !children {
                return Err(Unsound::Generation);
            }
        }
        Ok(())
    }
}
