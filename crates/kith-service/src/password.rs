//! Passwords: Argon2id (RFC 9106) with the library's parameters (OWASP: 19 MiB, 2 passes, 1 lane), kept as PHC strings.
//!
//! One at a time, see [`crate::hashing`], in one piece of memory that is kept: freeing 19 MiB between small pieces would
//! leave holes that the machine never gets back.

mod weak;

pub(crate) use weak::weakness;

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::ServiceError;
use crate::hashing::{Lane, in_turn};

/// The memory that hashing works in.
static MEMORY: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// The PHC string of a new password, such as `$argon2id$v=19$m=19456,t=2,p=1$…`.
pub(crate) async fn hash_password(password: String) -> Result<String, ServiceError> {
    in_turn(Lane::Known, move || hash(&password, Salt::generate(), Params::DEFAULT))
        .await?
        .map(|hash| hash.to_string())
        .ok_or(ServiceError::Broken("the password could not be stored"))
}

/// Whether a password is the one that was stored. Where none is stored it costs the same time, and is not.
pub(crate) async fn verify_password(
    lane: Lane,
    stored: Option<String>,
    password: String,
) -> Result<bool, ServiceError> {
    in_turn(lane, move || {
        let stored = stored.and_then(|stored| PasswordHash::new(&stored).ok());
        let known = stored.as_ref().and_then(|stored| Some((stored.salt?, Params::try_from(stored).ok()?)));
        let (salt, params) = known.unwrap_or_else(|| (Salt::generate(), Params::DEFAULT));
        let computed = hash(&password, salt, params)?;
        // Whole hashes are compared, algorithm and parameters included; the outputs in constant time.
        Some(stored.is_some_and(|stored| stored == computed))
    })
    .await?
    .ok_or(ServiceError::Broken("the password could not be checked"))
}

fn hash(password: &str, salt: Salt, params: Params) -> Option<PasswordHash> {
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let mut output = [0_u8; Params::DEFAULT_OUTPUT_LEN];
    let kept = ParamsString::try_from(&params).ok()?;
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::new());
    }
    let argon2 = Argon2::new(algorithm, version, params);
    let done = argon2.hash_password_into_with_memory(password.as_bytes(), &salt, &mut output, memory.as_mut_slice());
    // Nothing of a password stays behind for the next one.
    memory.fill(Block::new());
    done.ok()?;
    Some(PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: kept,
        salt: Some(salt),
        hash: Some(Output::new(&output).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier;

    use super::*;

    #[tokio::test]
    async fn the_library_verifies_what_was_stored_and_we_verify_the_library_s() {
        let stored = hash_password("five arches by the river".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let by_library = Argon2::default();
        by_library.verify_password(b"five arches by the river", &PasswordHash::new(&stored).unwrap()).unwrap();
        by_library.verify_password(b"five arches by the rivet", &PasswordHash::new(&stored).unwrap()).unwrap_err();
        assert!(verify_password(Lane::Known, Some(stored), "five arches by the river".to_owned()).await.unwrap());
    }

    #[tokio::test]
    async fn a_wrong_password_is_wrong_and_so_is_every_one_where_none_is_stored() {
        let stored = hash_password("one".to_owned()).await.unwrap();
        assert!(!verify_password(Lane::Known, Some(stored.clone()), "two".to_owned()).await.unwrap());
        assert!(
            !verify_password(Lane::Known, Some(stored.replace("m=19456", "m=19464")), "one".to_owned()).await.unwrap()
        );
        assert!(!verify_password(Lane::Known, Some("not a hash".to_owned()), "one".to_owned()).await.unwrap());
        assert!(!verify_password(Lane::Known, None, "one".to_owned()).await.unwrap());
    }

    #[tokio::test]
    async fn other_parameters_than_today_s_are_read_from_the_hash() {
        let earlier = Params::new(8 * 1024, 3, 1, None).unwrap();
        let stored = hash("one", Salt::generate(), earlier).unwrap().to_string();
        assert!(verify_password(Lane::Known, Some(stored), "one".to_owned()).await.unwrap());
    }
}
