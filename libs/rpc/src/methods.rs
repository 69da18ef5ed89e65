//! The methods, one file a class. Each is a thin door to a function of `domain`.

mod argument;
mod attachment;
mod auth;
mod bug;
mod bug_tracker;
mod build;
mod category;
mod classification;
mod comment;
mod component;
mod environment;
mod group;
mod kiwi_tcms;
mod markdown;
mod plan_type;
mod priority;
mod product;
mod severity;
mod tag;
mod template;
mod tenant;
mod tenant_group;
mod test_case;
mod test_case_status;
mod test_execution;
mod test_execution_status;
mod test_plan;
mod test_run;
mod testing;
mod user;
mod version;

use crate::Method;

/// Every method, class by class, in the order in which `system.listMethods` names them.
pub(crate) const CLASSES: &[&[Method]] = &[
    attachment::METHODS,
    auth::METHODS,
    bug::METHODS,
    bug_tracker::METHODS,
    build::METHODS,
    category::METHODS,
    classification::METHODS,
    component::METHODS,
    environment::METHODS,
    group::METHODS,
    kiwi_tcms::METHODS,
    markdown::METHODS,
    plan_type::METHODS,
    priority::METHODS,
    product::METHODS,
    severity::METHODS,
    tag::METHODS,
    template::METHODS,
    tenant::METHODS,
    tenant_group::METHODS,
    test_case::METHODS,
    test_case_status::METHODS,
    test_execution::METHODS,
    test_execution_status::METHODS,
    test_plan::METHODS,
    test_run::METHODS,
    testing::METHODS,
    user::METHODS,
    version::METHODS,
];
