//! The styles and scripts are built by npm before the program: say so when they are not there.

fn main() {
    let index = "../../web/dist/kith.css";
    println!("cargo:rerun-if-changed=../../web/dist");
    println!("cargo:rerun-if-changed=templates");
    assert!(
        std::path::Path::new(index).exists(),
        "the web part is not built: run `npm ci && npm run build -w web` in the project's root first (./run does it)"
    );
}
