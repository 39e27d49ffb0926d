//! What `imsss:sequencing` and the `adlseq:` elements beside it say about an activity (SCORM 2004 4th Edition CAM §5.1, SN §3).
//! Every default is that of the standard. Nothing is decided here: the run-time sequences.

use base::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The sequencing of one activity. [`Sequencing::default`] is that of an activity about which a manifest says nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Sequencing {
    #[serde(skip_serializing_if = "is_default")]
    pub control_mode: ControlMode,
    #[serde(skip_serializing_if = "is_default")]
    pub constrained_choice: ConstrainedChoice,
    #[serde(skip_serializing_if = "is_default")]
    pub rules: SequencingRules,
    #[serde(skip_serializing_if = "is_default")]
    pub limits: LimitConditions,
    #[serde(skip_serializing_if = "is_default")]
    pub rollup: Rollup,
    #[serde(skip_serializing_if = "is_default")]
    pub objectives: Objectives,
    #[serde(skip_serializing_if = "is_default")]
    pub randomization: Randomization,
    #[serde(skip_serializing_if = "is_default")]
    pub delivery: DeliveryControls,
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How learners move among the children of an activity (SN §3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the standard")]
pub struct ControlMode {
    pub choice: bool,
    pub choice_exit: bool,
    pub flow: bool,
    pub forward_only: bool,
    pub use_current_attempt_objective_info: bool,
    pub use_current_attempt_progress_info: bool,
}

impl Default for ControlMode {
    fn default() -> Self {
        Self {
            choice: true,
            choice_exit: true,
            flow: false,
            forward_only: false,
            use_current_attempt_objective_info: true,
            use_current_attempt_progress_info: true,
        }
    }
}

/// `adlseq:constrainedChoiceConsiderations` (SN §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConstrainedChoice {
    pub constrain_choice: bool,
    pub prevent_activation: bool,
}

/// The rules of an activity, each kind in the order of the manifest (SN §3.4).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SequencingRules {
    pub pre_condition: Vec<Rule<PreConditionAction>>,
    pub exit_condition: Vec<Rule<ExitAction>>,
    pub post_condition: Vec<Rule<PostConditionAction>>,
}

/// If the conditions are met, the action is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule<Action> {
    /// `all` where the manifest does not say.
    pub combination: Combination,
    pub conditions: Vec<RuleCondition>,
    pub action: Action,
}

/// Whether every condition must be met, or one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Combination {
    All,
    Any,
}

/// One condition of a rule (SN §3.4.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleCondition {
    pub condition: Condition,
    /// `operator="not"`.
    pub negated: bool,
    /// The objective that it looks at; the primary one where the manifest names none.
    pub referenced_objective: Option<String>,
    /// -1 to 1.
    pub measure_threshold: Decimal,
}

/// What a condition of a rule looks at (SN table 3.4.2a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    Satisfied,
    ObjectiveStatusKnown,
    ObjectiveMeasureKnown,
    ObjectiveMeasureGreaterThan,
    ObjectiveMeasureLessThan,
    Completed,
    ActivityProgressKnown,
    Attempted,
    AttemptLimitExceeded,
    TimeLimitExceeded,
    OutsideAvailableTimeRange,
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PreConditionAction {
    Skip,
    Disabled,
    HiddenFromChoice,
    StopForwardTraversal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExitAction {
    Exit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PostConditionAction {
    ExitParent,
    ExitAll,
    Retry,
    RetryAll,
    Continue,
    Previous,
}

/// `imsss:limitConditions` (SN §3.5). What SCORM does not evaluate is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LimitConditions {
    pub attempt_limit: Option<u32>,
    /// An ISO 8601 duration, as written.
    pub attempt_absolute_duration_limit: Option<String>,
}

/// How an activity's status follows from its children's (SN §3.7 and §3.8).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rollup {
    /// Whether the activity counts for its parent's objective.
    pub objective_satisfied: bool,
    /// Whether it counts for its parent's progress.
    pub progress_completion: bool,
    /// The weight of its measure in its parent's, 0 to 1.
    pub objective_measure_weight: Decimal,
    pub rules: Vec<RollupRule>,
    pub considerations: RollupConsiderations,
}

