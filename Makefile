# Thin on purpose: every target calls one script or one command.
# `make` alone lists the targets.

.DEFAULT_GOAL := help
.PHONY: help run test check build bench docker-image docker-image-distroless docker-test sbom docs fuzz chart-test

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 26

run: ## install what is missing, build, start the demonstration on https://localhost:8443/
	@ops/scripts/run.sh

test: ## everything CI runs; each suite ends with "N passed, N failed"
	@ops/scripts/test.sh

check: ## the quick part of test: formatting, lints, unit tests
	@ops/scripts/check.sh

chart-test: ## the Helm chart, alerts and dashboards, without a cluster; UPDATE_GOLDEN=1 rewrites what is expected
	@ops/scripts/chart-test.sh

build: ## front end and release program: target/release/kiwi
	@ops/scripts/build.sh

bench: ## CPU per request of server and database; prints a table, writes JSON
	@ops/scripts/bench.sh

docker-image: ## kiwitcms/kiwi:latest and :<version>; IMAGE=, PLATFORM=, BASE_IMAGE=, RUST_IMAGE=
	@ops/scripts/docker-image.sh

docker-image-distroless: ## the image without a shell
	@FLAVOUR=distroless ops/scripts/docker-image.sh

docker-test: ## the image and the compose files in a container engine; KIWI_BIN= saves compiling
	@ops/scripts/docker-test.sh

sbom: ## what program and image are made of, as CycloneDX, into target/sbom
	@ops/scripts/sbom.sh

docs: ## the book into target/book
	@ops/scripts/docs.sh

fuzz: ## fuzz the codecs and the look-up compiler, FUZZ_SECONDS= each (default 60)
	@ops/scripts/fuzz.sh
