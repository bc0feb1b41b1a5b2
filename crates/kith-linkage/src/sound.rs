//! How a name sounds, for the names of the communities of this country.
//!
//! A skeleton of consonants after Soundex (Russell 1918), in the manner in which Phonex (A. J. Lait and B. Randell, "An
//! Assessment of Name Matching Algorithms", Newcastle upon Tyne 1996) and Metaphone (L. Philips, Computer Language 7,
//! 1990) improved it: groups of letters are read first. Those are known for English alone; the groups here are read as
//! the languages write them that names in this country come from: Irish and Welsh (`bh`, `mh`, `Siân`), Polish and its
//! neighbours (`sz`, `cz`, `rz`, `w`, endings of gender; compare R. Daitch and G. Mokotoff, Avotaynu 1985), South Asian
//! and Arabic in English letters (`kh`, `dh`, `q`, `ou` and `ow`; compare A. Freeman, S. Condon and C. Ackerman,
//! "Cross Linguistic Name Matching in English and Arabic", HLT-NAACL 2006).

/// Most consonants that a sound has, four bits each.
const MOST: u32 = 10;

/// The sound of a word in lowercase ASCII letters; 0 for a word that has none, such as an initial or a number.
pub(crate) fn sound(word: &str) -> u64 {
    let letters = word.as_bytes();
    if letters.len() < 2 || !letters.iter().all(u8::is_ascii_lowercase) {
        return 0;
    }
    let mut sound = Sound::default();
    let mut at = beginning(letters, &mut sound);
    while at < letters.len() && sound.length < MOST {
        at += read(letters, at, &mut sound);
    }
    // A word of vowels alone, such as Aoi, sounds like every other.
    if sound.code == VOWEL { 0 } else { sound.code }
}

const VOWEL: u64 = 1;
/// B, F, P, V and a W that is spoken: Bikram and Vikram, Kowalski and Kovalski, Siobhan and Shivaun, Joseph and Josef.
const LIP: u64 = 2;
/// D and T.
const TEETH: u64 = 3;
/// Hard C and G, K, Q: Qasim, Kasem and Gassim.
const THROAT: u64 = 4;
/// J, soft G, and Y before a vowel: Jusuf, Yusuf; Geoffrey, Jeffrey.
const SOFT: u64 = 5;
/// CH, CZ, CS: Chowdhury, Czerny.
const TCH: u64 = 6;
/// S, Z, SH, SZ, soft C: Zara and Sara, Shaikh and Sheikh, Sean and Shaun.
const HISS: u64 = 7;
const L: u64 = 8;
const M: u64 = 9;
const N: u64 = 10;
const R: u64 = 11;
/// H at the beginning; elsewhere it is not heard: Ahmed is not Hamid.
const BREATH: u64 = 12;

#[derive(Default)]
struct Sound {
    code: u64,
    length: u32,
    /// The consonant just before, to which the same one adds nothing; 0 after a vowel.
    last: u64,
}

impl Sound {
    fn add(&mut self, code: u64) {
        if code != self.last && self.length < MOST {
            self.code = self.code << 4 | code;
            self.length += 1;
        }
        self.last = code;
    }
}

fn vowel(letter: Option<&u8>) -> bool {
    matches!(letter, Some(b'a' | b'e' | b'i' | b'o' | b'u' | b'y'))
}

/// Reads what is written but not spoken at the beginning, and a vowel there, which all sound alike (Ibrahim, Abraham).
fn beginning(letters: &[u8], sound: &mut Sound) -> usize {
    match letters {
        [b'k' | b'g' | b'p' | b'm', b'n', ..] | [b'w', b'r', ..] | [b'p', b's', ..] => 1,
        // Mc is Mac.
        [b'm', b'c', next, ..] if *next != b'h' => {
            sound.add(M);
            sound.last = 0;
            1
        }
        [b'x', ..] => {
            sound.add(HISS);
            1
        }
        [b'h', ..] => {
            sound.add(BREATH);
            sound.last = 0;
            1
        }
        [b'y', next, ..] if vowel(Some(next)) => {
            sound.add(SOFT);
            1
        }
        [b'e' | b'i', b'u' | b'o', ..] | [b'a' | b'e' | b'i' | b'o' | b'u' | b'y', ..] => {
            sound.add(VOWEL);
            sound.last = 0;
            1
        }
        _ => 0,
    }
}

