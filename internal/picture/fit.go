package picture

import (
	"image"

	"golang.org/x/image/draw"
)

// fit scales a picture down to fit a square; one that fits already stays as it is.
func fit(img image.Image, side int) image.Image {
	size := img.Bounds().Size()
	longer := max(size.X, size.Y)
	if longer <= side {
		return img
	}
	return scaled(draw.CatmullRom, halved(img, side), scale(size, side, longer))
}

// halved brings a picture to less than two times the side. The kernel of fit keeps 32 bytes for each row of a picture
// times each column of the result: over a hundred megabytes for a large one, where an average of four pixels keeps none.
func halved(img image.Image, side int) image.Image {
	for size := img.Bounds().Size(); max(size.X, size.Y) >= 2*side; {
		size = scale(size, 1, 2)
		img = scaled(draw.ApproxBiLinear, img, size)
	}
	return img
}

func scaled(by draw.Scaler, img image.Image, size image.Point) image.Image {
	to := image.NewRGBA(image.Rectangle{Max: size})
	by.Scale(to, to.Bounds(), img, img.Bounds(), draw.Src, nil)
	return to
}

// scale multiplies a size by a fraction. No side gets lost.
func scale(size image.Point, by, of int) image.Point {
	side := func(s int) int { return max(1, (s*by+of/2)/of) }
	return image.Pt(side(size.X), side(size.Y))
}
