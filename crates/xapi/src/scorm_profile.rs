//! The names of the xAPI SCORM Profile (adlnet/xAPI-SCORM-Profile), which the run-time writes and the credit engine reads.

/// The verbs of the profile, §"Verbs".
pub mod verb {
    pub const INITIALIZED: &str = "http://adlnet.gov/expapi/verbs/initialized";
    pub const RESUMED: &str = "http://adlnet.gov/expapi/verbs/resumed";
    pub const SUSPENDED: &str = "http://adlnet.gov/expapi/verbs/suspended";
    pub const TERMINATED: &str = "http://adlnet.gov/expapi/verbs/terminated";
    pub const PASSED: &str = "http://adlnet.gov/expapi/verbs/passed";
    pub const FAILED: &str = "http://adlnet.gov/expapi/verbs/failed";
    pub const COMPLETED: &str = "http://adlnet.gov/expapi/verbs/completed";
    pub const SCORED: &str = "http://adlnet.gov/expapi/verbs/scored";
    pub const RESPONDED: &str = "http://adlnet.gov/expapi/verbs/responded";
    pub const COMMENTED: &str = "http://adlnet.gov/expapi/verbs/commented";
}

/// The activity types of the profile, §"Activity Types".
pub mod activity_type {
    pub const COURSE: &str = "http://adlnet.gov/expapi/activities/course";
    pub const LESSON: &str = "http://adlnet.gov/expapi/activities/lesson";
    pub const ASSESSMENT: &str = "http://adlnet.gov/expapi/activities/assessment";
    pub const INTERACTION: &str = "http://adlnet.gov/expapi/activities/cmi.interaction";
    pub const ATTEMPT: &str = "http://adlnet.gov/expapi/activities/attempt";
    pub const PROFILE: &str = "http://adlnet.gov/expapi/activities/profile";
}

/// The category that marks a statement as the profile's.
pub const CATEGORY: &str = "https://w3id.org/xapi/scorm";
