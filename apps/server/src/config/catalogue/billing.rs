//! Settings about tenants that are paid for.

use crate::config::setting::Variable::Plain;
use crate::config::setting::{Kind, Setting};

pub(crate) static ENFORCE: Setting = Setting {
    key: "billing.enforce",
    variables: &[Plain("KIWI_BILLING_ENFORCE")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether tenants whose `paid_until` is over are refused; the public tenant never is",
};

pub(crate) static NULL_MEANS_UNLIMITED: Setting = Setting {
    key: "billing.null_means_unlimited",
    variables: &[Plain("KIWI_BILLING_NULL_MEANS_UNLIMITED")],
    kind: Kind::Switch,
    default: Some("true"),
    secret: false,
    reloadable: false,
    help: "whether tenants without `paid_until` are served when `billing.enforce` is on",
};

pub(crate) static WARN_DAYS: Setting = Setting {
    key: "billing.warn_days",
    variables: &[Plain("KIWI_BILLING_WARN_DAYS")],
    kind: Kind::Number(1, 365),
    default: Some("14"),
    secret: false,
    reloadable: false,
    help: "days before the end of `paid_until` on which owners and superusers are warned; everybody \
           else is on the last one",
};
