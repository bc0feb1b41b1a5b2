//! An order about two children is in both files, and stays readable in one when the other's has ended.

use jiff::civil::date;
use kith_domain::ids::{AccountId, ChildId, OrderId};
use kith_domain::order::{Order, OrderFacts, OrderState};
use uuid::Uuid;

use super::{NOW, coordinator, ground};
use crate::{ContactOrder, OrderBody, StoreError, each_engine};

fn order(author: Uuid, children: &[Uuid]) -> ContactOrder {
    ContactOrder {
        id: OrderId(Uuid::now_v7()),
        version: 0,
        author: AccountId(author),
        state: OrderState::Standing,
        created_ms: NOW,
        body: OrderBody {
            children: children.iter().copied().map(ChildId).collect(),
            order: Order {
                facts: OrderFacts {
                    court: "Family Court at Eddington".into(),
                    case_number: "ED26C00417".into(),
                    made_on: date(2026, 11, 2),
                    ends_on: None,
                    forbids: None,
                    words: None,
                },
                terms: Vec::new(),
                ended: None,
                earlier: Vec::new(),
                source: "The sealed order".into(),
            },
        },
    }
}

each_engine! {
    async fn an_order_about_two_children_is_in_both_files(fixture: &Fixture) {
        let store = fixture.open().await;
        let (one, two) = (ground(&store, "one").await, ground(&store, "two").await);
        let mut both = order(one.account, &[one.child, two.child]);
        let work = store.work(&coordinator()).await.unwrap();
        work.insert_order(&mut both).await.unwrap();
        work.commit("order.added", NOW).await.unwrap();
        let look = store.look(&coordinator());
        for child in [one.child, two.child] {
            let orders = look.orders_of(ChildId(child)).await.unwrap();
            assert_eq!(orders.len(), 1);
            assert_eq!(orders[0].body.order.facts.case_number, "ED26C00417");
        }
        let mut children = look.children_of_order(both.id).await.unwrap();
        children.sort_unstable();
        assert_eq!(children, both.body.children);
        store.destroy_file_key(one.child).await.unwrap();
        assert_eq!(look.orders_of(ChildId(two.child)).await.unwrap().len(), 1, "the sister's file goes on");
        let work = store.work(&coordinator()).await.unwrap();
        let again = work.insert_order(&mut both).await;
        assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
        drop((work, look));
        store.close().await.unwrap();
    }
}