/// Reads the letters at `at` and says how many they were.
#[expect(clippy::match_same_arms, reason = "longer groups come before the shorter ones that they begin with")]
fn read(letters: &[u8], at: usize, sound: &mut Sound) -> usize {
    let rest = &letters[at..];
    let before = at.checked_sub(1).map(|before| &letters[before]);
    let (code, count) = match rest {
        [b's', b'z', b'c', b'z', ..] => return two(sound, HISS, TCH, 4),
        [b's', b'h', b'c', b'h', ..] => return two(sound, HISS, TCH, 4),
        [b't', b's', b'c', b'h', ..] => (TCH, 4),
        [b's', b'c', b'h', ..] => (HISS, 3),
        [b't', b'c', b'h', ..] => (TCH, 3),
        [b'd', b'z', b'h', ..] => (SOFT, 3),
        [b's', b'c', b'e' | b'i' | b'y', ..] => (HISS, 2),
        [b's', b'h' | b'z', ..] | [b't' | b'd', b's' | b'z', ..] | [b'z', b'h', ..] => (HISS, 2),
        [b'c', b'h', b'r' | b'l' | b'n' | b't' | b'm' | b'd', ..] | [b'c', b'h'] => (THROAT, 2),
        [b'c', b'h' | b'z' | b's', ..] => (TCH, 2),
        [b'c', b'k' | b'q' | b'c', ..] => (THROAT, 2),
        [b'c', b'e' | b'i' | b'y', ..] => (HISS, 1),
        [b'd', b'g', b'e' | b'i' | b'y', ..] => (SOFT, 2),
        [b'd', b'j', ..] => (SOFT, 2),
        // Grzegorz, Andrzej, Przemek: rz is one sound between a consonant and a vowel.
        [b'r', b'z', next, ..]
            if matches!(before, Some(b'b' | b'p' | b'd' | b't' | b'g' | b'k')) && vowel(Some(next)) =>
        {
            (HISS, 2)
        }
        // Singh and Sing; Leigh and Lee; Vaughan; but Ghulam.
        [b'n', b'g', b'h', ..] => (N, 3),
        [b'n', b'g'] => (N, 2),
        [b'n', b'g', next, ..] if !vowel(Some(next)) => (N, 2),
        [b'g', b'h', ..] if at == 0 => (THROAT, 2),
        [b'g', b'h', ..] => (0, 2),
        [b'g', b'e' | b'i' | b'y', ..] => (SOFT, 1),
        // Niamh, Caoimhe, Mhairi; Siobhan, Bhatti.
        [b'm' | b'b' | b'p', b'h', ..] => (LIP, 2),
        [b'x', ..] => return two(sound, THROAT, HISS, 1),
        [b'b' | b'p' | b'f' | b'v', ..] => (LIP, 1),
        [b'w', next, ..] if vowel(Some(next)) || *next == b'h' => (LIP, 1),
        [b'd' | b't', ..] => (TEETH, 1),
        [b'c' | b'k' | b'q' | b'g', ..] => (THROAT, 1),
        // Andrzej, Wojcik: after a vowel and before none, j is one.
        [b'j', next @ ..] if vowel(before) && !vowel(next.first()) => (0, 1),
        [b'j', ..] => (SOFT, 1),
        [b's' | b'z', ..] => (HISS, 1),
        [b'l', ..] => (L, 1),
        [b'm', ..] => (M, 1),
        [b'n', ..] => (N, 1),
        [b'r', ..] => (R, 1),
        [b'h' | b'w', ..] => return 1,
        _ => (0, 1),
    };
    if code == 0 {
        sound.last = 0;
    } else {
        sound.add(code);
    }
    count
}

fn two(sound: &mut Sound, first: u64, second: u64, count: usize) -> usize {
    sound.add(first);
    sound.add(second);
    count
}

#[cfg(test)]
mod tests {
    use super::sound;

    /// Spellings of one name, as they are found side by side in this country's registers.
    #[test]
    fn spellings_of_one_name_sound_alike() {
        for spellings in [
            &["mohammed", "muhammad", "mohamed", "mohammad", "muhamad", "mahamed", "mehmet"][..],
            &["hussain", "hussein", "husain", "hossain", "huseyin"],
            &["ahmed", "ahmad", "ahmet", "ahamed"],
            &["chowdhury", "choudhury", "chaudhry", "choudhary", "chaudhary"],
            &["sheikh", "shaikh", "sheik", "shaykh"],
            &["iqbal", "ikbal"],
            &["qureshi", "kureshi", "koreshi", "quraishi"],
            &["singh", "sing"],
            &["vikram", "bikram"],
            &["patel", "patell"],
            &["begum", "begom", "begam"],
            &["yusuf", "yousef", "youssef", "jusuf", "yousuf"],
            &["ibrahim", "abraham", "ebrahim"],
            &["kowalski", "kowalska", "kovalski", "kowalsky"],
            &["szymanski", "szymanska", "shimanski"],
            &["ivanov", "ivanova", "ivanoff"],
            &["aleksander", "alexander", "aleksandr"],
            &["siobhan", "shivaun"],
            &["niamh", "neve", "nieve"],
            &["caoimhe", "keeva"],
            &["saoirse", "seersha"],
            &["aoife", "eefa"],
            &["sean", "shaun", "shawn", "sian"],
            &["llewelyn", "llywelyn", "lewelin"],
            &["ffion", "fion"],
            &["dafydd", "dafid"],
            &["mcdonald", "macdonald"],
            &["catherine", "kathryn", "katharine", "kathrin"],
            &["stephen", "steven"],
            &["geoffrey", "jeffrey"],
            &["philip", "filip", "phillip"],
            &["wright", "right"],
            &["leigh", "lee"],
            &["knight", "night"],
            &["thomas", "tomas"],
            &["nguyen", "nguyin"],
            &["oluwaseun", "oluwasean"],
        ] {
            for other in &spellings[1..] {
                assert_eq!(sound(spellings[0]), sound(other), "{} {other}", spellings[0]);
            }
        }
    }

    #[test]
    fn other_names_sound_otherwise() {
        for (one, other) in [
            ("ahmed", "hamid"),
            ("catherine", "margaret"),
            ("khan", "kaur"),
            ("smith", "jones"),
            ("patel", "shah"),
            ("anna", "emma"),
            ("martin", "marcin"),
        ] {
            assert_ne!(sound(one), sound(other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_word_has_no_sound() {
        for word in ["", "j", "12", "4b", "aoi", "é"] {
            assert_eq!(sound(word), 0, "{word}");
        }
    }
}
