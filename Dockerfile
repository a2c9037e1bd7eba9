# syntax=docker/dockerfile:1
# A static binary in an image that holds nothing else, run by a user without rights. Everything that is kept lies in /data.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -ldflags='-s -w' -o /channelbook .
RUN mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /data /data
COPY --from=build /channelbook /channelbook
USER 65532:65532
# The image has no /tmp: SQLite sorts what is large, an index say, in files of /data.
ENV HTTP_ADDR=0.0.0.0:8080 DATABASE_URL=sqlite:/data/channelbook.db FILES_DIR=/data/files LOG_FORMAT=json SQLITE_TMPDIR=/data TMPDIR=/data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/channelbook"]
