# The methods of the API.

reference-title = API
reference-heading = API reference
reference-intro = Every method can be called over JSON-RPC 2.0 and over XML-RPC, by position or by name.
reference-json = JSON-RPC
reference-xml = XML-RPC
reference-openrpc = OpenRPC document
reference-search = Search methods
reference-search-hint = Name, permission or field
reference-nothing = No method matches
reference-nothing-hint = Try a part of a name, such as “filter” or “tag”.
reference-classes = Classes
reference-needs = Needs { $permission }
reference-login = Needs a log-in
reference-public = Needs no log-in
reference-parameters = Parameters
reference-no-parameters = No parameters
reference-optional = optional
reference-required = required
reference-nullable = or null
reference-query-hint = Conditions such as
reference-fields = Fields
reference-result = Result
reference-request = Request
reference-answer = Answer
reference-link = Link to { $name }
