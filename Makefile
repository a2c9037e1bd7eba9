# make check is what a change must pass; .ci/run runs it on a new machine.

.PHONY: check generate generated formatted vet staticcheck gosec race property test vuln run

check: generated formatted vet staticcheck gosec race property

run:
	go run .

# SQLite always, PostgreSQL where one answers.
test:
	go test ./...

generate:
	go generate ./...

# The generators change nothing: what is generated belongs to what it is generated from.
SUMS = find . -type f ! -path './.git/*' ! -path './data/*' \
	\( -name '*.go' -o -name '*.graphql*' -o -name 'go.*' -o -name '*.docx' -o -path './ent/*' \) -exec cksum {} + | sort -k 3

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

# gosec's rules; an exception is a comment at its line, // #nosec G000 -- why. Two are off. G104 (errors that are not looked at) is
# go vet's and staticcheck's matter. G304 (a file is opened by a variable): the server opens files that settings name; a path that
# comes out of a request is G703's matter.
gosec:
	go vet -vettool="$$(go tool -n lint)" -gosec.exclude=G104,G304 ./...

# Known holes in what the program is made of. No part of check: it asks the database at vuln.go.dev, which changes from day to day.
VULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
vuln:
	go run $(VULNCHECK) ./...

# What the detector does not watch: code that keeps its memory to itself, and would take half of the time. SQLite is C turned into Go,
# whose memory is not Go's; the others compute. None of them may hand on what it got from sync.Map or by an atomic: that would be
# taken for a race.
UNWATCHED = modernc.org/sqlite/lib modernc.org/libc modernc.org/memory compress/flate image/png regexp regexp/syntax unicode/utf8 \
	golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b github.com/beevik/etree
race:
	CGO_ENABLED=1 go test -race $(foreach p,$(UNWATCHED),-gcflags=$(p)=-race=false) -timeout 25m -parallel 8 ./...

# The random documents of distributors, all of them: the race detector has an eighth, which are dear enough.
property:
	go test -count=1 -run 'TellsOfAnother$$|ReachesAnother$$' ./graph
