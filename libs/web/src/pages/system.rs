//! `/admin/system/`: the state of the installation, for superusers at the public tenant.

use views::page::SystemPage;

use crate::error::{Error, Result};
use crate::visitor::Visitor;

/// What a superuser has and others do not.
const SUPERUSER: &str = "superuser";

/// `GET /admin/system/`
pub(crate) async fn show(visitor: Visitor) -> Result {
    // the state of all tenants is none of the business of one
    if !visitor.request.tenant.is_public() {
        return Err(Error::NotFound);
    }
    if !visitor.user()?.is_superuser {
        return Err(Error::Forbidden(SUPERUSER));
    }
    let inspect = visitor.app.inspection().ok_or(Error::NotFound)?;
    let page: SystemPage = inspect(visitor.request.domain.clone()).await?;
    visitor.page(&page)
}
