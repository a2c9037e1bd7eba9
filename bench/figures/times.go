package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"channelbook/leads/figures"
)

// times are how long answers took, the shortest first.
type times []time.Duration

// at is a percentile, in milliseconds.
func (t times) at(percent int) string {
	return strconv.FormatFloat(t[len(t)*percent/100].Seconds()*1000, 'f', 1, 64)
}

// times asks a question some times, after once for the caches.
func (f *filling) times(ctx context.Context, s *figures.Service, q figures.Question, runs int) (took times, rows []figures.Row, err error) {
	if _, err := s.Stats(ctx, q); err != nil {
		return nil, nil, err
	}
	for range runs {
		begun := time.Now()
		if rows, err = s.Stats(ctx, q); err != nil {
			return nil, nil, err
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return took, rows, nil
}

// equal tells whether what is kept says what the leads say.
func equal(kept, counted []figures.Row) error {
	if !slices.Equal(kept, counted) {
		return fmt.Errorf("figures that are kept, %d rows, are not those counted, %d rows", len(kept), len(counted))
	}
	return nil
}
