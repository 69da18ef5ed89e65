"""The scenarios, in the order they run."""

from suite import customise, https, image, keep, logs, proxies, rolling, setup, start, variants

SCENARIOS = [image, start, setup, https, logs, keep, customise, variants, rolling, proxies]
