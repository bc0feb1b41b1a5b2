//! The rows of clocks are those of the bodies that say them, whoever reads, on both engines.

use jiff::civil::{Date, date};
use kith_domain::access::Role;
use kith_domain::calendar::day_number;
use kith_domain::clock::ClockKind;
use kith_domain::fact::{FactStanding, Source, Statement, Subject};
use kith_domain::ids::{OrderId, StatementId};
use kith_domain::order::{Order, OrderFacts, OrderState};
use uuid::Uuid;

use super::cases::{Whole, whole};
use super::{NOW, coordinator, somebody};
use crate::{ContactOrder, OrderBody, Store, Until, each_engine};

fn order(ids: &Whole, ends: Option<Date>) -> ContactOrder {
    let facts = OrderFacts {
        court: "Family Court at Eddington".into(),
        case_number: "ED26C00417".into(),
        made_on: date(2026, 11, 2),
        ends_on: ends,
        forbids: None,
        words: None,
    };
    let order = Order { facts, terms: Vec::new(), ended: None, earlier: Vec::new(), source: "The sealed order".into() };
    ContactOrder {
        id: OrderId(Uuid::now_v7()),
        version: 0,
        author: ids.worker,
        state: OrderState::Standing,
        created_ms: NOW,
        body: OrderBody { children: vec![ids.child], order },
    }
}

/// The kinds and days of the child's clocks, as a coordinator of the area reads them.
async fn running(store: &Store, ids: &Whole) -> Vec<(ClockKind, Until)> {
    let look = store.look(&coordinator()).at(NOW);
    let today = day_number(kith_domain::calendar::in_london(NOW).date());
    let all = look.clocks_of(ids.child, today).await.unwrap();
    let of =
        all.iter().filter(|of| matches!(of.kind, ClockKind::OrderEnds | ClockKind::Hearing | ClockKind::FirstSession));
    of.map(|of| (of.kind, of.until)).collect()
}

each_engine! {
    async fn a_clock_is_written_with_its_cause_and_goes_with_it(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let (first, second) = (date(2028, 1, 10), date(2028, 2, 10));
        let until = |day| Until::Day(day_number(day));
        let mut of = order(&ids, Some(first));
        let work = store.work(&coordinator()).await.unwrap().at(NOW);
        work.insert_order(&mut of).await.unwrap();
        work.await_first_session(ids.child, day_number(first)).await.unwrap();
        work.commit("test.order", NOW).await.unwrap();
        let both = vec![(ClockKind::FirstSession, until(first)), (ClockKind::OrderEnds, until(first))];
        assert_eq!(running(&store, &ids).await, both);

        let said = Statement {
            id: StatementId(Uuid::now_v7()),
            subject: Subject::Child { child: ids.child },
            recorded_ms: NOW + 1,
            by: ids.worker,
            source: Source::Parted,
            said_by: "The court".into(),
            since: None,
            standing: FactStanding::Said,
            values: [("hearing_date", "2028-02-10")].into_iter().collect(),
            note: None,
            takes_back: None,
        };
        of.body.order.facts.ends_on = Some(second);
        let work = store.work(&coordinator()).await.unwrap().at(NOW);
        work.save_order(&mut of).await.unwrap();
        work.add_statement(&said).await.unwrap();
        work.commit("test.moved", NOW).await.unwrap();
        let now = vec![
            (ClockKind::FirstSession, until(first)),
            (ClockKind::OrderEnds, until(second)),
            (ClockKind::Hearing, until(second)),
        ];
        assert_eq!(running(&store, &ids).await, now);

        of.state = OrderState::Ended;
        let work = store.work(&coordinator()).await.unwrap().at(NOW);
        work.save_order(&mut of).await.unwrap();
        work.commit("test.ended", NOW).await.unwrap();
        let ended = running(&store, &ids).await;
        assert!(!ended.iter().any(|(kind, _)| *kind == ClockKind::OrderEnds), "{ended:?}");
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        let verified = fixture.verify().await;
        assert!(verified.is_ok(), "{:?}", verified.err());
    }

    async fn clocks_are_listed_and_counted_for_who_reads_the_file_and_nobody_else(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let today = day_number(kith_domain::calendar::in_london(NOW).date());
        let work = store.work(&coordinator()).await.unwrap().at(NOW);
        work.await_first_session(ids.child, today + 5).await.unwrap();
        work.commit("test.awaited", NOW).await.unwrap();
        for (role, area, sees) in [
            (Role::Coordinator, "north", true),
            (Role::Manager, "north", true),
            (Role::Coordinator, "south", false),
            (Role::SocialWorker, "north", true),
            (Role::Supervisor, "north", false),
        ] {
            let who = if role == Role::Supervisor { ids.supervisor } else { ids.worker };
            let look = store.look(&somebody(who, role, area)).at(NOW + 1);
            let (rows, counts) = look.clocks(today, Some(ClockKind::FirstSession), (50, 0)).await.unwrap();
            let counted = counts.iter().find(|(kind, _)| *kind == ClockKind::FirstSession).map_or(0, |(_, many)| *many);
            assert_eq!((rows.len(), counted), (usize::from(sees), usize::from(sees)), "{role:?} of {area}");
        }
        store.close().await.unwrap();
    }
}
