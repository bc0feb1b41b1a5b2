//! Rows without an envelope that somebody wrote past Kith are not believed.

use kith_domain::ids::{AccountId, SignInId};
use uuid::Uuid;

use super::{NOW, coordinator, ground};
use crate::{SignIn, Store, each_engine};

async fn signed_in(store: &Store, account: Uuid, hash: u8) -> SignIn {
    let sign_in = SignIn {
        id: SignInId(Uuid::now_v7()),
        account: AccountId(account),
        secret_hash: vec![hash; 32],
        created_ms: NOW,
        seen_ms: NOW,
        ended_ms: None,
        stepped_up_ms: None,
        browser: None,
    };
    let work = store.work(&coordinator()).await.unwrap();
    work.insert_sign_in(&sign_in).await.unwrap();
    work.commit("test.sign_in", NOW).await.unwrap();
    sign_in
}

each_engine! {
    /// OWASP ASVS 5.0, V7.2: a session that Kith did not begin is none.
    async fn a_sign_in_that_was_written_past_kith_signs_nobody_in(fixture: &Fixture) {
        let store = fixture.open().await;
        let (one, other) = (ground(&store, "x").await, ground(&store, "y").await);
        let mine = signed_in(&store, one.account, 1).await;
        let ended = signed_in(&store, one.account, 2).await;
        let work = store.work(&coordinator()).await.unwrap();
        work.end_sign_ins(ended.account, Some(ended.id), NOW + 1).await.unwrap();
        work.commit("test.ended", NOW).await.unwrap();
        store.touch_sign_in(&mine, NOW + 9).await.unwrap();
        let found = async |hash: u8| store.look(&coordinator()).sign_in_by_secret(&[hash; 32]).await.unwrap();
        assert_eq!(found(1).await.map(|of| (of.seen_ms, of.ended_ms)), Some((NOW + 9, None)));
        assert_eq!(found(2).await.map(|of| of.ended_ms), Some(Some(NOW + 1)));

        let id = fixture.id(Uuid::now_v7());
        let (mine_id, ended_id) = (fixture.id(mine.id.0), fixture.id(ended.id.0));
        let other = fixture.id(other.account);
        // A row of one's own, with the keyed hash of another.
        let hash = fixture.bytes(&[7; 32]);
        let copy = format!(
            "INSERT INTO sign_in (id, account_id, secret_hash, created_at, last_seen_at, ended_at, mac) \
             SELECT {id}, account_id, {hash}, created_at, last_seen_at, ended_at, mac FROM sign_in WHERE id = {mine_id}"
        );
        assert_eq!(fixture.tamper(&copy).await, 1);
        assert!(found(7).await.is_none(), "a row of one's own");
        // One that had ended, taken up again.
        let again = format!("UPDATE sign_in SET ended_at = NULL WHERE id = {ended_id}");
        assert_eq!(fixture.tamper(&again).await, 1);
        assert!(found(2).await.is_none(), "what has ended");
        // Somebody else's, dated on.
        for change in [
            format!("account_id = {other}"),
            format!("last_seen_at = {}", NOW + 1_000_000),
            format!("created_at = {}", NOW + 1_000_000),
            // A password that nobody gave again.
            format!("stepped_up_at = {NOW}"),
            "browser = 'firefox.windows'".to_owned(),
        ] {
            let row = signed_in(&store, one.account, 9).await;
            let row_id = fixture.id(row.id.0);
            assert_eq!(fixture.tamper(&format!("UPDATE sign_in SET {change} WHERE id = {row_id}")).await, 1);
            assert!(found(9).await.is_none(), "{change}");
            assert_eq!(fixture.tamper(&format!("DELETE FROM sign_in WHERE id = {row_id}")).await, 1);
        }
        store.close().await.unwrap();
    }

    async fn what_is_noted_of_a_sign_in_stands_whatever_was_read_before(fixture: &Fixture) {
        let store = fixture.open().await;
        let one = ground(&store, "x").await;
        let read = signed_in(&store, one.account, 1).await;
        let other = signed_in(&store, one.account, 2).await;
        let work = store.work(&coordinator()).await.unwrap();
        let noted = SignIn { stepped_up_ms: Some(NOW + 1), browser: Some("edge.windows".into()), ..read.clone() };
        work.save_sign_in(&noted).await.unwrap();
        work.commit("test.noted", NOW).await.unwrap();
        // A page that was asked for before that notes that the browser is in use.
        store.touch_sign_in(&read, NOW + 9).await.unwrap();
        let look = store.look(&coordinator());
        assert_eq!(look.sign_in(read.id).await.unwrap(), Some(noted.clone()), "believed, and as it was noted");
        store.touch_sign_in(&noted, NOW + 9).await.unwrap();
        let ids = async || look.sign_ins(AccountId(one.account)).await.unwrap().into_iter().map(|of| of.id).collect::<Vec<_>>();
        assert_eq!(ids().await, [read.id, other.id], "the last used first");
        let work = store.work(&coordinator()).await.unwrap();
        work.end_other_sign_ins(AccountId(one.account), other.id, NOW + 10).await.unwrap();
        work.commit("test.ended", NOW).await.unwrap();
        assert_eq!(ids().await, [other.id]);
        look.done("test.read", NOW).await.unwrap();
        store.close().await.unwrap();
    }
}
