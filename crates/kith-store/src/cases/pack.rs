//! The pack that answers a request for access: its files, parts and volumes, and the ways to take it.

use std::collections::BTreeSet;

use kith_domain::ids::{AccountId, ChildId, PackFileId, PackPartId, PackVolumeId, RequestId};
use kith_domain::pack::{PackBody, PackFile, PackPart, PackState, PackVolumeBody, PartKind};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::{hand_over, pack, pack_account, pack_file, pack_part, pack_volume};
use crate::{Look, StoreError, Work, row};

/// A pack. One request has at most one.
#[derive(Clone)]
pub struct Pack {
    /// The request that it answers.
    pub id: RequestId,
    /// Its version.
    pub version: i64,
    /// Who began it.
    pub author: AccountId,
    /// Where it stands.
    pub state: PackState,
    /// When it was begun, UTC milliseconds.
    pub created_ms: i64,
    /// When its files, parts and volumes and the ways to take it were taken away, UTC milliseconds; `None` as long as they are there.
    pub gone_ms: Option<i64>,
    /// What is kept of it beside its parts.
    pub body: PackBody,
}

sealed_row! {
    Pack, RequestId, pack, PackBody;
    id = id,
    author = author_id,
    state = state,
    created_ms = created_at,
    gone_ms = gone_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.id.0]
    }
}

/// A file that a pack is made from.
#[derive(Clone)]
pub struct FileInPack {
    /// Its id.
    pub id: PackFileId,
    /// Its version.
    pub version: i64,
    /// Of which pack.
    pub pack: RequestId,
    /// Whose file.
    pub child: ChildId,
    /// As what the person stands in it, whose names are looked for, what there is to collect.
    pub body: PackFile,
}

