package picture

import (
	"bytes"
	"image"

	"github.com/bep/imagemeta"
	"golang.org/x/image/draw"
)

// The values of EXIF's orientation, of which only the first and the last need a name.
const (
	upsideUp  = 1
	lastValue = 8
)

func asStored([]byte) int { return upsideUp }

// orientation is how a JPEG wants to be turned, by its EXIF. Where that is missing, broken or unusually large, the
// picture stays as it is. The limits stand in for a timeout: after one, imagemeta reads on in a buffer that it has
// already lent to somebody else.
func orientation(body []byte) int {
	found := upsideUp
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(body), ImageFormat: imagemeta.JPEG, Sources: imagemeta.EXIF,
		LimitNumTags: 64, LimitTagSize: 64,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			return tag.Namespace == "IFD0" && tag.Tag == "Orientation"
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			if value, ok := tag.Value.(uint16); ok && upsideUp <= value && value <= lastValue {
				found = int(value)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return found
}

// turns says for each orientation whether rows become columns, and which sides then change places.
var turns = [lastValue + 1]struct{ transposed, leftRight, topBottom bool }{
	2: {leftRight: true},
	3: {leftRight: true, topBottom: true},
	4: {topBottom: true},
	5: {transposed: true},
	6: {transposed: true, leftRight: true},
	7: {transposed: true, leftRight: true, topBottom: true},
	8: {transposed: true, topBottom: true},
}

// upright turns a picture that is stored with an orientation.
func upright(img image.Image, orientation int) image.Image {
	if orientation == upsideUp {
		return img
	}
	from := image.NewRGBA(img.Bounds())
	draw.Draw(from, from.Bounds(), img, img.Bounds().Min, draw.Src)
	turn, size := turns[orientation], img.Bounds().Size()
	if turn.transposed {
		size.X, size.Y = size.Y, size.X
	}
	to := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			fromX, fromY := x, y
			if turn.leftRight {
				fromX = size.X - 1 - x
			}
			if turn.topBottom {
				fromY = size.Y - 1 - y
			}
			if turn.transposed {
				fromX, fromY = fromY, fromX
			}
			to.SetRGBA(x, y, from.RGBAAt(fromX, fromY))
		}
	}
	return to
}
