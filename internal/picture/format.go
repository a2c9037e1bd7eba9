package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
)

const (
	mediaTypePNG  = "image/png"
	mediaTypeJPEG = "image/jpeg"
	jpegQuality   = 90
)

// format is a kind of file that is accepted. Its own decoder is called: which others the program has registered with
// package image makes no difference.
type format struct {
	signature   string
	mediaType   string
	measure     func(io.Reader) (image.Config, error)
	decode      func(body []byte) (image.Image, error)
	orientation func(body []byte) int
	encode      func(io.Writer, image.Image) error
}

var formats = []format{
	{"\x89PNG\r\n\x1a\n", mediaTypePNG, png.DecodeConfig, decodePNG, asStored, encodePNG},
	{"\xff\xd8\xff", mediaTypeJPEG, jpeg.DecodeConfig, decodeJPEG, orientation, encodeJPEG},
}

// inspect tells the format by the signature, and refuses by the header what would be too much to decode.
func inspect(body []byte) (format, error) {
	if len(body) > MaxBytes {
		return format{}, refuse("PICTURE_TOO_LARGE", "A picture has at most 2 MB.")
	}
	for _, f := range formats {
		if !bytes.HasPrefix(body, []byte(f.signature)) {
			continue
		}
		header, err := f.measure(bytes.NewReader(body))
		if err != nil {
			break
		}
		return f, checkSize(header.Width, header.Height)
	}
	return format{}, refuse("NOT_A_PICTURE", "This is not a PNG or JPEG picture that can be read here.")
}

// checkSize is also about pictures without a pixel: a JPEG may leave its height for later.
func checkSize(width, height int) error {
	if min(width, height) < 1 || max(width, height) > maxUploadSide || width*height > MaxPixels {
		return refuse("PICTURE_TOO_MANY_PIXELS", "A picture has 1 to 12 500 000 pixels, and no side over 20 000.")
	}
	return nil
}

// write encodes img. Where that takes more than so many bytes, as noise does, it is scaled down further.
func (f format) write(img image.Image, most int) (*Picture, error) {
	for side := maxSide; ; side = side * 3 / 4 {
		img = fit(img, side)
		var out bytes.Buffer
		if err := f.encode(&out, img); err != nil {
			return nil, fmt.Errorf("encode a picture: %w", err)
		}
		if out.Len() <= most {
			size := img.Bounds().Size()
			return &Picture{Bytes: out.Bytes(), MediaType: f.mediaType, Width: size.X, Height: size.Y, Digest: digest(out.Bytes())}, nil
		}
	}
}

func decodePNG(body []byte) (image.Image, error) { return png.Decode(bytes.NewReader(body)) }

// encodePNG writes 8 bits a channel and no palette: the sender chose its bytes, and it would be kept uncompressed.
func encodePNG(w io.Writer, img image.Image) error {
	switch img.(type) {
	case *image.Gray, *image.RGBA, *image.NRGBA:
		return png.Encode(w, img)
	}
	plain := image.NewNRGBA(img.Bounds())
	draw.Draw(plain, plain.Bounds(), img, img.Bounds().Min, draw.Src)
	return png.Encode(w, plain)
}

func encodeJPEG(w io.Writer, img image.Image) error {
	return jpeg.Encode(w, img, &jpeg.Options{Quality: jpegQuality})
}
