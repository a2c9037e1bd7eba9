package picture_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
)

// The four quarters of a drawing.
var (
	red   = color.NRGBA{R: 250, G: 10, B: 10, A: 255}
	green = color.NRGBA{R: 10, G: 250, B: 10, A: 255}
	blue  = color.NRGBA{R: 10, G: 10, B: 250, A: 255}
	white = color.NRGBA{R: 250, G: 250, B: 250, A: 255}

	quarters = [2][2]color.Color{{red, green}, {blue, white}}
)

// quarter is one of four colours: red and green above, blue and white below.
func quarter(x, y, width, height int) color.Color {
	return quarters[2*y/height][2*x/width]
}

// drawing paints the four quarters.
func drawing(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	paint(img)
	return img
}

// paint paints the four quarters onto a picture of any colour model.
func paint(img draw.Image) {
	size := img.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			img.Set(x, y, quarter(x, y, size.X, size.Y))
		}
	}
}

// noise takes a byte for each pixel, however it is compressed, and four without its palette.
func noise(width, height int) *image.Paletted {
	colours := make(color.Palette, 256)
	chance := rand.NewChaCha8([32]byte{1})
	for i := range colours {
		c := chance.Uint64()
		colours[i] = color.NRGBA{R: uint8(c), G: uint8(c >> 8), B: uint8(c >> 16), A: uint8(c >> 24)}
	}
	img := image.NewPaletted(image.Rect(0, 0, width, height), colours)
	_, _ = chance.Read(img.Pix)
	return img
}

func asPNG(img image.Image) []byte {
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func asJPEG(img image.Image) []byte {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return out.Bytes()
}
