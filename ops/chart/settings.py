"""The settings that the server declares, read from the pages that it writes itself."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "docs" / "reference" / "settings.md"
COMMANDS = ROOT / "docs" / "reference" / "commands.md"

# Variables that are read by libraries of the server, or by other variables of a pod.
FOREIGN = {"PGSSLMODE", "PGSSLROOTCERT", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "POD_NAME", "POD_NAMESPACE"}


class Setting:
    """One row of the table."""

    def __init__(self, key, variables, value, default, meaning):
        self.key, self.value, self.default, self.meaning = key, value, default, meaning
        self.variables = re.findall(r"`([A-Z][A-Z0-9_]+)`", variables)

    def schema(self):
        """The JSON schema of its value."""
        schema = {"description": re.sub(r"`", "", self.meaning)}
        if found := re.fullmatch(r"number from (-?\d+) to (\d+)", self.value):
            return schema | {"type": "integer", "minimum": int(found[1]), "maximum": int(found[2])}
        if self.value == "true or false":
            return schema | {"type": "boolean"}
        if self.value == "list of texts":
            return schema | {"type": "array", "items": {"type": "string"}}
        if self.value in ("text", "address:port"):
            return schema | {"type": "string"}
        return schema | {"enum": self.value.split(", ")}


def settings():
    """All of them, in the order of the page."""
    rows = re.findall(r"^\| `([^`]+)` \| (.*?) \| (.*?) \| (.*?) \| (.*) \|$", SETTINGS.read_text(encoding="utf-8"), re.M)
    if len(rows) < 20:
        raise SystemExit(f"{SETTINGS}: the table of settings is not where it was")
    return [Setting(*row) for row in rows]


def variables():
    """Names of all environment variables that mean something to the server."""
    named = {name for setting in settings() for name in setting.variables}
    named |= set(re.findall(r"\b(?:DJANGO|KIWI)_[A-Z_]+\b", COMMANDS.read_text(encoding="utf-8")))
    return named
