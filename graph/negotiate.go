package graph

import (
	"mime"
	"slices"
	"strconv"
	"strings"
)

// The media types of answers.
const (
	typeGraphQL = "application/graphql-response+json"
	typeJSON    = "application/json"
	typeStream  = "text/event-stream"
)

// negotiate chooses the media type of an answer out of what is offered, by the lines of an Accept header. The weights
// decide; of equal ones a type that is named goes before one that a wildcard covers, and then the order of the offers.
// What only wildcards cover is application/json, which every client reads, and never a stream. chosen is empty where
// nothing on offer is accepted.
func negotiate(accept []string, offers ...string) (chosen string) {
	ranges := acceptedRanges(accept)
	best := standing{}
	for _, offer := range offers {
		if s := standingOf(offer, ranges); s.better(best) {
			chosen, best = offer, s
		}
	}
	if best.specificity < named && chosen != "" && slices.Contains(offers, typeJSON) && standingOf(typeJSON, ranges) == best {
		return typeJSON
	}
	return chosen
}

// acceptedRange is a media type or a range of them, and its weight.
type acceptedRange struct {
	mediaType string
	weight    float64
}

// acceptedRanges leaves out what is no media range, and answers in another charset than UTF-8.
func acceptedRanges(accept []string) (ranges []acceptedRange) {
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		mediaType, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || !isUTF8(params) {
			continue
		}
		weight := 1.0
		if q, ok := params["q"]; ok {
			if weight, err = strconv.ParseFloat(q, 64); err != nil || !(weight >= 0 && weight <= 1) {
				continue
			}
		}
		ranges = append(ranges, acceptedRange{mediaType, weight})
	}
	if strings.TrimSpace(strings.Join(accept, "")) == "" {
		return []acceptedRange{{"*/*", 1}}
	}
	return ranges
}

// isUTF8 tells whether the parameters of a media type leave its text in UTF-8, which JSON is in anyway.
func isUTF8(params map[string]string) bool {
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// How closely a range fits a type.
const (
	byAnything = iota + 1
	byKind
	named
)

// standing is what an Accept header makes of a type.
type standing struct {
	weight      float64
	specificity int
}

func (s standing) better(than standing) bool {
	if s.weight != than.weight {
		return s.weight > than.weight
	}
	return s.weight > 0 && s.specificity > than.specificity
}

// standingOf takes the weight of the range that fits a type most closely.
func standingOf(mediaType string, ranges []acceptedRange) (s standing) {
	kind, _, _ := strings.Cut(mediaType, "/")
	for _, r := range ranges {
		specificity := 0
		switch r.mediaType {
		case mediaType:
			specificity = named
		case kind + "/*":
			specificity = byKind
		case "*/*":
			specificity = byAnything
		}
		if mediaType == typeStream && specificity < named {
			continue
		}
		if specificity > s.specificity {
			s = standing{r.weight, specificity}
		}
	}
	return s
}
