//! A learner is erased: nothing finds them any more, and what credits rest on stays provable until its time has passed.

mod api;
mod command;
mod desk;
mod erasing;
mod moving;
mod retention;
pub mod scene;
