//! Embeds the fonts that npm put beside the workspace. Nothing is downloaded here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Package under `@expo-google-fonts`, and the weights taken from it. `templates/common.typ` names the families in the
/// order in which they are tried.
const FONTS: [(&str, &[&str]); 23] = [
    (
        "noto-sans",
        &["400Regular/NotoSans_400Regular", "700Bold/NotoSans_700Bold", "400Regular_Italic/NotoSans_400Regular_Italic"],
    ),
    ("noto-sans-arabic", &["400Regular/NotoSansArabic_400Regular", "700Bold/NotoSansArabic_700Bold"]),
    ("noto-sans-armenian", &["400Regular/NotoSansArmenian_400Regular"]),
    ("noto-sans-bengali", &["400Regular/NotoSansBengali_400Regular"]),
    ("noto-sans-devanagari", &["400Regular/NotoSansDevanagari_400Regular"]),
    ("noto-sans-ethiopic", &["400Regular/NotoSansEthiopic_400Regular"]),
    ("noto-sans-georgian", &["400Regular/NotoSansGeorgian_400Regular"]),
    ("noto-sans-gujarati", &["400Regular/NotoSansGujarati_400Regular"]),
    ("noto-sans-gurmukhi", &["400Regular/NotoSansGurmukhi_400Regular"]),
    ("noto-sans-hebrew", &["400Regular/NotoSansHebrew_400Regular"]),
    ("noto-sans-jp", &["400Regular/NotoSansJP_400Regular"]),
    ("noto-sans-kannada", &["400Regular/NotoSansKannada_400Regular"]),
    ("noto-sans-khmer", &["400Regular/NotoSansKhmer_400Regular"]),
    ("noto-sans-kr", &["400Regular/NotoSansKR_400Regular"]),
    ("noto-sans-lao", &["400Regular/NotoSansLao_400Regular"]),
    ("noto-sans-malayalam", &["400Regular/NotoSansMalayalam_400Regular"]),
    ("noto-sans-myanmar", &["400Regular/NotoSansMyanmar_400Regular"]),
    ("noto-sans-sc", &["400Regular/NotoSansSC_400Regular"]),
    ("noto-sans-sinhala", &["400Regular/NotoSansSinhala_400Regular"]),
    ("noto-sans-tamil", &["400Regular/NotoSansTamil_400Regular"]),
    ("noto-sans-telugu", &["400Regular/NotoSansTelugu_400Regular"]),
    ("noto-sans-thai", &["400Regular/NotoSansThai_400Regular"]),
    ("noto-emoji", &["400Regular/NotoEmoji_400Regular"]),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));

    let mut list = String::from(
        "/// The font files, as they came from their packages.\npub(crate) static FONT_FILES: &[&[u8]] = &[\n",
    );
    for (package, files) in FONTS {
        for file in files {
            let path = find(&manifest, &format!("{package}/{file}.ttf"));
            println!("cargo:rerun-if-changed={}", path.display());
            writeln!(list, "    include_bytes!({:?}),", path.display().to_string())
                .expect("a String takes every write");
        }
    }
    list.push_str("];\n");
    fs::write(out.join("fonts.rs"), list).expect("OUT_DIR can be written");
}

/// Looks for a font as Node looks for a package: in `fonts/node_modules`, then upwards.
fn find(manifest: &Path, font: &str) -> PathBuf {
    let found = manifest
        .join("fonts")
        .ancestors()
        .map(|folder| folder.join("node_modules/@expo-google-fonts").join(font))
        .find(|path| path.is_file());
    let Some(path) = found else {
        panic!(
            "run `npm ci` first: the font @expo-google-fonts/{font} is not in any node_modules above crates/kith-papers/fonts"
        );
    };
    path
}
