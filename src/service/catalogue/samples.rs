//! The sample activities: embedded as source trees, zipped in memory, and published like any other.
//!
//! A sample is a folder under `packages/`: `package/` is what becomes the zip, `activity.json` describes it.

use crate::service::App;
use crate::service::catalogue::activities;
use crate::service::records::spool;
use std::fs;
use std::io::{self, Cursor, Write as _};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Who publishes the samples, as recorded in the activity version.
const PUBLISHER: &str = "enduring";

#[derive(rust_embed::Embed)]
#[folder = "packages/"]
struct Sources;

/// An enduring material that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The folder under `packages/`, and the activity's id.
    pub id: &'static str,
}

/// Every sample.
pub const ALL: [Sample; 1] = [Sample { id: "af-stroke-prevention" }];

/// Why a sample could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the sample activity {sample} could not be written to {}: {reason}", folder.display())]
    Write { sample: &'static str, folder: PathBuf, reason: io::Error },
    #[error("the sample activity {sample} could not be published: {reason}")]
    Publish { sample: &'static str, reason: activities::Error },
}

/// Publishes the samples that do not exist yet, and returns the ids of all of them. One that a provider published again in
/// their own version stays as it is.
///
/// # Errors
/// When a sample could not be written to the data directory, or not be published from there.
pub async fn load(app: &App) -> Result<Vec<&'static str>, Error> {
    for sample in ALL {
        match activities::current(app, sample.id).await {
            Ok(_) => {}
            Err(activities::Error::Unknown(_)) => publish(app, sample).await?,
            Err(reason) => return Err(Error::Publish { sample: sample.id, reason }),
        }
    }
    Ok(ALL.iter().map(|sample| sample.id).collect())
}

/// Publishes a sample as anyone would: from two files in a folder.
async fn publish(app: &App, sample: Sample) -> Result<(), Error> {
    let folder = spool::folder(&app.config.data).join(format!("sample-{}", sample.id));
    let written = sample.write(&folder).and_then(|_| sample.document());
    let published = match written {
        Ok(document) => activities::publish(app, &document, Some(&folder), PUBLISHER)
            .await
            .map_err(|reason| Error::Publish { sample: sample.id, reason }),
        Err(reason) => Err(Error::Write { sample: sample.id, folder: folder.clone(), reason }),
    };
    // What remains after a failure is overwritten at the next start.
    let _cleared = fs::remove_dir_all(&folder);
    published.map(|_| ())
}

impl Sample {
    /// The activity document. Its package is the file [`Sample::zip_name`], beside it.
    ///
    /// # Errors
    /// When the program was built without its samples.
    pub fn document(&self) -> io::Result<Vec<u8>> {
        embedded(&format!("{}/activity.json", self.id))
    }

    /// The name of the zip, as the activity document gives it.
    pub fn zip_name(&self) -> String {
        format!("{}.zip", self.id)
    }

    /// The package's files by their paths in the zip, in the order of the paths.
    ///
    /// # Errors
    /// When the program was built without its samples.
    pub fn files(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        let tree = format!("{}/package/", self.id);
        let mut paths: Vec<_> = Sources::iter().filter(|path| path.starts_with(&tree)).collect();
        paths.sort();
        let inside = |path: &str| path.strip_prefix(&tree).unwrap_or(path).to_owned();
        paths.iter().map(|path| Ok((inside(path), embedded(path)?))).collect()
    }

    /// The package. The bytes depend on the files alone: entries are stored rather than deflated, since another version of
    /// a compressor would make another package of the same sample.
    ///
    /// # Errors
    /// When the program was built without its samples.
    pub fn zip(&self) -> io::Result<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        for (path, bytes) in self.files()? {
            zip.start_file(path, options)?;
            zip.write_all(&bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    }

    /// Writes the zip and the activity document into `folder`, which is created if it does not exist. Returns both paths.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<[PathBuf; 2]> {
        fs::create_dir_all(folder)?;
        let paths = [folder.join(self.zip_name()), folder.join(format!("{}.json", self.id))];
        let [zip, document] = &paths;
        fs::write(zip, self.zip()?)?;
        fs::write(document, self.document()?)?;
        Ok(paths)
    }
}

fn embedded(path: &str) -> io::Result<Vec<u8>> {
    let found = Sources::get(path).ok_or_else(|| {
        let message =
            format!("the sample file {path} is not part of this program; build it from a complete source tree");
        io::Error::new(io::ErrorKind::NotFound, message)
    })?;
    Ok(found.data.into_owned())
}
