package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"channelbook/internal/fault"
)

func TestAllTakesJoinedFaultsApart(t *testing.T) {
	a := fault.New(fault.Invalid, "a", "A is missing.")
	b := fault.Coded(fault.Conflict, "TAKEN", "b", "B is taken.")
	got, ok := fault.All(fmt.Errorf("save: %w", errors.Join(a, errors.Join(b))))
	if !ok || len(got) != 2 || got[0] != a || got[1] != b {
		t.Errorf("got %v, %v, want both faults", got, ok)
	}
}

func TestAFailureBesideAFaultIsAFailure(t *testing.T) {
	if got, ok := fault.All(errors.Join(fault.New(fault.Invalid, "a", "x"), errors.New("disk"))); ok {
		t.Errorf("got %v, want no faults", got)
	}
}

func TestAWrappedFaultIsFound(t *testing.T) {
	err := fmt.Errorf("accept: %w", fault.Coded(fault.Conflict, "TAKEN", "b", "B is taken."))
	if !fault.Is(err, fault.Conflict) || !fault.HasCode(err, "TAKEN") || fault.HasCode(err, "FREE") {
		t.Errorf("got %v", err)
	}
}
