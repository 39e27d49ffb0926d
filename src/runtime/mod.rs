//! Playing packages, pure: the CMI data model, what a commit may say, how it is evaluated, and the statements it yields.
