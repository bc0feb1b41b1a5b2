//! Every clock has the day that the handbook gives, on disk and on the page, and those whom it concerns are told.

use kith_domain::calendar::day_number;

use super::day_words;
use crate::promise::{Promise, answered_by, plus};
use crate::{Failure, World};

impl World {
    pub(super) async fn check_clocks(&mut self) -> Result<(), Failure> {
        let left = self.disk.jobs_left(self.now_ms()).await?;
        self.ask(Promise::Clocks, left.is_empty(), || format!("what was due is not done: {}", left.join(", ")));
        self.check_first_sessions().await?;
        self.check_requests().await?;
        self.check_holds().await
    }

    async fn check_first_sessions(&mut self) -> Result<(), Failure> {
        let rows = self.disk.first_sessions().await?;
        let told = self.disk.told_of("first_session.by").await?;
        for file in 0..self.notes.files.len() {
            let of = &self.notes.files[file];
            let due = of.first_session.filter(|_| of.gone.is_none());
            let row = rows.get(&of.id.0).copied();
            let (called, id) = (self.called(file), of.id.0);
            self.ask(Promise::Clocks, row == due.map(day_number), || {
                format!("{called}: the first session is due on {due:?}, and {} stands there", day_words(row))
            });
            if due.is_some_and(|due| due < self.today) {
                self.ask(Promise::Clocks, told.contains(&id), || {
                    format!("{called}: nobody is told that no session was held")
                });
            }
        }
        Ok(())
    }

    async fn check_requests(&mut self) -> Result<(), Failure> {
        let rows = self.disk.requests().await?;
        let told = self.disk.told_of("request.due_soon").await?;
        let mut open = 0;
        for request in 0..self.notes.requests.len() {
            let of = &self.notes.requests[request];
            let Some(id) = of.id else { continue };
            let row = rows.get(&id.0);
            let called = format!("request {request} ({})", id.reference());
            if of.closed {
                let closed = row
                    .is_some_and(|row| matches!(row.state.as_str(), "answered" | "withdrawn") && row.due_day.is_none());
                self.ask(Promise::Clocks, closed, || format!("{called} is closed, and its clock runs"));
                continue;
            }
            open += 1;
            // While the clock has stopped, the day on disk is that of the day on which it stopped.
            let waits = of.pauses.last().and_then(|(asked, came)| came.is_none().then_some(*asked));
            let as_of = waits.unwrap_or(self.today);
            let due = answered_by(of, as_of, &self.notes.proclaimed);
            let on_disk = row.and_then(|row| row.due_day);
            let state = row.map_or("", |row| row.state.as_str());
            let right = on_disk == Some(day_number(due)) && (state == "waiting") == waits.is_some();
            self.ask(Promise::Clocks, right, || {
                format!("{called} is to be answered by {due}, and {} stands there, “{state}”", day_words(on_disk))
            });
            if waits.is_none() && plus(due, -7) <= self.today {
                self.ask(Promise::Clocks, told.contains(&id.0), || {
                    format!("{called}: nobody is told that its last day is near")
                });
            }
        }
        if open == 0 || !self.told.broken.is_empty() || !self.looks_at_requests {
            return Ok(());
        }
        self.looks_at_requests = false;
        // On the page of the officers: each with its day as of today, so that what is late is red.
        let lines = crate::done("lists requests", None, self.officer(0)?.requests(true, 1).await)?;
        self.ask(Promise::Clocks, lines.total == open, || {
            format!("{open} requests are open, {} are listed", lines.total)
        });
        for line in lines.rows {
            let request = self.notes.requests.iter().find(|of| of.id == Some(line.request.id));
            let due = request.map(|of| answered_by(of, self.today, &self.notes.proclaimed));
            let shown = line.due.map(|due| due.day);
            let called = line.request.id.reference();
            self.ask(Promise::Clocks, shown == due, || {
                format!("request {called} is due on {due:?}, {shown:?} is shown")
            });
        }
        Ok(())
    }

    async fn check_holds(&mut self) -> Result<(), Failure> {
        let rows = self.disk.holds().await?;
        let told = self.disk.told_of("hold.review_by").await?;
        for hold in 0..self.notes.holds.len() {
            let of = &self.notes.holds[hold];
            let row = rows.get(&of.id.0).copied();
            let (review, lifted) = (of.review, of.lifted);
            let called = format!("hold {hold} ({})", of.id.reference());
            let id = of.id.0;
            self.ask(Promise::HoldStops, row == Some((day_number(review), lifted)), || {
                format!("{called} is {}, and its row says otherwise", if lifted { "lifted" } else { "standing" })
            });
            if !lifted && review <= self.today {
                self.ask(Promise::Clocks, told.contains(&id), || {
                    format!("{called}: nobody is told that it is to be looked at")
                });
            }
        }
        Ok(())
    }
}
