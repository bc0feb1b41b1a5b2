//! The certificates of today's destructions, and what is left of what they are about.

use kith_domain::ids::CertificateId;

use crate::promise::{Promise, last_day};
use crate::{Failure, World};

impl World {
    pub(super) async fn check_new_certificates(&mut self) -> Result<(), Failure> {
        let new: Vec<usize> = (0..self.notes.files.len())
            .filter(|file| self.notes.files[*file].gone.is_some() && !self.certified.contains(file))
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let rows = self.disk.certificates().await?;
        for file in new {
            self.certified.insert(file);
            let of = &self.notes.files[file];
            let Some(row) = rows.get(&of.id.0) else { continue };
            let called = of.called(file);
            let desk = self.officer(0)?;
            let view = crate::done("reads a certificate", Some(file), desk.certificate(CertificateId(row.id)).await)?;
            let json = view.json(&self.service);
            let Some(gone) = self.notes.files[file].gone else { continue };
            let list = &self.notes.lists[gone.list];
            // By two people at least, none of whom proposed, each of whom approved it in the story.
            let by: Vec<String> =
                json["approvals"].as_array().into_iter().flatten().map(|of| of["by"].to_string()).collect();
            let others = by.iter().filter(|by| list.approvals.iter().any(|id| by.contains(&id.to_string())));
            let mut others: Vec<&String> = others.collect();
            others.sort();
            others.dedup();
            let own = list.author.is_some_and(|author| by.iter().any(|by| by.contains(&author.to_string())));
            let enough = others.len() >= 2 && others.len() == by.len() && !own;
            self.ask(Promise::TwoOthers, enough, || {
                format!("{called}: {} approved it according to the certificate", by.len())
            });
            let of = &self.notes.files[file];
            let month = last_day(of).map(|last| last.strftime("%Y-%m").to_string()).unwrap_or_default();
            let words = format!("{json} {:?} {:?}", view.facts, view.words);
            let says = json["ended_in"] == month.as_str() && json["file"].as_str() == Some(&of.id.to_string());
            let of_people = [&of.given, &of.family, &of.mother_given, &of.care_first, &of.phone];
            let named = of_people.into_iter().any(|word| words.contains(word.as_str()));
            let day = last_day(of).is_some_and(|last| words.contains(&last.to_string()));
            self.ask(Promise::Certificate, says && !named && !day, || {
                format!("{called}: the certificate says too little or too much")
            });
            self.check_pages_of(file).await?;
        }
        Ok(())
    }
}
