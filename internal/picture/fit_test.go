package picture_test

import (
	"image"
	"image/color"
	"testing"

	"channelbook/internal/picture"
)

func TestSizes(t *testing.T) {
	for name, c := range map[string]struct{ width, height, wantWidth, wantHeight int }{
		"one pixel stays":                     {1, 1, 1, 1},
		"what just fits stays":                {1024, 8, 1024, 8},
		"a pixel too wide is scaled down":     {1025, 60, 1024, 60},
		"three times too wide is scaled down": {3072, 9, 1024, 3},
		"too high is scaled down":             {10, 2050, 5, 1024},
		"a line keeps a pixel's breadth":      {1, 20_000, 1, 1024},
	} {
		t.Run(name, func(t *testing.T) {
			for _, body := range [][]byte{asPNG(drawing(c.width, c.height)), asJPEG(drawing(c.width, c.height))} {
				if got := normalize(t, body); got.Width != c.wantWidth || got.Height != c.wantHeight {
					t.Errorf("%s: got %d×%d, want %d×%d", got.MediaType, got.Width, got.Height, c.wantWidth, c.wantHeight)
				}
			}
		})
	}
}

func TestScaledDownTheQuartersStayInPlace(t *testing.T) {
	for _, body := range [][]byte{asPNG(drawing(2400, 60)), asJPEG(drawing(2400, 60))} {
		wantCorners(t, normalize(t, body), red, green, blue, white)
	}
}

func TestAFineCheckerboardIsScaledDownToGrey(t *testing.T) {
	board := image.NewGray(image.Rect(0, 0, 4096, 8))
	for i := range board.Pix {
		board.Pix[i] = uint8(i+i/board.Stride) % 2 * 254
	}
	img := decoded(t, normalize(t, asPNG(board)))
	for x := range img.Bounds().Dx() {
		if got := color.GrayModel.Convert(img.At(x, 1)).(color.Gray).Y; got < 126 || got > 128 {
			t.Fatalf("at %d: got %d, want 127", x, got)
		}
	}
}

func TestNoiseIsScaledDownUntilItIsSmallEnough(t *testing.T) {
	const most = 100_000
	got, err := picture.WritePNG(noise(1024, 64), most)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Bytes) > most || len(got.Bytes) < most/2 || got.Width != 576 || got.Height != 36 {
		t.Errorf("got %d bytes, %d×%d, want 576×36 in at most %d", len(got.Bytes), got.Width, got.Height, most)
	}
}
