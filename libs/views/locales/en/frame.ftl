# What surrounds every page.

skip-to-content = Skip to content
nav-main = Main
nav-dashboard = Dashboard
nav-reference = API reference
nav-system = System status
clock-title = Time of the server
user-menu = Menu of { $name }
user-signed-in = Logged in as { $name }
user-login = Log in
user-logout = Log out
user-profile = My profile
user-change-password = Change password
user-change-email = Change e-mail address
user-tracker-tokens = Personal API tokens
theme = Colours
theme-system = System
theme-light = Light
theme-dark = Dark
help-shortcuts = Keyboard shortcuts
message-dismiss = Dismiss
message-region = Notices
version = Version { $version }
dialog-close = Close
none = –
notice-expires = Tenant expires soon
notice-staging = This is a trial with a copy of the data. Mail is written to files and sent to nobody.
