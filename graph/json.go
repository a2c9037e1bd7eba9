package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// What the JSON of one request may hold.
const (
	maxJSONDepth  = 32
	maxJSONValues = 50_000 // 500 leads have some 28 000
	maxJSONList   = 1_000  // items of one list
)

var errNotObject = errors.New("it is not one JSON object in UTF-8")

// decodeObject reads data as one JSON object, and nothing after it: numbers stay as they are written, and no member
// may come twice, as readers differ in which one they take. Its errors name no part of data.
func decodeObject(data []byte) (map[string]any, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) || !utf8.Valid(data) || !json.Valid(data) {
		return nil, errNotObject
	}
	v, err := (&jsonReader{data: data}).value(0)
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), nil
}

// jsonReader walks data that is known to be valid JSON.
type jsonReader struct {
	data   []byte
	at     int
	values int
}

// next is the next character that is no white space.
func (r *jsonReader) next() byte {
	for {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
			r.at++
		default:
			return c
		}
	}
}

func (r *jsonReader) value(depth int) (any, error) {
	if r.values++; r.values > maxJSONValues {
		return nil, fmt.Errorf("it has more than %d values", maxJSONValues)
	}
	c := r.next()
	if depth == maxJSONDepth && (c == '{' || c == '[') {
		return nil, fmt.Errorf("it is more than %d levels deep", maxJSONDepth)
	}
	switch c {
	case '{':
		return r.object(depth)
	case '[':
		return r.list(depth)
	case '"':
		return r.text()
	case 't':
		r.at += len("true")
		return true, nil
	case 'f':
		r.at += len("false")
		return false, nil
	case 'n':
		r.at += len("null")
		return nil, nil
	}
	return r.number(), nil
}

func (r *jsonReader) object(depth int) (any, error) {
	members := map[string]any{}
	for r.at++; r.next() != '}'; {
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, errors.New("a member comes twice in one object")
		}
		if members[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	r.at++
	return members, nil
}

func (r *jsonReader) list(depth int) (any, error) {
	items := []any{}
	for r.at++; r.next() != ']'; {
		if len(items) == maxJSONList {
			return nil, fmt.Errorf("a list has more than %d items", maxJSONList)
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	r.at++
	return items, nil
}

func (r *jsonReader) text() (text string, err error) {
	start := r.at
	for r.at++; r.data[r.at] != '"'; r.at++ {
		if r.data[r.at] == '\\' {
			r.at++
		}
	}
	r.at++
	literal := r.data[start:r.at]
	if !bytes.Contains(literal, []byte(`\`)) {
		return string(literal[1 : len(literal)-1]), nil
	}
	if err := json.Unmarshal(literal, &text); err != nil {
		return "", errNotObject
	}
	return text, nil
}

func (r *jsonReader) number() json.Number {
	start := r.at
	for r.at < len(r.data) && bytes.IndexByte([]byte("+-.0123456789eE"), r.data[r.at]) >= 0 {
		r.at++
	}
	return json.Number(r.data[start:r.at])
}
