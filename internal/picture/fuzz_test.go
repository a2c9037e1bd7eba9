package picture_test

import (
	"testing"

	"channelbook/internal/fault"
	"channelbook/internal/picture"
)

func FuzzAnUploadIsRefusedOrAPictureForGood(f *testing.F) {
	for _, body := range [][]byte{
		asPNG(drawing(8, 8)), asJPEG(drawing(8, 8)), interlaced(8, 8), asPNG(noise(4, 4)), cmykRed(), progressiveGrey(16, 16, 3),
		afterStart(asJPEG(drawing(8, 4)), exif(6, script)), asPNG(drawing(1030, 1)), []byte(script),
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := picture.Normalize(t.Context(), body)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, want a refusal", err)
			}
			return
		}
		if got.MediaType != "image/png" && got.MediaType != "image/jpeg" || len(got.Bytes) > picture.MaxBytes {
			t.Errorf("got %s of %d bytes", got.MediaType, len(got.Bytes))
		}
		normalize(t, body)
		wantBare(t, got.Bytes)
	})
}
