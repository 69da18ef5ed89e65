"""The scenarios, in the order they run."""

from suite import customise, https, image, keep, logs, proxies, setup, start, variants

SCENARIOS = [image, start, setup, https, logs, keep, customise, variants, proxies]
