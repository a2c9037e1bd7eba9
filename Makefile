# make check is what a change must pass; .ci/run runs it on a new machine.

.PHONY: check generate generated formatted vet staticcheck race test run

check: generated formatted vet staticcheck race

run:
	go run .

# SQLite always, PostgreSQL where one answers.
test:
	go test ./...

generate:
	go generate ./...

# The generators change nothing: what is generated belongs to what it is generated from.
SUMS = find . -type f ! -path './.git/*' ! -path './data/*' \
	\( -name '*.go' -o -name '*.graphql*' -o -name 'go.*' -o -path './ent/*' \) -exec cksum {} + | sort -k 3

generated:
	@before="$$($(SUMS))" && go generate ./... && after="$$($(SUMS))" && \
	if [ "$$before" != "$$after" ]; then \
		echo 'make generate changes these files; commit them with what they are generated from:' >&2; \
		printf '%s\n%s\n' "$$before" "$$after" | sort | uniq -u | awk '{ print "  " $$3 }' | sort -u >&2; \
		exit 1; \
	fi

formatted:
	@files="$$(gofmt -l .)" && \
	if [ -n "$$files" ]; then echo 'gofmt -w these files:' >&2; echo "$$files" >&2; exit 1; fi

vet:
	go vet ./...

staticcheck:
	go tool staticcheck ./...

race:
	go test -race ./...
