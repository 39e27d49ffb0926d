//! The product on a MongoDB replica set: how the server answers its questions, and several processes at once.

mod plans;
