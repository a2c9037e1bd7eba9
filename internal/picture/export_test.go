package picture

import (
	"context"
	"image"
)

// Occupy stands in for a picture that is being read, until leave is called.
func Occupy(ctx context.Context) (leave func(), err error) {
	return func() { reading.Release(1) }, reading.Acquire(ctx, 1)
}

// WritePNG writes a picture in at most so many bytes. With MaxBytes in its place that takes seconds to see.
func WritePNG(img image.Image, most int) (*Picture, error) { return formats[0].write(img, most) }
