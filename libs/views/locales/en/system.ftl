# The state of the installation.

system-title = System status
system-text = What this installation says about itself, and what should be done about it. Looked at on
system-findings = To be looked at
system-fine = Nothing to complain about.
system-error = Error:
system-warning = Warning:

system-program = Program
system-version = Version
system-mode = Mode
system-mode-single = one tenant
system-mode-multi = several tenants
system-started = Running since
system-domain = Domain of links
system-in-flight = Requests being worked on

system-database = Database
system-database-version = PostgreSQL
system-database-size = Size
system-connections = Connections of this server
system-migrations = Migrations
system-tenants = Tenants

system-mail = Mail
system-mail-waiting = Waiting
system-mail-dead = Given up
system-mail-test = Last test mail

system-certificate = Certificate
system-certificate-subject = For
system-certificate-issuer = Signed by
system-certificate-until = Valid until

system-storage = Storage
system-storage-place = Uploaded files
system-disk = Disk of the data directory
system-disk-uploads = Disk of the uploads

system-backups = Backups
system-backup = Last backup
system-verification = Last verification
system-backup-plan = Taken by itself
system-verification-plan = Verified by itself

system-never = never
system-soon = soon
system-tasks = Done regularly
system-task = Task
system-rhythm = How often
system-state = Outcome
system-last = Last begun
system-took = Took
system-next = Next
system-task-done = done
system-task-failed = failed
system-task-interrupted = interrupted
system-task-running = running
system-task-new = not yet
