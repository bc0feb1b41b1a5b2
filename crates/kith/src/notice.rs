//! `kith notice`: the public notice and the other papers that are made from the register.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use kith_domain::privacy_notice::Edition;
use kith_service::Register;
use kith_service::privacy_notice::PrivacyNotice;
use kith_service::register::{HeldVersion, WhichVersion};

use crate::output::Failure;
use crate::reached::HeldArgs;
use crate::{dates, serve};

#[derive(Args)]
pub(crate) struct NoticeArgs {
    /// The authority's register; translations lie in `translations/` beside it [default: the one that is shipped; of a version DIR/kith.toml].
    #[arg(long, value_name = "FILE")]
    register: Option<PathBuf>,
    /// The version of this number, of those that the service in the data directory holds. That it was read is in the access log. It
    /// opens the service, so it does not run beside one that serves from the same directory.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..), conflicts_with = "on")]
    version: Option<i64>,
    /// The version that was in force at the end of this day, YYYY-MM-DD; otherwise as --version.
    #[arg(long, value_name = "DATE", value_parser = dates::day)]
    on: Option<Date>,
    /// Where the service is, if a version is asked for.
    #[command(flatten)]
    held: HeldArgs,
    /// As what it is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// In which language: en, cy, or another that has a translation.
    #[arg(long, value_name = "CODE", default_value = "en")]
    lang: String,
    /// For whom the notice is written.
    #[arg(long, value_enum, default_value_t = For::Standard)]
    edition: For,
    /// Which paper.
    #[arg(long, value_enum, default_value_t = Paper::Notice)]
    paper: Paper,
    /// As text: the code of what makes each statement true stands beside it.
    #[arg(long)]
    codes: bool,
    /// The file to write [default: the standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Html,
    Text,
    Pdf,
}

#[derive(Clone, Copy, ValueEnum)]
enum For {
    /// The whole notice.
    Standard,
    /// Easy to read.
    Easy,
    /// For children.
    Children,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Paper {
    /// The public notice.
    Notice,
    /// The record of processing activities (UK GDPR Art 30).
    RecordOfProcessing,
    /// The facts of a data protection impact assessment (Art 35).
    ImpactFacts,
    /// What is handed over with a referral.
    ReferralSlip,
}

/// Writes the paper.
pub(crate) async fn notice(args: &NoticeArgs) -> Result<(), Failure> {
    let which = args.version.map(WhichVersion::Number).or(args.on.map(WhichVersion::On));
    let register = match (which, &args.register) {
        (Some(which), _) => held(args, which).await?,
        (None, Some(path)) => {
            let beside = path.parent().unwrap_or(std::path::Path::new("")).join("translations");
            Register::read(path)?.with_translations(&beside)?
        }
        (None, None) => serve::shipped()?,
    };
    let languages = register.notice_languages();
    if !languages.iter().any(|(code, _)| *code == args.lang) {
        let known: Vec<&str> = languages.iter().map(|(code, _)| code.as_str()).collect();
        return Err(Failure(format!("--lang {}: there is no notice in it, only in {}", args.lang, known.join(", "))));
    }
    if args.paper != Paper::Notice && args.lang != "en" {
        return Err(Failure("--lang: only the notice is in other languages than English".to_owned()));
    }
    let paper = match args.paper {
        Paper::Notice => register.privacy_notice(edition(args.edition), &args.lang),
        Paper::RecordOfProcessing => register.record_of_processing(),
        Paper::ImpactFacts => register.impact_facts(),
        Paper::ReferralSlip => register.referral_slip(),
    };
    let bytes = bytes(args, &register, &paper)?;
    match &args.out {
        Some(path) => {
            std::fs::write(path, bytes).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        }
        None if matches!(args.format, Format::Pdf) && std::io::stdout().is_terminal() => {
            return Err(Failure("a PDF file is not for the screen: add --out FILE".to_owned()));
        }
        None => {
            let mut out = std::io::stdout().lock();
            // Whoever reads only the first lines has what they wanted.
            match out.write_all(&bytes).and_then(|()| out.flush()) {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    return Err(Failure(error.to_string()));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// The register that a version says which the service holds. Opens the service and closes it.
async fn held(args: &NoticeArgs, which: WhichVersion) -> Result<Register, Failure> {
    let service = args.held.open(args.register.as_deref()).await?;
    let found = service.held_version(which).await;
    service.close().await?;
    let HeldVersion { number, state, register } = found?.ok_or_else(|| {
        Failure(match which {
            WhichVersion::Number(number) => format!("--version {number}: there is no version of this number"),
            WhichVersion::On(day) => format!("--on {day}: no version was in force on that day"),
        })
    })?;
    if !state.was_in_force() {
        // Whoever hands the paper on should know; the paper itself goes to the standard output.
        eprintln!("kith: version {number} was never in force ({})", state.label().to_lowercase());
    }
    Ok(register)
}

fn edition(of: For) -> Edition {
    match of {
        For::Standard => Edition::Standard,
        For::Easy => Edition::Easy,
        For::Children => Edition::Children,
    }
}

fn bytes(args: &NoticeArgs, register: &Register, paper: &PrivacyNotice) -> Result<Vec<u8>, Failure> {
    Ok(match args.format {
        Format::Text => paper.plain(args.codes).to_string().into_bytes(),
        Format::Html => kith_web::notice_alone(paper, &register.authority().name).into_bytes(),
        Format::Pdf => paper.pdf(register).map_err(|error| Failure(error.to_string()))?,
    })
}
