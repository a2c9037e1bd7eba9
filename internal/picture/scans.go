package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
)

// maxScans is well over what encoders write: ten for a progressive JPEG in colour, eighteen for one in CMYK.
const maxScans = 32

var errScans = errors.New("more scans than any encoder writes")

// decodeJPEG decodes what has a usual number of scans. Each goes over the whole picture but may take twenty bytes,
// so that a small file of nothing else would keep the decoder busy for an hour.
func decodeJPEG(body []byte) (image.Image, error) {
	if scans(body) > maxScans {
		return nil, errScans
	}
	return jpeg.Decode(bytes.NewReader(body))
}

// scans counts the scans that image/jpeg would make. It finds the markers as that does: by the length of a segment,
// and by searching for the next marker in what follows it.
func scans(body []byte) int {
	const fill, stuffed, firstRestart, lastRestart, end, scan = 0xff, 0x00, 0xd0, 0xd7, 0xd9, 0xda
	count := 0
	for at := len("\xff\xd8"); at+4 <= len(body); {
		switch marker := body[at+1]; {
		case body[at] != 0xff, marker == fill:
			at++
		case marker == stuffed, firstRestart <= marker && marker <= lastRestart:
			at += 2
		case marker == end:
			return count
		case marker == scan:
			count++
			fallthrough
		default:
			at += 2 + int(binary.BigEndian.Uint16(body[at+2:]))
		}
	}
	return count
}
