"""A Django project with one application and no models."""

SECRET_KEY = "only for this test"
INSTALLED_APPS = ["app"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
TEST_RUNNER = "tcms_django_plugin.TestRunner"
