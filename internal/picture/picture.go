// Package picture judges an uploaded logo or avatar and writes it anew, so that nothing a sender put around the pixels
// is kept: metadata, a second file behind the picture, a palette that reads as HTML. The pixels stay the sender's, and
// ones like noise are kept uncompressed: chosen well they still read as text. So a picture is only ever served as its
// MediaType, with nosniff. Read Normalize first.
package picture

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/sync/semaphore"

	"channelbook/internal/fault"
)

const (
	MaxBytes  = 2 << 20    // of an upload, and of what is kept
	MaxPixels = 12_500_000 // of an upload: a phone's photo of 12 megapixels fits

	maxUploadSide = 20_000
	maxSide       = 1024 // of what is kept
)

// Picture is a picture as our encoder wrote it.
type Picture struct {
	Bytes         []byte
	MediaType     string // image/png or image/jpeg
	Width, Height int
	Digest        string // SHA-256 of Bytes, in hex
}

// Extension is the usual end of a file's name, without the dot.
func (p *Picture) Extension() string {
	if p.MediaType == mediaTypePNG {
		return "png"
	}
	return "jpg"
}

// ErrBusy says that ctx ended while other pictures were being read.
var ErrBusy = errors.New("other pictures are being read")

// reading is held by who decodes and encodes: a picture takes hundreds of megabytes for that time.
var reading = semaphore.NewWeighted(1)

// Normalize gives a PNG back as a PNG and a JPEG as a JPEG: upright, scaled down to fit 1024 × 1024, without metadata.
// Equal bodies give equal pictures, and a picture of ours is accepted again. A refusal is a fault of kind Invalid:
// PICTURE_TOO_LARGE, NOT_A_PICTURE, PICTURE_TOO_MANY_PIXELS or PICTURE_BROKEN. A process reads one picture at a time;
// who still waits when ctx ends gets ErrBusy and its error.
func Normalize(ctx context.Context, body []byte) (*Picture, error) {
	f, err := inspect(body)
	if err != nil {
		return nil, err
	}
	if err := reading.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBusy, err)
	}
	defer reading.Release(1)
	img, err := f.decode(body)
	if err != nil {
		return nil, refuse("PICTURE_BROKEN", "This picture is damaged and cannot be read.")
	}
	return f.write(upright(fit(img, maxSide), f.orientation(body)), MaxBytes)
}

func refuse(code, message string) error { return fault.Coded(fault.Invalid, code, "", message) }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
