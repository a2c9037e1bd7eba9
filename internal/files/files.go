// Package files keeps files, such as pictures and reports, in a folder or in a bucket of an S3-compatible service:
// one text, the setting FILES_DIR, says in which. Read Store first; folder.go and bucket.go are the two there are.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// MaxSize is the most bytes a file has: what a service takes by one request.
const MaxSize = 5 << 30

// MaxInMemory is the most bytes a file has whose content is read once and not from anywhere, as that of an *os.File is: on its
// way into a bucket it stands in memory, so that it can be sent again.
const MaxInMemory = 64 << 20

var (
	// ErrNotFound says that there is no file under a name.
	ErrNotFound = errors.New("there is no such file")
	// ErrNoAnswer says that the service of a bucket cannot be reached now; it may well be later.
	ErrNoAnswer = errors.New("the service does not answer")
	// ErrName says that no file can have a name. Nothing was touched.
	ErrName = errors.New("not a name for a file")
)

// Store keeps files under names such as pictures/ab12.png: parts of a-z, 0-9, _, - and single dots between them, with
// slashes between the parts, 200 bytes in all. Every method answers ErrName for any other name. No name is the
// beginning of another, as a/b is of a/b/c: in a folder only one of the two has a place. Any number may use a store
// at once, from any number of processes.
type Store interface {
	// Put stores a file whole or not at all, in the place of one that had the name. When it returns, the file is on
	// the disk, or acknowledged by the service. A content that is not size bytes long is an error. The media type is
	// what the service tells those who fetch the file from it directly; a folder does not keep it.
	Put(ctx context.Context, name, mediaType string, content io.Reader, size int64) error
	// Open is ErrNotFound where there is no file. What is read of an open file is of that one and of no other, also
	// where Put replaces it: the rest may then be an error, but not a mixture. The file ends with ctx.
	Open(ctx context.Context, name string) (*File, error)
	// Delete deletes a file; where there is none it has nothing to do.
	Delete(ctx context.Context, name string) error
	// Ready says in a sentence why files cannot be stored here. It finds out by writing and deleting one of its own,
	// so it is no question for every second.
	Ready(ctx context.Context) error
	// String names the store, without a secret.
	String() string
}

// File is an open file, as http.ServeContent serves it with its ranges. Close it.
type File struct {
	io.ReadSeekCloser
	Size    int64
	ModTime time.Time
}

// Check tells whether location has the form of a folder, data/files, or of a bucket,
// s3://KEY:SECRET@HOST[:PORT]/BUCKET[/PREFIX][?region=…&tls=off]. It asks neither the disk nor the network. The error
// completes "FILES_DIR: …" and repeats nothing of location.
func Check(location string) error {
	if strings.HasPrefix(location, bucketScheme) {
		_, err := parseBucket(location)
		return err
	}
	if location == "" || strings.ContainsRune(location, 0) ||
		strings.Contains(location, "://") || strings.HasPrefix(strings.ToLower(location), "s3:") {
		return errors.New("it is neither a folder nor s3://KEY:SECRET@HOST/BUCKET")
	}
	return nil
}

// Open opens the store at location, which has one of the forms of Check, once files can be stored there. A folder is
// made where there is none; a bucket is not. The error is a sentence without a secret, and no longer in coming than
// some seconds. Where it is an ErrNoAnswer the store is returned with it: nothing is known to be wrong with location.
func Open(ctx context.Context, location string) (Store, error) {
	if err := Check(location); err != nil {
		return nil, err
	}
	store, err := open(location)
	if err != nil {
		return nil, err
	}
	err = store.Ready(ctx)
	if err != nil && !errors.Is(err, ErrNoAnswer) {
		return nil, err
	}
	return store, err
}

func open(location string) (Store, error) {
	if strings.HasPrefix(location, bucketScheme) {
		return parseBucket(location)
	}
	return openFolder(location)
}

// maxName leaves room, within the 255 bytes of a path's part and the 1024 of a bucket's key, for what a store adds.
const maxName = 200

var validName = regexp.MustCompile(`^` + namePart + `(/` + namePart + `)*$`)

// namePart has no dot at its beginning or end: what begins with one is a store's own, and Windows drops a last one.
const namePart = `[a-z0-9_-]+(\.[a-z0-9_-]+)*`

func checkName(name string) error {
	if len(name) > maxName || !validName.MatchString(name) {
		return fmt.Errorf("%w: %.50q", ErrName, name)
	}
	return nil
}

// transfer copies content to w. It fails where content is not size bytes long, or ctx has ended meanwhile.
func transfer(ctx context.Context, w io.Writer, content io.Reader, size int64) error {
	if size < 0 || size > MaxSize {
		return fmt.Errorf("a file has from 0 to %d bytes, not %d", MaxSize, size)
	}
	n, err := io.Copy(w, io.LimitReader(content, size+1))
	switch {
	case err != nil:
		return err
	case n < size:
		return fmt.Errorf("the content ends after %d bytes of %d", n, size)
	case n > size:
		return fmt.Errorf("the content is longer than %d bytes", size)
	}
	return ctx.Err()
}
