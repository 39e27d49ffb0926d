//! The decision, tested as a whole: as a table of cases, and as properties of the function.

mod properties;
mod scene;
mod table;