impl Default for Rollup {
    fn default() -> Self {
        Self {
            objective_satisfied: true,
            progress_completion: true,
            objective_measure_weight: Decimal::of("1.0"),
            rules: Vec::new(),
            considerations: RollupConsiderations::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollupRule {
    pub children: ChildSet,
    /// `any` where the manifest does not say.
    pub combination: Combination,
    pub conditions: Vec<RollupCondition>,
    pub action: RollupAction,
}

/// Of which children the conditions are asked (`childActivitySet`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChildSet {
    All,
    Any,
    None,
    AtLeastCount(u32),
    /// 0 to 1.
    AtLeastPercent(Decimal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollupCondition {
    pub condition: ChildCondition,
    /// `operator="not"`.
    pub negated: bool,
}

/// What a rollup rule asks of a child (SN table 3.7.2a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChildCondition {
    Satisfied,
    ObjectiveStatusKnown,
    ObjectiveMeasureKnown,
    Completed,
    ActivityProgressKnown,
    Attempted,
    AttemptLimitExceeded,
    TimeLimitExceeded,
    OutsideAvailableTimeRange,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RollupAction {
    Satisfied,
    NotSatisfied,
    Completed,
    Incomplete,
}

/// `adlseq:rollupConsiderations` (SN §3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollupConsiderations {
    pub required_for_satisfied: Required,
    pub required_for_not_satisfied: Required,
    pub required_for_completed: Required,
    pub required_for_incomplete: Required,
    pub measure_satisfaction_if_active: bool,
}

impl Default for RollupConsiderations {
    fn default() -> Self {
        Self {
            required_for_satisfied: Required::Always,
            required_for_not_satisfied: Required::Always,
            required_for_completed: Required::Always,
            required_for_incomplete: Required::Always,
            measure_satisfaction_if_active: true,
        }
    }
}

/// When an activity is counted in its parent's rollup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Required {
    Always,
    IfNotSuspended,
    IfAttempted,
    IfNotSkipped,
}

/// The objectives of an activity (SN §3.9 and §3.10).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Objectives {
    /// The one that contributes to rollup. An activity without it has one with the defaults and no identifier.
    pub primary: Option<Objective>,
    pub others: Vec<Objective>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// Absent for a primary objective that the manifest does not name.
    pub id: Option<String>,
    pub satisfied_by_measure: bool,
    /// -1 to 1.
    pub min_normalized_measure: Decimal,
    pub maps: Vec<ObjectiveMap>,
}

/// A global objective that an objective reads from and writes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectiveMap {
    /// `targetObjectiveID`.
    pub target: String,
    pub read: MapAccess,
    pub write: MapAccess,
}

/// What a map reads or writes: the first two by `imsss:mapInfo`, the rest by `adlseq:mapInfo` of the 4th Edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the standard")]
pub struct MapAccess {
    pub satisfied_status: bool,
    pub normalized_measure: bool,
    pub raw_score: bool,
    pub min_score: bool,
    pub max_score: bool,
    pub completion_status: bool,
    pub progress_measure: bool,
}

impl MapAccess {
    /// Everything or nothing.
    pub(super) fn all(allowed: bool) -> Self {
        Self {
            satisfied_status: allowed,
            normalized_measure: allowed,
            raw_score: allowed,
            min_score: allowed,
            max_score: allowed,
            completion_status: allowed,
            progress_measure: allowed,
        }
    }
}

/// `imsss:randomizationControls` (SN §3.11 and §3.12).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Randomization {
    pub timing: Timing,
    pub reorder_children: bool,
    pub selection_timing: Timing,
    pub select_count: Option<u32>,
}

impl Default for Randomization {
    fn default() -> Self {
        Self { timing: Timing::Never, reorder_children: false, selection_timing: Timing::Never, select_count: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Timing {
    Never,
    Once,
    OnEachNewAttempt,
}

/// `imsss:deliveryControls` (SN §3.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryControls {
    pub tracked: bool,
    pub completion_set_by_content: bool,
    pub objective_set_by_content: bool,
}

impl Default for DeliveryControls {
    fn default() -> Self {
        Self { tracked: true, completion_set_by_content: false, objective_set_by_content: false }
    }
}
