package bed

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
)

// Metric is what the server says of one of its metrics now, all labels taken together.
func (s *Server) Metric(ctx context.Context, name string) (sum float64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Metrics, nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		named, value, _ := strings.Cut(lines.Text(), " ")
		if named, _, _ = strings.Cut(named, "{"); named != name {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, err
		}
		sum += v
	}
	return sum, lines.Err()
}
