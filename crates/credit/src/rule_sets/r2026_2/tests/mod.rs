//! The decision, tested as a whole: as a table of cases, and as properties of the function.

mod generator;
mod properties;
mod recorded;
mod scene;
mod table;
