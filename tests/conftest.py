"""Every test runs under the environment the product sets for itself."""

from search import environment

environment.prepare()
