//! The remains of interrupted uploads in MongoDB: they are swept a day later, and nothing else is.

use super::model::start;
use ::mongodb::bson::{Document, doc};
use base::clock::{Clock, FixedClock};
use base::hash::Sha256;
use jiff::ToSpan as _;
use std::sync::Arc;
use store::mongodb::{self, MongoDbStore};
use store::{Result, Store};
use test_support::ReplicaSet;
use tokio::io::{AsyncWriteExt as _, DuplexStream};
use tokio::task::{JoinHandle, block_in_place};

/// The length of the first piece of every upload here, which is written when the second has begun.
const FIRST: usize = 1 << 20;

struct Uploads {
    store: Arc<MongoDbStore>,
    clock: FixedClock,
}

impl Uploads {
    async fn new() -> Self {
        let (url, clock) = (block_in_place(ReplicaSet::database), FixedClock::at(start()));
        Self { store: Arc::new(mongodb::connect(&url, Arc::new(clock.clone())).await.unwrap()), clock }
    }

    /// An upload in progress, whose first piece is stored.
    async fn begin(&self, byte: u8) -> (DuplexStream, JoinHandle<Result<(Sha256, u64)>>) {
        let (mut to, mut from) = tokio::io::duplex(1 << 16);
        let (store, before) = (Arc::clone(&self.store), self.pieces().await);
        let upload = tokio::spawn(async move { store.keep_from(&mut from).await });
        to.write_all(&vec![byte; FIRST]).await.unwrap();
        while self.pieces().await == before {
            tokio::task::yield_now().await;
        }
        (to, upload)
    }

    async fn pieces(&self) -> u64 {
        self.store.database().collection::<Document>("pieces").count_documents(doc! {}).await.unwrap()
    }

    fn after(&self, hours: i64) {
        self.clock.set(self.clock.now() + hours.hours());
    }

    async fn sweep(&self) -> u64 {
        self.store.sweep().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_upload_left_is_swept_a_day_later_while_others_upload() {
    let uploads = Uploads::new().await;
    let kept = uploads.store.keep("kept".into()).await.unwrap();
    let (_held, killed) = uploads.begin(b'k').await;
    killed.abort();
    assert!(killed.await.unwrap_err().is_cancelled());
    uploads.after(23);
    assert_eq!((uploads.sweep().await, uploads.pieces().await), (0, 2), "it may still go on");

    let (mut going_on, upload) = uploads.begin(b'g').await;
    uploads.after(2);
    assert_eq!((uploads.sweep().await, uploads.pieces().await), (1, 2));
    going_on.write_all(b"end").await.unwrap();
    drop(going_on);
    let (name, length) = upload.await.unwrap().unwrap();
    assert_eq!(length, 3 + 1024 * 1024);
    uploads.after(48);
    assert_eq!(uploads.sweep().await, 0);
    assert_eq!(uploads.store.blob(kept, 0..9).await.unwrap().unwrap(), "kept");
    assert_eq!(uploads.store.blob(name, 1024 * 1024..u64::MAX).await.unwrap().unwrap(), "end");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_would_be_swept_while_it_goes_on_is_refused() {
    let uploads = Uploads::new().await;
    let (to, upload) = uploads.begin(b's').await;
    uploads.after(13);
    drop(to);
    let refused = upload.await.unwrap().unwrap_err().to_string();
    assert!(refused.contains("longer than twelve hours; send it again"), "{refused}");
    assert_eq!(uploads.pieces().await, 0);
}

/// A process that is killed while it removes a blob leaves pieces that earlier sweeps have found to belong to it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_has_not_forgotten_yet_is_swept() {
    let uploads = Uploads::new().await;
    let pieces = uploads.store.database().collection::<Document>("pieces");
    let name = uploads.store.keep("person".into()).await.unwrap();
    let piece = pieces.find_one(doc! {}).await.unwrap().unwrap();
    uploads.after(25);
    assert_eq!(uploads.sweep().await, 0, "it is named");
    uploads.store.forget(name).await.unwrap();
    assert_eq!(uploads.pieces().await, 0);
    pieces.insert_one(piece).await.unwrap();
    assert_eq!((uploads.sweep().await, uploads.pieces().await), (1, 0));
}
