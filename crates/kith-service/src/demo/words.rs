//! What the demo's supervisors wrote: by age band, in three variants, with the names put in. C is the child, A the adult.

use kith_domain::record::AgeBand;

type Written = (&'static str, &'static str, &'static str);

const BABY: [&[Written]; 3] = [
    &[
        ("before", "told", "The carer says C fed at nine and slept in the car."),
        (
            "arrival",
            "seen",
            "A washed her hands, waited until C looked at her, and took C from the carer with both arms. C turned towards her voice.",
        ),
        (
            "interaction",
            "seen",
            "Held C facing her for about ten minutes. C looked, looked away, looked back; A stopped talking each time C turned away.",
        ),
        (
            "care",
            "seen",
            "Bottle of 120 ml at body warmth, tested on the wrist without being asked. C took 95 ml in 14 minutes and was winded twice.",
        ),
        ("ending", "seen", "A dressed C, spoke quietly, handed C back. C fussed for less than a minute."),
    ],
    &[
        ("arrival", "seen", "C was asleep. A sat beside the seat for eight minutes and did not wake C."),
        (
            "interaction",
            "seen",
            "When C cried A picked C up within a few seconds, rocked and hummed. C was quiet after two minutes.",
        ),
        (
            "play",
            "seen",
            "On the mat: a soft rattle held above C, moved slowly from side to side. C followed it with the eyes.",
        ),
        (
            "care",
            "seen",
            "Nappy changed on the table, one hand on C throughout. I handed over the cream when A looked for it.",
        ),
        ("ending", "seen", "A kissed C’s forehead and said when they would meet again."),
    ],
    &[
        ("before", "told", "The carer says that C has had a cold since Sunday and is sleeping badly."),
        ("arrival", "seen", "A asked about the cold before taking C. Held C upright, as the carer showed."),
        (
            "interaction",
            "seen",
            "C coughed and cried for about five minutes. A walked up and down, then sat and let C lie on her chest until C slept.",
        ),
        ("supervisor", "seen", "I opened the window and turned the heater down, because the room was at 24 degrees."),
        ("ending", "seen", "C woke at the handover and looked at A until the door closed."),
    ],
];

const TODDLER: [&[Written]; 3] = [
    &[
        ("arrival", "seen", "C held the carer’s leg for about a minute, then ran to A, who knelt down and waited."),
        (
            "play",
            "seen",
            "Farm animals on the rug. C lined them up by the wall; A asked which one was hungry and fed it with a brick.",
        ),
        ("child_said", "heard", "Cow wants more. More, more, more!"),
        (
            "boundaries",
            "seen",
            "C climbed on the window seat. A lifted C down, said why, and offered the slide instead. C cried briefly and went to the slide.",
        ),
        ("care", "seen", "Banana and water. A cut the banana lengthwise and sat beside C while C ate."),
        ("ending", "seen", "A said “two more turns and then shoes”. C put the shoes on with help and waved."),
    ],
    &[
        ("arrival", "seen", "C came in asleep on the carer’s shoulder and woke when A spoke. C put out both arms."),
        (
            "interaction",
            "seen",
            "C sat on A’s lap for the book about the bear, turned the pages and pointed. A named what C pointed to.",
        ),
        (
            "communication",
            "heard",
            "A spoke in their first language; the interpreter sat by the door and told me what was said as it was said.",
        ),
        (
            "supervisor",
            "seen",
            "A asked me whether C may have a hair slide home. I said that gifts go through the social worker.",
        ),
        ("ending", "seen", "C said no to the coat. A put it on the teddy first, then on C. They left laughing."),
    ],
    &[
        ("before", "told", "The carer says that C asked on Tuesday whether it was today."),
        (
            "arrival",
            "seen",
            "C ran in and stopped when C saw the empty chair, then heard A in the corridor and shouted.",
        ),
        (
            "play",
            "seen",
            "Water play for twenty-five minutes. C poured, A held the funnel. When C splashed A, A laughed and moved the cup.",
        ),
        ("care", "seen", "A had brought a change of clothes and changed C without being asked."),
        (
            "ending",
            "seen",
            "C cried at the door for about three minutes. A did not come back in, as agreed, and rang the office later to ask how C was.",
        ),
    ],
];

const CHILD: [&[Written]; 3] = [
    &[
        ("arrival", "seen", "C walked up to A and hugged A round the waist. A put down both bags to hug back."),
        (
            "communication",
            "heard",
            "They spoke about the school trip. A asked who C had sat with and remembered the name from last week.",
        ),
        ("child_said", "heard", "When I am ten can I have a dog? One of my own?"),
        (
            "supervisor",
            "seen",
            "A began to answer about “when you come home”. I said quietly that we keep to today; A nodded and asked what colour the dog should be.",
        ),
        (
            "play",
            "seen",
            "Card game at the table. C won twice and dealt both times; A lost without letting C win, as far as I could see.",
        ),
        (
            "ending",
            "seen",
            "C packed the cards away and asked for Thursday’s time. A wrote it on C’s hand and then on paper.",
        ),
    ],
    &[
        ("before", "told", "The carer says that C was told off at school and did not want to talk in the car."),
        (
            "arrival",
            "seen",
            "C sat down without taking the coat off. A sat opposite and began to draw, and said nothing for a few minutes.",
        ),
        (
            "interaction",
            "seen",
            "C moved the chair closer and coloured in what A had drawn. After ten minutes they were talking about football.",
        ),
        ("care", "seen", "Sandwiches and apple. A had checked the label of the bread for sesame and showed it to me."),
        ("ending", "seen", "C leaned on A for the last minutes of the film. They said goodbye at the inner door."),
    ],
    &[
        (
            "arrival",
            "seen",
            "A was at the window when the car came. C knocked on the glass and pulled a face; A pulled one back.",
        ),
        (
            "play",
            "seen",
            "They built a bridge of straws that held eleven books. C counted aloud and wrote the number on the board.",
        ),
        ("child_said", "heard", "My teacher says I am the best at bridges. She does, you can ask her."),
        (
            "boundaries",
            "seen",
            "C asked for A’s phone to photograph the bridge. A said that the rule is no photographs, and they drew it instead.",
        ),
        ("for_worker", "told", "A asks for the date of the next review and whether the aunt may write."),
        ("ending", "seen", "Ten minutes’ warning, five minutes’ warning. C carried the drawing to the car."),
    ],
];

const YOUNG: [&[Written]; 3] = [
    &[
        (
            "arrival",
            "seen",
            "They met in the hall. C said “you’re early” and smiled. A asked whether C wanted the sofa or the table.",
        ),
        (
            "communication",
            "heard",
            "C spoke about a teacher for a long time. A listened, asked two questions and gave no advice until C asked for it.",
        ),
        (
            "interaction",
            "seen",
            "They cooked an omelette. C broke the eggs, A found the pan. C told A to let it brown.",
        ),
        ("child_said", "heard", "I don’t mind coming. I just don’t want to be asked about it every time."),
        ("ending", "seen", "C checked the time of the bus and said goodbye first. One-armed hug that C began."),
    ],
    &[
        ("arrival", "seen", "C came in with earphones in and took one out when A spoke."),
        ("play", "seen", "Chess, one game. C explained an opening and A tried it and lost in nineteen moves."),
        (
            "boundaries",
            "heard",
            "A asked which school C goes to now. I said that we do not talk about where C lives or learns. A said sorry to C.",
        ),
        (
            "communication",
            "heard",
            "They planned what C would like to do on the birthday, within what the plan allows.",
        ),
        ("ending", "seen", "C asked me whether the next session could begin half an hour later, because of training."),
    ],
    &[
        ("before", "told", "The placement says that C has slept little since the hearing was put off."),
        ("arrival", "seen", "C was quiet. A said “we don’t have to talk” and put the kettle on."),
        (
            "interaction",
            "seen",
            "They looked at old drawings that A had brought in a folder. C laughed at two of them and put one in a bag, after asking me.",
        ),
        ("for_worker", "told", "C asks for a call from the social worker before Friday."),
        ("ending", "seen", "They walked to the door together and stood there for a minute or so."),
    ],
];

/// The entries of one session: heading, basis, text.
pub(crate) fn entries(
    band: AgeBand,
    variant: usize,
    child: &str,
    adult: &str,
) -> Vec<(&'static str, &'static str, String)> {
    let of_band = match band {
        AgeBand::Baby => &BABY,
        AgeBand::Toddler => &TODDLER,
        AgeBand::Child => &CHILD,
        AgeBand::YoungPerson => &YOUNG,
    };
    let named = |text: &str| named(text, child, adult);
    of_band[variant % of_band.len()].iter().map(|(heading, basis, text)| (*heading, *basis, named(text))).collect()
}

/// Puts names in the place of the letters C and A where they stand alone.
fn named(text: &str, child: &str, adult: &str) -> String {
    let name = |word: &str| {
        let letters = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let (stem, rest) = letters.split_once('’').map_or((letters, ""), |(stem, rest)| (stem, rest));
        let put = match stem {
            "C" => child,
            "A" => adult,
            _ => return None,
        };
        let possessive = if rest.is_empty() { String::new() } else { format!("’{rest}") };
        Some(format!("{put}{possessive}{}", &word[letters.len()..]))
    };
    let words: Vec<String> = text.split(' ').map(|word| name(word).unwrap_or_else(|| word.to_owned())).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_band_has_its_words_with_the_names_put_in() {
        for band in AgeBand::ALL {
            for variant in 0..3 {
                for (heading, _, text) in entries(*band, variant, "Osian", "Lowri") {
                    assert!(kith_domain::record::Heading::from_code(heading).is_some(), "{heading}");
                    assert!(!text.split(' ').any(|word| word == "C" || word.starts_with("C’")), "{text}");
                }
            }
        }
        assert_eq!(named("A kissed C’s forehead.", "Osian", "Lowri"), "Lowri kissed Osian’s forehead.");
    }
}
