mail-subject-test_case_created = NEW: TestCase #{ $id } - { $title }
mail-subject-updated = UPDATE: { $kind } #{ $id } - { $title }
mail-subject-test_case_deleted = DELETED: TestCase #{ $id } - { $title }
mail-subject-test_run_created = NEW: TestRun #{ $id } - { $title }
mail-subject-bug_commented = Bug #{ $id } - { $title }
mail-subject-invited = Invitation to join Kiwi TCMS
mail-subject-tenant_created = New Kiwi TCMS tenant created
mail-subject-defect = Internal error on { $site }

mail-heading = Basic information
mail-nobody = None
mail-case-id = Test case { $id } was created.
mail-summary = Summary
mail-product = Product
mail-version = Version
mail-build = Build
mail-category = Category
mail-priority = Priority
mail-manager = Manager
mail-default-tester = Default tester
mail-text = Text
mail-notes = Notes
mail-plan = Test plan
mail-link = Link
mail-updated-on = Updated on { $at }
mail-updated-by = Updated by { $by }
mail-comment-by = Comment by { $by }
mail-more = For more information:
mail-case-deleted = TestCase has been deleted by { $by }!
mail-run-id = Test run { $id } was created for you.
mail-bug-id = Bug { $id }
mail-created-at = Created at
mail-reporter = Reporter
mail-assignee = Assignee
mail-invited = { $by } invites you to “{ $tenant }”:
mail-invited-account = Your user name there is { $username }. If you have never logged in, an account was made for you; choose its password here:
mail-tenant-created = Your tenant “{ $tenant }” is ready:
mail-defect = A request ended in an internal error.
mail-defect-at = When
mail-defect-place = Where
mail-defect-request = Request
mail-defect-log = The log of the server tells more under this request.
mail-defect-untold = { $count ->
    [one] Another error happened since the last of these mails.
   *[other] { $count } more errors happened since the last of these mails.
}
mail-tenant-help = If something does not work, ask whoever runs this server.
