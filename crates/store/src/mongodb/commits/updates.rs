//! Many updates of one collection in few round trips, while others wait in line.
//!
//! The driver sends updates one by one, or many in a command that MongoDB has since 8.0. The command `update` has always
//! accepted many.

use crate::mongodb::connection::fault::{serving, unquoted};
use crate::{Result, StoreError};
use mongodb::bson::{Bson, Document, doc};
use mongodb::{ClientSession, Database};

/// About how many bytes one command has; MongoDB accepts 16 MiB.
const TOGETHER: usize = 8 << 20;

/// Updates that were not sent yet, in their order.
#[derive(Debug, Default)]
pub(in crate::mongodb) struct Updates {
    full: Vec<Vec<Bson>>,
    open: Vec<Bson>,
    weight: usize,
}

impl Updates {
    /// Applies `update` to the document that `name` finds; `weight` is about its length in bytes.
    pub(in crate::mongodb) fn change(&mut self, name: Document, update: Document, weight: usize) {
        self.add(doc! { "q": name, "u": update }, weight);
    }

    /// As [`Self::change`], and creates the document if it is missing.
    pub(in crate::mongodb) fn put(&mut self, name: Document, update: Document, weight: usize) {
        self.add(doc! { "q": name, "u": update, "upsert": true }, weight);
    }

    fn add(&mut self, update: Document, weight: usize) {
        if self.weight + weight > TOGETHER && !self.open.is_empty() {
            self.full.push(std::mem::take(&mut self.open));
            self.weight = 0;
        }
        self.weight += weight;
        self.open.push(Bson::Document(update));
    }

    /// Sends them to `collection`, in the transaction of `session`.
    pub(in crate::mongodb) async fn send(
        self,
        database: &Database,
        collection: &str,
        session: &mut ClientSession,
    ) -> Result<()> {
        for updates in self.full.into_iter().chain([self.open]).filter(|updates| !updates.is_empty()) {
            let command = doc! { "update": collection, "updates": updates };
            let reply = database.run_command(command).session(&mut *session).await.map_err(|e| serving(&e))?;
            if let Ok([first, ..]) = reply.get_array("writeErrors").map(Vec::as_slice) {
                let why = first.as_document().and_then(|error| error.get_str("errmsg").ok()).unwrap_or_default();
                return Err(StoreError::Failed(format!("MongoDB refused an update: {}", unquoted(why))));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_one_command_is_sent_in_several() {
        let mut updates = Updates::default();
        for (n, weight) in [(1, TOGETHER / 2), (2, TOGETHER / 2), (3, 2 * TOGETHER), (4, 1), (5, 1)] {
            updates.put(doc! { "_id": n }, doc! {}, weight);
        }
        let sizes: Vec<usize> = updates.full.iter().map(Vec::len).collect();
        assert_eq!((sizes, updates.open.len()), (vec![2, 1], 2));
    }
}
