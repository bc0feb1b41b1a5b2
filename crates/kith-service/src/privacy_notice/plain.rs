//! A notice as plain text: for the screen reader, the email, the line that is searched for.

use std::fmt::{Display, Formatter, Result};

use super::{NoticeBlock, PrivacyNotice, Statement};

/// A notice as plain text.
pub struct Plain<'a> {
    notice: &'a PrivacyNotice,
    codes: bool,
}

impl PrivacyNotice {
    /// As plain text; with the code of what makes each statement true beside it, if asked.
    pub fn plain(&self, codes: bool) -> Plain<'_> {
        Plain { notice: self, codes }
    }
}

impl Plain<'_> {
    fn code(&self, code: &str) -> String {
        if self.codes { format!("  [{code}]") } else { String::new() }
    }

    fn lines(&self, f: &mut Formatter<'_>, said: &[Statement], before: impl Fn(usize) -> String) -> Result {
        for (index, said) in said.iter().enumerate() {
            writeln!(f, "{}{}{}", before(index), said.text, self.code(&said.code))?;
        }
        writeln!(f)
    }
}

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "{}\n", self.notice.title)?;
        for remark in &self.notice.remarks {
            writeln!(f, "{remark}\n")?;
        }
        for section in &self.notice.sections {
            writeln!(f, "{}\n{}\n", section.heading, "-".repeat(section.heading.chars().count()))?;
            for block in &section.blocks {
                match block {
                    NoticeBlock::Paragraph(said) => writeln!(f, "{}{}\n", said.text, self.code(&said.code))?,
                    NoticeBlock::Bullets(all) => self.lines(f, all, |_| "  - ".to_owned())?,
                    NoticeBlock::Numbers(all) => self.lines(f, all, |index| format!("  {}. ", index + 1))?,
                    NoticeBlock::Lines(all) => self.lines(f, all, |_| String::new())?,
                    NoticeBlock::Table { code, rows, .. } => {
                        for [what, how] in rows {
                            writeln!(f, "  {what}: {how}{}", self.code(code))?;
                        }
                        writeln!(f)?;
                    }
                }
            }
        }
        Ok(())
    }
}
