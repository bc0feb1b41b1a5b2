//! Requests for figures and what was made for them: one door takes away what was made, and what was given stays known.

use std::collections::BTreeMap;

use jiff::civil::date;
use kith_domain::access::Role;
use kith_domain::ids::{AccountId, ResearchId};
use kith_domain::research::{
    Extract, Figure, ForWhat, MadeExtract, MonthlyPeriod, RequestFacts, ResearchRequest, ResearchState, Shape, Unit,
};
use uuid::Uuid;

use super::cases::whole;
use super::{NOW, coordinator};
use crate::{RequestForFigures, ResearchExtract, StoreError, Work, each_engine};

/// A request that was counted, and what was made for it; its key is there already.
pub(crate) async fn insert_figures(work: &Work, author: AccountId, id: ResearchId) {
    let period = MonthlyPeriod { from: date(2026, 9, 1), until: date(2026, 9, 30) };
    let facts = RequestFacts {
        title: "Who comes".into(),
        for_what: ForWhat::Planning,
        question: "How many".into(),
        with: "The managers".into(),
        shape: Shape::Table,
        unit: Unit::Children,
        by: vec!["area".into()],
        period,
        expires_on: date(2026, 12, 31),
    };
    let figure =
        Figure { unit: Unit::Children, from: period.from, until: period.until, of: BTreeMap::new(), count: 12 };
    let made = MadeExtract { at_ms: NOW, figures: vec![figure], beside_earlier: false };
    let mut row = RequestForFigures {
        id,
        version: 0,
        author,
        state: ResearchState::Ready,
        created_ms: NOW,
        expires_day: 20_818,
        body: ResearchRequest { facts, role: Role::Manager, decided: None, made: Some(made), ended_ms: None },
    };
    work.insert_request_for_figures(&mut row).await.unwrap();
    let body =
        Extract { columns: vec!["Area".into(), "Number".into()], lines: vec![vec!["North".into(), "12".into()]] };
    let mut extract = ResearchExtract { id, version: 0, created_ms: NOW, body };
    work.insert_research_extract(&mut extract).await.unwrap();
}

each_engine! {
    async fn what_was_made_goes_by_one_door_and_stays_gone(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let id = ResearchId(Uuid::now_v7());
        store.create_file_key(id.0).await.unwrap();
        let work = store.work(&coordinator()).await.unwrap();
        insert_figures(&work, ids.worker, id).await;
        work.commit("test.counted", NOW).await.unwrap();
        // As long as it has not ended the door is shut.
        assert!(matches!(store.destroy_extract(id).await, Err(StoreError::NotFound)));
        assert!(matches!(store.destroy_extract(ResearchId(Uuid::nil())).await, Err(StoreError::NotFound)));
        let look = store.look(&coordinator());
        assert!(look.research_extract(id).await.unwrap().is_some());
        look.done("test.looked", NOW).await.unwrap();
        let work = store.work(&coordinator()).await.unwrap();
        let mut row = work.request_for_figures(id).await.unwrap();
        row.state = ResearchState::Ended;
        work.save_request_for_figures(&mut row).await.unwrap();
        work.commit("test.ended", NOW).await.unwrap();
        store.close().await.unwrap();
        // Killed between the two: the next start finishes it.
        let store = fixture.open().await;
        let look = store.look(&coordinator());
        assert!(look.research_extract(id).await.unwrap().is_none());
        assert_eq!(look.figures_given().await.unwrap().len(), 1, "what was given is held against what comes");
        let (rows, total) = look.requests_for_figures((10, 0)).await.unwrap();
        assert_eq!((rows.len(), total), (1, 1));
        look.done("test.looked", NOW).await.unwrap();
        // Doing it again does nothing.
        store.destroy_extract(id).await.unwrap();
        store.close().await.unwrap();
    }
}
