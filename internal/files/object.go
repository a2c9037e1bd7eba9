package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/minio/minio-go/v7"
)

// object is an open file of a bucket. It fetches from where it is read, as late as that, so that a seek costs nothing
// and a file read from its beginning to its end costs one request.
type object struct {
	bucket *bucket
	key    string
	ctx    context.Context
	cancel context.CancelCauseFunc
	etag   string
	size   int64
	at     int64

	body   io.ReadCloser // the content from bodyAt on, or nil
	bodyAt int64
}

// fetch begins the content where the object stands. Once the etag is known it is of the same content as before, or an
// error.
func (o *object) fetch() (minio.ObjectInfo, error) {
	defer o.bounded()()
	var part minio.GetObjectOptions
	if o.etag != "" {
		part.Set("If-Match", `"`+o.etag+`"`)
	}
	if o.at > 0 {
		if err := part.SetRange(o.at, 0); err != nil {
			return minio.ObjectInfo{}, err
		}
	}
	body, info, _, err := minio.Core{Client: o.bucket.client}.GetObject(o.ctx, o.bucket.name, o.key, part)
	if err != nil {
		return info, o.bucket.explain(o.ctx, err)
	}
	o.body, o.bodyAt = body, o.at
	return info, nil
}

// refetch is fetch in the place of a body that ends elsewhere.
func (o *object) refetch() error {
	o.release()
	info, err := o.fetch()
	if err == nil && (info.ETag != o.etag || info.Size != o.size-o.at) {
		o.release()
		return errors.New("the service went on with another content than the file began with")
	}
	return err
}

func (o *object) Read(p []byte) (int, error) {
	if o.at >= o.size && o.ctx.Err() == nil {
		return 0, io.EOF
	}
	if o.body == nil || o.bodyAt != o.at {
		if err := o.refetch(); err != nil {
			return 0, err
		}
	}
	defer o.bounded()()
	n, err := o.body.Read(p)
	o.at += int64(n)
	o.bodyAt = o.at
	if err != nil && err != io.EOF {
		err = o.bucket.explain(o.ctx, err)
	}
	return n, err
}

func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	default:
		return 0, fs.ErrInvalid
	}
	if offset < 0 {
		return 0, fs.ErrInvalid
	}
	o.at = offset
	return offset, nil
}

func (o *object) Close() error {
	o.release()
	o.cancel(fs.ErrClosed)
	return nil
}

// release lets go of the body; what its end had to say interests nobody.
func (o *object) release() {
	if o.body != nil {
		_ = o.body.Close()
		o.body = nil
	}
}

// bounded ends the object where the step that follows takes too long. A whole file has no such bound: whoever it is
// read for may be slow.
func (o *object) bounded() (stop func() bool) {
	return time.AfterFunc(requestWithin, func() { o.cancel(errSlow) }).Stop
}
