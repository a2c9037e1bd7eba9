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

# SQLite is C turned into Go: its memory is not Go's, so the detector would see nothing in it, and watching it takes half of the time.
UNWATCHED = -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false
race:
	go test -race $(UNWATCHED) -timeout 25m ./...

# The random documents of distributors, all of them: the race detector has an eighth, which are dear enough.
property:
	go test -count=1 -run 'TellsOfAnother$$|ReachesAnother$$' ./graph
