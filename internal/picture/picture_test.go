package picture_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"channelbook/internal/fault"
	"channelbook/internal/picture"
)

func TestADrawingKeepsItsFormatAndColours(t *testing.T) {
	bounds := image.Rect(0, 0, 32, 16)
	deep, paletted := image.NewNRGBA64(bounds), image.NewPaletted(bounds, color.Palette{red, green, blue, white})
	paint(deep)
	paint(paletted)
	for name, c := range map[string]struct {
		body                 []byte
		mediaType, extension string
	}{
		"PNG":                      {asPNG(drawing(32, 16)), "image/png", "png"},
		"PNG of 16 bits":           {asPNG(deep), "image/png", "png"},
		"PNG with a palette":       {asPNG(paletted), "image/png", "png"},
		"PNG interlaced":           {interlaced(32, 16), "image/png", "png"},
		"JPEG":                     {asJPEG(drawing(32, 16)), "image/jpeg", "jpg"},
		"JPEG with stray restarts": {afterStart(asJPEG(drawing(32, 16)), []byte("\xff\xd0\xff\xff\xff\xd7")), "image/jpeg", "jpg"},
	} {
		t.Run(name, func(t *testing.T) {
			got := normalize(t, c.body)
			if got.MediaType != c.mediaType || got.Extension() != c.extension || got.Width != 32 || got.Height != 16 {
				t.Errorf("got %s, %s, %d×%d, want %s, %s, 32×16", got.MediaType, got.Extension(), got.Width, got.Height, c.mediaType, c.extension)
			}
			wantCorners(t, got, red, green, blue, white)
		})
	}
}

func TestOneColour(t *testing.T) {
	grey := color.NRGBA{R: 128, G: 128, B: 128, A: 255}
	for name, c := range map[string]struct {
		body []byte
		want color.NRGBA
	}{
		"CMYK becomes RGB":              {cmykRed(), color.NRGBA{R: 255, A: 255}},
		"a progressive JPEG is read":    {progressiveGrey(16, 16, 10), grey},
		"many scans are read":           {progressiveGrey(16, 16, 31), grey},
		"scans are read behind filling": {hiddenScans(31), grey},
		"a grey PNG is read":            {asPNG(&image.Gray{Pix: []byte{128}, Stride: 1, Rect: image.Rect(0, 0, 1, 1)}), grey},
		"a grey PNG of 16 bits is read": {asPNG(&image.Gray16{Pix: []byte{128, 128}, Stride: 2, Rect: image.Rect(0, 0, 1, 1)}), grey},
		"a grey JPEG is read":           {asJPEG(&image.Gray{Pix: []byte{128}, Stride: 1, Rect: image.Rect(0, 0, 1, 1)}), grey},
		"half a colour stays half":      {asPNG(&image.NRGBA{Pix: []byte{10, 200, 30, 77}, Stride: 4, Rect: image.Rect(0, 0, 1, 1)}), color.NRGBA{R: 10, G: 200, B: 30, A: 77}},
		"a clear palette stays clear":   {asPNG(image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.NRGBA{}})), color.NRGBA{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := normalize(t, c.body)
			wantCorners(t, got, c.want, c.want, c.want, c.want)
		})
	}
}

func TestEqualBodiesGiveEqualPicturesFromAnyNumberAtOnce(t *testing.T) {
	bodies := [][]byte{asPNG(drawing(60, 40)), afterStart(asJPEG(drawing(1100, 10)), exif(6, "")), cmykRed(), []byte("GIF89a")}
	var digests [4][8]string
	var all sync.WaitGroup
	for i, body := range bodies {
		for j := range digests[i] {
			all.Go(func() {
				if got, err := picture.Normalize(t.Context(), body); err == nil {
					digests[i][j] = got.Digest
				}
			})
		}
	}
	all.Wait()
	for i, of := range digests {
		for _, digest := range of {
			if digest != of[0] || (digest == "") != (i == 3) {
				t.Errorf("body %d: got %q", i, of)
			}
		}
	}
}

func TestAnEndedContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leave, err := picture.Occupy(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := picture.Normalize(ctx, asPNG(drawing(2, 2))); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		if _, err := picture.Normalize(t.Context(), []byte("GIF89a")); !fault.HasCode(err, "NOT_A_PICTURE") {
			t.Errorf("got %v, want a refusal without a wait", err)
		}
	})
}

func TestAnEndedContextReadsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := picture.Normalize(ctx, asPNG(drawing(2, 2))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v, want the context's error", got, err)
	}
}

// normalize wants a picture that is as it says, has no side over 1024 pixels, and is accepted again.
func normalize(t *testing.T, body []byte) *picture.Picture {
	t.Helper()
	got, err := picture.Normalize(t.Context(), body)
	if err != nil {
		t.Fatalf("got %v, want a picture", err)
	}
	sum := sha256.Sum256(got.Bytes)
	if size := decoded(t, got).Bounds().Size(); size != image.Pt(got.Width, got.Height) || max(size.X, size.Y) > 1024 || got.Digest != hex.EncodeToString(sum[:]) {
		t.Errorf("got %d×%d and %s of a picture of %v and %x", got.Width, got.Height, got.Digest, size, sum)
	}
	if again, err := picture.Normalize(t.Context(), got.Bytes); err != nil || again.MediaType != got.MediaType || again.Width != got.Width || again.Height != got.Height {
		t.Errorf("got %v, %v of the picture, want it to be as good again", again, err)
	}
	return got
}

func decoded(t *testing.T, p *picture.Picture) image.Image {
	t.Helper()
	decode := png.Decode
	if p.MediaType == "image/jpeg" {
		decode = jpeg.Decode
	}
	img, err := decode(bytes.NewReader(p.Bytes))
	if err != nil {
		t.Fatalf("the picture cannot be read: %v", err)
	}
	return img
}

// wantCorners compares the corners, row by row: a PNG's are exact, a JPEG's nearly so.
func wantCorners(t *testing.T, p *picture.Picture, want ...color.NRGBA) {
	t.Helper()
	img, tolerance := decoded(t, p), 0
	if p.MediaType == "image/jpeg" {
		tolerance = 20
	}
	for i, at := range []image.Point{{}, {p.Width - 1, 0}, {0, p.Height - 1}, {p.Width - 1, p.Height - 1}} {
		got := color.NRGBAModel.Convert(img.At(at.X, at.Y)).(color.NRGBA)
		for _, pair := range [][2]uint8{{got.R, want[i].R}, {got.G, want[i].G}, {got.B, want[i].B}, {got.A, want[i].A}} {
			if off := int(pair[0]) - int(pair[1]); max(off, -off) > tolerance {
				t.Errorf("at %v: got %v, want %v", at, got, want[i])
				break
			}
		}
	}
}
