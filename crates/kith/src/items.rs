//! `kith items`: every item of personal data that Kith can hold.

use clap::Args;
use kith_domain::catalogue::{About, ITEMS, ItemLine};

use crate::output::Failure;

#[derive(Args)]
pub(crate) struct ItemsArgs {
    /// Prints one JSON array.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Prints the catalogue, in the order of the form.
pub(crate) fn items(args: &ItemsArgs) -> Result<(), Failure> {
    let lines: Vec<ItemLine> = ITEMS.iter().map(kith_domain::catalogue::Item::line).collect();
    if args.json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
        return Ok(());
    }
    let wide = |of: fn(&ItemLine) -> usize| lines.iter().map(of).max().unwrap_or_default();
    let (code, label) = (wide(|line| line.code.chars().count()), wide(|line| line.label.chars().count()));
    for about in About::ALL {
        println!("{}", about.label());
        for line in lines.iter().filter(|line| line.about == about.code()) {
            println!(
                "  {:code$}  {:label$}  {:8}  {:14}  {:10}  {}",
                line.code,
                line.label,
                line.sensitivity,
                line.category,
                line.retention,
                line.purposes.join(", ")
            );
        }
    }
    Ok(())
}
