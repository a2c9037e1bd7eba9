package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/minio/minio-go/v7"
)

// bucket keeps each file as an object of an S3-compatible service. Its key needs the rights to put, get and delete
// objects, and to list the bucket: without that one AWS forbids, instead of not finding, what is not there.
type bucket struct {
	client             *minio.Client // keeps the secret
	host, name, prefix string
}

// probe is what Ready writes; no file can have the name.
const probe = ".ready"

// How long the service has for a whole request, repeats among it. Variables for the tests.
var (
	requestWithin = time.Minute
	readyWithin   = 10 * time.Second
)

var errSlow = fmt.Errorf("%w in time", ErrNoAnswer)

// once is the way a file goes: by one request, so that it appears by one act, and with a signed sum of its content,
// which the service compares. The content itself is not signed in chunks: not every service reads those.
func once(mediaType string) minio.PutObjectOptions {
	return minio.PutObjectOptions{
		ContentType: mediaType, DisableMultipart: true, SendContentMd5: true, DisableContentSha256: true,
	}
}

func (b *bucket) Put(ctx context.Context, name, mediaType string, content io.Reader, size int64) error {
	if err := checkName(name); err != nil {
		return err
	}
	again, err := repeatable(ctx, content, size)
	if err == nil {
		err = b.do(ctx, requestWithin+time.Duration(size/slowest)*time.Second, func(ctx context.Context) error {
			_, err := b.client.PutObject(ctx, b.name, b.key(name), again, size, once(mediaType))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

// slowest is how many bytes a second a service takes at least.
const slowest = 1 << 20

// repeatable is a content of a size that can be read more than once.
func repeatable(ctx context.Context, content io.Reader, size int64) (io.Reader, error) {
	if from, ok := content.(interface {
		io.ReaderAt
		io.Seeker
	}); ok {
		start, err := from.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		section := io.NewSectionReader(from, start, math.MaxInt64-start)
		if err := transfer(ctx, io.Discard, section, size); err != nil { // it is as long as it is said to be
			return nil, err
		}
		return io.NewSectionReader(from, start, size), nil
	}
	if size > MaxInMemory {
		return nil, fmt.Errorf("a content that is read once has at most %d bytes, not %d", MaxInMemory, size)
	}
	var whole bytes.Buffer
	if err := transfer(ctx, &whole, content, size); err != nil {
		return nil, err
	}
	return bytes.NewReader(whole.Bytes()), nil
}

func (b *bucket) Open(ctx context.Context, name string) (*File, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	o := &object{bucket: b, key: b.key(name)}
	o.ctx, o.cancel = context.WithCancelCause(ctx)
	info, err := o.fetch()
	if errors.Is(err, ErrNotFound) {
		err = notFound(name)
	} else if err != nil {
		err = fmt.Errorf("open %s: %w", name, err)
	}
	if err != nil {
		o.cancel(nil)
		return nil, err
	}
	o.etag, o.size = info.ETag, info.Size
	return &File{ReadSeekCloser: o, Size: info.Size, ModTime: info.LastModified}, nil
}

func (b *bucket) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	err := b.do(ctx, requestWithin, func(ctx context.Context) error {
		return b.client.RemoveObject(ctx, b.name, b.key(name), minio.RemoveObjectOptions{})
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}

func (b *bucket) Ready(ctx context.Context) error {
	err := b.do(ctx, readyWithin, func(ctx context.Context) error {
		content := bytes.NewReader([]byte("ready"))
		if _, err := b.client.PutObject(ctx, b.name, b.key(probe), content, content.Size(), once("text/plain")); err != nil {
			return err
		}
		return b.client.RemoveObject(ctx, b.name, b.key(probe), minio.RemoveObjectOptions{})
	})
	if err != nil {
		return fmt.Errorf("%v cannot be written: %w", b, err)
	}
	return nil
}

func (b *bucket) String() string { return "the bucket " + b.name + " at " + b.host }

// Format writes the same under every verb, so that no %#v looks into the client.
func (b *bucket) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, b.String()) }

func (b *bucket) key(name string) string {
	if b.prefix == "" {
		return name
	}
	return b.prefix + "/" + name
}

// do makes requests that end within a time, and explains their error.
func (b *bucket) do(ctx context.Context, within time.Duration, requests func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, errSlow)
	defer cancel()
	return b.explain(ctx, requests(ctx))
}

var validCode = regexp.MustCompile(`^[A-Za-z]{1,64}$`)

// explain makes a sentence of the error of a request under ctx. Of the service's answer it keeps the code alone: the
// rest may repeat the key, or what it was signed with.
func (b *bucket) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok { // its text is the whole address
		err = wrapped.Err
	}
	answer, ok := errors.AsType[minio.ErrorResponse](err)
	if !ok {
		if nowhere, ok := errors.AsType[*net.DNSError](err); ok && nowhere.IsNotFound {
			return fmt.Errorf("there is no host %s", b.host)
		}
		if _, unreached := errors.AsType[*net.OpError](err); unreached {
			return fmt.Errorf("%w at %s: %w", ErrNoAnswer, b.host, err)
		}
		return fmt.Errorf("no answer from %s: %w", b.host, err)
	}
	switch answer.Code {
	case minio.NoSuchKey:
		return ErrNotFound
	case minio.NoSuchBucket:
		return fmt.Errorf("the bucket %s does not exist or the key may not see it", b.name)
	case minio.AccessDenied:
		return fmt.Errorf("the key has no right to do that in the bucket %s", b.name)
	case minio.InvalidAccessKeyID:
		return errors.New("the service does not know the key")
	case minio.SignatureDoesNotMatch:
		return errors.New("the secret is not that of the key")
	case minio.RequestTimeTooSkewed:
		return errors.New("the clock of this machine differs from that of the service")
	case minio.AuthorizationHeaderMalformed, minio.InvalidRegion, "PermanentRedirect":
		return fmt.Errorf("the bucket %s is in another region, which ?region=… has to name", b.name)
	}
	said := fmt.Sprintf("with the status %d", answer.StatusCode)
	if validCode.MatchString(answer.Code) {
		said = answer.Code + ", " + said
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("%w but %s", ErrNoAnswer, said)
	}
	return fmt.Errorf("the service answers %s", said)
}