sealed_row! {
    FileInPack, PackFileId, pack_file, PackFile;
    id = id,
    pack = pack_id,
    child = child_id;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

/// A part of a pack.
#[derive(Clone)]
pub struct PartInPack {
    /// Its id.
    pub id: PackPartId,
    /// Its version.
    pub version: i64,
    /// Of which pack.
    pub pack: RequestId,
    /// From whose file.
    pub child: ChildId,
    /// Its place in the pack, from 1.
    pub number: i64,
    /// What it comes from.
    pub kind: PartKind,
    /// The row that it comes from.
    pub source: Uuid,
    /// How many decisions are still to be made about it.
    pub undecided: i64,
    /// What it says, and what is taken out of it.
    pub body: PackPart,
}

sealed_row! {
    PartInPack, PackPartId, pack_part, PackPart;
    id = id,
    pack = pack_id,
    child = child_id,
    number = number,
    kind = kind,
    source = source_id,
    undecided = undecided;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

/// A volume of a pack as it is handed over.
#[derive(Clone)]
pub struct VolumeOfPack {
    /// Its id.
    pub id: PackVolumeId,
    /// Its version.
    pub version: i64,
    /// Of which pack.
    pub pack: RequestId,
    /// From whose file.
    pub child: ChildId,
    /// Its number, from 1.
    pub number: i64,
    /// What it is.
    pub body: PackVolumeBody,
}

sealed_row! {
    VolumeOfPack, PackVolumeId, pack_volume, PackVolumeBody;
    id = id,
    pack = pack_id,
    child = child_id,
    number = number;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

/// A part as a list has it before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartListed {
    /// Its number.
    pub number: i64,
    /// What it comes from.
    pub kind: PartKind,
    /// From whose file.
    pub child: ChildId,
    /// How many decisions are still to be made about it.
    pub undecided: i64,
}

impl Look {
    /// The pack of a request, if there is one.
    pub async fn pack(&self, id: RequestId) -> Result<Option<Pack>, StoreError> {
        match self.get(id.0).await {
            Ok(pack) => Ok(Some(pack)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The files that a pack is made from; not those that were destroyed since.
    pub async fn files_in_pack(&self, id: RequestId) -> Result<Vec<FileInPack>, StoreError> {
        self.list(
            pack_file::Entity::find().filter(pack_file::Column::PackId.eq(id.0)).order_by_asc(pack_file::Column::Id),
        )
        .await
    }

    /// The files that an open request is about, as it was confirmed who is held, or that are in a pack that somebody waits for: an open
    /// request stops destruction (handbook section 11), and to destroy what was asked for would be an offence (Data Protection Act 2018
    /// s173). Open requests are few; each is opened.
    pub async fn asked_for(&self) -> Result<BTreeSet<ChildId>, StoreError> {
        let open = self.open_person_requests().await?;
        let packs = pack_file::Entity::find().filter(pack_file::Column::PackId.is_in(open.iter().map(|of| of.id.0)));
        let packed: Vec<Uuid> =
            packs.select_only().column(pack_file::Column::ChildId).into_tuple().all(&self.db()).await?;
        let confirmed = open.iter().flat_map(|of| of.body.subjects()).map(|subject| subject.file);
        Ok(confirmed.chain(packed.into_iter().map(ChildId)).collect())
    }

    /// Whose files a pack is made from, destroyed ones too. Nothing is opened.
    pub async fn children_in_pack(&self, id: RequestId) -> Result<BTreeSet<ChildId>, StoreError> {
        let of = pack_file::Entity::find().filter(pack_file::Column::PackId.eq(id.0)).select_only();
        let children: Vec<Uuid> = of.column(pack_file::Column::ChildId).into_tuple().all(&self.db()).await?;
        Ok(children.into_iter().map(ChildId).collect())
    }

    /// The parts of a pack in their order, those alone about which something is to be decided if `open`; and how many there are.
    /// `window` is how many and from which on. Nothing is opened.
    pub async fn parts_listed(
        &self,
        id: RequestId,
        open: bool,
        window: (u64, u64),
    ) -> Result<(Vec<PartListed>, u64), StoreError> {
        use pack_part::{Column, Entity};
        let mut of = Condition::all().add(Column::PackId.eq(id.0));
        if open {
            of = of.add(Column::Undecided.gt(0));
        }
        let all = Entity::find().filter(of);
        let count = all.clone().count(&self.db()).await?;
        let columns = [Column::Number, Column::Kind, Column::ChildId, Column::Undecided];
        let some = all.select_only().columns(columns).order_by_asc(Column::Number).limit(window.0).offset(window.1);
        let rows: Vec<(i64, String, Uuid, i64)> = some.into_tuple().all(&self.db()).await?;
        let listed = |(number, kind, child, undecided): (i64, String, Uuid, i64)| {
            Some(PartListed { number, kind: PartKind::from_code(&kind)?, child: ChildId(child), undecided })
        };
        Ok((rows.into_iter().filter_map(listed).collect(), count))
    }

    /// How many decisions are still to be made about a pack. Nothing is opened.
    pub async fn undecided_in_pack(&self, id: RequestId) -> Result<i64, StoreError> {
        use pack_part::{Column, Entity};
        let of = Entity::find().filter(Column::PackId.eq(id.0)).filter(Column::Undecided.gt(0)).select_only();
        let open: Vec<i64> = of.column(Column::Undecided).into_tuple().all(&self.db()).await?;
        Ok(open.iter().sum())
    }

    /// A part by its number. [`StoreError::NotFound`] if there is none.
    pub async fn part_of_pack(&self, id: RequestId, number: i64) -> Result<PartInPack, StoreError> {
        let mut found = self.parts_of_pack(id, number - 1, 1).await?;
        found.pop().filter(|part| part.number == number).ok_or(StoreError::NotFound)
    }

    /// The parts of a pack with these numbers.
    pub async fn parts_numbered(&self, id: RequestId, numbers: &[i64]) -> Result<Vec<PartInPack>, StoreError> {
        use pack_part::{Column, Entity};
        let of = Condition::all().add(Column::PackId.eq(id.0)).add(Column::Number.is_in(numbers.iter().copied()));
        self.list(Entity::find().filter(of)).await
    }

    /// So many parts of a pack after a number, in their order.
    pub async fn parts_of_pack(&self, id: RequestId, after: i64, many: u64) -> Result<Vec<PartInPack>, StoreError> {
        use pack_part::{Column, Entity};
        let of = Condition::all().add(Column::PackId.eq(id.0)).add(Column::Number.gt(after));
        self.list(Entity::find().filter(of).order_by_asc(Column::Number).limit(many)).await
    }

    /// The same of those about which something is still to be decided.
    pub async fn open_parts_of_pack(
        &self,
        id: RequestId,
        after: i64,
        many: u64,
    ) -> Result<Vec<PartInPack>, StoreError> {
        use pack_part::{Column, Entity};
        let of =
            Condition::all().add(Column::PackId.eq(id.0)).add(Column::Number.gt(after)).add(Column::Undecided.gt(0));
        self.list(Entity::find().filter(of).order_by_asc(Column::Number).limit(many)).await
    }

    /// The parts of other packs that come from the same row and file.
    pub async fn parts_of_source(&self, part: &PartInPack) -> Result<Vec<PartInPack>, StoreError> {
        use pack_part::{Column, Entity};
        let of = Condition::all()
            .add(Column::SourceId.eq(part.source))
            .add(Column::Kind.eq(part.kind.code()))
            .add(Column::PackId.ne(part.pack.0));
        self.list(Entity::find().filter(of).order_by_asc(Column::Id)).await
    }

    /// The numbers of the parts whose rows are in another pack too.
    pub async fn parts_in_other_packs(&self, id: RequestId) -> Result<Vec<i64>, StoreError> {
        use pack_part::{Column, Entity};
        let mine = Entity::find().filter(Column::PackId.eq(id.0)).select_only();
        let mine: Vec<(i64, Uuid)> =
            mine.columns([Column::Number, Column::SourceId]).into_tuple().all(&self.db()).await?;
        let theirs = Entity::find().filter(Column::PackId.ne(id.0)).select_only().column(Column::SourceId).distinct();
        let theirs: std::collections::HashSet<Uuid> =
            theirs.into_tuple::<Uuid>().all(&self.db()).await?.into_iter().collect();
        Ok(mine.into_iter().filter(|(_, source)| theirs.contains(source)).map(|(number, _)| number).collect())
    }

    /// The numbers of the volumes of a pack, those about members of staff last. Nothing is opened.
    pub async fn volume_numbers(&self, id: RequestId) -> Result<Vec<i64>, StoreError> {
        use pack_volume::{Column, Entity};
        let of = Entity::find().filter(Column::PackId.eq(id.0)).order_by_asc(Column::Number).select_only();
        let mut numbers: Vec<i64> = of.column(Column::Number).into_tuple().all(&self.db()).await?;
        let of = pack_account::Entity::find().filter(pack_account::Column::PackId.eq(id.0)).select_only();
        let of = of.column(pack_account::Column::Number).order_by_asc(pack_account::Column::Number);
        numbers.extend(of.into_tuple::<i64>().all(&self.db()).await?);
        Ok(numbers)
    }

    /// One volume of a pack. [`StoreError::NotFound`] if there is none.
    pub async fn volume_of_pack(&self, id: RequestId, number: i64) -> Result<VolumeOfPack, StoreError> {
        use pack_volume::{Column, Entity};
        let of = Condition::all().add(Column::PackId.eq(id.0)).add(Column::Number.eq(number));
        self.list(Entity::find().filter(of)).await?.pop().ok_or(StoreError::NotFound)
    }
}

impl Work {
    /// Puts in a pack with the files that it is made from. [`StoreError::Duplicate`] if the request has one.
    pub async fn insert_pack(&self, pack: &mut Pack, files: &mut [FileInPack]) -> Result<(), StoreError> {
        self.insert(pack).await?;
        for file in files {
            self.insert(file).await?;
        }
        Ok(())
    }

    /// Saves a pack over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_pack(&self, pack: &mut Pack) -> Result<(), StoreError> {
        self.save(pack).await
    }

    /// Saves how far a file was collected.
    pub async fn save_file_in_pack(&self, file: &mut FileInPack) -> Result<(), StoreError> {
        self.save(file).await
    }

    /// Puts in a part. [`StoreError::Duplicate`] if its number is there.
    pub async fn insert_part(&self, part: &mut PartInPack) -> Result<(), StoreError> {
        part.undecided = i64::try_from(part.body.undecided()).unwrap_or(i64::MAX);
        self.insert(part).await
    }

    /// Saves a part over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_part(&self, part: &mut PartInPack) -> Result<(), StoreError> {
        part.undecided = i64::try_from(part.body.undecided()).unwrap_or(i64::MAX);
        self.save(part).await
    }

    /// Puts in a volume. [`StoreError::Duplicate`] if its number is there.
    pub async fn insert_volume(&self, volume: &mut VolumeOfPack) -> Result<(), StoreError> {
        self.insert(volume).await
    }

    /// Takes away what was collected for a request: files, parts, volumes, and the ways to take them. That there was a pack, and when it
    /// went, stays. What is gone already, or was never begun, stays as it is; says whether something went.
    pub async fn take_pack_away(&self, id: RequestId, now_ms: i64) -> Result<bool, StoreError> {
        let db = self.db();
        let Some(model) = pack::Entity::find_by_id(id.0).one(&db).await?.filter(|pack| pack.gone_at.is_none()) else {
            return Ok(false);
        };
        // Each file's history of looks and changes says so too.
        for child in self.children_in_pack(id).await? {
            self.note("child", child.0);
        }
        macro_rules! take_away {
            ($($table:ident),+) => {$(
                let of = || $table::Column::PackId.eq(id.0);
                let there = $table::Entity::find().filter(of()).select_only();
                let there = there.columns([$table::Column::Id, $table::Column::Version]);
                for (row, version) in there.into_tuple::<(Uuid, i64)>().all(&db).await? {
                    self.took_away::<$table::Entity>(row, version + 1);
                }
                $table::Entity::delete_many().filter(of()).exec(&db).await?;
            )+};
        }
        take_away!(pack_part, pack_volume, pack_account, pack_file, hand_over);
        match self.opened::<Pack>(model.clone()).await {
            Ok(mut pack) => {
                pack.gone_ms = Some(now_ms);
                self.save_pack(&mut pack).await?;
            }
            // Its request ended, and the data did not know: nothing can be sealed for it any more.
            Err(StoreError::Destroyed) => {
                let read = model.version;
                let model = pack::Model { version: read + 1, gone_at: Some(now_ms), ..model };
                self.wrote(model.id, model.version, &model);
                row::save_where_version(&db, model, pack::Column::Version, read).await?;
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Takes the volumes of a pack away: it is put together anew.
    pub async fn take_volumes_away(&self, id: RequestId) -> Result<(), StoreError> {
        macro_rules! take_away {
            ($($table:ident),+) => {$(
                let of = $table::Entity::find().filter($table::Column::PackId.eq(id.0)).select_only();
                let ids: Vec<Uuid> = of.column($table::Column::Id).into_tuple().all(&self.db()).await?;
                for volume in ids {
                    self.took_away::<$table::Entity>(volume, 1);
                    $table::Entity::delete_by_id(volume).exec(&self.db()).await?;
                }
            )+};
        }
        take_away!(pack_volume, pack_account);
        Ok(())
    }
}
