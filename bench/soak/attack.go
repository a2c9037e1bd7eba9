package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"channelbook/bench/hostile"
)

// tally is what attacks were answered, by their kind.
type tally struct {
	answers map[string]map[hostile.Answer]int
	refused map[string]bool // where success is a hole
	order   []string
}

// attack sends kinds in turn, so many a second, whether or not those before have been answered, and waits for all.
func attack(ctx context.Context, kinds []hostile.Attack, perSecond int, lasts time.Duration) tally {
	t := tally{answers: map[string]map[hostile.Answer]int{}, refused: map[string]bool{}}
	for _, k := range kinds {
		t.answers[k.Name], t.refused[k.Name], t.order = map[hostile.Answer]int{}, k.Refused, append(t.order, k.Name)
	}
	var mu sync.Mutex
	var running sync.WaitGroup
	begun := time.Now()
	for n := range int(lasts.Seconds() * float64(perSecond)) {
		if !until(ctx, begun.Add(time.Duration(n)*time.Second/time.Duration(perSecond))) {
			break
		}
		k := kinds[n%len(kinds)]
		running.Go(func() {
			answer := k.Send()
			mu.Lock()
			defer mu.Unlock()
			t.answers[k.Name][answer]++
		})
	}
	running.Wait()
	return t
}

func (t tally) print() {
	fmt.Print("\n| hostile requests | answered |\n|---|---|\n")
	for _, name := range t.order {
		answers := slices.SortedFunc(maps.Keys(t.answers[name]), func(a, b hostile.Answer) int {
			return cmp.Or(t.answers[name][b]-t.answers[name][a], cmp.Compare(a, b))
		})
		said := make([]string, len(answers))
		for i, a := range answers {
			said[i] = fmt.Sprintf("%s (%d)", a, t.answers[name][a])
		}
		fmt.Printf("| %s | %s |\n", name, strings.Join(said, ", "))
	}
}

// letIn says which attacks were answered with success and should not have been.
func (t tally) letIn() (err error) {
	for name, answers := range t.answers {
		for answer := range answers {
			if t.refused[name] && (answer == "200" || answer == "201" || answer == "204") {
				err = errors.Join(err, fmt.Errorf("%s was let in", name))
			}
		}
	}
	return err
}
