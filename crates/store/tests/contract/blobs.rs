//! Blobs: named by their digest, whole or absent.

use super::cases::{Bench, Engine};
use base::hash::Sha256;
use bytes::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt as _, ReadBuf};

pub(crate) async fn a_blob_is_known_by_its_digest(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    for bytes in [&b"hello"[..], b"", b"hello"] {
        let name = store.keep(Bytes::from_static(bytes)).await.unwrap();
        assert_eq!(name, Sha256::of(bytes));
        assert_eq!(store.blob(name, 0..u64::MAX).await.unwrap().unwrap(), bytes);
    }
    assert_eq!(store.blob_len(Sha256::of("other")).await.unwrap(), None);
    assert_eq!(store.blob(Sha256::of("other"), 0..1).await.unwrap(), None);
}

pub(crate) async fn a_blob_is_read_in_ranges(bench: Bench<impl Engine>) {
    let name = bench.store.keep(Bytes::from_static(b"0123456789")).await.unwrap();
    assert_eq!(bench.store.blob_len(name).await.unwrap(), Some(10));
    for (range, expected) in [(0..3, "012"), (8..99, "89"), (10..11, ""), (50..60, ""), (4..4, "")] {
        assert_eq!(bench.store.blob(name, range).await.unwrap().unwrap(), expected);
    }
}

pub(crate) async fn a_stream_is_kept_as_its_bytes_would_be(bench: Bench<impl Engine>) {
    let bytes: Vec<u8> = (0..700_000_u32).flat_map(u32::to_be_bytes).collect();
    let kept = bench.store.keep_from(&mut bytes.as_slice()).await.unwrap();
    assert_eq!(kept, (Sha256::of(&bytes), 2_800_000));
    assert_eq!(bench.store.keep_from(&mut bytes.as_slice()).await.unwrap(), kept);
    assert_eq!(bench.store.blob(kept.0, 0..u64::MAX).await.unwrap().unwrap(), bytes);
}

pub(crate) async fn a_broken_stream_leaves_nothing(bench: Bench<impl Engine>) {
    /// The end of a connection that was interrupted.
    struct Cut;

    impl AsyncRead for Cut {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()))
        }
    }

    let mut cut = (&b"half"[..]).chain(Cut);
    assert!(bench.store.keep_from(&mut cut).await.is_err());
    assert_eq!(bench.store.blob_len(Sha256::of("half")).await.unwrap(), None);
}
