//! Names and words in the scripts families write in.

use proptest::prelude::*;
use typst_layout::PagedDocument;

use super::sample;
use crate::glyphs::without_glyph;
use crate::session_record;
use crate::typeset::document;
use crate::world::Template;

/// Sets `text` as the child's name, in a table, a fact and an entry; returns the pages and how much was replaced.
fn set(text: &str) -> (PagedDocument, usize) {
    let mut paper = sample::record(1);
    paper.child = text.into();
    paper.attendance[0].name = text.into();
    paper.headings[0].entries[0].text = text.into();
    paper.headings[0].entries[2].text = text.into();
    document(Template::Record, &paper).unwrap()
}

#[test]
fn every_script_of_the_service_has_its_glyphs() {
    for name in [
        "Siân Ŵyn Llŷr-Gŵyl",
        "Żółć Wiśniewska, Łukasz Ćwikła",
        "Nguyễn Thị Hồng Phượng Đặng",
        "Ștefan Țurcanu, Çağla Şahin, Þórdís Ævarsdóttir, Ōtāne Kāhui",
        "Дмитро Їжакевич, Ѓорѓи",
        "Ελένη Παπαϊωάννου",
        "محمد عبد الله الحُسَيني، گلناز پژمان، ٹیپو",
        "נֹעָה בן־דוד",
        "王小明，陳怡君，歐陽靖",
        "田中 さくら、ヴァイオレット、髙橋、辻",
        "김민준",
        "श्रीकृष्ण त्रिपाठी",
        "শ্রীমতী রহমান",
        "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
        "ગુજરાતી ક્ષિતિજ",
        "தமிழ்ச்செல்வி",
        "తెలుగు శ్రీనివాస్",
        "ಕನ್ನಡ ಶ್ರೀ",
        "മലയാളം ശ്രീ",
        "ශ්‍රී ලංකා",
        "ณัฐวุฒิ น้ำฝน",
        "ລາວ ສົມສັກ",
        "ភាសាខ្មែរ ស្រី",
        "မြန်မာ အောင်",
        "ኃይለ ሥላሴ ገብረመድህን",
        "გიორგი ბერიძე",
        "Հայկ Պետրոսյան",
        "😀 ❤️ 👩‍👧 👍🏽 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
        "“quoted” – … € £ ½ ° × • © ™ ‘s",
    ] {
        let (document, replaced) = set(name);
        assert_eq!(replaced, 0, "{name}");
        assert!(without_glyph(&document).is_empty(), "{name}");
        let mut paper = sample::record(1);
        paper.child = name.into();
        session_record(&paper).unwrap();
    }
}

#[test]
fn a_script_without_a_font_does_not_stop_the_paper() {
    // Adlam, a private character, a control, a noncharacter.
    for name in ["𞤀𞤣𞤤𞤢𞤥", "A\u{E000}B", "A\u{1}B", "A\u{FFFF}B", "A\u{10FFFD}B"] {
        let (document, replaced) = set(name);
        assert!(replaced > 0, "{name:?}");
        assert!(without_glyph(&document).is_empty(), "{name:?}");
        let mut paper = sample::record(1);
        paper.child = name.into();
        session_record(&paper).unwrap();
    }
}

#[test]
fn a_letter_and_a_mark_of_two_fonts_are_shown_apart() {
    let (document, replaced) = set("A\u{5B0}\u{64B}\u{93C}");
    assert_eq!(replaced, 0);
    assert!(without_glyph(&document).is_empty());
}

#[test]
fn directional_overrides_do_not_reach_the_page() {
    let mut paper = sample::record(1);
    paper.headings[0].entries[0].text = "did \u{202E}ton\u{202C} come".into();
    let plain = {
        let mut plain = sample::record(1);
        plain.headings[0].entries[0].text = "did ton come".into();
        session_record(&plain).unwrap()
    };
    assert!(session_record(&paper).unwrap() == plain);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is typed, the court gets its paper.
    #[test]
    fn any_text_gives_a_paper(text in "\\PC{0,60}", any in proptest::collection::vec(any::<char>(), 0..60)) {
        let mut paper = sample::record(1);
        paper.child.clone_from(&text);
        paper.title = any.iter().collect();
        paper.attendance[0].name = text.clone();
        paper.headings[0].heading = text.clone();
        paper.headings[0].entries[0].text = any.iter().collect();
        paper.headings[0].entries[2].text = text;
        paper.reference = any.iter().rev().collect();
        prop_assert!(session_record(&paper).is_ok());
    }
}
